/**
 * Which pods of a workload start together: by the labels of the coscheduling plugin, or by the PodGroup that their `spec.schedulingGroup` names.
 *
 * A PodGroup of policy `basic` is no gang unless its topology constraint keeps its pods together. Source: kubernetes-sigs/scheduler-plugins; Kubernetes 1.37,
 * scheduling.k8s.io.
 */
import { GANG_MIN_LABEL, GANG_NAME_LABEL, isGangSize } from '../../core/cluster/placement.ts';
import {
  goesWhole,
  isPlacedWhole,
  isPodGroup,
  type KubeObject,
  minCountOf,
  type Pod,
  type PodGroup,
  topologyKeyOf,
} from '../../core/cluster/vocabulary.ts';
import type { GangRule } from './workload.ts';

const NO_GANG = -1;

/** The gangs of one workload, numbered in the order in which pods name them. */
export class GangCatalogue {
  readonly #groups = new Map<string, PodGroup>();
  readonly #numbers = new Map<string, number>();
  readonly #rules: GangRule[] = [];
  /** PodGroups that pods name and nobody gives. */
  readonly #missing = new Set<string>();

  constructor(objects: readonly KubeObject[]) {
    for (const object of objects) {
      const { namespace = 'default', name } = object.metadata;
      if (isPodGroup(object)) this.#groups.set(`${namespace}/${name}`, object as PodGroup);
    }
  }

  /** All PodGroups. */
  groups(): readonly PodGroup[] {
    return [...this.#groups.values()];
  }

  /** The number of the gang that a kind of pod belongs to, −1 for none. */
  gangOf({ metadata, spec }: Pod): number {
    const { namespace = 'default', labels = {} } = metadata;
    const object = spec.schedulingGroup?.podGroupName;
    if (object === undefined) {
      const name = labels[GANG_NAME_LABEL] ?? '';
      const size = labels[GANG_MIN_LABEL] ?? '';
      const rule = { needed: isGangSize(size) ? Number(size) : 1, topologyKey: '' };
      return name === '' ? NO_GANG : this.#number(`labels ${namespace}/${name}`, rule);
    }
    const key = `${namespace}/${object}`;
    const group = this.#groups.get(key);
    if (group === undefined) this.#missing.add(key);
    if (group === undefined || !isPlacedWhole(group)) return NO_GANG;
    return this.#number(key, { needed: minCountOf(group), topologyKey: topologyKeyOf(group) });
  }

  /** What the gangs need, by number. */
  rules(): readonly GangRule[] {
    return this.#rules;
  }

  /** What is to be said of groups that count for less than they would in a cluster. */
  notes(): string[] {
    const whole = this.groups().filter(goesWhole);
    const notes = [...this.#missing].map(
      (key) => `PodGroup ${key} is not given: its pods are placed one by one, where a cluster would keep them waiting`,
    );
    if (whole.length > 0) {
      const names = whole.map(({ metadata }) => metadata.name).join(', ');
      notes.push(`PodGroup spec.disruptionMode all: pods of a group are preempted one by one all the same (${names})`);
    }
    return notes;
  }

  #number(key: string, rule: GangRule): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#rules.length);
    return this.#rules.push(rule) - 1;
  }
}

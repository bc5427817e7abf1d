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
      if (isPodGroup(object)) this.#groups.set(groupName(namespace, name), object as PodGroup);
    }
  }

  /** All PodGroups. */
  groups(): readonly PodGroup[] {
    return [...this.#groups.values()];
  }

  /** The number of the gang that a kind of pod belongs to, −1 for none. */
  gangOf(pod: Pod): number {
    const name = gangName(pod);
    if (name === '') return NO_GANG;
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const rule = pod.spec.schedulingGroup === undefined ? ruleOfLabels(pod) : this.#ruleOfGroup(name);
    if (rule === null) return NO_GANG;
    this.#numbers.set(name, this.#rules.length);
    return this.#rules.push(rule) - 1;
  }

  /** What the PodGroup of a name asks for; null where its pods go by themselves. */
  #ruleOfGroup(name: string): GangRule | null {
    const group = this.#groups.get(name);
    if (group === undefined) this.#missing.add(name);
    if (group === undefined || !isPlacedWhole(group)) return null;
    return { needed: minCountOf(group), topologyKey: topologyKeyOf(group) };
  }

  /** What the gangs need, by number, beside pods that have their nodes already. */
  rules(bound: readonly Pod[]): readonly GangRule[] {
    const rules = [...this.#rules];
    for (const pod of bound) {
      const gang = this.#numbers.get(gangName(pod)) ?? NO_GANG;
      const rule = rules[gang];
      if (rule !== undefined) rules[gang] = { ...rule, needed: Math.max(1, rule.needed - 1) };
    }
    return rules;
  }

  /** Gangs that have fewer pods than they need; `gangOf` by pod. */
  tooSmall(rules: readonly GangRule[], gangOf: Int32Array): string[] {
    return [...this.#numbers].flatMap(([name, gang]) => {
      const { needed } = rules[gang] as GangRule;
      const pods = gangOf.reduce((sum, each) => sum + Number(each === gang), 0);
      if (pods === 0 || pods >= needed) return [];
      return [`${name} needs ${needed} pods and has ${pods}: it never starts`];
    });
  }

  /** What is to be said of groups that count for less than they would in a cluster. */
  notes(): string[] {
    const whole = this.groups().filter(goesWhole);
    const notes = [...this.#missing].map(
      (name) => `${name} is not given: its pods are placed one by one, where a cluster would keep them waiting`,
    );
    if (whole.length > 0) {
      const names = whole.map(({ metadata }) => metadata.name).join(', ');
      notes.push(`PodGroup spec.disruptionMode all: pods of a group are preempted one by one all the same (${names})`);
    }
    return notes;
  }
}

/** What the gang of a pod is called, '' for none. */
function gangName({ metadata, spec }: Pod): string {
  const { namespace = 'default', labels = {} } = metadata;
  const { schedulingGroup } = spec;
  if (schedulingGroup !== undefined) return groupName(namespace, schedulingGroup.podGroupName);
  const name = labels[GANG_NAME_LABEL] ?? '';
  return name === '' ? '' : `gang ${namespace}/${name}`;
}

function groupName(namespace: string, name = ''): string {
  return `PodGroup ${namespace}/${name}`;
}

function ruleOfLabels({ metadata: { labels } }: Pod): GangRule {
  const size = labels?.[GANG_MIN_LABEL] ?? '';
  return { needed: isGangSize(size) ? Number(size) : 1, topologyKey: '' };
}

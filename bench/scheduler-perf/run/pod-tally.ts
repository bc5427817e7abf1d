/**
 * The pods of a run as the store has them: how many of each namespace were tried and have a node.
 *
 * It follows commits, so nothing is asked of the cluster and nothing is added to its work. Cost: some look-ups a commit.
 */
import type { Cluster } from '../../../core/cluster/cluster.ts';
import { findPoint } from '../../../core/sim/registry.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { findCondition } from '../../../core/types/pod-conditions.ts';

/** Pods of one namespace. */
export interface NamespaceTally {
  scheduled: number;
  /** A cycle has found no node for them. */
  attempted: number;
  total: number;
}

/** Hears of each pod that gets its node; virtual times, µs. */
export type OnScheduled = (pod: Pod, nowUs: number, createdUs: number) => void;

export type LabelSet = Readonly<Record<string, string>>;

interface CommitSubject {
  readonly keyId: number;
  readonly value: { readonly object?: unknown } | null;
  readonly previous: { readonly object?: unknown } | null;
}

const NONE: NamespaceTally = Object.freeze({ scheduled: 0, attempted: 0, total: 0 });

export class PodTally {
  /** By the store's key; undefined for other kinds and for pods that are gone. */
  readonly #pods: (Pod | undefined)[] = [];
  readonly #createdUs: number[] = [];
  readonly #namespaces = new Map<string, NamespaceTally>();
  onScheduled: OnScheduled | null = null;

  constructor(cluster: Cluster) {
    cluster.sim.observation.listen(findPoint('store.commit') as number, (_pid, subject) => {
      this.#commit(subject as CommitSubject, cluster.sim.now);
    });
  }

  /** Pods of a namespace, by their labels where any are given. */
  count(namespace: string, labels: LabelSet = {}): Readonly<NamespaceTally> {
    if (Object.keys(labels).length === 0) return this.#namespaces.get(namespace) ?? NONE;
    const tally = { ...NONE };
    for (const pod of this.select(namespace, labels)) change(tally, pod, 1);
    return tally;
  }

  /** The pods of a namespace with these labels, in the order of their first creation. */
  select(namespace: string, labels: LabelSet = {}): readonly Pod[] {
    const found: Pod[] = [];
    for (const pod of this.#pods) {
      if (pod !== undefined && pod.metadata.namespace === namespace && hasLabels(pod, labels)) found.push(pod);
    }
    return found;
  }

  #commit({ keyId, value, previous }: CommitSubject, nowUs: number): void {
    const after = value?.object as Pod | undefined;
    const before = previous?.object as Pod | undefined;
    if ((after ?? before)?.kind !== 'Pod') return;
    while (this.#pods.length <= keyId) {
      this.#pods.push(undefined);
      this.#createdUs.push(0);
    }
    this.#pods[keyId] = after;
    if (before === undefined) this.#createdUs[keyId] = nowUs;
    const namespace = (after ?? before)?.metadata.namespace ?? '';
    let tally = this.#namespaces.get(namespace);
    if (tally === undefined) {
      tally = { ...NONE };
      this.#namespaces.set(namespace, tally);
    }
    if (before !== undefined) change(tally, before, -1);
    if (after === undefined) return;
    change(tally, after, 1);
    if (this.onScheduled !== null && isScheduled(after) && (before === undefined || !isScheduled(before))) {
      this.onScheduled(after, nowUs, this.#createdUs[keyId] as number);
    }
  }
}

function change(tally: NamespaceTally, pod: Pod, sign: 1 | -1): void {
  tally.total += sign;
  if (isScheduled(pod)) tally.scheduled += sign;
  else if (findCondition(pod.status?.conditions, 'PodScheduled') !== undefined) tally.attempted += sign;
}

function isScheduled({ spec }: Pod): boolean {
  return (spec.nodeName ?? '') !== '';
}

/** Whether a pod has all these labels. */
export function hasLabels({ metadata }: Pod, labels: LabelSet): boolean {
  for (const name in labels) if (metadata.labels?.[name] !== labels[name]) return false;
  return true;
}

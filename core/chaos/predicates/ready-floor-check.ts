/**
 * AV1: a workload that names a least number of ready pods keeps it, once it has had so many.
 *
 * Named by the annotation `seatrial.dev/min-ready` of a Deployment, ReplicaSet, StatefulSet or DaemonSet: what its users need, whatever
 * happens, a mistaken scaling included. Judged by the workload's status; one that is being deleted, itself or with its namespace, is let off.
 */
import type { KubeObject } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import { endingNamespaces } from '../ending.ts';
import { type Judge, keyOf, type Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';

/** The annotation. */
export const MIN_READY = 'seatrial.dev/min-ready';
/** Kinds that may name one. */
export const FLOOR_KINDS: readonly string[] = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'];

/** What is read of any of those kinds. */
interface Workload extends KubeObject {
  readonly status?: { readonly readyReplicas?: number; readonly numberReady?: number };
}

export function readyFloors(judge: Judge): Predicate {
  /** By store key: whether it has had as many as it wants, and whether it was told that it has fewer. */
  let states: Map<number, { had: boolean; told: boolean }> | null = null;
  const predicate: Predicate = {
    id: 'AV1',
    about: `a workload has never fewer ready pods than it names (${MIN_READY}), once it has had so many`,
    evaluations: 0,
    commitKinds: FLOOR_KINDS,
    onCommit({ kind, keyId, object }: Commit) {
      // One of the same name that comes later is another workload.
      if (object === null) states?.delete(keyId);
      const text = object?.metadata.annotations?.[MIN_READY];
      if (text === undefined || !FLOOR_KINDS.includes(kind)) return;
      // A Deployment's ReplicaSets carry its annotations, and come and go.
      if (controllerOf(object as KubeObject) !== undefined) return;
      const { metadata, status } = object as Workload;
      const least = Number(text);
      predicate.evaluations++;
      states ??= new Map();
      const state = states.get(keyId) ?? { had: false, told: false };
      states.set(keyId, state);
      const ready = status?.readyReplicas ?? status?.numberReady ?? 0;
      if (ready >= least) state.had = true;
      else if (metadata.deletionTimestamp !== undefined) state.had = false;
      else if (state.had && !state.told) {
        if (endingNamespaces(judge.world).has(metadata.namespace ?? '')) return;
        state.told = true;
        const count = ready === 1 ? '1 pod is' : `${ready} pods are`;
        judge.violate(predicate, `${kind} ${keyOf(object as Workload)}: ${count} ready, it needs ${least}`);
      }
    },
  };
  return predicate;
}

/**
 * Whether what controllers tell in events had been done: pods that they say they created or deleted, ReplicaSets that a Deployment scaled.
 *
 * An event is written after what it tells of (Kubernetes 1.34.1, pkg/controller/controller_utils.go createPods and DeletePod; statefulset/stateful_pod_control.go
 * recordPodEvent; deployment/sync.go scaleReplicaSet). A Deployment's first scaling is left out: a creation that found the set there already is told of as well.
 */
import { type Judge, keyOf, type Predicate } from '../../../core/chaos/predicate.ts';
import type { Commit } from '../../../core/chaos/world.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import type { ReplicaSet } from '../../../core/types/replica-set.ts';

const CREATED = /^(?:Created pod: |create Pod )(\S+)/;
const DELETED = /^(?:Deleted pod: |delete Pod )(\S+)/;
const SCALED = /^Scaled (?:up|down) replica set (\S+) from ([1-9]\d*) to (\d+)$/;

/** An event as recordings keep it. */
interface RecordedEvent extends KubeObject {
  readonly reason?: string;
  readonly message?: string;
}

export class EventTexts {
  readonly predicate: Predicate = {
    id: 'event texts',
    about: 'what an event says that its controller did had been done',
    evaluations: 0,
  };
  readonly #judge: Judge;
  /** What was done, as `created demo/web-1`. */
  readonly #done = new Set<string>();

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  take({ kind, object, previous }: Commit): void {
    if (kind === 'Pod') this.#pod(object, previous);
    if (kind === 'ReplicaSet' && object !== null && previous !== null) {
      const [from, to] = [previous as ReplicaSet, object as ReplicaSet].map(({ spec }) => spec.replicas ?? 1);
      if (from !== to) this.#done.add(`scaled ${keyOf(object)} ${from} ${to}`);
    }
    if (kind === 'Event' && object !== null && previous === null) this.#event(object as RecordedEvent);
  }

  #pod(object: KubeObject | null, previous: KubeObject | null): void {
    const key = keyOf((object ?? previous) as KubeObject);
    this.#done.add(`created ${key}`);
    if (object === null || object.metadata.deletionTimestamp !== undefined) this.#done.add(`deleted ${key}`);
  }

  #event(event: RecordedEvent): void {
    const what = toldBy(event);
    if (what === null) return;
    this.predicate.evaluations++;
    if (!this.#done.has(what))
      this.#judge.violate(this.predicate, `${event.reason} says "${event.message}", and that had not been done`);
  }
}

/** What the event says was done, or null. */
function toldBy({ metadata: { namespace }, reason, message = '' }: RecordedEvent): string | null {
  const [, created] = reason === 'SuccessfulCreate' ? (CREATED.exec(message) ?? []) : [];
  if (created !== undefined) return `created ${namespace}/${created}`;
  const [, deleted] = reason === 'SuccessfulDelete' ? (DELETED.exec(message) ?? []) : [];
  if (deleted !== undefined) return `deleted ${namespace}/${deleted}`;
  const [, set, from, to] = reason === 'ScalingReplicaSet' ? (SCALED.exec(message) ?? []) : [];
  return set === undefined ? null : `scaled ${namespace}/${set} ${from} ${to}`;
}

/**
 * What is compared of two runs: the state at the end, and how often objects were created and deleted, by the role of the objects.
 *
 * A role outlives names that are drawn: of a pod it is the workload that controls it. Left out is what two right runs may differ in: uids, revisions, times, nodes, addresses,
 * heartbeats and Event objects, old ReplicaSets and revisions that are kept for a rollback, pods that failed.
 */
import { canonicalJson } from '../../types/canonical-json.ts';
import type { EndpointSlice } from '../../types/endpoint-slice.ts';
import type { KubeObject } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import { findCondition, isPodReady } from '../../types/pod-conditions.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';
import { isMutating } from '../../types/wire.ts';
import { type Commit, isHeartbeat, type World } from '../world.ts';

/** Kinds that are no part of what the user asked for, or that keep history. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  ...['Event', 'Lease', 'CompactRevision', 'Node', 'Namespace', 'ControllerRevision'],
]);
/** Kinds that nobody's control makes, but for that of an operator. */
const LEFT_OUT_ALONE: ReadonlySet<string> = new Set(['ServiceAccount', 'ConfigMap', 'Secret', 'PriorityClass']);
/** Fields of a status that count what exists. */
const COUNTS = [
  'replicas',
  'readyReplicas',
  'availableReplicas',
  'updatedReplicas',
  'currentHealthy',
  'desiredHealthy',
];
const SCHEDULED = ['desiredNumberScheduled', 'numberReady', 'updatedNumberScheduled', 'numberMisscheduled'];

interface CallEnd {
  readonly request: { readonly verb: number };
  readonly error: { readonly outcomeUnknown: boolean } | null;
}

/** How often objects of a role were created and deleted. */
export interface Turnover {
  created: number;
  deleted: number;
  /** Pods of the role that were lost by no decision of their workload's controller: evicted, failed, gone with their node. */
  lost: number;
}

export class RunSummary {
  readonly turnover = new Map<string, Turnover>();
  /** Writes whose outcome their senders did not learn. */
  unknownWrites = 0;

  /** Takes in a commit. */
  take(commit: Commit): void {
    const { kind, object, previous } = commit;
    if (isLeftOut(kind, (object ?? previous) as KubeObject) || isHeartbeat(commit)) return;
    const role = roleOf((object ?? previous) as KubeObject);
    if (previous === null) this.#of(role).created++;
    else if (object === null) this.#of(role).deleted++;
    if (kind === 'Pod' && isLost(object as Pod | null) && !isLost(previous as Pod | null)) this.#of(role).lost++;
  }

  /** Takes in how a request ended, as `client.call-ended` shows it. */
  ended(subject: unknown): void {
    const { request, error } = subject as CallEnd;
    if (error?.outcomeUnknown === true && isMutating(request.verb)) this.unknownWrites++;
  }

  #of(role: string): Turnover {
    let turnover = this.turnover.get(role);
    if (turnover === undefined) {
      turnover = { created: 0, deleted: 0, lost: 0 };
      this.turnover.set(role, turnover);
    }
    return turnover;
  }
}

function isLeftOut(kind: string, object: KubeObject): boolean {
  return LEFT_OUT.has(kind) || (LEFT_OUT_ALONE.has(kind) && controllerOf(object) === undefined);
}

/** `Pod of ReplicaSet demo/web-5d9c`, or kind and name of what nothing controls. */
function roleOf(object: KubeObject): string {
  const { kind, metadata } = object;
  const namespace = metadata.namespace ?? '';
  const owner = controllerOf(object);
  const isDrawn = owner !== undefined && metadata.generateName !== undefined;
  return isDrawn ? `${kind} of ${owner.kind} ${namespace}/${owner.name}` : `${kind} ${namespace}/${metadata.name}`;
}

function isLost(pod: Pod | null): boolean {
  if (pod === null) return false;
  return pod.status?.phase === 'Failed' || findCondition(pod.status?.conditions, 'DisruptionTarget')?.status === 'True';
}

/** What is there at the end, by role: one text an object, sorted. */
export function endState(world: World, kinds: Iterable<string>): Map<string, string[]> {
  const state = new Map<string, string[]>();
  for (const kind of kinds) {
    for (const object of world.of(kind).values()) {
      if (isLeftOut(kind, object)) continue;
      const text = essenceOf(object);
      if (text === null) continue;
      const role = roleOf(object);
      const texts = state.get(role);
      if (texts === undefined) state.set(role, [text]);
      else texts.push(text);
    }
  }
  for (const texts of state.values()) texts.sort();
  return state;
}

/** What must be equal of an object, as text; null for one that need not be there. */
function essenceOf(object: KubeObject): string | null {
  const status = (object.status ?? {}) as Readonly<Record<string, unknown>>;
  const counts = Object.fromEntries([...COUNTS, ...SCHEDULED].map((name) => [name, status[name] ?? 0]));
  switch (object.kind) {
    case 'Pod':
      return podEssence(object as Pod);
    case 'ReplicaSet':
      return (object as ReplicaSet).spec.replicas === 0 && controllerOf(object) !== undefined
        ? null
        : canonicalJson({ spec: object.spec, counts });
    case 'EndpointSlice':
      return String((object as EndpointSlice).endpoints.filter(({ conditions }) => conditions?.ready !== false).length);
    case 'Job':
      return canonicalJson({ succeeded: status['succeeded'] ?? 0, active: status['active'] ?? 0 });
    case 'Deployment':
    case 'StatefulSet':
    case 'DaemonSet':
    case 'PodDisruptionBudget':
      return canonicalJson({ spec: object.spec, counts });
    default:
      return '';
  }
}

/** A pod that nothing controls is brought back by nobody when it is lost. */
function podEssence(pod: Pod): string | null {
  if (pod.status?.phase === 'Failed' || controllerOf(pod) === undefined) return null;
  const images = pod.spec.containers.map(({ image }) => image);
  const ending = pod.metadata.deletionTimestamp !== undefined;
  return canonicalJson({
    phase: pod.status?.phase,
    ready: isPodReady(pod),
    ending,
    images,
    labels: pod.metadata.labels,
  });
}

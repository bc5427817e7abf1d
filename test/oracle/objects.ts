import type { Dice, Json } from './dice.ts';

/** A case of one sync: the objects in the caches, the key. Times are `@seconds` before now. */
export interface SyncInput {
  readonly key: string;
  readonly objects: readonly Json[];
  /** So many pods are created before all others are refused. */
  readonly refuseAfter?: number;
}

/** A pod template with one container. */
export function template(image: string, labels: Json = {}): Json {
  return { metadata: { labels: { app: 'web', ...labels } }, spec: { containers: [{ name: 'app', image }] } };
}

/** The reference to a controller. */
export function controlledBy(kind: string, name: string, uid: string, apiVersion = 'apps/v1'): Json[] {
  return [{ apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }];
}

/** `{deletionTimestamp}` with probability `share`. */
export function maybeDeleted(dice: Dice, share: number): Json {
  return dice.chance(share) ? { deletionTimestamp: dice.age() } : {};
}

export interface PodParts {
  readonly node?: string | undefined;
  readonly phase?: string;
  readonly labels?: Json;
  readonly annotations?: Json | undefined;
  readonly owner?: Json[] | undefined;
  readonly terminating?: boolean;
  readonly spec?: Json;
  /** Running and ready. */
  readonly isGood?: boolean;
}

/** A pod in any state, unless `parts` say which. */
export function drawPod(dice: Dice, name: string, parts: PodParts = {}): Json {
  const anyPhase = dice.of('Running', 'Running', 'Running', 'Running', 'Pending', 'Failed', 'Succeeded', 'Unknown');
  const phase = parts.isGood === true ? 'Running' : (parts.phase ?? anyPhase);
  const ready = phase === 'Running' && (dice.chance(0.75) || parts.isGood === true);
  const terminating = parts.terminating ?? dice.chance(0.1);
  const condition = { type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: dice.age() };
  const hasConditions = dice.chance(0.9) || parts.isGood === true;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: `u-${name}`,
      labels: parts.labels ?? { app: 'web' },
      annotations: parts.annotations,
      creationTimestamp: dice.age(),
      ownerReferences: parts.owner,
      ...(terminating ? { deletionTimestamp: dice.age(), deletionGracePeriodSeconds: 30 } : {}),
    },
    spec: { containers: [{ name: 'app', image: 'v1' }], nodeName: parts.node, ...parts.spec },
    status: {
      phase,
      conditions: hasConditions ? [condition] : undefined,
      containerStatuses: dice.maybe(0.5, () => [
        { name: 'app', ready, restartCount: dice.int(0, 3), image: 'v1', imageID: '' },
      ]),
    },
  };
}

/** A number or a share of pods. */
export function numberOrShare(dice: Dice): number | string {
  return dice.chance(0.5) ? dice.int(0, 6) : `${dice.of(0, 10, 25, 30, 50, 75, 100)}%`;
}

/** Numbers of a status that are written even where they are 0 (Kubernetes 1.34 staging/src/k8s.io/api/apps/v1/types.go). */
const WRITTEN_ZEROS: Readonly<Record<string, readonly string[]>> = {
  ReplicaSet: ['replicas'],
  StatefulSet: ['replicas', 'availableReplicas'],
  DaemonSet: ['currentNumberScheduled', 'numberMisscheduled', 'desiredNumberScheduled', 'numberReady'],
};

/** An object as a server keeps it: no zeros and empty lists in its status but those that are always written. */
export function stored(object: Json): Json {
  const written = WRITTEN_ZEROS[object['kind'] as string] ?? [];
  const isSaid = ([name, value]: [string, unknown]): boolean =>
    written.includes(name) || (value !== 0 && !(Array.isArray(value) && value.length === 0));
  const status = object['status'] as Json | undefined;
  if (status === undefined) return object;
  const zeros = Object.fromEntries(written.map((name) => [name, 0]));
  return { ...object, status: { ...zeros, ...Object.fromEntries(Object.entries(status).filter(isSaid)) } };
}

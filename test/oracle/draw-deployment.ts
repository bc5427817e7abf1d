import type { Dice, Json } from './dice.ts';
import { controlledBy, drawPod, maybeDeleted, numberOrShare, type SyncInput, stored, template } from './objects.ts';

const INT32_MAX = 2_147_483_647;
const PREFIX = 'deployment.kubernetes.io/';

/** A Deployment `web` with up to five ReplicaSets at any point of a roll-out, pause, scaling or adoption. */
export function drawDeployment(dice: Dice): SyncInput {
  const replicas = dice.chance(0.15) ? 0 : dice.int(1, dice.chance(0.3) ? 20 : 6);
  const minReadySeconds = dice.of(undefined, undefined, 25);
  const sets = dice.list(dice.int(0, 5), (i) => drawReplicaSet(dice, i, replicas, minReadySeconds));
  const image = dice.of('v1', 'v1', 'v2', 'v3', 'v6');
  const generation = dice.int(1, 3);
  const annotations: Json = {};
  if (dice.chance(0.7)) annotations[`${PREFIX}revision`] = String(dice.int(1, 4));
  if (dice.chance(0.3)) annotations['note'] = dice.of('x', 'y');
  if (dice.chance(0.1)) annotations['kubectl.kubernetes.io/last-applied-configuration'] = '{}';
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'web',
      namespace: 'default',
      uid: 'd1',
      generation,
      labels: { app: 'web' },
      annotations,
      creationTimestamp: '@1000',
      ...maybeDeleted(dice, 0.04),
    },
    spec: {
      replicas,
      strategy: drawStrategy(dice),
      minReadySeconds,
      paused: dice.maybe(0.12, () => true),
      progressDeadlineSeconds: dice.of(600, 600, 95, 45, INT32_MAX),
      revisionHistoryLimit: dice.of(10, 0, 1, 2, INT32_MAX),
      selector: { matchLabels: { app: 'web' } },
      template: template(image),
    },
    status: drawStatus(dice, sets, image, generation),
  };
  const pods = dice.list(dice.chance(0.4) ? dice.int(1, 3) : 0, (i) => {
    const set = sets.length > 0 ? dice.of(...sets).metadata : undefined;
    const owner = set !== undefined && dice.chance(0.9) ? controlledBy('ReplicaSet', set.name, set.uid) : undefined;
    return drawPod(dice, `p${i}`, { owner, labels: { app: 'web', 'pod-template-hash': set?.name.at(-1) ?? 'z' } });
  });
  return { key: 'default/web', objects: [deployment, ...sets, ...pods].map(stored) };
}

function drawStrategy(dice: Dice): Json {
  const maxSurge = numberOrShare(dice);
  let maxUnavailable = numberOrShare(dice);
  // Both zero is refused by the API server.
  if (Number.parseInt(String(maxSurge), 10) === 0 && Number.parseInt(String(maxUnavailable), 10) === 0)
    maxUnavailable = 1;
  return dice.chance(0.8)
    ? { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } }
    : { type: 'Recreate' };
}

function drawReplicaSet(dice: Dice, i: number, wanted: number, minReadySeconds: number | undefined) {
  const letter = 'abcde'[i] as string;
  const size = dice.chance(0.4) ? 0 : dice.int(0, Math.max(6, wanted));
  const full = dice.chance(0.5);
  const replicas = full ? size : dice.int(0, size + (dice.chance(0.2) ? 2 : 0));
  const available = full && dice.chance(0.7) ? replicas : dice.int(0, replicas);
  const desired = dice.chance(0.75) ? wanted : dice.int(0, 6);
  const annotations: Json = {};
  // Left out: revisions that are no numbers. The real order of such ReplicaSets depends on how they come out of Go's map.
  if (dice.chance(0.9)) annotations[`${PREFIX}revision`] = String(dice.int(1, i + 2));
  if (dice.chance(0.9)) {
    annotations[`${PREFIX}desired-replicas`] = String(desired);
    annotations[`${PREFIX}max-replicas`] = String(dice.chance(0.8) ? desired + dice.int(0, 3) : dice.int(0, 9));
  }
  if (dice.chance(0.1)) annotations[`${PREFIX}revision-history`] = dice.of('1', '1,2', '');
  if (dice.chance(0.2)) annotations['note'] = dice.of('x', 'y');
  const generation = dice.int(1, 3);
  const labels = { app: dice.chance(0.92) ? 'web' : 'other', 'pod-template-hash': letter };
  const foreign = dice.chance(0.7) ? undefined : controlledBy('Deployment', 'web', 'd0');
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `web-${letter}`,
      namespace: 'default',
      uid: `rs${i}`,
      generation,
      labels,
      annotations,
      creationTimestamp: dice.chance(0.3) ? '@100' : dice.age(),
      ownerReferences: dice.chance(0.88) ? controlledBy('Deployment', 'web', 'd1') : foreign,
      ...maybeDeleted(dice, 0.05),
    },
    spec: {
      replicas: size,
      minReadySeconds: dice.chance(0.8) ? minReadySeconds : undefined,
      selector: { matchLabels: { app: 'web', 'pod-template-hash': letter } },
      template: template(dice.of('v1', 'v2', 'v3', 'v4', 'v5'), { 'pod-template-hash': letter }),
    },
    status: {
      replicas,
      fullyLabeledReplicas: replicas,
      readyReplicas: dice.chance(0.6) ? available : dice.int(available, replicas),
      availableReplicas: available,
      observedGeneration: dice.chance(0.85) ? generation : generation - 1,
      conditions: dice.maybe(0.07, () => [failure(dice, `no ${i}`)]),
    },
  };
}

type DrawnSet = ReturnType<typeof drawReplicaSet>;

function failure(dice: Dice, message: string): Json {
  return { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message, lastTransitionTime: dice.age() };
}

function drawStatus(dice: Dice, sets: readonly DrawnSet[], image: string, generation: number): Json {
  const conditions = drawConditions(dice);
  if (dice.chance(0.35)) {
    return {
      observedGeneration: dice.int(0, generation),
      replicas: dice.int(0, 8),
      readyReplicas: dice.int(0, 6),
      availableReplicas: dice.int(0, 6),
      updatedReplicas: dice.int(0, 6),
      unavailableReplicas: dice.int(0, 3),
      conditions,
      collisionCount: dice.maybe(0.1, () => 1),
    };
  }
  const own = sets.filter(({ metadata }) => metadata.ownerReferences?.[0]?.['uid'] === 'd1');
  const sum = (of: (set: DrawnSet) => number): number => own.reduce((total, set) => total + of(set), 0);
  const availableReplicas = sum(({ status }) => status.availableReplicas);
  const updated = own.find(
    ({ spec }) => JSON.stringify(spec.template['spec']) === JSON.stringify(template(image)['spec']),
  );
  return {
    observedGeneration: generation,
    replicas: sum(({ status }) => status.replicas),
    readyReplicas: sum(({ status }) => status.readyReplicas),
    availableReplicas,
    unavailableReplicas: Math.max(0, sum(({ spec }) => spec.replicas) - availableReplicas),
    updatedReplicas: updated?.status.replicas ?? 0,
    conditions,
  };
}

function drawConditions(dice: Dice): Json[] {
  const conditions: Json[] = [];
  const times = () => ({ lastUpdateTime: dice.age(), lastTransitionTime: dice.age() });
  if (dice.chance(0.7)) {
    const [status, reason, message] = dice.chance(0.6)
      ? ['True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.']
      : ['False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.'];
    conditions.push({ type: 'Available', status, reason, message, ...times() });
  }
  if (dice.chance(0.8)) {
    const [status, reason] = dice.of(
      ['True', 'NewReplicaSetAvailable'],
      ['True', 'ReplicaSetUpdated'],
      ['True', 'ReplicaSetUpdated'],
      ['True', 'NewReplicaSetCreated'],
      ['True', 'FoundNewReplicaSet'],
      ['False', 'ProgressDeadlineExceeded'],
      ['Unknown', 'DeploymentPaused'],
      ['Unknown', 'DeploymentResumed'],
      ['False', 'ReplicaSetCreateError'],
    );
    const progress = dice.chance(0.5) ? 'ReplicaSet "web-a" is progressing.' : 'm';
    const message = reason === 'NewReplicaSetAvailable' ? 'ReplicaSet "web-a" has successfully progressed.' : progress;
    conditions.push({ type: 'Progressing', status, reason, message, ...times() });
  }
  if (dice.chance(0.05)) conditions.push({ ...failure(dice, 'old'), lastUpdateTime: dice.age() });
  return conditions;
}

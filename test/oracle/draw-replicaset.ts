import type { Dice, Json } from './dice.ts';
import { controlledBy, drawPod, maybeDeleted, type SyncInput, stored } from './objects.ts';

/** A ReplicaSet `web`, perhaps a sibling of the same Deployment, and pods of its own, of the sibling's, of nobody. */
export function drawReplicaSetCase(dice: Dice): SyncInput {
  const parent = dice.chance(0.6) ? controlledBy('Deployment', 'dep', 'd1') : undefined;
  const minReadySeconds = dice.of(undefined, undefined, 25, 55);
  const main = replicaSet(dice, 'web', 'web', parent, dice.int(0, 6), minReadySeconds);
  const sibling = replicaSet(dice, 'sib', 'sib', dice.chance(0.7) ? parent : undefined, 3, minReadySeconds);
  const objects = dice.chance(0.6) ? [main, sibling] : [main];
  for (let i = dice.int(0, 8); i > 0; i--) objects.push(drawMember(dice, `p${i}`, minReadySeconds === undefined));
  const refused = dice.chance(0.15);
  return { key: 'default/web', objects: objects.map(stored), ...(refused ? { refuseAfter: dice.int(0, 3) } : {}) };
}

function replicaSet(
  dice: Dice,
  name: string,
  app: string,
  ownerReferences: Json[] | undefined,
  replicas: number,
  minReadySeconds: number | undefined,
): Json {
  const condition = {
    type: 'ReplicaFailure',
    status: 'True',
    reason: 'FailedCreate',
    message: 'm',
    lastTransitionTime: dice.age(),
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      generation: 2,
      labels: { app: 'web', h: name },
      ownerReferences,
      creationTimestamp: '@1000',
      ...(name === 'web' ? maybeDeleted(dice, 0.05) : {}),
    },
    spec: {
      replicas,
      minReadySeconds,
      selector: { matchLabels: { app } },
      template: {
        metadata: {
          labels: { app: 'web', tier: 'x' },
          annotations: dice.maybe(0.3, () => ({ a: 'b' })),
          finalizers: dice.maybe(0.1, () => ['f/x']),
        },
        spec: { containers: [{ name: 'app', image: 'v1' }] },
      },
    },
    status: {
      replicas: dice.int(0, 4),
      ...(dice.chance(0.4)
        ? { readyReplicas: dice.int(0, 2), availableReplicas: dice.int(0, 2), observedGeneration: 2 }
        : {}),
      conditions: dice.maybe(0.2, () => [condition]),
    },
  };
}

/**
 * `isClaimed`: it may be adopted or let go. Left out where pods have to be ready for a time: what is claimed counts for the next look here
 * when its event has come, which brings a sync by itself.
 */
function drawMember(dice: Dice, name: string, isClaimed: boolean): Json {
  const owner = dice.of('web', 'web', 'web', 'web', 'web', 'web', 'web', isClaimed ? '' : 'web', 'sib', 'gone');
  const cost = dice.of('0', '1', '-5', '10', '+3', 'x', '1.5', '03', '99999999999');
  // Left out: pods of somebody else that match our selector, too; here siblings' pods are found by their owner alone.
  const isForeign = owner === 'sib' || owner === 'gone';
  const labels = {
    app: isForeign ? 'sib' : isClaimed && dice.chance(0.1) ? 'x' : 'web',
    tier: dice.maybe(0.6, () => 'x'),
  };
  const hasSidecar = dice.chance(0.2);
  const restartPolicy = dice.maybe(0.7, () => 'Always');
  const pod = drawPod(dice, name, {
    node: dice.maybe(0.8, () => dice.of('n1', 'n2')),
    owner: owner === '' ? undefined : controlledBy('ReplicaSet', owner === 'gone' ? 'web' : owner, owner),
    labels,
    annotations: dice.maybe(0.3, () => ({ 'controller.kubernetes.io/pod-deletion-cost': cost })),
    spec: hasSidecar ? { initContainers: [{ name: 'side', image: 'v1', restartPolicy }] } : {},
  });
  if (hasSidecar) {
    const side = { name: 'side', ready: true, restartCount: dice.int(0, 3), image: '', imageID: '' };
    (pod['status'] as Json)['initContainerStatuses'] = [side];
  }
  return pod;
}

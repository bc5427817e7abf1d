import type { Dice, Json } from './dice.ts';
import { controlledBy, drawPod, maybeDeleted, type SyncInput, stored, template } from './objects.ts';

const IMAGES = ['v1', 'v2', 'v3'];

/** A StatefulSet `web` with revisions, pods of any of them, some missing or of nobody, and claims with all kinds of owners. */
export function drawStatefulSet(dice: Dice): SyncInput {
  const image = dice.of(...IMAGES);
  const replicas = dice.int(0, 5);
  const start = dice.maybe(0.25, () => dice.int(0, 3));
  const claims = dice.chance(0.4) ? (dice.chance(0.3) ? ['data', 'log'] : ['data']) : [];
  const revisions = drawRevisions(dice, 'StatefulSet', (each) => template(each));
  const set = statefulSet(dice, image, replicas, start, claims);
  const healthy = dice.chance(0.5);
  const pods: Json[] = [];
  for (let i = 0; i < 8; i++) {
    const isWanted = i >= (start ?? 0) && i < (start ?? 0) + replicas;
    if (dice.chance(isWanted ? 0.85 : 0.15)) pods.push(drawReplica(dice, i, healthy, image, claims));
  }
  const names = new Set(pods.map(({ metadata }) => (metadata as Json)['name']));
  const objects = [set, ...revisions, ...pods];
  for (const claim of claims) {
    for (let i = 0; i < 8; i++) {
      // Left out: claims without a pod. The real controller writes a pod that it has just made once more for them, which changes nothing; and
      // where one belongs to a pod that has gone, the sync ends without an error there, while here it is tried again.
      if (dice.chance(0.6) && names.has(`web-${i}`)) objects.push(drawClaim(dice, claim, i));
    }
  }
  return { key: 'default/web', objects: objects.map(stored) };
}

/** Revisions of some images, in any order, some of somebody else. `of`: the template of an image. */
export function drawRevisions(dice: Dice, kind: string, of: (image: string) => Json): Json[] {
  const hashLabel = kind === 'DaemonSet' ? 'controller-revision-hash' : 'controller.kubernetes.io/hash';
  const images = dice.some(IMAGES, 0.6);
  if (dice.chance(0.3)) images.reverse();
  return images.map((image, i) => {
    const foreign = dice.chance(0.5) ? undefined : controlledBy(kind, 'web', 'x');
    return {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name: `web-${image}`,
        namespace: 'default',
        uid: `cr-${image}`,
        // The oracle reads in it whose bytes the data are to be.
        annotations: { kind },
        labels: { app: 'web', [hashLabel]: image },
        creationTimestamp: dice.age(),
        ownerReferences: dice.chance(0.93) ? controlledBy(kind, 'web', 's1') : foreign,
      },
      data: { spec: { template: { $patch: 'replace', ...of(image) } } },
      // Two of a DaemonSet never have one number: each is made with the next.
      revision: i + (kind === 'DaemonSet' || dice.chance(0.9) ? 1 : 2),
    };
  });
}

function statefulSet(
  dice: Dice,
  image: string,
  replicas: number,
  start: number | undefined,
  claims: readonly string[],
): Json {
  const generation = dice.int(1, 3);
  const partition = dice.chance(0.5) ? 0 : dice.int(0, 6);
  const policy = () => dice.of('Retain', 'Delete');
  const status = {
    replicas: dice.int(0, 5),
    readyReplicas: dice.int(0, 3),
    currentReplicas: dice.int(0, 4),
    updatedReplicas: dice.int(0, 4),
    availableReplicas: dice.int(0, 3),
    observedGeneration: dice.chance(0.8) ? generation : 0,
    currentRevision: dice.maybe(0.85, () => `web-${dice.of(...IMAGES)}`),
    updateRevision: `web-${dice.of(...IMAGES)}`,
    collisionCount: 0,
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: {
      name: 'web',
      namespace: 'default',
      uid: 's1',
      generation,
      labels: { app: 'web' },
      annotations: dice.maybe(0.2, () => ({ note: 'x' })),
      creationTimestamp: '@1000',
      ...maybeDeleted(dice, 0.05),
    },
    spec: {
      replicas,
      serviceName: 'web',
      podManagementPolicy: dice.of('OrderedReady', 'Parallel'),
      revisionHistoryLimit: dice.of(10, 10, 0, 1),
      minReadySeconds: dice.of(undefined, undefined, undefined, 25, 55),
      ordinals: start === undefined ? undefined : { start },
      updateStrategy: dice.chance(0.33)
        ? { type: 'OnDelete' }
        : { type: 'RollingUpdate', rollingUpdate: { partition } },
      persistentVolumeClaimRetentionPolicy: dice.maybe(0.67, () => ({ whenDeleted: policy(), whenScaled: policy() })),
      selector: { matchLabels: { app: 'web' } },
      template: template(image),
      volumeClaimTemplates:
        claims.length === 0
          ? undefined
          : claims.map((name) => ({
              apiVersion: 'v1',
              kind: 'PersistentVolumeClaim',
              metadata: { name },
              spec: CLAIM_SPEC,
            })),
    },
    status: dice.chance(0.2) ? { replicas: 0 } : status,
  };
}

const CLAIM_SPEC = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };

function drawReplica(dice: Dice, i: number, healthy: boolean, image: string, claims: readonly string[]): Json {
  const isGood = healthy && dice.chance(0.8);
  const name = dice.chance(0.03) ? `other-${i}` : `web-${i}`;
  const revision = healthy && dice.chance(0.7) ? image : dice.of(...IMAGES);
  const hasVolumes = claims.length > 0 && dice.chance(0.95);
  const volumes = claims.map((claim) => ({ name: claim, persistentVolumeClaim: { claimName: `${claim}-${name}` } }));
  return drawPod(dice, name, {
    isGood,
    node: 'n1',
    phase: dice.of('Running', 'Pending', 'Failed', 'Succeeded', 'Unknown', 'Running'),
    owner: dice.maybe(0.93, () => controlledBy('StatefulSet', 'web', 's1')),
    labels: {
      app: dice.chance(0.96) ? 'web' : 'x',
      'statefulset.kubernetes.io/pod-name': name,
      'apps.kubernetes.io/pod-index': String(i),
      'controller-revision-hash': dice.maybe(0.95, () => `web-${revision}`),
    },
    terminating: !isGood && dice.chance(0.2),
    spec: { hostname: name, subdomain: 'web', ...(hasVolumes ? { volumes } : {}) },
  });
}

function drawClaim(dice: Dice, claim: string, i: number): Json {
  const controls = () => (dice.chance(0.7) ? { controller: true, blockOwnerDeletion: true } : {});
  const owners: Json[] = [];
  if (dice.chance(0.25)) {
    const uid = dice.chance(0.85) ? 's1' : 's0';
    owners.push({ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid, ...controls() });
  }
  if (dice.chance(0.2)) {
    const uid = dice.chance(0.8) ? `u-web-${i}` : 'old';
    owners.push({ apiVersion: 'v1', kind: 'Pod', name: `web-${i}`, uid, ...controls() });
  }
  if (dice.chance(0.08)) owners.push({ apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: 'c1', ...controls() });
  // The API server takes one controller.
  owners.filter(({ controller }) => controller === true).forEach((owner, k) => k > 0 && delete owner['controller']);
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: `${claim}-web-${i}`,
      namespace: 'default',
      uid: `pvc-${claim}-${i}`,
      labels: { app: 'web' },
      creationTimestamp: dice.age(),
      ownerReferences: owners.length > 0 ? owners : undefined,
      ...maybeDeleted(dice, 0.06),
    },
    spec: CLAIM_SPEC,
  };
}

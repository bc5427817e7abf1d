import type { Dice, Json } from './dice.ts';
import { drawRevisions } from './draw-statefulset.ts';
import { controlledBy, drawPod, maybeDeleted, type SyncInput, stored, template } from './objects.ts';

type Amount = number | string | undefined;

const TOLERATIONS: readonly Json[] = [
  { operator: 'Exists' },
  { key: 'k', operator: 'Equal', value: 'v', effect: 'NoSchedule' },
  { key: 'k', operator: 'Exists' },
  { key: 'k', value: 'v', effect: 'NoExecute', tolerationSeconds: 10 },
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 },
];

/** A DaemonSet `web` on up to five nodes that differ in taints and labels, with none, one or several pods on each. */
export function drawDaemonSet(dice: Dice): SyncInput {
  const image = dice.of('v1', 'v2', 'v3');
  const pods = drawTemplate(dice, image);
  const revisions = drawRevisions(dice, 'DaemonSet', (each) => ({
    ...pods,
    spec: { ...(pods['spec'] as Json), containers: [{ name: 'app', image: each }] },
  }));
  const set = daemonSet(dice, pods);
  const nodes = dice.list(dice.int(1, 5), (i) => drawNode(dice, `n${i + 1}`));
  const objects = [set, ...revisions, ...nodes];
  const healthy = dice.chance(0.5);
  let count = 0;
  for (let i = 1; i <= nodes.length + 1; i++) {
    const onNode = i > nodes.length ? Number(dice.chance(0.2)) : dice.of(0, 1, 1, 1, 1, 1, 2, 3);
    for (let j = 0; j < onNode; j++) objects.push(drawDaemon(dice, `web-p${count++}`, `n${i}`, image, healthy));
  }
  const refused = dice.chance(0.06);
  return { key: 'default/web', objects: objects.map(stored), ...(refused ? { refuseAfter: dice.int(0, 3) } : {}) };
}

function drawTemplate(dice: Dice, image: string): Json {
  const pods = template(image);
  const inDisk = { key: 'disk', operator: dice.of('In', 'NotIn'), values: ['ssd'] };
  const affinity = {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [inDisk] }] },
    },
  };
  const spec = {
    ...(pods['spec'] as Json),
    hostNetwork: dice.maybe(0.1, () => true),
    nodeSelector: dice.maybe(0.25, () => ({ disk: dice.of('ssd', 'hdd') })),
    affinity: dice.maybe(0.15, () => affinity),
    nodeName: dice.maybe(0.05, () => 'n1'),
    tolerations: dice.maybe(0.3, () => [dice.of(...TOLERATIONS)]),
  };
  return { ...pods, spec };
}

function daemonSet(dice: Dice, pods: Json): Json {
  const generation = dice.int(1, 3);
  const maxSurge = dice.chance(0.6) ? dice.of<Amount>(0, undefined, '0%') : dice.of<Amount>(1, 2, '50%', '10%');
  const surges = maxSurge !== undefined && Number.parseInt(String(maxSurge), 10) > 0;
  const rollingUpdate = { maxSurge, maxUnavailable: surges ? 0 : dice.of<Amount>(1, 1, 2, '50%', '10%') };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: {
      name: 'web',
      namespace: 'default',
      uid: 's1',
      generation,
      labels: { app: 'web' },
      annotations: {
        'deprecated.daemonset.template.generation': String(generation),
        note: dice.maybe(0.2, () => 'x'),
      },
      creationTimestamp: '@1000',
      ...maybeDeleted(dice, 0.04),
    },
    spec: {
      revisionHistoryLimit: dice.of(10, 10, 0, 1),
      minReadySeconds: dice.of(undefined, undefined, undefined, 25, 55),
      updateStrategy: dice.chance(0.8) ? { type: 'RollingUpdate', rollingUpdate } : { type: 'OnDelete' },
      selector: { matchLabels: { app: 'web' } },
      template: pods,
    },
    status: {
      currentNumberScheduled: dice.int(0, 3),
      numberMisscheduled: dice.int(0, 1),
      desiredNumberScheduled: dice.int(0, 3),
      numberReady: dice.int(0, 3),
      observedGeneration: dice.chance(0.8) ? generation : 0,
    },
  };
}

function drawNode(dice: Dice, name: string): Json {
  const taints: Json[] = [];
  const add = (share: number, key: string, value: string | undefined, ...effects: string[]): void => {
    if (dice.chance(share)) taints.push({ key, value, effect: dice.of(...effects) });
  };
  add(0.12, 'k', dice.of('v', 'w'), 'NoSchedule', 'NoExecute', 'PreferNoSchedule');
  add(0.08, 'node.kubernetes.io/not-ready', undefined, 'NoExecute', 'NoSchedule');
  add(0.08, 'node.kubernetes.io/unschedulable', undefined, 'NoSchedule');
  add(0.05, 'node.kubernetes.io/network-unavailable', undefined, 'NoSchedule');
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: name, labels: { disk: dice.of('ssd', 'ssd', 'hdd') }, creationTimestamp: '@1000' },
    spec: { taints: taints.length > 0 ? taints : undefined, unschedulable: dice.maybe(0.05, () => true) },
  };
}

/** Pods keep to the set's selector and owner: those of others on a node are the ReplicaSet's cases. */
function drawDaemon(dice: Dice, name: string, node: string, image: string, healthy: boolean): Json {
  const isBound = dice.chance(0.85);
  const isGood = isBound && healthy && dice.chance(0.85);
  const byName = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }];
  const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: byName } };
  return drawPod(dice, name, {
    isGood,
    node: isBound ? node : undefined,
    phase: isBound ? dice.of('Running', 'Running', 'Pending', 'Failed', 'Succeeded', 'Unknown') : 'Pending',
    owner: controlledBy('DaemonSet', 'web', 's1'),
    labels: {
      app: 'web',
      'controller-revision-hash': dice.maybe(0.97, () => (dice.chance(0.5) ? image : dice.of('v1', 'v2', 'v3'))),
      'pod-template-generation': dice.maybe(0.1, () => dice.of('0', '1', '2')),
    },
    spec: dice.chance(0.9) || !isBound ? { affinity: { nodeAffinity: required } } : {},
    terminating: !isGood && dice.chance(0.15),
  });
}

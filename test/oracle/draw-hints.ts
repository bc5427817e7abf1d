import type { Dice, Json } from './dice.ts';
import { drawHintPod } from './draw-hint-pod.ts';
import { drawStorageObject, STORAGE_KINDS } from './draw-hint-storage.ts';

/** A rejected pod and one change of the cluster: of a node, another pod, itself, a claim for devices, something of its volumes. */
export function drawHint(dice: Dice): Json {
  const lot = dice.int(1, 20);
  const input =
    lot <= 6 ? drawNodeChange(dice) : lot <= 11 ? drawPodChange(dice) : lot <= 14 ? drawOwnChange(dice) : undefined;
  const whole = input ?? (lot <= 17 ? drawClaimChange(dice) : drawStorageChange(dice));
  return JSON.parse(JSON.stringify({ plugins: mayReject(whole), ...whole })) as Json;
}

/** The plugins that can have rejected the pod. Others answer here what is cheapest: nobody asks them. */
function mayReject({ pod, changed, action, old }: Json): string[] {
  const { affinity, nodeSelector } = (pod as { spec: { affinity?: Json; nodeSelector?: Json } }).spec;
  const plugins = [
    ...['NodeUnschedulable', 'NodeName', 'TaintToleration', 'NodePorts', 'NodeResourcesFit', 'VolumeRestrictions'],
    // Left out: NodeVolumeLimits. It waits for CSINodes, which here only nodes with limits have.
    ...['VolumeBinding', 'VolumeZone', 'PodTopologySpread', 'DynamicResources'],
  ];
  if (affinity?.['nodeAffinity'] !== undefined || nodeSelector !== undefined) plugins.push('NodeAffinity');
  const anti = affinity?.['podAntiAffinity'] as { requiredDuringSchedulingIgnoredDuringExecution: Json[] } | undefined;
  const antiCount = anti?.requiredDuringSchedulingIgnoredDuringExecution.length ?? 0;
  // Left out: two anti-affinity terms. The real hint wants a pod that all of them name, though each alone keeps the pod away; here any will do.
  const hasTerms = antiCount === 1 || (antiCount === 0 && affinity?.['podAffinity'] !== undefined);
  // Left out: what wakes a pod here because it may have kept it away, which the real hint forgets: the end of a pod, the pod's own labels.
  if (hasTerms && changed !== 'Self' && !keepsAway(action, old)) plugins.push('InterPodAffinity');
  return plugins;
}

function keepsAway(action: unknown, old: unknown): boolean {
  const { spec } = (old ?? {}) as { spec?: { affinity?: Json } };
  return action === 'delete' && spec?.affinity?.['podAntiAffinity'] !== undefined;
}

/** `old` with some fields (paths) as in `other`. */
function mixed(dice: Dice, old: Json, other: Json, share: number, paths: readonly string[]): Json {
  const result = JSON.parse(JSON.stringify(old)) as Json;
  for (const path of dice.some(paths, share)) {
    const parts = path.split('.');
    const last = parts.pop() as string;
    let to = result;
    let from: Json | undefined = other;
    for (const part of parts) {
      to[part] ??= {};
      to = to[part] as Json;
      from = from?.[part] as Json | undefined;
    }
    if (from?.[last] === undefined) delete to[last];
    else to[last] = from[last];
  }
  return result;
}

function change(dice: Dice, action: string, first: Json, next: () => Json): Json {
  if (action === 'add') return { action, new: first };
  return action === 'delete' ? { action, old: first } : { action, old: first, new: next() };
}

function drawNodeChange(dice: Dice): Json {
  const node = drawNode(dice);
  const fields = [
    ...['metadata.labels', 'metadata.annotations', 'spec.taints', 'spec.unschedulable'],
    ...['status.allocatable', 'status.conditions'],
  ];
  const action = dice.of('add', 'update', 'update', 'update', 'delete');
  const next = () => mixed(dice, node, drawNode(dice), 0.35, fields);
  return { pod: drawHintPod(dice, 'p'), claims: [], changed: 'Node', ...change(dice, action, node, next) };
}

function drawNode(dice: Dice): Json {
  const labels: Json = {};
  for (const key of dice.some(['topology.kubernetes.io/zone', 'kubernetes.io/hostname'], 0.65)) {
    labels[key] = dice.of('a', 'b');
  }
  if (dice.chance(0.65)) labels['disk'] = dice.of('a', 'b', 'ssd');
  if (dice.chance(0.3)) labels['num'] = dice.of('0', '1', '2', '3', 'x');
  const keys = dice.some(['k', 'l', 'node.kubernetes.io/unschedulable'], 0.4);
  const taints = keys.map((key) => ({
    key,
    value: dice.of(undefined, 'v', 'w'),
    effect: dice.of('NoSchedule', 'NoExecute', 'PreferNoSchedule'),
  }));
  const amount = (share: number, ...amounts: string[]) => dice.maybe(share, () => dice.of(...amounts));
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n', uid: 'u-n', labels, annotations: dice.maybe(0.3, () => ({ a: 'b' })) },
    spec: { unschedulable: dice.maybe(0.3, () => true), taints: dice.maybe(0.5, () => taints) },
    status: {
      allocatable: {
        cpu: amount(0.95, '1', '1500m', '2', '4'),
        memory: amount(0.95, '1Gi', '2Gi', '4Gi'),
        'ephemeral-storage': amount(0.9, '1Gi', '5Gi'),
        pods: amount(0.95, '0', '1', '110', '111'),
        'example.com/gpu': amount(0.5, '0', '1', '2'),
        'hugepages-2Mi': amount(0.3, '0', '2Mi', '4Mi'),
      },
      conditions: dice.maybe(0.5, () => [{ type: 'Ready', status: dice.of('True', 'False') }]),
    },
  };
}

const POD_FIELDS = [
  ...['metadata.labels', 'metadata.annotations', 'spec.containers', 'spec.tolerations'],
  'status.resourceClaimStatuses',
];

function drawPodChange(dice: Dice): Json {
  const other = drawHintPod(dice, 'q', 'n');
  const action = dice.of('add', 'update', 'update', 'delete', 'delete');
  const next = () => mixed(dice, other, drawHintPod(dice, 'q', 'n'), 0.4, POD_FIELDS);
  return { pod: drawHintPod(dice, 'p'), claims: [], changed: 'Pod', ...change(dice, action, other, next) };
}

function drawOwnChange(dice: Dice): Json {
  const old = drawHintPod(dice, 'p');
  // The API server lets nobody change a pod's containers like this.
  const fields = POD_FIELDS.filter((field) => field !== 'spec.containers');
  const pod = mixed(dice, old, drawHintPod(dice, 'p'), 0.35, fields);
  const gates = { schedulingGates: dice.maybe(0.1, () => [{ name: 'g' }]) };
  const before = { ...old, spec: { ...(old['spec'] as Json), ...gates } };
  const claims = dice.some([drawClaim(dice, 'rc'), drawClaim(dice, 'rd')], 0.7);
  return { pod, claims, changed: 'Self', action: 'update', old: before, new: pod };
}

function drawClaim(dice: Dice, name: string): Json {
  const status = {
    allocation: dice.maybe(0.6, () => ({ devices: {} })),
    reservedFor: dice.maybe(0.3, () => [{ resource: 'pods', name: 'z', uid: 'u-z' }]),
  };
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: {
      name,
      namespace: dice.of('default', 'default', 'other'),
      uid: `u-${name}`,
      deletionTimestamp: dice.maybe(0.08, () => '2025-01-01T00:00:00Z'),
      ownerReferences: dice.maybe(0.5, () => [
        { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: dice.of('u-p', 'u-p', 'u-q'), controller: true },
      ]),
      annotations: dice.maybe(0.3, () => ({ a: 'b' })),
    },
    spec: { devices: {} },
    status: dice.maybe(0.7, () => status),
  };
}

function drawClaimChange(dice: Dice): Json {
  const name = dice.of('rc', 'rd');
  const claim = drawClaim(dice, name);
  const action = dice.of('add', 'update', 'update');
  const fields = ['status', 'metadata.annotations', 'metadata.deletionTimestamp'];
  const changed = change(dice, action, claim, () => mixed(dice, claim, drawClaim(dice, name), 0.55, fields));
  const claims = [changed['new'], ...(dice.chance(0.7) ? [drawClaim(dice, name === 'rc' ? 'rd' : 'rc')] : [])];
  return { pod: drawHintPod(dice, 'p'), claims, changed: 'ResourceClaim', ...changed };
}

function drawStorageChange(dice: Dice): Json {
  const kind = dice.of(...STORAGE_KINDS);
  const object = drawStorageObject(dice, kind);
  const { metadata } = object as { metadata: Json };
  const next = () => {
    const other = drawStorageObject(dice, kind) as { metadata: Json };
    const { name, namespace } = metadata;
    return { ...other, metadata: { ...other.metadata, name, namespace } };
  };
  const isAttachment = kind === 'VolumeAttachment';
  const action = isAttachment ? dice.of('add', 'update', 'delete', 'delete') : dice.of('add', 'update', 'update');
  const same = () => JSON.parse(JSON.stringify(object)) as Json;
  const changed = change(dice, action, object, dice.chance(0.2) ? same : next);
  return { pod: drawHintPod(dice, 'p'), claims: [], changed: kind, ...changed };
}

import type { Dice, Json } from './dice.ts';

const TOPOLOGY = ['topology.kubernetes.io/zone', 'kubernetes.io/hostname', 'disk'];

/** A pod with terms of every plugin of the scheduler, over few labels, nodes, ports, volumes and devices. */
export function drawHintPod(dice: Dice, name: string, nodeName?: string): Json {
  const deviceClaims = dice.chance(0.4) ? drawDeviceClaims(dice) : [];
  const fromTemplates = deviceClaims.filter((claim) => claim['resourceClaimTemplateName'] !== undefined);
  const container = (containerName: string) => ({
    name: containerName,
    image: 'i',
    resources: { requests: drawRequests(dice) },
  });
  const init = { ...container('i'), restartPolicy: dice.maybe(0.4, () => 'Always') };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: dice.of('default', 'default', 'other'),
      uid: `u-${name}`,
      labels: Object.fromEntries(dice.some(['app', 'tier'], 0.6).map((key) => [key, dice.of('x', 'y')])),
    },
    spec: {
      schedulerName: 'default-scheduler',
      nodeName,
      containers: [{ ...container('m'), ports: drawPorts(dice) }, ...(dice.chance(0.2) ? [container('s')] : [])],
      initContainers: dice.maybe(0.15, () => [init]),
      overhead: dice.maybe(0.1, () => ({ cpu: '500m' })),
      tolerations: dice.maybe(0.4, () => dice.list(dice.int(0, 2), () => drawToleration(dice))),
      nodeSelector: dice.maybe(0.2, () => ({ [dice.of(...TOPOLOGY)]: dice.of('a', 'b') })),
      affinity: drawAffinity(dice),
      topologySpreadConstraints: dice.maybe(0.4, () => drawSpread(dice)),
      volumes: dice.maybe(0.4, () => dice.list(dice.int(0, 2), (i) => ({ name: `v${i}`, ...drawVolume(dice) }))),
      resourceClaims: deviceClaims.length > 0 ? deviceClaims : undefined,
    },
    status: {
      resourceClaimStatuses:
        fromTemplates.length > 0 && dice.chance(0.7)
          ? fromTemplates.map((claim) => ({
              name: claim['name'],
              resourceClaimName: dice.maybe(0.85, () => dice.of('rc', 'rd')),
            }))
          : undefined,
    },
  };
}

function drawDeviceClaims(dice: Dice): Json[] {
  return dice
    .some(['r0', 'r1'], 0.6)
    .map((name) =>
      dice.chance(0.6) ? { name, resourceClaimName: dice.of('rc', 'rd') } : { name, resourceClaimTemplateName: 't' },
    );
}

function drawRequests(dice: Dice): Json {
  return {
    cpu: dice.maybe(0.6, () => dice.of('0', '500m', '1', '2')),
    memory: dice.maybe(0.4, () => dice.of('1Gi', '2Gi')),
    'ephemeral-storage': dice.maybe(0.15, () => dice.of('1Gi', '5Gi')),
    'example.com/gpu': dice.maybe(0.25, () => dice.of('0', '1', '2')),
    'hugepages-2Mi': dice.maybe(0.1, () => dice.of('2Mi', '4Mi')),
  };
}

function drawPorts(dice: Dice): Json[] {
  return dice.list(dice.int(0, 2), () => ({
    containerPort: 1,
    hostPort: dice.of(undefined, 80, 80, 81),
    hostIP: dice.of(undefined, undefined, '0.0.0.0', '10.0.0.1', '10.0.0.2'),
    protocol: dice.of('TCP', 'UDP'),
  }));
}

function drawToleration(dice: Dice): Json {
  const operator = dice.of(undefined, 'Equal', 'Exists');
  const isAnyKey = operator === 'Exists' && dice.chance(0.2);
  return {
    key: isAnyKey ? undefined : dice.of('k', 'l', 'node.kubernetes.io/unschedulable'),
    operator,
    value: operator === 'Exists' ? undefined : dice.of(undefined, 'v', 'w'),
    effect: dice.of(undefined, 'NoSchedule', 'NoExecute', 'PreferNoSchedule'),
  };
}

function drawSelector(dice: Dice): Json | undefined {
  if (dice.chance(0.1)) return undefined;
  if (dice.chance(0.08)) return {};
  const operator = dice.of('In', 'NotIn', 'Exists', 'DoesNotExist');
  const values = operator.endsWith('In') ? dice.of(['x'], ['y'], ['x', 'y']) : undefined;
  return {
    matchLabels: dice.maybe(0.6, () => ({ app: dice.of('x', 'y') })),
    matchExpressions: dice.maybe(0.5, () => [{ key: dice.of('app', 'tier'), operator, values }]),
  };
}

function drawPodTerms(dice: Dice): Json {
  const term = () => ({
    topologyKey: dice.of(...TOPOLOGY),
    labelSelector: drawSelector(dice),
    namespaces: dice.maybe(0.2, () => [dice.of('default', 'default', 'other')]),
    namespaceSelector: dice.maybe(0.15, () => dice.of<Json>({}, { matchLabels: { team: 'b' } })),
  });
  return { requiredDuringSchedulingIgnoredDuringExecution: dice.list(dice.of(1, 1, 2), term) };
}

function drawAffinity(dice: Dice): Json | undefined {
  const nodeSelectorTerms = dice.list(dice.of(1, 1, 2), () => drawNodeTerm(dice));
  const affinity = {
    podAffinity: dice.maybe(0.4, () => drawPodTerms(dice)),
    podAntiAffinity: dice.maybe(0.4, () => drawPodTerms(dice)),
    nodeAffinity: dice.maybe(0.25, () => ({
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms },
    })),
  };
  return Object.values(affinity).some((each) => each !== undefined) ? affinity : undefined;
}

function drawNodeTerm(dice: Dice): Json {
  const expression = () => {
    const operator = dice.of('In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt');
    const values = operator.endsWith('t')
      ? operator === 'DoesNotExist'
        ? undefined
        : [dice.of('1', '2')]
      : operator === 'Exists'
        ? undefined
        : dice.of(['a'], ['b'], ['a', 'ssd']);
    return { key: dice.of(...TOPOLOGY, 'num'), operator, values };
  };
  const byName = { key: 'metadata.name', operator: dice.of('In', 'NotIn'), values: [dice.of('n', 'm')] };
  return {
    matchExpressions: dice.maybe(0.8, () => dice.list(dice.of(1, 1, 2), expression)),
    matchFields: dice.maybe(0.2, () => [byName]),
  };
}

function drawSpread(dice: Dice): Json[] {
  return dice.some(TOPOLOGY, 0.4).map((topologyKey) => {
    const labelSelector = drawSelector(dice);
    return {
      maxSkew: 1,
      topologyKey,
      whenUnsatisfiable: dice.of('DoNotSchedule', 'DoNotSchedule', 'ScheduleAnyway'),
      labelSelector,
      matchLabelKeys: labelSelector === undefined ? undefined : dice.maybe(0.2, () => ['tier']),
      nodeTaintsPolicy: dice.of(undefined, undefined, 'Honor', 'Ignore'),
    };
  });
}

function drawVolume(dice: Dice): Json {
  const readOnly = dice.maybe(0.3, () => true);
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  const monitors = dice.of(['m'], ['m', 'o'], ['o']);
  return dice.of<Json>(
    { persistentVolumeClaim: { claimName: 'c' } },
    { persistentVolumeClaim: { claimName: 'd' } },
    { persistentVolumeClaim: { claimName: 'p-v0' } },
    { ephemeral: { volumeClaimTemplate: { spec: claim } } },
    { csi: { driver: dice.of('drv', 'drw') } },
    { emptyDir: {} },
    { gcePersistentDisk: { pdName: dice.of('g', 'h'), readOnly } },
    { iscsi: { iqn: dice.of('i', 'j'), targetPortal: 't', lun: 0, readOnly } },
    { rbd: { monitors, image: dice.of('i', 'j'), pool: dice.of('p', 'q'), readOnly } },
  );
}

import type { Dice, Json } from './dice.ts';

const ZONE_LABELS = [
  ...['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'],
  ...['failure-domain.beta.kubernetes.io/zone', 'x'],
];

const DRAWN: Readonly<Record<string, (dice: Dice) => Json>> = {
  PersistentVolume: (dice) => ({
    apiVersion: 'v1',
    metadata: {
      name: 'pv',
      labels: dice.maybe(0.8, () =>
        Object.fromEntries(dice.some(ZONE_LABELS, 0.5).map((key) => [key, dice.of('a', 'b', 'a__b', 'b__a')])),
      ),
    },
    spec: { capacity: { storage: '1Gi' } },
  }),
  PersistentVolumeClaim: (dice) => ({
    apiVersion: 'v1',
    metadata: { name: dice.of('c', 'd', 'p-v0', 'p-v1'), namespace: dice.of('default', 'default', 'other') },
    spec: { volumeName: dice.of(undefined, 'pv') },
  }),
  StorageClass: (dice) => ({
    apiVersion: 'storage.k8s.io/v1',
    metadata: { name: 'sc' },
    provisioner: 'x',
    volumeBindingMode: dice.of(undefined, 'Immediate', 'WaitForFirstConsumer'),
    allowedTopologies: dice.of<unknown>(
      undefined,
      [],
      [{ matchLabelExpressions: [{ key: 'zone', values: ['a'] }] }],
      [{ matchLabelExpressions: [{ key: 'zone', values: ['b'] }] }],
    ),
  }),
  CSINode: (dice) => ({
    apiVersion: 'storage.k8s.io/v1',
    metadata: {
      name: 'n',
      annotations: dice.maybe(0.4, () => ({ 'storage.alpha.kubernetes.io/migrated-plugins': dice.of('', 'x', 'y') })),
    },
    spec: {
      drivers: dice.some(['drv', 'drw'], 0.6).map((name) => ({
        name,
        nodeID: 'n',
        allocatable: dice.maybe(0.7, () => ({ count: dice.of<number | undefined>(undefined, 0, 1, 2) })),
      })),
    },
  }),
  CSIDriver: (dice) => ({
    apiVersion: 'storage.k8s.io/v1',
    metadata: { name: 'drv' },
    spec: { storageCapacity: dice.of(undefined, true, true, false) },
  }),
  CSIStorageCapacity: (dice) => ({
    apiVersion: 'storage.k8s.io/v1',
    metadata: { name: 'cap', namespace: 'default' },
    storageClassName: 'sc',
    capacity: dice.of('1Gi', '2Gi', '3Gi', undefined),
    maximumVolumeSize: dice.of('1Gi', '2Gi', '3Gi', undefined),
  }),
  VolumeAttachment: (dice) => ({
    apiVersion: 'storage.k8s.io/v1',
    metadata: { name: 'va' },
    spec: { attacher: dice.of('drv', 'pd.csi.storage.gke.io'), nodeName: 'n', source: { persistentVolumeName: 'pv' } },
  }),
  ResourceSlice: () => ({
    apiVersion: 'resource.k8s.io/v1',
    metadata: { name: 'rs' },
    spec: { driver: 'd', pool: { name: 'p', generation: 1, resourceSliceCount: 1 }, nodeName: 'n' },
  }),
  DeviceClass: () => ({ apiVersion: 'resource.k8s.io/v1', metadata: { name: 'dc' }, spec: {} }),
};

/** Kinds of what volumes and devices are found by. */
export const STORAGE_KINDS: readonly string[] = Object.keys(DRAWN);

/** An object of one of {@link STORAGE_KINDS}. */
export function drawStorageObject(dice: Dice, kind: string): Json {
  return { kind, ...DRAWN[kind]?.(dice) };
}

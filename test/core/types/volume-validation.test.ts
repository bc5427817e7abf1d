import { describe, expect, it } from 'vitest';
import { applyDefaults } from '../../../core/types/defaults/defaults.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { type ResourceType, ResourceTypes } from '../../../core/types/resource-type.ts';
import { validateCreate } from '../../../core/types/validation/validate.ts';

const types = new ResourceTypes();
const MODES = 'supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"';

/** What is wrong with an object, one line a cause. */
function causes(apiVersion: string, kind: string, fields: object): readonly string[] {
  const type = types.register(apiVersion, kind) as ResourceType;
  const namespace = type.namespaced ? { namespace: 'demo' } : {};
  const object = { apiVersion, kind, metadata: { name: 'x', ...namespace }, ...fields } as KubeObject;
  const found = validateCreate(type, applyDefaults(type, object))?.details?.causes ?? [];
  return found.map(({ field, message }) => `${field}: ${message}`);
}

const requests = (storage: unknown): object => ({ resources: { requests: { storage } } });
const claim = { accessModes: ['ReadWriteOnce'], ...requests('1Gi') };

describe('a claim for a volume is refused as the API server refuses it', () => {
  it.each([
    ['as it should be', claim, []],
    ['empty class and volume mode', { ...claim, storageClassName: '', volumeMode: 'Block' }, []],
    [
      'negative',
      { ...claim, ...requests('-1Gi') },
      ['spec.resources[storage]: Invalid value: "-1Gi": must be greater than zero'],
    ],
    ['zero', { ...claim, ...requests(0) }, ['spec.resources[storage]: Invalid value: "0": must be greater than zero']],
    ['no access modes', requests('1Gi'), ['spec.accessModes: Required value: at least 1 access mode is required']],
    ['another mode', { ...claim, accessModes: ['Foo'] }, [`spec.accessModes: Unsupported value: "Foo": ${MODES}`]],
    [
      'one pod and others',
      { ...claim, accessModes: ['ReadWriteOncePod', 'ReadOnlyMany'] },
      ['spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes'],
    ],
    ['no resources', { accessModes: ['ReadWriteOnce'] }, ['spec.resources[storage]: Required value']],
    [
      'volume mode',
      { ...claim, volumeMode: 'Disk' },
      ['spec.volumeMode: Unsupported value: "Disk": supported values: "Block", "Filesystem"'],
    ],
    [
      'nothing',
      null,
      [
        'spec.accessModes: Required value: at least 1 access mode is required',
        'spec.resources[storage]: Required value',
      ],
    ],
  ])('%s', (_, spec, expected) => {
    expect(causes('v1', 'PersistentVolumeClaim', { spec })).toEqual(expected);
  });
});

const volume = {
  accessModes: ['ReadWriteOnce'],
  capacity: { storage: '5Gi' },
  csi: { driver: 'd', volumeHandle: 'v' },
};
const onNodes = (operator: string): object => ({
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator, values: ['x'] }] }] },
});
const TERM = 'spec.nodeAffinity.required.nodeSelectorTerms';

describe('a volume', () => {
  it.each([
    ['as it should be', { ...volume, nodeAffinity: onNodes('In') }, []],
    [
      'negative',
      { ...volume, capacity: { storage: '-5Gi' } },
      ['spec.capacity[storage]: Invalid value: "-5Gi": must be greater than zero'],
    ],
    ['no capacity', { ...volume, capacity: undefined }, ['spec.capacity: Required value']],
    [
      'operator',
      { ...volume, nodeAffinity: onNodes('Foo') },
      [`${TERM}[0].matchExpressions[0].operator: Invalid value: "Foo": not a valid selector operator`],
    ],
    ['no source', { ...volume, csi: undefined }, ['spec: Required value: must specify a volume type']],
    [
      'two sources',
      { ...volume, hostPath: { path: '/x' } },
      ['spec.hostPath: Forbidden: may not specify more than 1 volume type'],
    ],
    [
      'local without its node',
      { ...volume, csi: undefined, local: { path: '/x' } },
      ['spec.nodeAffinity: Required value: Local volume requires node affinity'],
    ],
  ])('%s', (_, spec, expected) => {
    expect(causes('v1', 'PersistentVolume', { spec })).toEqual(expected);
  });
});

describe('what storage drivers say', () => {
  const STORAGE = 'storage.k8s.io/v1';
  it.each([
    ['StorageClass', { provisioner: 'kubernetes.io/no-provisioner' }, []],
    ['StorageClass', {}, ['provisioner: Required value']],
    [
      'StorageClass',
      { provisioner: 'a', volumeBindingMode: 'Foo' },
      ['volumeBindingMode: Unsupported value: "Foo": supported values: "Immediate", "WaitForFirstConsumer"'],
    ],
    [
      'StorageClass',
      { provisioner: 'a', allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: [] }] }] },
      ['allowedTopologies[0].matchLabelExpressions[0].values: Required value'],
    ],
    ['CSINode', { spec: { drivers: [{ name: 'd', nodeID: 'n', allocatable: { count: 0 } }] } }, []],
    [
      'CSINode',
      { spec: { drivers: [{ name: 'd', nodeID: 'n', allocatable: { count: -3 } }, { name: 'd' }] } },
      [
        'spec.drivers[0].allocatable.count: Invalid value: -3: must be greater than or equal to 0',
        'spec.drivers[1].name: Duplicate value: "d"',
        'spec.drivers[1].nodeID: Required value',
      ],
    ],
    [
      'CSIStorageCapacity',
      { capacity: '-1' },
      ['storageClassName: Required value', 'capacity: Invalid value: "-1": must be greater than or equal to 0'],
    ],
  ])('%s %j', (kind, fields, expected) => {
    expect(causes(STORAGE, kind, fields)).toEqual(expected);
  });
});

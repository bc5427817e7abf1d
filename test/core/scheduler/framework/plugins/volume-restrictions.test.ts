/** Which disks two pods may not have on one node (Kubernetes 1.34, volumerestrictions, isVolumeConflict). */
import { expect, test } from 'vitest';
import { disksConflict } from '../../../../../core/scheduler/framework/plugins/volume-restrictions.ts';
import type { Volume } from '../../../../../core/types/pod.ts';
import { makePod } from '../../objects.ts';

const disk = (source: string, fields: object): Volume => ({ name: 'v', [source]: fields }) as Volume;
const rbd = { monitors: ['m1', 'm2'], pool: 'p', image: 'i' };

test.each<[string, string, object, object, boolean]>([
  ['a GCE disk', 'gcePersistentDisk', { pdName: 'd' }, { pdName: 'd' }, true],
  ['another GCE disk', 'gcePersistentDisk', { pdName: 'd' }, { pdName: 'e' }, false],
  ['an EBS volume', 'awsElasticBlockStore', { volumeID: 'd' }, { volumeID: 'd' }, true],
  ['another EBS volume', 'awsElasticBlockStore', { volumeID: 'd' }, { volumeID: 'e' }, false],
  ['an iSCSI target', 'iscsi', { iqn: 'd' }, { iqn: 'd' }, true],
  ['another iSCSI target', 'iscsi', { iqn: 'd' }, { iqn: 'e' }, false],
  ['an RBD image with a monitor in common', 'rbd', rbd, { ...rbd, monitors: ['m2', 'm3'] }, true],
  ['an RBD image of other monitors', 'rbd', rbd, { ...rbd, monitors: ['m3'] }, false],
  ['an RBD image without monitors', 'rbd', { ...rbd, monitors: undefined }, rbd, false],
  ['an RBD image of another pool', 'rbd', rbd, { ...rbd, pool: 'q' }, false],
  ['another RBD image', 'rbd', rbd, { ...rbd, image: 'j' }, false],
])('%s', (_what, source, one, other, conflict) => {
  const verdict = (mine: object, theirs: object): boolean =>
    disksConflict(
      disk(source, { ...one, ...mine }),
      makePod('p', {}, { volumes: [disk(source, { ...other, ...theirs })] }),
    );
  expect([verdict({}, {}), verdict({ readOnly: true }, {}), verdict({}, { readOnly: true })]).toEqual([
    conflict,
    conflict,
    conflict,
  ]);
  // Readers share every disk but those of EBS.
  const keepsOff = source === 'awsElasticBlockStore' && conflict;
  expect(verdict({ readOnly: true }, { readOnly: true })).toBe(keepsOff);
});

test('a disk of another kind and a pod without volumes are no matter', () => {
  const mine = disk('iscsi', { iqn: 'd' });
  expect(disksConflict(mine, makePod('p', {}, { volumes: [disk('gcePersistentDisk', { pdName: 'd' })] }))).toBe(false);
  expect(disksConflict(mine, makePod('p', {}))).toBe(false);
});

/**
 * Which objects around volumes and devices wake which pods: rows of the registrations and hints of the real plugins (Kubernetes
 * 1.34: EventsToRegister and the functions named there).
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { ClusterEvent } from '../../../../core/scheduler/queue/cluster-event.ts';
import { changeHelps } from '../../../../core/scheduler/queue/queueing-hints.ts';
import type { DeviceGate } from '../../../../core/types/device-gates.ts';
import type { KubeObject } from '../../../../core/types/object.ts';
import type { Pod } from '../../../../core/types/pod.ts';
import { makePod } from '../objects.ts';
import { HintBench, type Name } from './hint-bench.ts';

let bench: HintBench;
beforeEach(() => {
  bench = new HintBench();
});

const ZONE = 'topology.kubernetes.io/zone';

describe('a volume or a claim', () => {
  const object = (kind: string, more: object = {}, name = 'c', namespace = 'default'): KubeObject => ({
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace },
    ...more,
  });
  const came = (now: KubeObject): ClusterEvent => ({ kind: 'volume', object: now, old: undefined, gone: false });
  const changed = (old: KubeObject, now: KubeObject): ClusterEvent => ({
    kind: 'volume',
    object: now,
    old,
    gone: false,
  });
  const went = (old: KubeObject): ClusterEvent => ({ kind: 'volume', object: old, old, gone: true });
  const pod = makePod(
    'waiting',
    {},
    {
      volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }],
      resourceClaims: [{ name: 'd', resourceClaimName: 'c' }],
    },
  );
  const zoned = (zone: string) => ({ metadata: { name: 'c', labels: { [ZONE]: zone, a: zone } } });
  const labelled = (a: string) => ({ metadata: { name: 'c', labels: { [ZONE]: 'z', a } } });
  const migrated = (plugins: string) => ({
    metadata: { name: 'c', annotations: { 'storage.alpha.kubernetes.io/migrated-plugins': plugins } },
  });
  const limits = (count: number) => object('CSINode', { spec: { drivers: [{ name: 'd', allocatable: { count } }] } });
  const publishes = (storageCapacity: boolean) => object('CSIDriver', { spec: { storageCapacity } });
  const topology = (zone: string) =>
    object('StorageClass', { allowedTopologies: [{ matchLabelExpressions: [{ key: ZONE, values: [zone] }] }] });
  const room = (capacity: string, more: object = {}) => object('CSIStorageCapacity', { capacity, ...more });
  const allocated = object('ResourceClaim', { status: { allocation: {} } }, 'd', 'other');

  test.each<[string, ClusterEvent, readonly Name[]]>([
    [
      'its claim comes',
      came(object('PersistentVolumeClaim')),
      ['VolumeRestrictions', 'NodeVolumeLimits', 'VolumeBinding', 'VolumeZone'],
    ],
    [
      'its claim changes',
      changed(object('PersistentVolumeClaim'), object('PersistentVolumeClaim')),
      ['VolumeBinding', 'VolumeZone'],
    ],
    ['another claim', came(object('PersistentVolumeClaim', {}, 'e')), []],
    ['a claim elsewhere', came(object('PersistentVolumeClaim', {}, 'c', 'other')), []],
    ['a volume comes', came(object('PersistentVolume')), ['VolumeBinding', 'VolumeZone']],
    [
      'a volume moves',
      changed(object('PersistentVolume', zoned('a')), object('PersistentVolume', zoned('b'))),
      ['VolumeBinding', 'VolumeZone'],
    ],
    [
      'a volume names its zones in another order',
      changed(object('PersistentVolume', zoned('a__b')), object('PersistentVolume', zoned('b__a'))),
      ['VolumeBinding'],
    ],
    [
      'a volume has other labels',
      changed(object('PersistentVolume', labelled('a')), object('PersistentVolume', labelled('b'))),
      ['VolumeBinding'],
    ],
    ['a class comes', came(object('StorageClass')), ['VolumeBinding']],
    [
      'a class that waits comes',
      came(object('StorageClass', { volumeBindingMode: 'WaitForFirstConsumer' })),
      ['VolumeBinding', 'VolumeZone'],
    ],
    ['a class allows more', changed(topology('a'), topology('b')), ['VolumeBinding']],
    ['a class changes otherwise', changed(topology('a'), topology('a')), []],
    ['limits come', came(object('CSINode')), ['NodeVolumeLimits', 'VolumeBinding']],
    ['a limit rises', changed(limits(1), limits(2)), ['NodeVolumeLimits']],
    ['a limit appears', changed(object('CSINode'), limits(1)), ['NodeVolumeLimits']],
    ['a limit falls', changed(limits(2), limits(1)), []],
    ['limits go', went(limits(1)), []],
    [
      'drivers take over',
      changed(object('CSINode', migrated('')), object('CSINode', migrated('a'))),
      ['VolumeBinding'],
    ],
    ['no driver has taken over', changed(object('CSINode'), object('CSINode', migrated(''))), []],
    ['a driver comes', came(publishes(true)), []],
    ['the driver of no inline volume publishes capacity no more', changed(publishes(true), publishes(false)), []],
    ['capacity comes', came(room('1Gi')), ['VolumeBinding']],
    ['capacity grows', changed(room('1Gi'), room('2Gi')), ['VolumeBinding']],
    ['capacity shrinks', changed(room('2Gi'), room('1Gi')), []],
    [
      'capacity grows beyond the largest volume',
      changed(room('1Gi', { maximumVolumeSize: '1Gi' }), room('2Gi', { maximumVolumeSize: '1Gi' })),
      [],
    ],
    ['a volume is attached', came(object('VolumeAttachment')), []],
    ['a volume is attached no more', went(object('VolumeAttachment')), ['NodeVolumeLimits']],
    ['its device claim comes', came(object('ResourceClaim')), ['DynamicResources']],
    ['another device claim comes', came(object('ResourceClaim', {}, 'e')), []],
    [
      'its device claim has another status',
      changed(object('ResourceClaim'), object('ResourceClaim', { status: { reservedFor: [{ uid: 'u' }] } })),
      ['DynamicResources'],
    ],
    [
      'its device claim has the same status',
      changed(object('ResourceClaim', { status: {} }), object('ResourceClaim', { status: {} })),
      [],
    ],
    ['its device claim goes', went(object('ResourceClaim')), []],
    ['devices are free again', changed(allocated, object('ResourceClaim', {}, 'd', 'other')), ['DynamicResources']],
    ['a claim with devices goes', went(allocated), ['DynamicResources']],
    ['devices stay allocated', changed(allocated, allocated), []],
    ['devices come', came(object('ResourceSlice')), ['DynamicResources']],
    ['a device class comes', came(object('DeviceClass')), ['DynamicResources']],
  ])('%s', (_what, event, expected) => {
    bench.core.putObject(object('ResourceClaim'));
    expect(bench.wokenBy(pod, event)).toEqual([...expected, 'ThirdParty']);
  });

  const going = { metadata: { name: 'c', namespace: 'default', deletionTimestamp: '2026-01-01T00:00:00Z' } };

  // Kubernetes 1.34.1, dynamicresources.go isSchedulableAfterClaimChange, isSchedulableAfterPodChange: foreachPodResourceClaim.
  test.each<[string, object | null, boolean]>([
    ['are there', {}, true],
    ['are missing', null, false],
    ['are going', going, false],
  ])('free devices and new names help a pod while its own claims %s', (_what, claim, helps) => {
    if (claim !== null) bench.core.putObject(object('ResourceClaim', claim));
    const freed = changed(allocated, object('ResourceClaim', {}, 'd', 'other'));
    expect(bench.wokenBy(pod, freed).includes('DynamicResources')).toBe(helps);
    const named: Pod = { ...pod, status: { resourceClaimStatuses: [{ name: 'd', resourceClaimName: 'c' }] } };
    const before = { pod, podClass: bench.core.classOf(pod) };
    expect(changeHelps(1, ['DynamicResources'], bench.rejected(named), before)).toBe(helps);
  });

  test('a class wakes a pod whose resource no node has, where it may stand for one', () => {
    const gates = ['DRAExtendedResource'] as const;
    expect(bench.wokenBy(pod, came(object('DeviceClass')), gates)).toContain('NodeResourcesFit');
    expect(bench.wokenBy(pod, came(object('ResourceClaim')), gates)).not.toContain('NodeResourcesFit');
  });

  test('a disk that a driver has taken over wakes by the driver’s attachments', () => {
    const inline = makePod('p', {}, { volumes: [{ name: 'v', awsElasticBlockStore: { volumeID: 'vol-1' } }] });
    const detached = (attacher: string) => {
      const attachment = object('VolumeAttachment', { spec: { attacher } });
      return bench.wokenBy(inline, went(attachment)).includes('NodeVolumeLimits');
    };
    expect([detached('ebs.csi.aws.com'), detached('d')]).toEqual([true, false]);
  });

  const BY_CLAIM: readonly Name[] = ['VolumeRestrictions', 'NodeVolumeLimits', 'VolumeBinding', 'VolumeZone'];
  test('an ephemeral volume has a claim for those plugins that look for one', () => {
    const ephemeral = makePod('p', {}, { volumes: [{ name: 'v', ephemeral: {} }] });
    const woken = (event: ClusterEvent) => bench.wokenBy(ephemeral, event).filter((name) => BY_CLAIM.includes(name));
    expect(woken(came(object('PersistentVolumeClaim', {}, 'p-v')))).toEqual(['NodeVolumeLimits', 'VolumeBinding']);
    expect(woken(went(object('VolumeAttachment')))).toEqual([]);
    expect(woken({ kind: 'pod-gone', podClass: bench.core.classOf(ephemeral), pod: ephemeral })).toEqual([
      'NodeVolumeLimits',
    ]);
  });

  test('a driver that publishes its capacity no more helps pods with a volume of its own', () => {
    const inline = makePod('p', {}, { volumes: [{ name: 'v', csi: { driver: 'c' } }] });
    expect(bench.wokenBy(inline, changed(publishes(true), publishes(false)))).toContain('VolumeBinding');
    for (const event of [changed(publishes(false), publishes(true)), changed(publishes(true), publishes(true))]) {
      expect(bench.wokenBy(inline, event)).not.toContain('VolumeBinding');
    }
  });

  const FIRST: readonly Name[] = ['NodeResourcesFit', 'VolumeBinding', 'DynamicResources'];
  const SECOND: readonly Name[] = ['VolumeBinding', 'DynamicResources', 'NodeResourcesFit'];
  test.each<[string, readonly (readonly Name[])[], readonly Name[], KubeObject, boolean, boolean]>([
    ['one rejector, one profile', [FIRST], ['NodeResourcesFit'], object('DeviceClass'), false, true],
    [
      'a second that hears of other objects',
      [FIRST],
      ['NodeResourcesFit', 'VolumeBinding'],
      object('DeviceClass'),
      false,
      true,
    ],
    ['a second that minds', [FIRST], ['NodeResourcesFit', 'DynamicResources'], object('DeviceClass'), true, true],
    [
      'a second that minds other objects',
      [FIRST],
      ['NodeResourcesFit', 'VolumeBinding'],
      object('PersistentVolume'),
      true,
      true,
    ],
    ['its bit is a listener’s elsewhere', [FIRST, SECOND], ['NodeResourcesFit'], object('DeviceClass'), false, true],
    ['the listener’s is its bit elsewhere', [SECOND, FIRST], ['VolumeBinding'], object('DeviceClass'), false, false],
  ])('a class without and with the gate: %s', (_what, profiles, by, now, without, withGate) => {
    const wakesUnder = (gates: readonly DeviceGate[]) => bench.wakes(profiles, by, pod, came(now), gates);
    expect([wakesUnder([]), wakesUnder(['DRAExtendedResource'])]).toEqual([without, withGate]);
  });

  test('a pod without volumes hears nothing of attachments', () => {
    expect(bench.wokenBy(makePod('p', {}), went(object('VolumeAttachment')))).toEqual(['ThirdParty']);
  });
});

/**
 * In-tree volumes as the CSI drivers know them that have taken them over. Expected: Kubernetes 1.34.1 and 1.36.3, csi-translation-lib (plugins),
 * plugins nodevolumelimits (utils.go) and volumebinding (binder.go).
 */
import { describe, expect, test } from 'vitest';
import {
  affinityTermsOn,
  countedOn,
  csiVolumeOf,
  inlineCsiVolume,
  provisioningDriver,
} from '../../../../core/scheduler/framework/in-tree-volumes.ts';
import type { Volume } from '../../../../core/types/pod.ts';
import type { CsiNode, PersistentVolume } from '../../../../core/types/storage.ts';

const ZONE = 'topology.kubernetes.io/zone';
const BETA_ZONE = 'failure-domain.beta.kubernetes.io/zone';

function csiNode(migrated?: string): CsiNode {
  const annotations = migrated === undefined ? {} : { 'storage.alpha.kubernetes.io/migrated-plugins': migrated };
  return { apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name: 'n', annotations } };
}

function volume(source: object, labels: Record<string, string> = {}, terms?: object[]): PersistentVolume {
  const nodeAffinity = terms === undefined ? {} : { nodeAffinity: { required: { nodeSelectorTerms: terms } } };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'v', labels },
    spec: { ...source, ...nodeAffinity } as PersistentVolume['spec'],
  };
}

const gce = { gcePersistentDisk: { pdName: 'd' } };
const zoneIn = (key: string, ...values: string[]) => ({ matchExpressions: [{ key, operator: 'In', values }] });

describe('in-tree volumes', () => {
  test.each<[string, object, Record<string, string>, string | undefined]>([
    ['a disk', gce, {}, 'projects/UNSPECIFIED/zones/UNSPECIFIED/disks/d'],
    ['a disk in a zone', gce, { [ZONE]: 'a' }, 'projects/UNSPECIFIED/zones/a/disks/d'],
    ['the old label counts first', gce, { [ZONE]: 'a', [BETA_ZONE]: 'b' }, 'projects/UNSPECIFIED/zones/b/disks/d'],
    ['zones of a region', gce, { [ZONE]: 'us-c1-a__us-c1-b' }, 'projects/UNSPECIFIED/regions/us-c1/disks/d'],
    ['zones of two regions', gce, { [ZONE]: 'us-c1-a__eu-c1-b' }, undefined],
    ['zones without a region', gce, { [ZONE]: 'a__b' }, undefined],
    ['an EBS volume', { awsElasticBlockStore: { volumeID: 'vol-1' } }, {}, 'vol-1'],
    ['one with its zone', { awsElasticBlockStore: { volumeID: 'aws://a/vol-1' } }, {}, 'vol-1'],
    ['a path that is no volume', { awsElasticBlockStore: { volumeID: 'aws://a/b/vol-1' } }, {}, undefined],
    ['a managed disk', { azureDisk: { diskURI: 'u', kind: 'managed' } }, {}, 'u'],
    ['one that is not managed', { azureDisk: { diskURI: 'u', kind: 'Dedicated' } }, {}, undefined],
    ['a Cinder volume', { cinder: { volumeID: 'c' } }, {}, 'c'],
    ['a Portworx volume', { portworxVolume: { volumeID: 'p' } }, {}, 'p'],
    ['files are not attached', { azureFile: { shareName: 's' } }, {}, undefined],
    ['of its own driver', { csi: { driver: 'd', volumeHandle: 'h' } }, {}, 'h'],
    ['of nobody', { nfs: { server: 's' } }, {}, undefined],
  ])('%s', (_name, source, labels, handle) => {
    expect(csiVolumeOf(volume(source, labels), 'all')?.volumeHandle).toBe(handle);
  });

  test('count where the node has a CSINode, Portworx before 1.36 where it is named there', () => {
    const named = csiNode('kubernetes.io/gce-pd,kubernetes.io/portworx-volume');
    expect([countedOn(undefined, true), countedOn(csiNode(), false)]).toEqual(['none', 'usual']);
    expect([countedOn(csiNode(), true), countedOn(named, false)]).toEqual(['all', 'all']);
    const portworx = { name: 'v', portworxVolume: { volumeID: 'p' } } as Volume;
    expect(inlineCsiVolume(portworx, 'usual')).toBeNull();
    expect(inlineCsiVolume(portworx, 'all')).toEqual({ driver: 'pxd.portworx.com', volumeHandle: 'p' });
    expect(inlineCsiVolume({ name: 'v', ...gce } as Volume, 'none')).toBeNull();
    expect(provisioningDriver('kubernetes.io/aws-ebs', 'usual')).toBe('ebs.csi.aws.com');
    expect(provisioningDriver('kubernetes.io/vsphere-volume', 'all')).toBe('');
    expect(provisioningDriver('csi.x', 'none')).toBe('csi.x');
  });

  const KEY = 'topology.gke.io/zone';
  test.each<[string, Record<string, string>, object[] | undefined, object[] | undefined]>([
    ['zones of the affinity are the driver’s', {}, [zoneIn(ZONE, 'a')], [zoneIn(KEY, 'a')]],
    ['and its labels do not count then', { [ZONE]: 'b' }, [zoneIn(ZONE, 'a')], [zoneIn(KEY, 'a')]],
    ['labels are added to nothing', { [ZONE]: 'us-c1-b__us-c1-a' }, undefined, [zoneIn(KEY, 'us-c1-b', 'us-c1-a')]],
    [
      'and to each term',
      { [BETA_ZONE]: 'b' },
      [zoneIn('x', 'y'), {}],
      [
        { matchExpressions: [...zoneIn('x', 'y').matchExpressions, ...zoneIn(KEY, 'b').matchExpressions] },
        zoneIn(KEY, 'b'),
      ],
    ],
    ['an empty label adds nothing', { [ZONE]: '' }, undefined, undefined],
    ['old labels do not count beside new ones', { [BETA_ZONE]: 'b' }, [zoneIn(ZONE, 'a')], [zoneIn(KEY, 'a')]],
    [
      'old regions are new ones',
      {},
      [zoneIn(BETA_ZONE, 'a'), zoneIn('failure-domain.beta.kubernetes.io/region', 'r')],
      [zoneIn(KEY, 'a'), zoneIn('topology.kubernetes.io/region', 'r')],
    ],
  ])('affinity on a node that names the plugin: %s', (_name, labels, terms, expected) => {
    const found = affinityTermsOn(volume(gce, labels, terms), csiNode('kubernetes.io/gce-pd'));
    expect(found).toEqual(expected);
    expect(affinityTermsOn(volume(gce, labels, terms), csiNode('kubernetes.io/cinder'))).toEqual(terms);
  });
});

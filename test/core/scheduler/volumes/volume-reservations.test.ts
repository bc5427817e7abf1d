/** The wait for a pod's volumes between the choice of its node and its binding (Kubernetes 1.34, volumebinding/binder.go, checkBindings). */
import { expect, test } from 'vitest';
import { Sfc32 } from '../../../../core/base/random.ts';
import { SchedulingCore } from '../../../../core/scheduler/choice/scheduling-core.ts';
import { DEFAULT_PROFILE } from '../../../../core/scheduler/configuration/profile.ts';
import { VolumeReservations } from '../../../../core/scheduler/volumes/volume-reservations.ts';
import type { KubeObject } from '../../../../core/types/object.ts';
import { StatusError } from '../../../../core/types/status-error.ts';
import { makeNode, makePod } from '../objects.ts';

const S = 1_000_000;
const claim = (annotations: object, spec: object = {}): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'c', namespace: 'default', uid: 'u', annotations },
    spec: { storageClassName: 'late', resources: { requests: { storage: '1Gi' } }, ...spec },
  }) as KubeObject;
const SELECTED = { 'volume.kubernetes.io/selected-node': 'n' };
const bound = claim({ ...SELECTED, 'pv.kubernetes.io/bind-completed': 'yes' }, { volumeName: 'v' });

/** Waits for the volume of a pod on node n, where `change` happens `atS` seconds after the writes; how it ended, and when. */
function wait(atS: number, change: (core: SchedulingCore, gone: () => void) => void) {
  const core = new SchedulingCore([DEFAULT_PROFILE], new Sfc32(1, 2, 3), { volumes: true });
  const metadata = { name: 'late' };
  const provisioner = 'x.example.com';
  core.putObject({ kind: 'StorageClass', metadata, provisioner, volumeBindingMode: 'WaitForFirstConsumer' } as never);
  core.putObject(claim({}));
  core.putNode(makeNode('n', { zone: 'a' }));
  let nowUs = 0;
  let exists = true;
  const happens = () => {
    if (nowUs === atS * S)
      change(core, () => {
        exists = false;
      });
  };
  const ctx = {
    now: () => nowUs,
    *sleep(us: number) {
      nowUs += us;
      happens();
    },
  };
  const client = {
    *update(_type: object, object: KubeObject) {
      core.putObject(object);
      return object;
    },
  };
  const lookups = { assume: () => happens(), restore: () => undefined };
  const volumes = new VolumeReservations(
    ctx as never,
    { client, core, lookups, volumes: {}, claims: {}, bindTimeoutSeconds: 4, exists: () => exists } as never,
  );
  const pod = makePod('p', {}, { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] });
  expect(volumes.reserve(pod, 'n')).toBe(true);
  try {
    for (const _ of volumes.preBind(pod, 'n'));
    return [nowUs / S, ''];
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return [nowUs / S, error.message];
  }
}

const volumeIn = (zone: string): KubeObject => {
  const matchExpressions = [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: [zone] }];
  const spec = { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } } };
  return { kind: 'PersistentVolume', metadata: { name: 'v' }, spec } as never;
};

test.each<[string, number, (core: SchedulingCore, gone: () => void) => void, number, string]>([
  ['bound at once: looked at after a second', 0, (core) => core.putObject(bound), 1, ''],
  ['bound later', 2, (core) => core.putObject(bound), 2, ''],
  ['never bound', 9, () => undefined, 4, 'context deadline exceeded'],
  ['its pod goes', 2, (_core, gone) => gone(), 2, 'pod does not exist any more: pod "p" not found'],
  ['its node goes', 2, (core) => core.removeNode('n'), 2, 'failed to get node "n": node "n" not found'],
  ['its provisioner gives up', 3, (core) => core.putObject(claim({})), 3, 'provisioning failed for PVC "c"'],
  [
    'its claim goes',
    3,
    (core) => core.deleteObject('PersistentVolumeClaim', 'default', 'c'),
    3,
    'failed to check provisioning pvc: could not find v1.PersistentVolumeClaim "default/c"',
  ],
  [
    'its node is in another zone by then',
    2,
    (core) => {
      core.putObject(volumeIn('a'));
      core.putObject(bound);
      core.putNode(makeNode('n', { zone: 'b' }));
    },
    2,
    'pv "v" node affinity doesn\'t match node "n": no matching NodeSelectorTerms',
  ],
])('a volume that is %s', (_what, atS, change, endsS, message) => {
  expect(wait(atS, change)).toEqual([endsS, message === '' ? '' : `binding volumes: ${message}`]);
});

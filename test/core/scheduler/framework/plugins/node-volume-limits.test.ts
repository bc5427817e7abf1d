/**
 * NodeVolumeLimits keeps what is attached to each node: one instance over a whole history must judge as a fresh one does.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Cycle } from '../../../../../core/scheduler/framework/cycle.ts';
import type { NodeInfo } from '../../../../../core/scheduler/framework/node-info.ts';
import { PlainCluster } from '../../../../../core/scheduler/framework/plain-cluster.ts';
import { NodeVolumeLimits } from '../../../../../core/scheduler/framework/plugins/node-volume-limits.ts';
import { podInfoOf } from '../../../../../core/scheduler/framework/pod-info.ts';
import type { KubeObject } from '../../../../../core/types/object.ts';
import type { Pod } from '../../../../../core/types/pod.ts';
import { makeNode, makePod } from '../../objects.ts';

const NODE = 'n';
const DRIVER = 'd';
const THINGS = 4;

interface Step {
  readonly kind: 'pod' | 'pod gone' | 'claim' | 'volume' | 'attachment' | 'attachment gone' | 'limit';
  readonly which: number;
  readonly other: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom<Step['kind'][]>(
    'pod',
    'pod',
    'pod gone',
    'claim',
    'volume',
    'attachment',
    'attachment gone',
    'limit',
  ),
  which: fc.nat(THINGS - 1),
  other: fc.nat(THINGS - 1),
});

function podWith(name: string, claim: number, nodeName?: string): Pod {
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: `c${claim}` } }];
  return makePod(name, {}, { volumes, ...(nodeName === undefined ? {} : { nodeName }) });
}

function object(apiVersion: string, kind: string, name: string, spec: object, namespace?: string): KubeObject {
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, spec };
}

const claim = (which: number, volume: number) =>
  object('v1', 'PersistentVolumeClaim', `c${which}`, { volumeName: `v${volume}` }, 'default');
const volume = (which: number, handle: number) =>
  object('v1', 'PersistentVolume', `v${which}`, { csi: { driver: DRIVER, volumeHandle: `h${handle}` } });
const limit = (count: number) =>
  object('storage.k8s.io/v1', 'CSINode', NODE, { drivers: [{ name: DRIVER, allocatable: { count } }] });
const attachment = (which: number, volumeNumber: number) =>
  object('storage.k8s.io/v1', 'VolumeAttachment', `a${which}`, {
    attacher: DRIVER,
    nodeName: NODE,
    source: { persistentVolumeName: `v${volumeNumber}` },
  });

function apply(cluster: PlainCluster, { kind, which, other }: Step): void {
  if (kind === 'pod') cluster.put(podWith(`p${which}`, other, NODE));
  else if (kind === 'pod gone') cluster.delete('Pod', 'default', `p${which}`);
  else if (kind === 'claim') cluster.put(claim(which, other));
  else if (kind === 'volume') cluster.put(volume(which, other));
  else if (kind === 'attachment') cluster.put(attachment(which, other));
  else if (kind === 'attachment gone') cluster.delete('VolumeAttachment', '', `a${which}`);
  else cluster.put(limit(other));
}

describe('NodeVolumeLimits', () => {
  test('judges after every change as an instance that has kept nothing', () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 30 }), (steps) => {
        const cluster = new PlainCluster();
        const kept = new NodeVolumeLimits(false);
        cluster.put(makeNode(NODE));
        cluster.put(limit(2));
        for (let i = 0; i < THINGS; i++) for (const each of [claim(i, i), volume(i, i)]) cluster.put(each);
        for (const each of steps) {
          apply(cluster, each);
          for (let i = 0; i < THINGS; i++) {
            const cycle = new Cycle(podInfoOf(podWith('incoming', i)), cluster);
            const node = cluster.find(NODE) as NodeInfo;
            const fresh = new NodeVolumeLimits(false).filter(cycle, node);
            if (fresh !== null) refused++;
            expect(kept.filter(cycle, node)).toEqual(fresh);
          }
        }
      }),
      { numRuns: 60, seed: 20251121 },
    );
    expect(refused).toBeGreaterThan(100);
  });
});

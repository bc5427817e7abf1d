/**
 * Pods with volumes: the columns decide alone only where the reference framework, which looks at every claim, decides the
 * same.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Sfc32 } from '../../../../core/base/random.ts';
import { type PathChoice, SchedulingCore } from '../../../../core/scheduler/choice/scheduling-core.ts';
import { DEFAULT_PROFILE } from '../../../../core/scheduler/configuration/profile.ts';
import type { KubeObject } from '../../../../core/types/object.ts';
import type { Volume } from '../../../../core/types/pod.ts';
import { makeNode, makePod } from '../objects.ts';

const ZONE = 'topology.kubernetes.io/zone';
const NODES = 6;
const CLAIMS = 12;

interface Draft {
  /** What is unusual about each claim and its volume. */
  readonly claims: readonly ('plain' | 'unbound' | 'once' | 'zoned' | 'tied' | 'leaving' | 'no volume')[];
  readonly limit: number;
  readonly attached: boolean;
  /** Volumes of each pod: numbers of claims, −1 a secret, −2 a disk. */
  readonly pods: readonly (readonly number[])[];
  /** Pods that go again, by step. */
  readonly gone: readonly number[];
}

const draft: fc.Arbitrary<Draft> = fc.record({
  claims: fc.array(
    fc.constantFrom(
      'plain',
      'plain',
      'plain',
      'plain',
      'plain',
      'plain',
      'unbound',
      'once',
      'zoned',
      'tied',
      'leaving',
      'no volume',
    ),
    {
      minLength: CLAIMS,
      maxLength: CLAIMS,
    },
  ),
  limit: fc.integer({ min: 1, max: 60 }),
  attached: fc.constantFrom(false, false, false, true),
  pods: fc.array(fc.array(fc.integer({ min: -2, max: CLAIMS - 1 }), { maxLength: 3 }), { minLength: 5, maxLength: 40 }),
  gone: fc.array(fc.nat(39), { maxLength: 8 }),
});

function objectsOf({ claims, limit, attached }: Draft): KubeObject[] {
  const objects: KubeObject[] = [];
  for (let node = 0; node < NODES; node++) {
    const drivers = [{ name: 'd.example', nodeID: `n${node}`, allocatable: { count: limit } }];
    objects.push(object('storage.k8s.io/v1', 'CSINode', '', `n${node}`, { spec: { drivers } }));
  }
  claims.forEach((kind, i) => {
    const volumeName = kind === 'unbound' ? undefined : `pv-${i}`;
    const annotations = kind === 'unbound' ? {} : { 'pv.kubernetes.io/bind-completed': 'yes' };
    const metadata = kind === 'leaving' ? { annotations, deletionTimestamp: '2026-01-01T00:00:00Z' } : { annotations };
    const accessModes = [kind === 'once' ? 'ReadWriteOncePod' : 'ReadWriteMany'];
    objects.push(
      object('v1', 'PersistentVolumeClaim', 'default', `c-${i}`, { spec: { accessModes, volumeName } }, metadata),
    );
    if (kind === 'no volume') return;
    const nodeAffinity = {
      required: { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: 'In', values: ['z1'] }] }] },
    };
    const spec = { csi: { driver: 'd.example', volumeHandle: `h-${i}` }, ...(kind === 'tied' ? { nodeAffinity } : {}) };
    const labels = kind === 'zoned' ? { [ZONE]: 'z0' } : {};
    objects.push(object('v1', 'PersistentVolume', '', `pv-${i}`, { spec }, { labels }));
  });
  if (attached) {
    const spec = { attacher: 'd.example', nodeName: 'n0', source: { persistentVolumeName: 'pv-0' } };
    objects.push(object('storage.k8s.io/v1', 'VolumeAttachment', '', 'a', { spec }));
  }
  return objects;
}

function object(
  apiVersion: string,
  kind: string,
  namespace: string,
  name: string,
  body: object,
  metadata: object = {},
): KubeObject {
  return { apiVersion, kind, metadata: { name, ...(namespace === '' ? {} : { namespace }), ...metadata }, ...body };
}

function volumeOf(number: number, index: number): Volume {
  const name = `v${index}`;
  if (number === -1) return { name, secret: { secretName: 's' } };
  if (number === -2) return { name, gcePersistentDisk: { pdName: 'disk' } };
  return { name, persistentVolumeClaim: { claimName: `c-${number}` } };
}

/** Nodes chosen for the pods, in order, with the message where none was; and how often the columns decided alone. */
function history(given: Draft, choice: PathChoice): { chosen: string[]; alone: number } {
  const core = new SchedulingCore([DEFAULT_PROFILE], new Sfc32(1, 2, 3), { choice, volumes: true });
  for (let i = 0; i < NODES; i++) core.putNode(makeNode(`n${i}`, { zone: `z${i % 3}` }));
  for (const each of objectsOf(given)) core.putObject(each);
  const chosen: string[] = [];
  const rows: number[] = [];
  let alone = 0;
  given.pods.forEach((numbers, index) => {
    const pod = makePod(`p${index}`, { cpu: '100m' }, { volumes: numbers.map(volumeOf) });
    const request = { podClass: core.classOf(pod), nodeName: '', pod };
    if (numbers.some((number) => number >= 0) && !core.needsReference(request, 0)) alone++;
    const out = { slot: -1, feasible: 0, examined: 0 };
    core.select(request, 0, out);
    chosen.push(out.slot < 0 ? core.diagnosis.message() : `${core.nodes.names[out.slot]} of ${out.feasible}`);
    if (out.slot >= 0) {
      const row = core.assume(out.slot, request.podClass);
      core.pods.setObject(row, pod);
      rows.push(row);
    }
    const gone = given.gone[index];
    if (gone !== undefined && rows.length > 0) core.removePod(rows.splice(gone % rows.length, 1)[0] as number);
  });
  return { chosen, alone };
}

describe('pods with volumes', () => {
  test('the columns choose what the reference framework chooses', () => {
    let alone = 0;
    fc.assert(
      fc.property(draft, (given) => {
        const cached = history(given, 'cached');
        alone += cached.alone;
        expect(cached.chosen).toEqual(history(given, 'reference').chosen);
      }),
      { seed: 11, numRuns: 100 },
    );
    // Otherwise the property says nothing.
    expect(alone).toBeGreaterThan(100);
  });
});

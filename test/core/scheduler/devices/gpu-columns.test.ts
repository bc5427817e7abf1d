/** Devices of nodes: whatever comes and goes, what is free is what nobody holds. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Sfc32 } from '../../../../core/base/random.ts';
import { SchedulingCore } from '../../../../core/scheduler/choice/scheduling-core.ts';
import { DEFAULT_PROFILE } from '../../../../core/scheduler/configuration/profile.ts';
import { GPU_COUNT, GPU_MILLI, GPU_WHOLE } from '../../../../core/scheduler/devices/gpu-demand.ts';
import { makeNode, makePod } from '../objects.ts';

const NODES = ['a', 'b', 'c'];
const PODS = [
  makePod('share', { cpu: '1', [GPU_COUNT]: '1', [GPU_MILLI]: '300' }),
  makePod('half', { cpu: '1', [GPU_COUNT]: '1', [GPU_MILLI]: '500' }),
  makePod('one', { cpu: '1', [GPU_COUNT]: '1', [GPU_MILLI]: '1000' }),
  makePod('two', { cpu: '1', [GPU_WHOLE]: '2' }),
  makePod('none', { cpu: '1' }),
];
const MILLI = [300, 500, 1000, 2000, 0];

const node = (name: string, gpus: number) => {
  const plain = makeNode(name, { cpu: '64' });
  const allocatable = { ...plain.status?.allocatable, [GPU_COUNT]: String(gpus), [GPU_WHOLE]: String(gpus) };
  return { ...plain, status: { ...plain.status, allocatable } } as typeof plain;
};

type Step =
  | { readonly kind: 'node'; readonly node: number; readonly gpus: number }
  | { readonly kind: 'gone'; readonly node: number }
  | { readonly kind: 'bound'; readonly node: number; readonly pod: number }
  | { readonly kind: 'place'; readonly pod: number }
  | { readonly kind: 'end'; readonly pod: number };

const which = fc.nat(2);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('node' as const), node: which, gpus: fc.constantFrom(0, 2, 4, 12) }),
  fc.record({ kind: fc.constant('gone' as const), node: which }),
  fc.record({ kind: fc.constant('bound' as const), node: which, pod: fc.nat(4) }),
  fc.record({ kind: fc.constant('place' as const), pod: fc.nat(4) }),
  fc.record({ kind: fc.constant('place' as const), pod: fc.nat(4) }),
  fc.record({ kind: fc.constant('end' as const), pod: fc.nat(30) }),
);

test('free = whole − held, on every device, also when nodes leave and come back and pods come before their node', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 80 }), (steps) => {
      const core = new SchedulingCore([DEFAULT_PROFILE], new Sfc32(1, 2, 3));
      const rows: { row: number; pod: number }[] = [];
      const gpusOf = new Map<string, number>();
      const out = { slot: -1, feasible: 0, examined: 0 };
      for (const each of steps) {
        const name = 'node' in each ? (NODES[each.node] as string) : '';
        if (each.kind === 'node') {
          core.putNode(node(name, each.gpus));
          gpusOf.set(name, each.gpus);
        } else if (each.kind === 'gone') {
          core.removeNode(name);
          gpusOf.delete(name);
        } else if (each.kind === 'end') {
          const [found] = rows.splice(each.pod, 1);
          if (found !== undefined) core.removePod(found.row);
        } else {
          const podClass = core.classOf(PODS[each.pod] as (typeof PODS)[number]);
          if (each.kind === 'bound') rows.push({ row: core.addPod(name, podClass, false), pod: each.pod });
          else {
            core.choose({ podClass, nodeName: '' }, 0, out);
            if (out.slot >= 0) rows.push({ row: core.assume(out.slot, podClass), pod: each.pod });
          }
        }
        check(core, rows, gpusOf);
      }
    }),
    { seed: 20230712, numRuns: 120 },
  );
});

function check(
  core: SchedulingCore,
  rows: readonly { row: number; pod: number }[],
  gpusOf: ReadonlyMap<string, number>,
): void {
  const { gpus } = core.nodes;
  const held = new Map<string, number>();
  for (const { row, pod } of rows) {
    const devices = gpus.devicesOf(row);
    for (const device of devices) {
      const key = `${core.pods.slotOf(row)}/${device}`;
      held.set(key, (held.get(key) ?? 0) + (MILLI[pod] as number) / devices.length);
    }
  }
  for (const amount of held.values()) expect(amount).toBeLessThanOrEqual(1000);
  for (const name of NODES) {
    const slot = core.nodes.find(name);
    if (slot < 0) continue;
    const count = gpusOf.get(name) ?? 0;
    expect(gpus.devices[slot]).toBe(count);
    const free = Array.from({ length: count }, (_, device) => 1000 - (held.get(`${slot}/${device}`) ?? 0));
    const first = slot * gpus.stride;
    expect([...gpus.free.subarray(first, first + count)]).toEqual(free);
    expect(gpus.freeTotal[slot]).toBe(free.reduce((sum, milli) => sum + milli, 0));
    expect(gpus.idle[slot]).toBe(free.filter((milli) => milli === 1000).length);
  }
}

test('a pod that is known before its node gets its devices when the node comes', () => {
  const core = new SchedulingCore([DEFAULT_PROFILE], new Sfc32(1, 2, 3));
  const [share, , , two] = PODS.map((pod) => core.classOf(pod));
  if (share === undefined || two === undefined) throw new Error('classes');
  const first = core.addPod('a', two, false);
  const second = core.addPod('a', share, false);
  core.putNode(node('a', 3));
  expect([core.nodes.gpus.devicesOf(first), core.nodes.gpus.devicesOf(second)]).toEqual([[0, 1], [2]]);
  core.removeNode('a');
  core.putNode(node('a', 3));
  expect([...core.nodes.gpus.free.subarray(0, 3)]).toEqual([0, 0, 700]);
  core.removePod(first);
  expect([...core.nodes.gpus.free.subarray(0, 3)]).toEqual([1000, 1000, 700]);
});

/** Node order, sampling counts, slots and the figures of nodes under random histories. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Sfc32 } from '../../../../core/base/random.ts';
import { SchedulingCore } from '../../../../core/scheduler/choice/scheduling-core.ts';
import { DEFAULT_PROFILE, feasibleNodesWanted } from '../../../../core/scheduler/configuration/profile.ts';
import { NodeOrder, type NodeOrderRule } from '../../../../core/scheduler/nodes/node-order.ts';
import { CPU, MEMORY, PODS as POD_COUNT } from '../../../../core/scheduler/nodes/resource-names.ts';
import { makeNode, makePod } from '../objects.ts';

describe('feasibleNodesWanted', () => {
  test.each([
    [50, 50],
    [100, 100],
    [250, 120],
    [500, 230],
    [1000, 420],
    [2000, 680],
    [3000, 780],
    [5000, 500],
    [6000, 300],
    [10000, 500],
    [15000, 750],
    [20000, 1000],
  ])('%i nodes: %i (adaptive)', (nodes, wanted) => {
    expect(feasibleNodesWanted(0, nodes)).toBe(wanted);
    expect(feasibleNodesWanted('all', nodes)).toBe(nodes);
  });

  test('a cycle on 5,000 nodes looks at 500 and the next one at the following 500', () => {
    for (const choice of ['cached', 'plain'] as const) {
      const core = new SchedulingCore([DEFAULT_PROFILE], new Sfc32(1, 2, 3), choice);
      for (let i = 0; i < 5000; i++) core.putNode(makeNode(`n${i}`));
      const out = { slot: -1, feasible: 0, examined: 0 };
      const starts: number[] = [];
      for (let i = 0; i < 12; i++) {
        core.select({ podClass: core.classOf(makePod('p', { cpu: '1' })), nodeName: '' }, 0, out);
        starts.push(core.nextStart);
        expect([out.feasible, out.examined]).toEqual([500, 500]);
        core.assume(out.slot, core.classOf(makePod('p', { cpu: '1' })));
      }
      expect(starts).toEqual([500, 1000, 1500, 2000, 2500, 3000, 3500, 4000, 4500, 0, 500, 1000]);
    }
  });
});

describe('NodeOrder', () => {
  const namesOf = (rule: NodeOrderRule, nodes: readonly (readonly [string, string])[]) => {
    const order = new NodeOrder(rule);
    nodes.forEach(([name, zone], slot) => {
      order.put(slot, name, zone);
    });
    return [...order.list.subarray(0, order.count)].map((slot) => nodes[slot]?.[0]);
  };
  const nodes = [
    ['b', 'z1'],
    ['a', 'z1'],
    ['e', 'z2'],
    ['c', 'z1'],
    ['d', 'z3'],
  ] as const;

  test('takes one node of each zone in turn', () => {
    expect(namesOf('zone-round-robin', nodes)).toEqual(['b', 'e', 'd', 'a', 'c']);
    expect(namesOf('insertion', nodes)).toEqual(['b', 'a', 'e', 'c', 'd']);
    expect(namesOf('name', nodes)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('a zone that was emptied comes back last', () => {
    const order = new NodeOrder('zone-round-robin');
    order.put(0, 'a', 'z1');
    order.put(1, 'b', 'z2');
    order.remove(0);
    order.put(0, 'a', 'z1');
    expect([...order.list.subarray(0, 2)]).toEqual([1, 0]);
    expect([order.positions[0], order.positions[1]]).toEqual([1, 0]);
  });
});

describe('NodeTable', () => {
  test('sums are those of the pods that are there, whatever came and went', () => {
    const step = fc.record({
      kind: fc.constantFrom('add', 'add', 'remove', 'putNode', 'removeNode'),
      node: fc.nat(5),
      cpu: fc.nat(9),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const core = new SchedulingCore([DEFAULT_PROFILE], new Sfc32(1, 2, 3));
        const pods: { row: number; node: string; cpu: number }[] = [];
        for (const { kind, node, cpu } of steps) {
          const name = `n${node}`;
          if (kind === 'putNode') core.putNode(makeNode(name));
          if (kind === 'removeNode') core.removeNode(name);
          if (kind === 'add') {
            const podClass = core.classOf(makePod('p', cpu === 0 ? {} : { cpu: `${cpu * 10}m`, memory: `${cpu}Mi` }));
            pods.push({ row: core.addPod(name, podClass, false), node: name, cpu: cpu * 10 });
          }
          if (kind === 'remove' && pods.length > 0) core.removePod(pods.splice(cpu % pods.length, 1)[0]?.row as number);
        }
        for (let node = 0; node <= 5; node++) {
          const here = pods.filter((pod) => pod.node === `n${node}`);
          const slot = core.nodes.find(`n${node}`);
          if (slot < 0) expect(here).toEqual([]);
          else {
            const sum = here.reduce((total, pod) => total + pod.cpu, 0);
            expect(core.nodes.requestedOf(slot, CPU)).toBe(sum);
            expect(core.nodes.requestedOf(slot, MEMORY)).toBe((sum / 10) * 1024 * 1024);
            expect(core.nodes.requestedOf(slot, POD_COUNT)).toBe(here.length);
          }
        }
        expect(core.pods.count).toBe(pods.length);
      }),
      { numRuns: 150, seed: 11 },
    );
  });

  test('pods of one template are one class, also after binding rebuilt their spec', () => {
    const core = new SchedulingCore([DEFAULT_PROFILE], new Sfc32(1, 2, 3));
    const pod = makePod('p', { cpu: '1' });
    const podClass = core.classOf(pod);
    expect(core.classOf({ ...pod, metadata: { ...pod.metadata, name: 'q' } })).toBe(podClass);
    expect(core.classOf({ ...pod, spec: { ...pod.spec, nodeName: 'n' } })).toBe(podClass);
    expect(core.classOf(makePod('p', { cpu: '1' }))).toBe(podClass);
    expect(core.classOf(makePod('p', { cpu: '2' })).shape).not.toBe(podClass.shape);
    expect(core.classOf(makePod('other', { cpu: '1' })).shape).toBe(podClass.shape);
  });
});

import { expect, test } from 'vitest';
import { fillUpOrder, steadyArrivals } from '../../../bench/compare/arrivals.ts';
import { runFillUp } from '../../../bench/compare/fill-up.ts';
import { METRICS } from '../../../bench/compare/metrics.ts';
import { runSteadyState } from '../../../bench/compare/steady-state.ts';
import { smallRun, smallWorkload } from './small-workload.ts';

test('the fill-up brings every pod once, then clones, and stops before the target is passed', () => {
  const { workload, demand, demandCapacity } = smallRun('best-fit', 1);
  const order = [...fillUpOrder(workload, demand, demandCapacity * 1.3, 2000, 7)];
  expect(new Set(order.slice(0, 60)).size).toBe(60);
  const asked = order.reduce((sum, row) => sum + (demand[row] as number), 0);
  expect(asked).toBeLessThanOrEqual(demandCapacity * 1.3);
  expect(asked).toBeGreaterThan(demandCapacity * 1.3 - 8000);
  expect([...fillUpOrder(workload, demand, demandCapacity * 1.3, 2000, 7)]).toEqual(order);
  expect([...fillUpOrder(workload, demand, demandCapacity * 1.3, 2000, 8)]).not.toEqual(order);
  expect(fillUpOrder(workload, new Float64Array(60), 1, 100, 7)).toHaveLength(130);
  const fixed = { ...workload, orders: new Map([[7, Int32Array.of(3, 1)]]) };
  expect([...fillUpOrder(fixed, demand, 1, 2000, 7)]).toEqual([3, 1]);
});

test('a steady state starts at its mean demand and keeps it', () => {
  const { workload, demand, demandCapacity } = smallRun('best-fit', 1);
  const options = { compression: null, load: 0.5, horizonS: 20_000, disturb: 0 };
  let initial = 0;
  let later = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const arrivals = steadyArrivals(workload, demand, demandCapacity * 0.5, options, seed);
    for (let i = 0; i < arrivals.rows.length; i++) {
      const share = (demand[arrivals.rows[i] as number] as number) / demandCapacity / 20;
      const begins = arrivals.arrivalUs[i] as number;
      if (begins === 0) initial += share;
      if (begins <= 1e10 && begins + (arrivals.runUs[i] as number) > 1e10) later += share;
    }
  }
  expect(initial).toBeCloseTo(0.5, 1);
  expect(later).toBeCloseTo(0.5, 1);
});

test('every metric of the list is measured, and nothing else', () => {
  const names = (experiment: string) => METRICS.filter((m) => m.experiment === experiment).map(({ name }) => name);
  const fill = runFillUp(smallRun('fgd', 1), 130, 1);
  const steady = runSteadyState(smallRun('fgd', 1), { compression: null, load: 0.9, horizonS: 3600, disturb: 0 }, 1);
  const cpuOnly = ['cpu-allocation'];
  expect(names('fill-up').filter((name) => !(name in fill.values))).toEqual([]);
  expect(names('steady-state').filter((name) => !(name in steady.values) && !cpuOnly.includes(name))).toEqual([]);
  expect(Object.keys(fill.values).filter((name) => !names('fill-up').includes(name))).toEqual([]);
  expect(fill.curves['allocation']).toHaveLength(131);
  expect(fill.values['gpu-allocation']).toBeGreaterThan(80);
  expect(fill.values['gpu-allocation']).toBeLessThanOrEqual(100);
});

test('a run depends on its seed alone; policies of one seed get the same arrivals', () => {
  const once = runFillUp(smallRun('fgd', 3), 100, 3);
  expect(runFillUp(smallRun('fgd', 3), 100, 3)).toEqual(once);
  expect(runFillUp(smallRun('fgd', 4), 100, 4).checksum).not.toBe(once.checksum);
  const random = runFillUp(smallRun('random', 3), 100, 3);
  expect(random.checksum).not.toBe(once.checksum);
});

test('bound pods stand from the beginning and are counted', () => {
  const workload = { ...smallWorkload(), bound: Int32Array.of(5, 0, 5, 1) };
  const run = smallRun('best-fit', 1, workload);
  const { values } = runFillUp(run, 1, 1);
  expect(values['gpu-allocation']).toBeCloseTo(10, 0);
  expect(values['nodes-used']).toBeGreaterThanOrEqual(2);
});

test('what does not fit waits, and its wait is counted', () => {
  const full = runSteadyState(
    smallRun('best-fit', 2),
    { compression: null, load: 1.5, horizonS: 20_000, disturb: 0 },
    2,
  ).values;
  const easy = runSteadyState(
    smallRun('best-fit', 2),
    { compression: null, load: 0.2, horizonS: 20_000, disturb: 0 },
    2,
  ).values;
  expect(full['pending']).toBeGreaterThan(5);
  expect(full['queueing-p99']).toBeGreaterThan(60);
  expect([easy['pending'], easy['waiting-at-end']]).toEqual([0, 0]);
  expect(easy['queueing-p50']).toBeCloseTo(0.0004, 6);
  expect(easy['start-up-p50']).toBeGreaterThan(0.5);
});

test('at the end of a steady state the devices hold what the running pods ask for', () => {
  for (const policy of ['fgd', 'random', 'kube-default']) {
    const run = smallRun(policy, 5, { ...smallWorkload(), bound: Int32Array.of(3, 0) });
    const { curves } = runSteadyState(run, { compression: null, load: 0.8, horizonS: 5000, disturb: 0 }, 5);
    const used = run.demandCapacity - run.meter.idleMilli();
    expect(curves['allocation']?.at(-1)).toBeCloseTo((100 * used) / run.demandCapacity, 6);
    const { free, devices, freeTotal, stride } = run.placement.core.nodes.gpus;
    for (let node = 0; node < 20; node++) {
      const list = [...free.subarray(node * stride, node * stride + (devices[node] as number))];
      expect(Math.min(...list)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...list)).toBeLessThanOrEqual(1000);
      expect(freeTotal[node]).toBe(list.reduce((sum, milli) => sum + milli, 0));
    }
  }
});

test('bound pods count as asked for: the demand of the steady state is what is left of the load', () => {
  const bound = Int32Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 5 : (i - 1) / 2));
  const run = smallRun('best-fit', 1, { ...smallWorkload(), bound });
  expect(run.boundDemand / run.demandCapacity).toBe(0.5);
  const { values } = runSteadyState(run, { compression: null, load: 0.7, horizonS: 20_000, disturb: 0 }, 1);
  expect(values['gpu-allocation']).toBeGreaterThan(55);
  expect(values['gpu-allocation']).toBeLessThan(85);
  expect(runFillUp(smallRun('best-fit', 1, { ...smallWorkload(), bound }), 60, 1).values['gpu-allocation']).toBeCloseTo(
    60,
    -1,
  );
});

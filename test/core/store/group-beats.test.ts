import fc from 'fast-check';
import { expect, test } from 'vitest';
import { slowProcess } from '../../../core/chaos/faults/process-faults.ts';
import { StoreGroup } from '../../../core/chaos/store-campaign/store-group.ts';
import type { Cluster } from '../../../core/cluster/cluster.ts';
import { findPoint } from '../../../core/sim/registry.ts';

interface Trouble {
  readonly kind: 'crash' | 'pause' | 'cut' | 'slow-disk' | 'clock' | 'slow-process';
  readonly member: number;
  readonly atMs: number;
  readonly forMs: number;
}

const RUN_MS = 14_000;

/** What a group of three does under troubles: who leads from when on, and when each request was answered. */
function history(beats: boolean, seed: number, troubles: readonly Trouble[]): { told: string[]; events: number } {
  // With jitter a message more or less would give all later ones other latencies.
  const group = new StoreGroup({ seed, beats, costs: { linkJitterUs: 0 } });
  const { sim } = group;
  const told: string[] = [];
  sim.observation.listen(findPoint('store.leader') as number, (pid, term) => {
    told.push(`${sim.now} ${pid} leads term ${term}`);
  });
  for (const { kind, member, atMs, forMs } of troubles) {
    const pid = group.pids[member - 1] as number;
    const { conditions } = sim.contextOf(pid).disk;
    const slow = slowProcess([pid], 10_000);
    const [begin, end] = {
      crash: [() => sim.crash(pid), () => sim.restart(pid)],
      pause: [() => sim.pause(pid), () => sim.resume(pid)],
      cut: [() => group.cut(member, 1), () => group.cut(member, -1)],
      'slow-disk': [
        () => Object.assign(conditions, { extraSyncUs: 3_000_000 }),
        () => Object.assign(conditions, { extraSyncUs: 0 }),
      ],
      'slow-process': [() => slow.begin({ sim } as Cluster), () => slow.end({ sim } as Cluster)],
      clock: [() => sim.clocks.setRate(pid, 2), () => sim.clocks.setRate(pid, 1)],
    }[kind] as [() => void, () => void];
    // A new rate is taken over with the next heartbeat: it comes while there is a leader.
    sim.at(sim.now + (kind === 'clock' ? 100 : atMs) * 1_000, kind, begin);
    sim.at(sim.now + (atMs + forMs) * 1_000, 'end', end);
  }
  const asked: [number, number][] = [];
  for (let ms = 0; ms < RUN_MS; ms += 700) {
    const id = 1 + ((ms / 700) % 3);
    if (group.isUp(id)) asked.push([id, ms % 2100 === 0 ? group.get(id, '/k') : group.put(id, '/k', `v${ms}`)]);
    group.run(700);
  }
  for (const [id, request] of asked) told.push(`${id} ${request} ${group.client(id).answeredAt.get(request)}`);
  return { told, events: sim.eventCount };
}

test('heartbeats that are not sent change no election and no answer', () => {
  const trouble = fc.record({
    kind: fc.constantFrom('crash' as const, 'pause' as const, 'cut' as const, 'slow-disk' as const, 'clock' as const),
    atMs: fc.integer({ min: 500, max: 5_000 }),
    forMs: fc.integer({ min: 50, max: 6_000 }),
  });
  const plan = fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.array(trouble, { minLength: 3, maxLength: 3 }));
  fc.assert(
    fc.property(plan, ([seed, kinds]) => {
      const all = kinds.map((one, i) => ({ ...one, member: i + 1 }));
      // A paused member may count a tick before or after a message that waited with it: one tick of its election, where one is due.
      const paused = all.find(({ kind }) => kind === 'pause');
      const troubles = paused === undefined ? all : [paused];
      const plain = history(false, seed, troubles);
      const quiet = history(true, seed, troubles);
      expect(quiet.told).toEqual(plain.told);
    }),
    { seed: 11, numRuns: 30 },
  );
});

test.each([1, 2, 3])('nor do they where member %i is slow', (member) => {
  const slow = { kind: 'slow-process' as const, member, atMs: 1_000, forMs: 8_000 };
  const leaderGoes = { kind: 'crash' as const, member, atMs: 9_500, forMs: 2_000 };
  const told = (beats: boolean) => history(beats, 3, [slow, leaderGoes]).told;
  expect(told(true)).toEqual(told(false));
});

test('a quiet group spends less than half of the events', () => {
  const plain = history(false, 1, []);
  const quiet = history(true, 1, []);
  expect(quiet.told).toEqual(plain.told);
  expect(quiet.events).toBeLessThan(plain.events / 2);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Lease } from '../../../core/types/lease.ts';
import { LEASES } from '../../../core/types/resource-type.ts';
import { formatMicroTime } from '../../../core/types/time.ts';
import { NodeLab, podOf } from '../../support/node-lab.ts';

type Trouble = {
  readonly kind: 'crash' | 'pause' | 'clock' | 'power';
  readonly node: number;
  readonly at: number;
  readonly for: number;
};

const NODES = 6;

/** Runs a small cluster with troubles; the lease writes in order of grid instant and name, and the truth of all nodes at the end. */
function history(
  cohorts: boolean,
  seed: number,
  troubles: readonly Trouble[],
): { leases: string[]; truth: unknown; cohort: number } {
  const nodes = Array.from({ length: NODES }, () => ({}));
  const lab = new NodeLab({ seed, nodes, fleet: { cohorts } });
  const leases: string[] = [];
  lab.does(function* (client) {
    const seen = new Map<string, string>();
    for (;;) {
      yield* client.ctx.sleep(500_000);
      const { items } = yield* client.list<Lease>(LEASES);
      for (const { metadata, spec } of items) {
        if (seen.get(metadata.name) === spec?.renewTime) continue;
        seen.set(metadata.name, spec?.renewTime ?? '');
        leases.push(`${metadata.name} ${spec?.renewTime} ${spec?.holderIdentity} ${spec?.leaseDurationSeconds}`);
      }
    }
  });
  lab.run(5);
  for (let node = 0; node < NODES; node++) lab.bind(`n${node}`, podOf(`p${node}`));
  lab.run(5);
  const { sim, fleet } = lab;
  const start = sim.now;
  for (const trouble of troubles) {
    const pid = fleet.pids[trouble.node] as number;
    const begin = start + trouble.at * 1_000_000;
    const end = begin + trouble.for * 1_000_000;
    if (trouble.kind === 'crash') {
      sim.at(begin, 'crash', () => sim.crash(pid));
      sim.at(end, 'restart', () => sim.restart(pid));
    } else if (trouble.kind === 'pause') {
      sim.at(begin, 'pause', () => sim.pause(pid));
      sim.at(end, 'resume', () => sim.resume(pid));
    } else if (trouble.kind === 'clock') sim.at(begin, 'clock', () => sim.clocks.setWallOffset(pid, 3_000_000));
    else {
      sim.at(begin, 'off', () => fleet.powerOff(trouble.node));
      sim.at(end, 'on', () => fleet.powerOn(trouble.node));
    }
  }
  lab.run(120);
  // The first renewals of a (re)started kubelet carry the exact instant of its registration, which has a latency of its own.
  // What fell due just before the end may or may not have been seen by the poll.
  const endText = formatMicroTime(sim.contextOf(fleet.ownPid).wallUs() - 5_000_000);
  const grid = leases.filter((line) => line.includes('0000Z') && (line.split(' ')[1] as string) < endText).sort();
  const truth = Array.from({ length: NODES }, (_, node) =>
    fleet.runningContainers(node).map(({ podUid, ip }) => `${podUid} ${ip}`),
  );
  return { leases: grid, truth, cohort: fleet.cohortSize };
}

test('cohort and plain path give the same lease history and the same node truth', () => {
  const trouble = fc.record({
    kind: fc.constantFrom('crash' as const, 'pause' as const, 'clock' as const, 'power' as const),
    at: fc.integer({ min: 1, max: 60 }),
    for: fc.integer({ min: 1, max: 30 }),
  });
  // At most one trouble a node: a second one could meet a process that is already down.
  const plan = fc.tuple(
    fc.integer({ min: 1, max: 1000 }),
    fc.uniqueArray(fc.integer({ min: 0, max: NODES - 1 }), { maxLength: 3 }),
    fc.array(trouble, { minLength: 3, maxLength: 3 }),
  );
  fc.assert(
    fc.property(plan, ([seed, which, kinds]) => {
      const troubles = which.map((node, i) => ({ node, ...(kinds[i] as Omit<Trouble, 'node'>) }));
      const plain = history(false, seed, troubles);
      const cohort = history(true, seed, troubles);
      expect(plain.leases.length).toBeGreaterThan(NODES * 8);
      expect(cohort.leases).toEqual(plain.leases);
      expect(cohort.truth).toEqual(plain.truth);
      expect(plain.cohort).toBe(0);
    }),
    { seed: 7, numRuns: 25 },
  );
});

test('undisturbed nodes are all in the cohort', () => {
  expect(history(true, 1, []).cohort).toBe(NODES);
});

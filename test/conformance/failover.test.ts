/**
 * The recorded fail-overs and API server outages as scenarios: the same leaders exit, and times lie within the recorded spread ± 2 s.
 *
 * When a standby takes over depends on when it looked last: 13 to 24 s after a crash by the election's rules, and each recording has three
 * samples of that (the outages one). So seed 1, the run that `seatrial run` makes, and the median of all seeds are held to the recording's own
 * spread ± 2 s, every single seed to the rules' window and to the spread ± 2 s of all twelve recorded fail-overs, which are the same election.
 */
import { describe, expect, test } from 'vitest';
import type { RunResult } from '../../core/chaos/run-plan.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { ProblemList } from '../../scenarios/problem.ts';
import { Handover, type NewHolder } from '../support/handover.ts';
import { lacksData } from '../support/needs.ts';
import { median, readRecordedJson } from '../support/recording.ts';

const TOLERANCE_MS = 2_000;
/** The spread of an election is wide (quartiles 2 s apart), so its median takes some runs. */
const FAILOVER_SEEDS = 40;
const OUTAGE_SEEDS = 12;
const FAILOVERS = [
  ['failover-controller-manager-kill', 'kube-controller-manager'],
  ['failover-controller-manager-term', 'kube-controller-manager'],
  ['failover-scheduler-kill', 'kube-scheduler'],
  ['failover-scheduler-stop', 'kube-scheduler'],
] as const;
/** Component of the cluster by lease. */
const PREFIX: Readonly<Record<string, string>> = {
  'kube-controller-manager': 'controller-manager-',
  'kube-scheduler': 'scheduler-',
};

interface FailoverTiming {
  readonly newHolderAfterMs: number;
  readonly firstServedAfterMs: number;
  readonly oldExit: string | number;
  readonly exitAfterContMs?: number;
  readonly leaseWritesByOldAfterCont?: number;
}

interface OutageTiming {
  readonly backAfterMs: number;
  readonly convergedAfterBackMs: number;
  readonly holdersBefore: Readonly<Record<string, string>>;
  readonly holdersAfter: Readonly<Record<string, string>>;
  readonly exits: readonly { readonly component: string; readonly code: number; readonly afterOutageBeganMs: number }[];
  readonly leaseRenewsAfterBack: Readonly<Record<string, readonly { readonly afterBackMs: number }[]>>;
}

interface Run {
  readonly handover: Handover;
  readonly result: RunResult;
}

/** The runs with seeds 1, 2 … `count`. */
function runsOf(scenario: string, count: number): Run[] {
  const problems = new ProblemList();
  const loaded = loadScenario(`scenarios/${scenario}.yaml`, problems);
  if (loaded === null) throw new Error(`${scenario}: ${JSON.stringify(problems.problems)}`);
  return Array.from({ length: count }, (_, index) => Handover.measure(loaded.plan, index + 1));
}

function expectWithin(value: number, recorded: readonly number[]): void {
  expect(value).toBeGreaterThanOrEqual(Math.min(...recorded) - TOLERANCE_MS);
  expect(value).toBeLessThanOrEqual(Math.max(...recorded) + TOLERANCE_MS);
}

/** Seed 1 and the median of all seeds. */
function expectTypicalWithin(values: readonly number[], recorded: readonly number[]): void {
  expectWithin(values[0] as number, recorded);
  expectWithin(median(values), recorded);
}

/** The one new holder of a lease: another instance than the old one. */
function onlyNewHolder({ handover }: Run, lease: string): NewHolder {
  const all = handover.newHolders.filter((holder) => holder.lease === lease);
  expect(all).toHaveLength(1);
  const found = all[0] as NewHolder;
  expect(found.from).toBe(handover.leaders.get(lease));
  expect(found.to).not.toBe(found.from);
  expect(found.to.startsWith(PREFIX[lease] as string)).toBe(true);
  return found;
}

function timingsOf<T>(scenario: string): T[] {
  return readRecordedJson(scenario, 'timings.json') as T[];
}

describe.skipIf(lacksData('controlplane/failover-scheduler-stop'))('recorded fail-overs', () => {
  const everyRecorded = (): number[] =>
    FAILOVERS.flatMap(([scenario]) =>
      timingsOf<FailoverTiming>(scenario).map(({ newHolderAfterMs }) => newHolderAfterMs),
    );

  for (const [scenario, lease] of FAILOVERS) {
    test(scenario, () => {
      const recorded = timingsOf<FailoverTiming>(scenario);
      expect(recorded).toHaveLength(3);
      const runs = runsOf(scenario, FAILOVER_SEEDS).filter((run) => !wokeInTime(run));
      expect(runs.length).toBeGreaterThanOrEqual(0.9 * FAILOVER_SEEDS);
      const taken = runs.map((run) => onlyNewHolder(run, lease).afterMs);
      const served = runs.map(({ handover }) => handover.firstServedAfterMs);
      expectTypicalWithin(
        taken,
        recorded.map(({ newHolderAfterMs }) => newHolderAfterMs),
      );
      expectTypicalWithin(
        served,
        recorded.map(({ firstServedAfterMs }) => firstServedAfterMs),
      );
      const slowestStartMs = Math.max(
        ...recorded.map(({ firstServedAfterMs, newHolderAfterMs }) => firstServedAfterMs - newHolderAfterMs),
      );
      taken.forEach((ms, index) => {
        expectWithin(ms, everyRecorded());
        expect(ms).toBeGreaterThan(13_000);
        expect(ms).toBeLessThan(24_000);
        const startMs = (served[index] as number) - ms;
        expect(startMs).toBeGreaterThan(0);
        expect(startMs).toBeLessThan(slowestStartMs + TOLERANCE_MS);
      });
      for (const { result } of runs) expect(result.outcome.kind).toBe('pass');
      expectOldLeaderExits(runs, lease, recorded);
    });
  }
});

/**
 * Whether a paused leader woke before the standby's turn, which may come up to 24 s after the pause began: then it just goes on, nobody
 * exits and the lease never changes hands. (The recordings have no such case: the pause is 20 s, their elections took at most 18.7 s.)
 */
function wokeInTime({ handover, result }: Run): boolean {
  if (handover.endUs === handover.beginUs || handover.newHolders.length > 0) return false;
  expect(handover.exits(result)).toEqual([]);
  expect(handover.writesByOldAfterEnd.size).toBeGreaterThan(0);
  expect(handover.firstServedAfterMs).toBeGreaterThanOrEqual((handover.endUs - handover.beginUs) / 1000);
  return true;
}

/** A killed leader is gone; a paused one exits by itself, some time after it woke, without touching the lease. */
function expectOldLeaderExits(runs: readonly Run[], lease: string, recorded: readonly FailoverTiming[]): void {
  const paused = recorded.every(({ oldExit }) => oldExit === 1);
  for (const { handover, result } of runs) {
    const exits = handover.exits(result);
    if (!paused) {
      expect(exits).toEqual([]);
      continue;
    }
    expect(exits).toMatchObject([{ process: handover.leaders.get(lease), code: 1 }]);
    const awakeMs = (exits[0]?.afterMs ?? Number.NaN) - (handover.endUs - handover.beginUs) / 1000;
    expectWithin(
      awakeMs,
      recorded.map(({ exitAfterContMs }) => exitAfterContMs ?? Number.NaN),
    );
    expect(awakeMs).toBeGreaterThanOrEqual(10_000);
    expect(handover.writesByOldAfterEnd.get(lease) ?? 0).toBe(recorded[0]?.leaseWritesByOldAfterCont);
  }
}

describe.skipIf(lacksData('controlplane/apiserver-kill-25s'))('recorded outages of the API server', () => {
  /** Exits as recorded: the same leaders, with code 1, at about the same time. */
  function expectSameExits(runs: readonly Run[], { exits }: OutageTiming): void {
    for (const { handover, result } of runs) {
      expect(result.outcome.kind).toBe('pass');
      const ours = handover.exits(result);
      expect(ours.map(({ process, code }) => `${process} ${code}`).sort()).toEqual(
        exits.map(({ component, code }) => `${handover.leaders.get(component)} ${code}`).sort(),
      );
      for (const { component, afterOutageBeganMs } of exits) {
        const exit = ours.find(({ process }) => process === handover.leaders.get(component));
        expectWithin(exit?.afterMs ?? Number.NaN, [afterOutageBeganMs]);
      }
    }
  }

  /** Milliseconds from the API server's return to each lease's new holder, all seeds and both leases; seed 1 first. */
  function takenAfterBack(runs: readonly Run[], recorded: OutageTiming): number[] {
    return runs.flatMap((run) =>
      Object.keys(recorded.holdersBefore).map((lease) => onlyNewHolder(run, lease).afterMs - 25_000),
    );
  }

  const recordedTaken = (recorded: OutageTiming): number[] =>
    Object.values(recorded.leaseRenewsAfterBack).map((renews) => renews[0]?.afterBackMs ?? Number.NaN);
  const converged = (runs: readonly Run[]): number[] => runs.map(({ handover }) => handover.convergedAfterEndMs);

  test('stopped for 8 s: nobody loses a lease', () => {
    const [recorded] = timingsOf<OutageTiming>('apiserver-stop-8s') as [OutageTiming];
    const runs = runsOf('apiserver-stop-8s', OUTAGE_SEEDS);
    expect(recorded.holdersAfter).toEqual(recorded.holdersBefore);
    expectSameExits(runs, recorded);
    for (const { handover } of runs) {
      expect(handover.newHolders).toEqual([]);
      expect(handover.convergedAfterEndMs).toBeGreaterThan(0);
      expectWithin(handover.convergedAfterEndMs, [recorded.convergedAfterBackMs]);
    }
  });

  test('stopped for 25 s: both leaders exit, the others lead 15 s after the return at the earliest', () => {
    const [recorded] = timingsOf<OutageTiming>('apiserver-stop-25s') as [OutageTiming];
    const runs = runsOf('apiserver-stop-25s', OUTAGE_SEEDS);
    expectSameExits(runs, recorded);
    const taken = takenAfterBack(runs, recorded);
    expectTypicalWithin(taken, recordedTaken(recorded));
    expectWithin(taken[1] as number, recordedTaken(recorded));
    for (const ms of taken) {
      expect(ms).toBeGreaterThan(15_000);
      expect(ms).toBeLessThan(24_000);
    }
    expectTypicalWithin(converged(runs), [recorded.convergedAfterBackMs]);
  });

  /**
   * A standby that had seen the last renewal takes over as soon as it can ask again (recorded: the scheduler); one that had not sees a
   * change and waits for another lease duration (recorded: the controller manager).
   */
  test('killed for 25 s: both leaders exit, and what the others had seen decides when they lead', () => {
    const [recorded] = timingsOf<OutageTiming>('apiserver-kill-25s') as [OutageTiming];
    const runs = runsOf('apiserver-kill-25s', OUTAGE_SEEDS);
    expectSameExits(runs, recorded);
    const kinds = (times: readonly number[]): [number[], number[]] => [
      times.filter((ms) => ms < 15_000),
      times.filter((ms) => ms >= 15_000),
    ];
    const [soon, late] = kinds(takenAfterBack(runs, recorded));
    const [recordedSoon, recordedLate] = kinds(recordedTaken(recorded));
    expectWithin(median(soon), recordedSoon);
    expectWithin(median(late), recordedLate);
    for (const ms of soon) expect(ms).toBeLessThan(7_500);
    for (const ms of late) expect(ms).toBeLessThan(26_000);
    // Informers come back after up to a minute, each by its own draw: the recorded time is one of those that may be.
    const distances = converged(runs).map((ms) => Math.abs(ms - recorded.convergedAfterBackMs));
    expect(Math.min(...distances)).toBeLessThanOrEqual(TOLERANCE_MS);
    expect(Math.min(...converged(runs))).toBeLessThan(recorded.convergedAfterBackMs);
    expect(Math.max(...converged(runs))).toBeGreaterThan(recorded.convergedAfterBackMs);
  });
});

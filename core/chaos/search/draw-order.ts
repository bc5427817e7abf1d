/**
 * Draws how the faults of a plan lie in time: alone, again and again, one after the other, or together.
 */
import type { FaultPlan, Repeat } from '../plan.ts';
import type { Draws } from './draws.ts';

const S = 1_000_000;

/** The faults, of which some repeat, some wait for the end of the one before them (serial), and some begin with it (parallel). */
export function inOrder(faults: readonly FaultPlan[], draws: Draws): FaultPlan[] {
  const placed: FaultPlan[] = [];
  for (const fault of faults) placed.push(placedAfter(placed.at(-1), fault, draws));
  return placed;
}

function placedAfter(before: FaultPlan | undefined, fault: FaultPlan, draws: Draws): FaultPlan {
  if (before !== undefined && draws.chance(15)) return afterEndOf(before, fault, draws.range(0, 10) * S);
  if (before !== undefined && draws.chance(15)) return { ...fault, trigger: before.trigger };
  return draws.chance(15) ? again(fault, draws) : fault;
}

/** `fault` as the step after `before` in a serial group, with a pause between them, µs. */
function afterEndOf({ id }: FaultPlan, fault: FaultPlan, pauseUs: number): FaultPlan {
  const ended = { kind: 'fault', id, state: 'ended' } as const;
  return {
    ...fault,
    trigger: pauseUs === 0 ? ended : { kind: 'sequence', of: [ended, { kind: 'wait', forUs: pauseUs }] },
  };
}

/** A short fault that comes back a few times; in half of the cases after drawn pauses. */
function again(fault: FaultPlan, draws: Draws): FaultPlan {
  const lasts = draws.range(1, 10);
  const pause = draws.range(2, 15);
  const repeat: Repeat = {
    everyUs: (lasts + pause) * S,
    times: draws.range(2, 4),
    ...(draws.chance(50) ? { dwellUs: S } : {}),
  };
  return { ...fault, forUs: fault.forUs === null ? null : lasts * S, repeat } as FaultPlan;
}

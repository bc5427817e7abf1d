/**
 * What passes between a search and its worker threads: findings, counts, and the canary.
 */
import { PLANTED_BUGS, type PlantedBug } from '../../core/chaos/mutation/index.ts';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';

/** The planted bug that every search must find, to show that it can find anything; its case has this number. */
export const CANARY_BUG = 'scheduler.ignores-assumed';
export const CANARY_CASE = 0x7fff_ffff;

/** A case that did not pass. */
export interface SearchFinding {
  readonly caseNumber: number;
  /** `RS1 ReplicaSet`; `bug` for an assertion of seatrial itself. */
  readonly signature: string;
  readonly message: string;
  readonly digest: string;
}

/** The result of a task. */
export interface SearchTaskResult {
  readonly findings: readonly SearchFinding[];
  readonly runs: number;
  readonly excused: number;
  readonly events: number;
  readonly marks: readonly number[];
  readonly met: readonly number[];
}

/** The plan of the canary. */
export function canaryPlan(): ScenarioPlan {
  return (PLANTED_BUGS.find(({ bug }) => bug === CANARY_BUG) as PlantedBug).plan;
}

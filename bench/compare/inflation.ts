/**
 * Inflation: how much more of the same fits? The workload comes again and again, each time in another order, until the first pod
 * does not fit. Pods of a dump that wait beside manifests are no part of it. The other standard experiment of packing beside compaction, and the answer to "how many more of this mix?".
 */
import { onceShuffled } from './arrivals.ts';
import type { PreparedRun } from './experiment-input.ts';
import { copiesOfGangs } from './gang-bounds.ts';
import { mostCopies } from './packing-bounds.ts';
import { countsOf, packingModel } from './packing-model.ts';
import { placeAll } from './place-all.ts';
import type { RunOutcome } from './run-outcome.ts';
import { type WhyNever, whyLeft } from './why-left.ts';

/** Pods of one run, at most. */
const PODS_MAX = 1_000_000;

/** Inflates the workload of a run; `unfit` names kinds that fit nowhere: then no policy has a figure, as what came before such a pod is chance. */
export function runInflation(run: PreparedRun, seed: number, unfit: WhyNever): RunOutcome {
  const { kindOf, gangOf, waiting } = run.workload;
  // What waits in the cluster is there once, whatever is asked about copies.
  const rows = kindOf.length - waiting;
  if (rows === 0) {
    const values = { inflation: null, copies: null, 'copies-at-most': null };
    return { values, curves: {}, checksum: 0, tiesMean: 1, placed: 0, answer: 'no pod in a copy' };
  }
  const copied = { kindOf: kindOf.subarray(0, rows), gangOf };
  const roundsMax = Math.max(1, Math.floor(PODS_MAX / rows));
  const relaxed = mostCopies(packingModel(run), countsOf(run, copied.kindOf.keys()), roundsMax);
  const most = Math.min(relaxed, copiesOfGangs(run, copied));
  let copies = 0;
  let placed = 0;
  let left: number | undefined;
  let ties = 0;
  while (left === undefined && copies < roundsMax) {
    const round = placeAll(run, onceShuffled(copied, seed, copies), true);
    placed += round.placed;
    ties += round.placed * round.tiesMean;
    left = round.left[0];
    if (left === undefined) copies++;
  }
  const kind = left === undefined ? -1 : (kindOf[left] as number);
  const never = copies > 0 || kind < 0 ? '' : unfit([kind]);
  const then = kind < 0 ? '' : `; ${never || `then ${whyLeft(run, kind)}`}`;
  return {
    values: {
      inflation: never === '' ? (100 * placed) / rows : null,
      copies,
      'copies-at-most': Number.isFinite(most) ? most : null,
    },
    curves: {},
    checksum: placed,
    tiesMean: placed === 0 ? 1 : ties / placed,
    placed,
    answer: `${copies} ${copies === 1 ? 'copy fits' : 'copies fit'}${Number.isFinite(most) ? `, at most ${Math.floor(most + 1e-9)} can` : ''}${then}`,
  };
}

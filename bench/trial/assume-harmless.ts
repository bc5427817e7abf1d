/**
 * `--assume`: what is read but not simulated, and a user who knows it says does no harm. Marks are then computed without it.
 *
 * A workload that cannot run for it (a CronJob) is not tried at all, and the card says so.
 */
import type { ProblemList } from '../../scenarios/problem.ts';
import { CLI_CODES } from '../cli/user-error.ts';
import { ASSUMABLE } from './assumable.ts';
import type { Inventory } from './inventory.ts';
import type { Workload } from './workload.ts';

/**
 * The inventory without the uncertainties of `kinds`. An unknown word is an error with the nearest one; a known one on which no mark of these
 * manifests hangs is a warning.
 */
export function assumeHarmless(inventory: Inventory, kinds: readonly string[], problems: ProblemList): Inventory {
  const hanging = new Set(inventory.workloads.flatMap(({ uncertainties }) => uncertainties.map(({ kind }) => kind)));
  const present = inventory.kinds.map(({ kind }) => kind);
  for (const kind of kinds) {
    if (hanging.has(kind)) continue;
    if (!present.includes(kind) && !ASSUMABLE.includes(kind)) {
      problems.unknownName({}, CLI_CODES.badValue, 'kind to --assume', kind, [...hanging, ...ASSUMABLE]);
      continue;
    }
    const why = present.includes(kind) ? 'no mark hangs on it' : 'it is not among the manifests';
    problems.warning({}, CLI_CODES.badValue, `--assume ${kind} changes nothing: ${why}`);
  }
  const harmless = kinds.filter((kind) => hanging.has(kind));
  const left = inventory.workloads.map((workload) => without(workload, harmless));
  const isTried = ({ runnable, uncertainties }: Workload): boolean => runnable || uncertainties.length > 0;
  return {
    ...inventory,
    workloads: left.filter(isTried),
    harmless,
    untried: left.filter((workload) => !isTried(workload)).map(({ id }) => id),
  };
}

function without(workload: Workload, harmless: readonly string[]): Workload {
  const { uncertainties } = workload;
  return {
    ...workload,
    uncertainties: uncertainties.filter(({ kind }) => !harmless.includes(kind)),
    assumed: uncertainties.filter(({ kind }) => harmless.includes(kind)).map(({ what }) => what),
  };
}

/**
 * The threshold of one number of a scenario, for people: every value that was tried, both sides, the verdict last.
 */
import type { ParameterUnit } from '../../core/chaos/search/parameters.ts';
import type { Threshold, Trial } from '../../core/chaos/search/threshold.ts';
import { formatDuration } from '../../scenarios/duration.ts';
import { formatSeeds } from '../cli/seeds.ts';

/** What was found, with what was asked. */
export interface AnsweredThreshold extends Threshold {
  readonly file: string;
  readonly path: string;
  readonly unit: ParameterUnit;
  readonly seeds: readonly number[];
  /** Lines that replay the two sides; '' where nothing was kept. */
  readonly replays: { readonly heals: string; readonly fails: string };
}

/** The report for a terminal. */
export function thresholdText(answer: AnsweredThreshold): string {
  const { heals, fails, trials, file, path, unit, seeds, replays } = answer;
  const byValue = [...trials].sort((left, right) => left.value - right.value);
  const width = Math.max(...byValue.map(({ value }) => valueText(value, unit).length));
  const rows = byValue.map(({ value, failure }) => {
    const outcome = failure === null ? 'heals' : `fails ${failure.predicate} (seed ${failure.seed})`;
    return `  ${valueText(value, unit).padStart(width)}  ${outcome}\n`;
  });
  const sides = `${sideText(heals, unit, replays.heals)}${sideText(fails, unit, replays.fails)}`;
  return `${path} of ${file}, seeds ${formatSeeds(seeds)}\n${rows.join('')}\n${sides}${thresholdVerdict(answer)}\n`;
}

/** Where it lies, or why that is not known. */
export function thresholdVerdict({ heals, fails, complete, unit }: AnsweredThreshold): string {
  if (!complete) {
    const most = fails === null ? '' : `, at most ${valueText(fails.value, unit)}`;
    return `stopped by --budget: it lies above ${valueText(heals?.value ?? 0, unit)}${most}`;
  }
  if (heals === null) return 'no threshold: even the least value fails';
  if (fails === null) return 'no threshold: even the largest value heals';
  return `threshold: between ${valueText(heals.value, unit)} and ${valueText(fails.value, unit)}`;
}

/** `7.2s`, `40 %`, `3`. */
export function valueText(value: number, unit: ParameterUnit): string {
  if (unit === 'duration') return formatDuration(value);
  return unit === 'percent' ? `${value} %` : String(value);
}

/** One side: what happens there, and how to see it. */
function sideText(trial: Trial | null, unit: ParameterUnit, replay: string): string {
  if (trial === null) return '';
  const { value, failure } = trial;
  const line =
    failure === null
      ? `heals at ${valueText(value, unit)}: every seed passes\n`
      : `fails at ${valueText(value, unit)}: ${failure.predicate}: ${failure.message} (seed ${failure.seed})\n`;
  return replay === '' ? line : `${line}  replay: ${replay}\n`;
}

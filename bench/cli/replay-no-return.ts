/**
 * `seatrial replay --point-of-no-return`: when it was decided that the case fails.
 */
import type { Explanation } from '../../core/chaos/explain/causal-chain.ts';
import { type NoReturn, pointOfNoReturn } from '../../core/chaos/explain/no-return.ts';
import type { CampaignScenario } from '../campaign/campaign.ts';
import type { TimelineEntry } from '../campaign/timeline.ts';
import { showInstant } from '../report/virtual-time.ts';
import type { Guard } from '../user-modules/guarded-run.ts';
import type { CommandRun } from './command.ts';
import { CLI_CODES, userError } from './user-error.ts';

const BAR_WIDTH = 20;
/** Happenings named of the interval in which it was decided. */
const NAMED_MAX = 6;

/** Looks for it, with progress. @throws UserError when the case passes. */
export function findNoReturn(
  { plan, file }: CampaignScenario,
  seed: number,
  continuations: number,
  run: CommandRun,
  guard: Guard,
): NoReturn {
  const progress = run.startProgress();
  try {
    const found = guard(() =>
      pointOfNoReturn(plan, seed, {
        continuations,
        onLook: (timeUs, looked) =>
          progress.update(() => `continuations from ${showInstant(timeUs)}, ${looked} instants done`),
      }),
    );
    if (found !== null) return found;
  } finally {
    progress.finish();
  }
  throw userError({
    file,
    code: CLI_CODES.conflict,
    message: `seed ${seed} does not fail: there is no point of no return`,
  });
}

/** The share of continuations that fail, over the instant from which they were drawn anew; `happenings` of the run by time. */
export function noReturnText(found: NoReturn, happenings: readonly TimelineEntry[]): string {
  const { signature, points, openUs, noReturnUs } = found;
  const rows = points.map(({ timeUs, runs, failures }) => {
    const filled = Math.round((failures / runs) * BAR_WIDTH);
    const bar = `${'█'.repeat(filled)}${'·'.repeat(BAR_WIDTH - filled)}`;
    return `  ${showInstant(timeUs).padStart(12)}  ${bar} ${`${Math.round((failures / runs) * 100)} %`.padStart(5)}\n`;
  });
  const runs = points[0]?.runs ?? 0;
  const head = `\npoint of no return of ${signature}: share of ${runs} continuations that fail so, by the instant from which they are drawn anew\n`;
  if (openUs < 0) return `${head}${rows.join('')}decided from the beginning: it fails with any draws\n`;
  const between = happenings.filter(({ timeUs }) => timeUs > openUs && timeUs <= noReturnUs).slice(0, NAMED_MAX);
  const named = between
    .map(({ timeUs, what }) => `  ${showInstant(timeUs).padStart(12)}  ${what.replace(/\s+/g, ' ')}\n`)
    .join('');
  return `${head}${rows.join('')}decided between ${showInstant(openUs)} and ${showInstant(noReturnUs)}${named === '' ? '' : ':'}\n${named}`;
}

/** What happened in the run, links of the causal chain included, by time: one of these decided it. */
export function happeningsOf(timeline: readonly TimelineEntry[], { chain }: Explanation): TimelineEntry[] {
  const links = chain.map(({ timeUs, process, what }) => ({ timeUs, what: `${process} ${what}` }));
  return [...timeline, ...links].sort((left, right) => left.timeUs - right.timeUs);
}

/**
 * The files that `seatrial replay` writes: the story of a case, and a failing case shrunk to its smallest.
 */
import path from 'node:path';
import { isMinimised, minimise } from '../../core/chaos/minimise/minimise.ts';
import type { CampaignScenario } from '../campaign/campaign.ts';
import { replayLine } from '../campaign/replay-line.ts';
import { createFolder, writeFileAtomic } from '../report/atomic-file.ts';
import { countOf } from '../report/counted.ts';
import { storyFiles, writeStory } from '../story/write-story.ts';
import type { Guard } from '../user-modules/guarded-run.ts';
import type { CommandRun } from './command.ts';
import { CLI_CODES, userError } from './user-error.ts';

/** Most simulations of one shrinking. */
const RUNS_MAX = 400;

/** Where the files go, and on whose time they are made. */
export interface Telling {
  readonly folder: string;
  readonly run: CommandRun;
  readonly guard: Guard;
}

/** Writes the story of the case as it is: a page and a picture named after the scenario file. */
export function tellCase(scenario: CampaignScenario, seed: number, { folder, run, guard }: Telling): void {
  const { file, twin, plan, inputs } = scenario;
  const stem = `${stemOf(file)}${twin ? '-twin' : ''}`;
  const replay = replayLine({ file, twin, seed, inputs });
  const { markdown, svg } = guard(() => storyFiles(plan, seed, { folder, stem, replay, shrinking: null }));
  createFolder(folder);
  writeFileAtomic(path.join(folder, `${stem}.svg`), svg);
  writeFileAtomic(path.join(folder, `${stem}.md`), markdown);
  run.io.err(`story: ${path.join(folder, `${stem}.md`)}, ${path.join(folder, `${stem}.svg`)}\n`);
}

/** Shrinks the failing case and writes what is left with its story. @throws UserError when there is nothing to shrink. */
export function shrinkCase({ file, plan }: CampaignScenario, seed: number, { folder, run, guard }: Telling): void {
  const progress = run.startProgress();
  let small: ReturnType<typeof minimise>;
  try {
    small = guard(() =>
      minimise(plan, seed, {
        runsMax: RUNS_MAX,
        onStep: (step, _plan, runs) => progress.update(() => `shrinking: ${step}, ${runs} runs`),
      }),
    );
  } finally {
    progress.finish();
  }
  if (!isMinimised(small)) {
    const message =
      small.kind === 'passes'
        ? `seed ${seed} passes: there is nothing to shrink`
        : `two runs differ (${small.digests.map((digest) => digest.slice(0, 12)).join(', ')}): not deterministic`;
    throw userError({ file, code: CLI_CODES.conflict, message });
  }
  const name = `${stemOf(file)}-minimal`;
  const written = writeStory(folder, name, { ...small.plan, name }, seed, small);
  const { faults, operations, workload } = small.plan;
  run.io.err(
    `shrunk in ${small.runs} runs to ${countOf(faults.length, 'fault')}, ${countOf(operations.length, 'operation')}, ` +
      `${countOf(workload.length, 'object')}: ${written}\n` +
      `replay: ${replayLine({ file: written, twin: false, seed })}\n`,
  );
}

function stemOf(file: string): string {
  return path.basename(file).replace(/\.ya?ml$/, '');
}

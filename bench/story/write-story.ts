/**
 * Writes a shrunk case and its story side by side: `NAME.yaml` with the sentences at its head, `NAME.md`, `NAME.svg`.
 */
import path from 'node:path';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { scenarioText } from '../../scenarios/plan-to-file.ts';
import { replayLine } from '../campaign/replay-line.ts';
import { createFolder, writeFileAtomic } from '../report/atomic-file.ts';
import { countOf } from '../report/counted.ts';
import { keepModules } from '../user-modules/keep-modules.ts';
import { sequencePicture } from './sequence-picture.ts';
import { storyOf } from './story.ts';
import { storyComment, storyMarkdown } from './story-text.ts';

/** What a minimisation says of its result. */
export interface Shrinking {
  /** Simulations run. */
  readonly runs: number;
  readonly complete: boolean;
  readonly unneeded: readonly string[];
}

/** The YAML, Markdown and SVG text of a case. */
export interface StoryFiles {
  readonly yaml: string;
  readonly markdown: string;
  readonly svg: string;
}

/** Where the files of a story will lie, and what they say of the case. */
export interface StoryPlace {
  readonly folder: string;
  /** Names the picture beside the page. */
  readonly stem: string;
  /** The line that runs the case again. */
  readonly replay: string;
  /** Whether that line is meant for the folder of the files. */
  readonly beside?: boolean | undefined;
  readonly shrinking: Shrinking | null;
}

/** Tells the case. */
export function storyFiles(
  plan: ScenarioPlan,
  seed: number,
  { folder, stem, replay, beside, shrinking }: StoryPlace,
): StoryFiles {
  const story = storyOf(plan, seed);
  const notes = shrinking === null ? [] : [shrinkingNote(plan, shrinking)];
  const picture = `${stem}.svg`;
  return {
    yaml: `${storyComment(story, notes)}${scenarioText(plan, folder)}`,
    markdown: storyMarkdown(story, { notes, replay, beside, picture }),
    svg: sequencePicture(story),
  };
}

/** Writes a shrunk case into `folder`; returns the path of the scenario file. @throws ToolFailure naming the path. */
export function writeStory(
  folder: string,
  name: string,
  plan: ScenarioPlan,
  seed: number,
  shrinking: Shrinking,
): string {
  createFolder(folder);
  const file = path.join(folder, `${name}.yaml`);
  const replay = replayLine({ file: path.basename(file), twin: false, seed });
  const { yaml, markdown, svg } = storyFiles(keepModules(plan, folder), seed, {
    folder,
    stem: name,
    replay,
    beside: true,
    shrinking,
  });
  writeFileAtomic(path.join(folder, `${name}.svg`), svg);
  writeFileAtomic(path.join(folder, `${name}.md`), markdown);
  writeFileAtomic(file, yaml);
  return file;
}

function shrinkingNote(
  { faults, operations, workload }: ScenarioPlan,
  { runs, complete, unneeded }: Shrinking,
): string {
  const items = [
    countOf(faults.length, 'fault'),
    countOf(operations.length, 'operation'),
    countOf(workload.length, 'object'),
  ].join(', ');
  const needed =
    unneeded.length === 0
      ? 'Each of them is needed: without any one the run does not fail in this way.'
      : `It fails without ${unneeded.join(', ')}, too.`;
  const budget = complete ? '' : ' The budget of runs ended the search.';
  return `Shrunk in ${runs} runs to ${items}; three replays gave the same digest. ${needed}${budget}`;
}

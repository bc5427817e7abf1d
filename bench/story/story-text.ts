/**
 * A story as a page of Markdown: sentences, the timeline as a table, and the sequence diagram; and its sentences as a comment for the head of
 * a scenario file.
 */
import { oneLine, Table } from '../report/table.ts';
import { showInstant } from '../report/virtual-time.ts';
import { mermaidText } from './mermaid.ts';
import { narrative } from './narrative.ts';
import type { Story } from './story.ts';

const COMMENT_WIDTH = 140;

/** What stands below the sentences: how the case was made small, how to see it again. */
export interface StoryNotes {
  readonly notes: readonly string[];
  /** The command line that runs the case again; '' for none. */
  readonly replay: string;
  /** Whether its scenario file lies beside the page, and the line is meant for that folder: so the page can be handed on with it. */
  readonly beside?: boolean | undefined;
  /** File of the picture, relative to the page. */
  readonly picture: string;
}

/** The page, with a line feed at the end. */
export function storyMarkdown(story: Story, { notes, replay, beside = false, picture }: StoryNotes): string {
  const { plan, timeline, result } = story;
  const table = new Table([{ title: 'time', align: 'right' }, { title: 'what happened' }]);
  for (const { timeUs, what } of timeline) table.add([showInstant(timeUs), what]);
  const sections = narrative(story).map(({ title, lines }) => `## ${title}\n\n${lines.map(oneLine).join('\n')}\n`);
  const place = beside ? '\nIn the folder of this page:\n' : '';
  const again = replay === '' ? '' : `${place}\n\`\`\`sh\n${replay}\n\`\`\`\n`;
  return [
    `# ${oneLine(plan.name)}\n\n${oneLine(plan.about)}\n`,
    ...sections,
    notes.length === 0 ? '' : `## Why nothing is left out\n\n${notes.join('\n')}\n`,
    `## Again\n${again}\nDigest: \`${result.digest}\`\n`,
    `## How it came to it\n\nTimes are virtual, since the cluster was up; arrows are the causal chain.\n\n![sequence diagram](${encodeURI(picture)})\n`,
    `\`\`\`mermaid\n${mermaidText(story)}\`\`\`\n`,
    `## Timeline\n\n${table.markdown()}`,
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** The sentences as comment lines of YAML. */
export function storyComment(story: Story, notes: readonly string[]): string {
  const sentences = [
    ...narrative(story).flatMap(({ title, lines }) => [`${title}:`, ...lines.map((each) => `  ${each}`)]),
    ...notes,
  ];
  return sentences
    .flatMap((sentence) => wrapped(oneLine(sentence)))
    .map((line) => `# ${line}\n`)
    .join('');
}

function wrapped(sentence: string): string[] {
  const indent = /^ */.exec(sentence)?.[0] ?? '';
  const lines: string[] = [];
  let line = indent;
  for (const word of sentence.trim().split(' ')) {
    if (line.length + word.length + 1 > COMMENT_WIDTH && line.trim() !== '') {
      lines.push(line);
      line = indent;
    }
    line += line === indent ? word : ` ${word}`;
  }
  return [...lines, line];
}

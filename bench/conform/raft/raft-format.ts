/**
 * Format `raft`: data-driven test files of etcd-io/raft (interaction, quorum, confchange), run unchanged and compared byte for byte.
 *
 * One case is one file. A file's kind is that of its first directive, so any folder and any name will do. The first directive
 * whose output differs ends the file, and is shown as a difference.
 */
import path from 'node:path';
import { dataError, dataFiles, readDataText } from '../data-files.ts';
import { type CaseOutcome, type ConformCase, type ConformFormat, failedCase, PASSED } from '../format.ts';
import { ConfChangeTest, isConfChangeCommand } from './confchange-directives.ts';
import { type Directive, DirectiveError, readDirectives } from './datadriven.ts';
import { Interaction } from './interaction.ts';
import { interact, isInteractionCommand } from './interaction-directives.ts';
import { isQuorumCommand, runQuorum } from './quorum-directives.ts';
import { textDifference } from './text-difference.ts';

/** Hidden files, editors' left-overs and documentation in a folder of data. */
const NOT_DATA = /^\.|~$|^#.*#$|\.md$/;

export const format: ConformFormat = {
  cases: (root) =>
    dataFiles(root, [''])
      .filter((file) => file === root || !NOT_DATA.test(path.basename(file)))
      .map(
        (file): ConformCase => ({
          name: file === root ? path.basename(file) : path.relative(root, file).split(path.sep).join('/'),
          run: () => runRaftFile(file, readDataText(file)),
        }),
      ),
};

/**
 * Runs one file's text; `file` is for the message. @throws UserError for a text that is no such file: no directive, none that is known
 * where the first one stands, a syntax that cannot be read.
 */
export function runRaftFile(file: string, text: string): CaseOutcome {
  const directives = directivesOf(file, text);
  const run = runnerFor(file, directives[0]);
  try {
    for (const directive of directives) {
      const actual = finished(runDirective(run, directive));
      if (actual !== directive.expected) return failedCase(difference(file, directive, actual));
    }
    return PASSED;
  } catch (error) {
    if (error instanceof DirectiveError) return failedCase(`${file}:${error.line}: ${error.message}`);
    throw error;
  }
}

type Runner = (directive: Directive) => string;

function directivesOf(file: string, text: string): readonly Directive[] {
  try {
    return readDirectives(text);
  } catch (error) {
    if (!(error instanceof DirectiveError)) throw error;
    throw dataError({ file, line: error.line, message: error.message });
  }
}

function runnerFor(file: string, first: Directive | undefined): Runner {
  if (first === undefined) throw dataError({ file, message: 'holds no directive' });
  const { command, line } = first;
  if (isQuorumCommand(command)) return runQuorum;
  if (isConfChangeCommand(command)) {
    const test = new ConfChangeTest();
    return (directive) => test.run(directive);
  }
  if (!isInteractionCommand(command)) throw dataError({ file, line, message: `unknown directive "${command}"` });
  const test = new Interaction();
  return (directive) => interact(test, directive);
}

/** What breaks inside a directive is told with its line. */
function runDirective(run: Runner, directive: Directive): string {
  try {
    return run(directive);
  } catch (error) {
    if (error instanceof DirectiveError) throw error;
    throw new DirectiveError(directive.line, error instanceof Error ? error.message : String(error));
  }
}

/** Output ends with exactly the line ends it has, at least one where it is not empty. */
const finished = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

function difference(file: string, directive: Directive, actual: string): string {
  const { line, command, args, input, expected } = directive;
  const shown = args.map(({ key, values }) => {
    if (values.length === 0) return key;
    return values.length === 1 ? `${key}=${values[0]}` : `${key}=(${values.join(', ')})`;
  });
  const head = [command, ...shown].join(' ') + (input === '' ? '' : `\n${input}`);
  return `${file}:${line}: ${head}\n${textDifference(expected, actual)}`;
}

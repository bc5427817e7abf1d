/**
 * The work of `seatrial config`: a row a flag with its value and who says it.
 */
import { Table } from '../report/table.ts';
import { type CommandRun, commandWord } from './command.ts';
import { flagsOf } from './command-flags.ts';
import type { ListOutput } from './output-args.ts';
import { readSettings } from './settings.ts';
import { CLI_CODES, ProblemList } from './user-error.ts';

const DEFAULT = 'default';

interface Row {
  readonly command: string;
  readonly setting: string;
  readonly value: string;
  readonly from: string;
}

/** The list; all flags of a named command, else what is not a default. @throws UserError for an unknown command or a bad file. */
export async function showSettings(named: string | undefined, output: ListOutput, run: CommandRun): Promise<string> {
  const commands = run.commands.filter(({ describe, ownSettings }) => describe !== false && ownSettings !== false);
  const words = commands.map(commandWord);
  if (named !== undefined && !words.includes(named)) {
    const problems = new ProblemList();
    problems.unknownName({}, CLI_CODES.badValue, 'command', named, words);
    problems.throwIfErrors();
  }
  const settings = await readSettings(commands, run.argv, run.io);
  const rows = commands
    .filter((command) => named === undefined || commandWord(command) === named)
    .flatMap((command) => {
      const found = settings.of(command);
      return flagsOf(command).map(({ name, defaultText }): Row => {
        const setting = found.get(name);
        return {
          command: commandWord(command),
          setting: name,
          value: setting?.text ?? defaultText,
          from: setting?.origin.shown ?? DEFAULT,
        };
      });
    })
    .filter(({ from }) => named !== undefined || from !== DEFAULT);
  if (output === 'json') return `${JSON.stringify({ file: settings.file, settings: rows }, null, 2)}\n`;
  const table = new Table([{ title: 'command' }, { title: 'setting' }, { title: 'value' }, { title: 'from' }]);
  for (const { command, setting, value, from } of rows) table.add([command, setting, value, from]);
  if (output === 'markdown') return table.markdown();
  const file = `config file: ${settings.file === '' ? 'none' : settings.file}\n`;
  return rows.length === 0 ? `${file}every flag has its default\n` : `${file}\n${table.text(run.colours)}`;
}

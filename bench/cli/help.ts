/**
 * `seatrial help [topic]`: the help of a command, or a topic that belongs to none.
 */
import { commandWord, defineCommand } from './command.ts';
import { EXIT, EXIT_ROWS } from './exit.ts';
import { CLI_CODES, ProblemList } from './user-error.ts';

const TOPICS = ['card', 'exit-codes', 'formats'] as const;

export const helpCommand = defineCommand<{ topic: string | undefined }>({
  name: 'help [topic]',
  describe: 'Explain a command, or a topic: card, exit-codes, formats',
  examples: [
    ['seatrial help card', 'how to read the report card of `trial`: columns, marks, floors'],
    ['seatrial help exit-codes', 'what each exit code says'],
    ['seatrial help formats', 'what `conform` can replay'],
  ],
  ownSettings: false,
  complete: (_before, { commands }) => [
    ...TOPICS,
    ...commands.filter(({ describe }) => describe !== false).map(commandWord),
  ],
  builder: (parser) =>
    parser.positional('topic', { type: 'string', describe: 'a command, card, exit-codes or formats' }),
  handler: async (args, run) => {
    const problems = new ProblemList();
    if (args.topic === undefined) {
      problems.error({}, CLI_CODES.missingArgument, 'help needs a topic', { hint: `known: ${TOPICS.join(', ')}` });
    } else if (args.topic === 'marks') {
      const hint = 'marks of the report card: seatrial help card; marks of coverage: seatrial list marks';
      problems.error({}, CLI_CODES.badValue, 'unknown topic "marks"', { hint });
    } else if (!TOPICS.some((topic) => topic === args.topic)) {
      const words = run.commands.filter(({ describe }) => describe !== false).map(commandWord);
      problems.unknownName({}, CLI_CODES.badValue, 'topic', args.topic, [...TOPICS, ...words]);
    }
    problems.throwIfErrors();
    if (args.topic === 'card') {
      run.io.out((await import('./card-topic.ts')).CARD_TOPIC);
      return EXIT.yes;
    }
    const { Table } = await import('../report/table.ts');
    if (args.topic === 'formats') {
      const { FORMATS } = await import('../conform/formats.ts');
      const formats = new Table([{ title: 'format' }, { title: 'what has to agree' }]);
      for (const { name, about } of FORMATS) formats.add([name, about]);
      run.io.out(formats.text(run.colours));
      return EXIT.yes;
    }
    const table = new Table([{ title: 'code', align: 'right' }, { title: 'name' }, { title: 'meaning' }]);
    for (const row of EXIT_ROWS) table.add([`${row.code}`, row.name, row.meaning]);
    run.io.out(`${table.text(run.colours)}\nWhen several apply: 3, then 143, 130, 2, 1, 4, 0.\n`);
    return EXIT.yes;
  },
});

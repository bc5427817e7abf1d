/**
 * Draws cases for the oracle: `draw.ts SUBJECT --seed N --cases N` writes JSON lines. What is drawn is small (few labels, nodes, images, sizes),
 * so that rules meet; what is knowingly simplified here is not drawn, and a comment says so where it is left out.
 */
import { parseArgs } from 'node:util';
import { Dice } from './dice.ts';
import { DRAWN_SUBJECTS } from './subjects.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: '1' }, cases: { type: 'string', default: '1000' } },
});
const subject = positionals[0] ?? '';
const drawCase = DRAWN_SUBJECTS[subject];
if (drawCase === undefined) {
  process.stderr.write(`unknown subject "${subject}", known are: ${Object.keys(DRAWN_SUBJECTS).join(', ')}\n`);
  process.exit(2);
}
const dice = new Dice(Number(values.seed), subject);
for (let i = 1; i <= Number(values.cases); i++) {
  process.stdout.write(
    `${JSON.stringify({ case: `${subject}/${values.seed}.${i}`, subject, input: drawCase(dice) })}\n`,
  );
}

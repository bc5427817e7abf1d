/**
 * Where an error came from, in the words of V8 and esbuild.
 */
import path from 'node:path';
import { expect, test } from 'vitest';
import { isThrownByUser, placedStack, placeText } from '../../../bench/user-modules/error-place.ts';
import { PROJECT_ROOT } from '../../support/cli.ts';

const own = path.join(PROJECT_ROOT, 'dist', 'bench', 'x.js');
const mine = path.join(process.cwd(), "it's (copy)", 'mine.ts');
const shown = path.join("it's (copy)", 'mine.ts');

test.each([
  ['a function', `Error: no\n    at f (${mine}:5:9)`, 'Error: no', `${shown}:5:9`],
  [
    'a module, awaited',
    'Error: no\n    at async file:///tmp/m%20n.mjs?namespace=1:7:1',
    'Error: no',
    '/tmp/m n.mjs:7:1',
  ],
  [
    'what a user called',
    `TypeError: a\nb\n    at g (${own}:1:1)\n    at f (${mine}:2:3)`,
    'TypeError: a b',
    `${shown}:2:3`,
  ],
  [
    'Node and packages alone',
    'Error: no\n    at node:internal/x:1:2\n    at h (/a/node_modules/b/c.js:1:1)',
    'Error: no',
    '',
  ],
  [
    'a caret',
    `${mine}:3\n  y: 1 };\n  ^\n\nSyntaxError: Unexpected y\n    at z`,
    'SyntaxError: Unexpected y',
    `${shown}:3:3`,
  ],
  [
    'an end too early',
    `${mine}:1\nlet a = {\n\n\n\nSyntaxError: Unexpected end\n`,
    'SyntaxError: Unexpected end',
    `${shown}:1:10`,
  ],
  [
    'esbuild',
    `TransformError: failed:\n${mine}:4:2: ERROR: Expected "}"\n    at q`,
    'SyntaxError: Expected "}"',
    `${shown}:4:3`,
  ],
])('%s', (_what, stack, text, place) => {
  const found = placedStack(stack);
  expect([found.text, path.relative(process.cwd(), path.resolve(placeText(found)))]).toEqual([
    text,
    path.relative(process.cwd(), path.resolve(place)),
  ]);
});

test('what seatrial throws for a user is not thrown by the user', () => {
  const error = new Error('no');
  error.stack = `Error: no\n    at g (${own}:1:1)\n    at f (${mine}:2:3)`;
  expect(isThrownByUser(error)).toBe(false);
  error.stack = `Error: no\n    at f (${mine}:2:3)\n    at node:internal/timers:1:1`;
  expect(isThrownByUser(error)).toBe(true);
  expect(isThrownByUser('no')).toBe(false);
});

test.each([
  ['scenarios/load.ts', false],
  ['core/sim/simulation.ts', false],
  ['scenarios/operators/website-operator.ts', true],
  ['scenarios/examples/shop/mine.mjs', true],
])('%s of the sources', (file, isUsers) => {
  const error = new Error('no');
  error.stack = `Error: no\n    at f (${path.join(PROJECT_ROOT, file)}:2:3)`;
  expect(isThrownByUser(error)).toBe(isUsers);
});

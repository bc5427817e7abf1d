import { expect, test } from 'vitest';
import { typedFlags } from '../../../bench/cli/typed-flags.ts';

test.each([
  [['search', 'x.yaml', '--runs', '4'], ['runs']],
  [
    ['search', 'x.yaml', '--runs=4', '-p', 'pairs'],
    ['profile', 'runs'],
  ],
  [['search', 'x.yaml', '-ppairs'], ['profile']],
  [['search', 'x.yaml', '--runs-of-others', '4'], []],
  [['search', '--', '--runs'], []],
])('%j', (argv, typed) => {
  expect(typedFlags(argv, ['profile', 'runs'], { profile: 'p' })).toEqual(typed);
});

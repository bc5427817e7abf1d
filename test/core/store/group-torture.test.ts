/** Random faults against groups of members: nothing breaks in clean code, and each planted bug is found. */
import { describe, expect, it } from 'vitest';
import { type Style, torture } from './group-torture.ts';

const SOAK = (process.env['SEATRIAL_SOAK'] ?? '') !== '';

const CLEAN: readonly (readonly [Style, number, number])[] = [
  ['mixed', 3, SOAK ? 4_000 : 12],
  ['mixed', 5, SOAK ? 2_000 : 3],
  ['power', 3, SOAK ? 2_000 : 4],
  ['figure-eight', 3, SOAK ? 500 : 2],
  ['figure-eight', 5, SOAK ? 500 : 1],
  ['votes', 5, SOAK ? 1_000 : 3],
];

describe('a group of store members under random faults', () => {
  for (const [style, members, seeds] of CLEAN) {
    it(`keeps every promise: ${style}, ${members} members, seeds 1 to ${seeds}`, () => {
      for (let seed = 1; seed <= seeds; seed++) {
        expect({ seed, broken: torture({ seed, style, members }) }).toEqual({ seed, broken: [] });
      }
    });
  }

  const PLANTED: readonly (readonly [bug: string, Style, members: number, shows: RegExp, seeds: number])[] = [
    ['store-read-unconfirmed', 'mixed', 3, /^read: /, 5],
    ['store-apply-again', 'mixed', 3, /^(hash|history): /, 5],
    ['store-consistent-index-ahead', 'mixed', 3, /^(hash|history): /, 10],
    ['store-snapshot-keeps-watches', 'mixed', 3, /^watch: /, 40],
    ['store-promise-before-sync', 'power', 3, /^(hash|history|lost): /, 40],
    ['store-commit-older-term', 'figure-eight', 3, /^(hash|history): /, 10],
    ['store-vote-not-persisted', 'votes', 5, /^leader: /, 80],
  ];

  for (const [bug, style, members, shows, seeds] of PLANTED) {
    it(`${bug} is found by the ${style} campaign within ${seeds} seeds`, () => {
      let found: readonly string[] = [];
      for (let seed = 1; seed <= seeds && found.length === 0; seed++) {
        found = torture({ seed, style, members, bugs: [bug] }).filter((line) => shows.test(line));
      }
      expect(found.length).toBeGreaterThan(0);
    });
  }
});

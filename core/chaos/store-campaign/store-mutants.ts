/**
 * Planted bugs of the store that show in a group of members alone, without a cluster around it, and the campaign that finds each.
 */
import { type Style, torture } from './group-torture.ts';

/** A bug, the style of faults, members, what it must break, and how many seeds a campaign may need. */
export interface StoreMutant {
  readonly bug: string;
  readonly style: Style;
  readonly members: number;
  /** What the campaign says first; with the predicate of the catalogue that it stands for. */
  readonly shows: readonly { readonly word: string; readonly predicate: string }[];
  readonly seeds: number;
}

const STATE = [
  { word: 'hash', predicate: 'S4' },
  { word: 'history', predicate: 'S4' },
];

/** Manual of the store §4.3, and §5.4.2 of the Raft paper for the entry of an older term. */
export const STORE_MUTANTS: readonly StoreMutant[] = [
  { bug: 'store-read-unconfirmed', style: 'mixed', members: 3, shows: [{ word: 'read', predicate: 'S6' }], seeds: 5 },
  { bug: 'store-apply-again', style: 'mixed', members: 3, shows: STATE, seeds: 5 },
  { bug: 'store-consistent-index-ahead', style: 'mixed', members: 3, shows: STATE, seeds: 10 },
  {
    bug: 'store-snapshot-keeps-watches',
    style: 'mixed',
    members: 3,
    shows: [{ word: 'watch', predicate: 'S8' }],
    seeds: 40,
  },
  {
    bug: 'store-promise-before-sync',
    style: 'power',
    members: 3,
    shows: [...STATE, { word: 'lost', predicate: 'S3' }],
    seeds: 40,
  },
  { bug: 'store-commit-older-term', style: 'figure-eight', members: 3, shows: STATE, seeds: 10 },
  {
    bug: 'store-vote-not-persisted',
    style: 'votes',
    members: 5,
    shows: [{ word: 'leader', predicate: 'S5' }],
    seeds: 80,
  },
];

/** What a campaign over a mutant came to. */
export interface StoreMutantResult {
  /** The predicate that broke; '' = none. */
  readonly foundBy: string;
  readonly runs: number;
  /** What breaks in the same run without the bug: must be ''. */
  readonly falseAlarm: string;
}

/** Looks for the bug with seeds from 1 on. */
export function findStoreMutant({ bug, style, members, shows, seeds }: StoreMutant): StoreMutantResult {
  for (let seed = 1; seed <= seeds; seed++) {
    const broken = torture({ seed, style, members, bugs: [bug] });
    const found = shows.find(({ word }) => broken.some((line) => line.startsWith(`${word}: `)));
    if (found === undefined) continue;
    return { foundBy: found.predicate, runs: seed, falseAlarm: torture({ seed, style, members })[0] ?? '' };
  }
  return { foundBy: '', runs: seeds, falseAlarm: '' };
}

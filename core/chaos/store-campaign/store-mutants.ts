/**
 * Planted bugs of the store that show in a group of members alone, without a cluster around it, and the campaign that finds each.
 */
import { type Style, torture } from './group-torture.ts';
import { leaseCampaign } from './lease-campaign.ts';
import { spaceCampaign } from './space-campaign.ts';
import { watchCampaign } from './watch-campaign.ts';

/** What one run of a campaign breaks; a line begins with a word that says of what. */
export type StoreCampaign = (seed: number, bugs: readonly string[]) => readonly string[];

/** A bug, the campaign that must find it, what it must break, and how many seeds that may need. */
export interface StoreMutant {
  readonly bug: string;
  readonly campaign: StoreCampaign;
  /** What the campaign says first; with the predicate of the catalogue that it stands for. */
  readonly shows: readonly { readonly word: string; readonly predicate: string }[];
  readonly seeds: number;
}

const STATE = [
  { word: 'hash', predicate: 'S4' },
  { word: 'history', predicate: 'S4' },
];
const WATCH = [{ word: 'watch', predicate: 'S8' }];
const LEASE = [{ word: 'lease', predicate: 'S10' }];

const faults =
  (style: Style, members: number): StoreCampaign =>
  (seed, bugs) =>
    torture({ seed, style, members, bugs });

const mixed = faults('mixed', 3);

/** Manual of the store §4.3, and §5.4.2 of the Raft paper for the entry of an older term. */
export const STORE_MUTANTS: readonly StoreMutant[] = [
  { bug: 'store-read-unconfirmed', campaign: mixed, shows: [{ word: 'read', predicate: 'S6' }], seeds: 5 },
  {
    bug: 'store-read-id-reused',
    campaign: faults('reads', 3),
    shows: [{ word: 'read', predicate: 'S6' }],
    seeds: 5,
  },
  { bug: 'store-apply-again', campaign: mixed, shows: STATE, seeds: 5 },
  { bug: 'store-consistent-index-ahead', campaign: mixed, shows: STATE, seeds: 10 },
  { bug: 'store-snapshot-keeps-watches', campaign: watchCampaign, shows: WATCH, seeds: 3 },
  {
    bug: 'store-promise-before-sync',
    campaign: faults('power', 3),
    shows: [...STATE, { word: 'lost', predicate: 'S3' }],
    seeds: 40,
  },
  { bug: 'store-commit-older-term', campaign: faults('figure-eight', 3), shows: STATE, seeds: 10 },
  {
    bug: 'store-vote-not-persisted',
    campaign: faults('votes', 5),
    shows: [{ word: 'leader', predicate: 'S5' }],
    seeds: 80,
  },
  { bug: 'store-watch-drops-victims', campaign: watchCampaign, shows: WATCH, seeds: 3 },
  { bug: 'store-watch-compacted-untold', campaign: watchCampaign, shows: WATCH, seeds: 30 },
  { bug: 'store-watch-future-early', campaign: watchCampaign, shows: WATCH, seeds: 3 },
  { bug: 'store-compaction-drops-tombstone', campaign: watchCampaign, shows: WATCH, seeds: 3 },
  { bug: 'store-progress-overtakes', campaign: watchCampaign, shows: WATCH, seeds: 20 },
  {
    bug: 'store-progress-elided',
    campaign: watchCampaign,
    shows: [{ word: 'progress', predicate: 'S8' }],
    seeds: 3,
  },
  { bug: 'store-old-leader-revokes-leases', campaign: leaseCampaign, shows: LEASE, seeds: 10 },
  { bug: 'store-alarm-unlogged', campaign: spaceCampaign, shows: STATE, seeds: 3 },
  { bug: 'store-no-space-ignored', campaign: spaceCampaign, shows: [{ word: 'space', predicate: 'S11' }], seeds: 40 },
  {
    bug: 'store-hash-any-compaction',
    campaign: spaceCampaign,
    shows: [{ word: 'corrupt', predicate: 'S12' }],
    seeds: 10,
  },
  { bug: 'store-defragment-forgets-index', campaign: spaceCampaign, shows: STATE, seeds: 3 },
  { bug: 'store-renew-expired', campaign: leaseCampaign, shows: LEASE, seeds: 20 },
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
export function findStoreMutant({ bug, campaign, shows, seeds }: StoreMutant): StoreMutantResult {
  for (let seed = 1; seed <= seeds; seed++) {
    const broken = campaign(seed, [bug]);
    const found = shows.find(({ word }) => broken.some((line) => line.startsWith(`${word}: `)));
    if (found === undefined) continue;
    return { foundBy: found.predicate, runs: seed, falseAlarm: campaign(seed, [])[0] ?? '' };
  }
  return { foundBy: '', runs: seeds, falseAlarm: '' };
}

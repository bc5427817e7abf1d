/** Random faults against groups of members: nothing breaks in clean code, and each planted bug is found. */
import { describe, expect, it } from 'vitest';
import { type Style, torture } from '../../../core/chaos/store-campaign/group-torture.ts';
import { leaseCampaign } from '../../../core/chaos/store-campaign/lease-campaign.ts';
import { spaceCampaign } from '../../../core/chaos/store-campaign/space-campaign.ts';
import { findStoreMutant, STORE_MUTANTS } from '../../../core/chaos/store-campaign/store-mutants.ts';

import { watchCampaign } from '../../../core/chaos/store-campaign/watch-campaign.ts';

const SOAK = (process.env['SEATRIAL_SOAK'] ?? '') !== '';

const LEASE_SEEDS = SOAK ? 2_000 : 10;
const SPACE_SEEDS = SOAK ? 2_000 : 10;
const WATCH_SEEDS = SOAK ? 2_000 : 10;

const CLEAN: readonly (readonly [Style, number, number])[] = [
  ['mixed', 3, SOAK ? 4_000 : 12],
  ['mixed', 5, SOAK ? 2_000 : 3],
  ['reads', 3, SOAK ? 1_000 : 5],
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

  it(`keeps every lease for its time and no longer, seeds 1 to ${LEASE_SEEDS}`, () => {
    for (let seed = 1; seed <= LEASE_SEEDS; seed++) {
      expect({ seed, broken: leaseCampaign(seed) }).toEqual({ seed, broken: [] });
    }
  });

  it(`has room again, equal members and no false suspicion, seeds 1 to ${SPACE_SEEDS}`, () => {
    for (let seed = 1; seed <= SPACE_SEEDS; seed++) {
      expect({ seed, broken: spaceCampaign(seed) }).toEqual({ seed, broken: [] });
    }
  });

  it(`shows every watch all it must see, seeds 1 to ${WATCH_SEEDS}`, () => {
    for (let seed = 1; seed <= WATCH_SEEDS; seed++) {
      expect({ seed, broken: watchCampaign(seed) }).toEqual({ seed, broken: [] });
    }
  });

  for (const mutant of STORE_MUTANTS) {
    it(`${mutant.bug} is found within ${mutant.seeds} seeds`, () => {
      const { foundBy, falseAlarm } = findStoreMutant(mutant);
      expect(mutant.shows.map(({ predicate }) => predicate)).toContain(foundBy);
      expect(falseAlarm).toBe('');
    });
  }
});

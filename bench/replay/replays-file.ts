/**
 * The replays of a campaign as its run folder keeps them, worst first.
 */
import type { CampaignResult } from '../campaign/campaign.ts';
import { replayLine } from '../campaign/replay-line.ts';
import type { ClusterReplay } from './cluster-replay.ts';

/** Each replay with the line that shows its case again; those of unexpected cases first, then in the order of the files. */
export function campaignReplays(result: CampaignResult): ClusterReplay[] {
  const bad = (each: CampaignResult['scenarios'][number]): number =>
    each.cases.every(({ asExpected }) => asExpected) ? 1 : 0;
  return [...result.scenarios]
    .sort((left, right) => bad(left) - bad(right))
    .flatMap(({ scenario: { file, twin, plan, inputs }, replay }) => {
      if (replay === null) return [];
      const title = twin && !plan.name.includes('twin') ? `${plan.name} (twin)` : plan.name;
      return [{ ...replay, title, again: replayLine({ file, twin, seed: replay.seed, inputs }) }];
    });
}

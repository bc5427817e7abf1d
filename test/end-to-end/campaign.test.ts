/**
 * A campaign with the built worker: equal results for any number of workers, and a worker that dies.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CampaignResult, type CampaignScenario, runCampaign } from '../../bench/campaign/campaign.ts';
import { exitOf, verdictOf } from '../../bench/campaign/campaign-verdict.ts';
import { loadScenarios } from '../../bench/campaign/load-scenarios.ts';
import { campaignJson } from '../../bench/report/campaign-json.ts';
import { campaignText } from '../../bench/report/campaign-text.ts';
import { makeColours } from '../../bench/report/colour.ts';
import { stableJson } from '../../bench/report/stable-json.ts';
import { ProblemList } from '../../scenarios/problem.ts';
import { CRASH_SCENARIO } from '../support/scenario-text.ts';

const DYING_WORKER = fileURLToPath(new URL('../support/dying-worker.mjs', import.meta.url));
const SEEDS = Array.from({ length: 14 }, (_, index) => index + 1);

let scratch = '';
let scenarios: readonly CampaignScenario[] = [];
beforeAll(() => {
  scratch = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
  const file = path.join(scratch, 'crash.yaml');
  writeFileSync(file, CRASH_SCENARIO);
  const problems = new ProblemList();
  scenarios = loadScenarios([file], problems);
  problems.throwIfErrors();
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const campaign = (workers: number, workerFile?: string): Promise<CampaignResult> =>
  runCampaign({ scenarios, seeds: SEEDS, workers, caseTimeoutMs: 0, workerFile });
const json = (result: CampaignResult) => stableJson(campaignJson(result, verdictOf(result, false)));

test('1, 2 and 4 workers give equal results', async () => {
  const [one, two, four] = [await campaign(1), await campaign(2), await campaign(4)];
  expect(json(two)).toBe(json(one));
  expect(json(four)).toBe(json(one));
  expect(verdictOf(one, false)).toBe('as expected');
});

test('a worker that dies: its case is broken with its replay line, the others are as without it, exit 3', async () => {
  const whole = await campaign(2);
  for (const workers of [1, 2]) {
    const hurt = await campaign(workers, DYING_WORKER);
    expect(hurt.complete).toBe(true);
    const verdict = verdictOf(hurt, false);
    expect([verdict, exitOf(verdict, undefined)]).toEqual(['broken', 3]);
    hurt.scenarios.forEach(({ cases }, index) => {
      for (const [place, each] of cases.entries()) {
        if (each.seed === 13) expect(each).toMatchObject({ outcome: 'broken', digest: '' });
        else expect(each.digest).toBe(whole.scenarios[index]?.cases[place]?.digest);
      }
    });
    const text = campaignText(hurt, verdict, makeColours(false));
    expect(text).toMatch(
      /^small-crash, seed 13: broken: .*exited.*\n {2}replay: seatrial replay .*crash\.yaml --seed 13 --build /m,
    );
    expect(text).toMatch(/^small-crash \(twin\), seed 13: broken: .*\n {2}replay: .* --seed 13 --twin --build /m);
  }
});

/**
 * Verdict, exit code and warnings of hand-made results.
 */
import { describe, expect, test } from 'vitest';
import type { CampaignResult, CampaignScenario } from '../../../bench/campaign/campaign.ts';
import { exitOf, verdictOf, warningsOf } from '../../../bench/campaign/campaign-verdict.ts';
import { type CaseResult, emptyCase } from '../../../bench/campaign/case-result.ts';
import { campaignJson, campaignMetrics, campaignNdjson } from '../../../bench/report/campaign-json.ts';
import { campaignMarkdown, campaignText } from '../../../bench/report/campaign-text.ts';
import { makeColours } from '../../../bench/report/colour.ts';
import { Histogram } from '../../../bench/report/histogram.ts';
import { stableJson } from '../../../bench/report/stable-json.ts';
import type { ScenarioPlan } from '../../../core/chaos/plan.ts';

const PLAN: ScenarioPlan = {
  name: 'zone-loss',
  about: 'One zone is gone.',
  source: 'own',
  cluster: { nodes: { count: 3 } },
  workload: [],
  operations: [],
  faults: [{ id: 'f1', kind: 'node-crash', target: { node: 'node-0' }, trigger: { kind: 'at', atUs: 1 }, forUs: null }],
  phases: { warmUpUs: 0, safetyUs: 1, heal: 'all', boundUs: 5_000_000, stableUs: 1 },
  predicates: [],
  excuses: [],
  bugs: [],
  expect: 'pass',
  eventsMax: 1000,
};
const SCENARIO: CampaignScenario = { file: 'my folder/zone.yaml', twin: false, plan: PLAN, warnings: [] };
const DIGEST = 'ab'.repeat(32);

const good = (seed: number): CaseResult => ({
  ...emptyCase(seed, 'missing', ''),
  outcome: 'pass',
  asExpected: true,
  convergedUs: 3_000_000,
  healUs: 1_000_000,
  boundUs: 9_000_000,
  events: 1000,
  digest: DIGEST,
  hostMs: seed / 3,
});
const bad = (seed: number): CaseResult => ({
  ...good(seed),
  outcome: 'fail',
  asExpected: false,
  predicate: 'RS1',
  message: '2 of 3\npods',
});
const excused = (seed: number): CaseResult => ({ ...good(seed), outcome: 'excused', predicate: 'no-feasible-node' });

function result(cases: readonly CaseResult[], complete = true, scenario = SCENARIO): CampaignResult {
  const podStartup = new Histogram('zone-loss.pod-startup-us');
  podStartup.record(1234);
  const recovery = new Histogram('zone-loss.recovery-us');
  return {
    seeds: cases.map(({ seed }) => seed),
    scenarios: [{ scenario, cases, podStartup, recovery, replay: null }],
    complete,
    elapsedMs: 12,
  };
}

describe('verdict', () => {
  test.each([
    ['all good', [good(1), good(2)], true, false, 'as expected', 0],
    ['one bad', [good(1), bad(2)], true, false, 'not as expected', 1],
    ['a bug beats a finding', [bad(1), emptyCase(2, 'bug', 'assertion')], true, false, 'broken', 3],
    ['a lost worker', [emptyCase(2, 'broken', 'worker exited')], true, false, 'broken', 3],
    ['interrupted', [bad(1), emptyCase(2, 'missing', '')], false, false, 'incomplete', 130],
    ['excused', [excused(1)], true, false, 'as expected', 0],
    ['excused, strict', [excused(1)], true, true, 'not decided', 4],
    ['bad, strict', [excused(1), bad(2)], true, true, 'not as expected', 1],
  ] as const)('%s', (_name, cases, complete, strict, verdict, exit) => {
    const found = verdictOf(result(cases, complete), strict);
    expect(found).toBe(verdict);
    expect(exitOf(found, complete ? undefined : 130)).toBe(exit);
  });

  test('warnings: a bound below the computed one, a fault that never hit', () => {
    const warnings = ({ scenarios: [first, second] }: CampaignResult): string[] =>
      second === undefined ? warningsOf(first!, []) : warningsOf(second, [first!, second]);
    expect(warnings(result([good(1)]))).toEqual([
      expect.stringContaining('liveness bound 5s is below the computed 9s'),
    ]);
    const idle = { ...good(1), idleFaults: ['f1'] };
    const texts = warnings(result([idle, idle]));
    expect(texts[1]).toBe('my folder/zone.yaml warning: never had an effect: fault f1');
    expect(warnings(result([idle, good(2)]))).toHaveLength(1);
    const operated = {
      ...SCENARIO,
      plan: { ...PLAN, cluster: { nodes: { count: 3 }, operators: [{ module: '/x/site.ts' }] } },
    };
    const unused = { ...good(1), neverEvaluated: ['OP1'] };
    expect(warnings(result([unused, unused], true, operated))[1]).toBe(
      'my folder/zone.yaml warning: never reconciled anything: operator site.ts',
    );
    expect(warnings(result([unused, good(2)], true, operated))).toHaveLength(1);
    // A twin's repair may leave a fault nothing to do that the file's own cases show to be one.
    const twin = result([idle, idle], true, { ...SCENARIO, twin: true }).scenarios;
    const both = (cases: readonly CaseResult[]): CampaignResult => {
      const file = result(cases);
      return { ...file, scenarios: [...file.scenarios, ...twin] };
    };
    expect(warnings(both([bad(1), idle]))).toHaveLength(1);
    expect(warnings(both([idle, idle]))).toHaveLength(2);
  });
});

describe('reports', () => {
  const mixed = result([good(1), bad(2), emptyCase(3, 'broken', 'worker exited with code: 7')]);

  test('text: the table, each unexpected case with its replay line, the verdict last', () => {
    const text = campaignText(mixed, verdictOf(mixed, false), makeColours(false));
    expect(text).toMatch(/^zone-loss +pass +1 pass, 1 fail RS1, 1 broken +3 /m);
    expect(text).toMatch(
      /^zone-loss, seed 2: fail RS1: 2 of 3 pods\n {2}replay: seatrial replay 'my folder\/zone.yaml' --seed 2 --build [0-9a-f]{12}$/m,
    );
    expect(text).toMatch(/^zone-loss, seed 3: broken: worker exited with code: 7$/m);
    expect(text).toMatch(
      /\nwhat RS1 says: seatrial list predicates RS1\nverdict: broken \(3 of 3 cases run, 1 not as expected, 1 broken\)\n$/,
    );
  });

  test('pods without a node are named with a failure, and once for the cases of a scenario that pass', () => {
    const waits = (each: CaseResult, ...names: string[]) => ({
      ...each,
      pendingPods: { count: names.length + 4, names },
    });
    const pending = result([good(1), waits(good(2), 'v/a', 'v/b'), waits(good(3), 'v/c'), waits(bad(4), 'v/d')]);
    const told = [
      /^zone-loss, seed 2: pass, ends with 6 pods without a node; so does 1 other case\n {2}pending: v\/a, v\/b and 4 more: seatrial explain v\/a 'my folder\/zone.yaml' --seed 2 /m,
      /^zone-loss, seed 4: fail RS1: .*\n {2}replay: .*\n {2}pending: v\/d and 4 more: seatrial explain v\/d .* --seed 4 /m,
    ];
    const text = campaignText(pending, verdictOf(pending, false), makeColours(false));
    for (const line of told) {
      expect(text).toMatch(line);
      expect(campaignMarkdown(pending, 'broken')).toMatch(line);
    }
    expect(text).not.toContain('v/c');
  });

  test('Markdown holds the same rows', () => {
    expect(campaignMarkdown(mixed, 'broken')).toContain('| zone-loss | pass | 1 pass, 1 fail RS1, 1 broken | 3 |');
  });

  test('JSON without host times, one NDJSON line a case, metrics with kinds', () => {
    const json = stableJson(campaignJson(mixed, 'broken'));
    expect(json).not.toContain('hostMs');
    expect(JSON.parse(json).scenarios[0].podStartupUs).toEqual({
      count: 1,
      p50: 1234,
      p90: 1234,
      p99: 1234,
      p100: 1234,
    });
    const slower = result(mixed.scenarios[0]!.cases.map((each) => ({ ...each, hostMs: 99 })));
    expect(stableJson(campaignJson(slower, 'broken'))).toBe(json);
    const lines = campaignNdjson(mixed, 'broken')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ type }) => type)).toEqual(['case', 'case', 'case', 'campaign']);
    const metrics = campaignMetrics(mixed);
    expect(metrics.find(({ name, seed }) => name === 'converged' && seed === 3)?.value).toBeNull();
    expect(new Set(metrics.map(({ kind }) => kind))).toEqual(new Set(['virtual', 'host', 'count']));
  });
});

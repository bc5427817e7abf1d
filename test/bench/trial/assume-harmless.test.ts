/**
 * What a user declares harmless: no mark hangs on it, the card and its replay lines say so, and a slip of the keyboard is told.
 */
import { expect, test } from 'vitest';
import { makeColours } from '../../../bench/report/colour.ts';
import { ASSUMABLE } from '../../../bench/trial/assumable.ts';
import { assumeHarmless } from '../../../bench/trial/assume-harmless.ts';
import { assumptionsOf } from '../../../bench/trial/assumptions.ts';
import { cardMarkdown, cardText } from '../../../bench/trial/card-report.ts';
import type { Inventory } from '../../../bench/trial/inventory.ts';
import { replayLine } from '../../../bench/trial/replay.ts';
import { formatProblem, ProblemList } from '../../../scenarios/problem.ts';
import { CARD_ROW, cardOf } from '../../support/report-card.ts';
import { deploymentText, inventoryOf, objectText } from '../../support/trial-manifests.ts';

const POLICY = objectText('networking.k8s.io/v1', 'NetworkPolicy', 'deny', 'spec: {podSelector: {}}');
const CRON = objectText(
  'batch/v1',
  'CronJob',
  'tidy',
  "spec: {schedule: '0 0 * * *', jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: b}]}}}}}",
);
const OPERATED = objectText(
  'example.com/v1',
  'Rollout',
  'shown',
  'spec: {template: {spec: {containers: [{name: a}]}}}',
);
const WEB = deploymentText({ name: 'web', pod: '      volumes: [{name: d, hostPath: {path: /d}}]' });

function assume(...kinds: string[]): { inventory: Inventory; said: string[] } {
  const problems = new ProblemList();
  const inventory = assumeHarmless(inventoryOf(WEB, POLICY, CRON, OPERATED), kinds, problems);
  return { inventory, said: problems.problems.map(formatProblem) };
}

test('marks hang on the rest, and the workload keeps what was declared', () => {
  const { inventory, said } = assume('NetworkPolicy');
  expect(said).toEqual([]);
  expect(inventory.workloads[0]?.uncertainties.map(({ what }) => what)).toEqual(['volume data (hostPath /d)']);
  expect(inventory.workloads[0]?.assumed).toEqual(['NetworkPolicy deny']);
  expect(assume('hostPath', 'NetworkPolicy').inventory.workloads[0]?.uncertainties).toEqual([]);
});

test('a workload whose kind is not simulated is left out, and named; also one of an operator', () => {
  const { inventory, said } = assume('CronJob', 'Rollout');
  expect(said).toEqual([]);
  expect(inventory.workloads.map(({ id }) => id)).toEqual(['Deployment/demo/web']);
  const cluster = { description: { nodes: { count: 1 } } } as unknown as Parameters<typeof assumptionsOf>[0]['cluster'];
  expect(assumptionsOf({ inventory, cluster })).toContain(
    'harmless, as --assume says: CronJob, Rollout; not tried: CronJob/demo/tidy, Rollout/demo/shown',
  );
});

test('an unknown word is an error with the nearest, one without effect a warning', () => {
  expect(assume('NetworkPolcy').said).toEqual([
    'error CLI-004: unknown kind to --assume "NetworkPolcy" (did you mean "NetworkPolicy"?)',
  ]);
  expect(assume('ResourceQuota', 'Deployment').said).toEqual([
    'warning CLI-004: --assume ResourceQuota changes nothing: it is not among the manifests',
    'warning CLI-004: --assume Deployment changes nothing: no mark hangs on it',
  ]);
});

test('every word of the completion is taken', () => {
  expect(assume(...ASSUMABLE).said.filter((line) => line.startsWith('error'))).toEqual([]);
});

test('text and Markdown say it under the workload, the replay line repeats it', () => {
  const card = cardOf(CARD_ROW);
  const declared = { ...card, workloads: card.workloads.map((each) => ({ ...each, assumed: ['NetworkPolicy deny'] })) };
  const view = { showDigest: false, verbose: false, pending: new Map() };
  expect(cardText(declared, makeColours(false), view)).toContain('\n  assumed harmless: NetworkPolicy deny\n');
  expect(cardMarkdown(declared, view)).toContain('\n\nassumed harmless: NetworkPolicy deny\n\n');
  expect(cardText(card, makeColours(false), view)).not.toContain('assumed harmless');
  const request = { paths: ['k8s'], only: undefined, seeds: [1], tolerateUs: 10_000_000, strict: false, inputs: '' };
  expect(replayLine({ ...request, failOn: 'failed', assume: ['CronJob', 'hostPath'] })).toContain(
    'seatrial trial k8s --seed 1 --assume CronJob,hostPath --build',
  );
});

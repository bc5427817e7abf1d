/**
 * The battery as other programs call it: a dead worker, and tasks.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { casesOf, TRIAL_NAMES } from '../../../bench/trial/battery.ts';
import { prepareTrial } from '../../../bench/trial/prepare.ts';
import { runTrial, tasksOf } from '../../../bench/trial/run-trial.ts';
import { TrialRunner } from '../../../bench/trial/trial-case.ts';
import { PROJECT_ROOT } from '../../support/cli.ts';
import { deploymentText } from '../../support/trial-manifests.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'seatrial-run-trial-'));
  writeFileSync(path.join(folder, 'app.yaml'), deploymentText({ name: 'web' }));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const request = (seeds: readonly number[]) => ({ paths: [folder], readStdin: () => '', seeds });

test('a worker that dies: its cases are broken with a replay line, the others finish, exit 3', async () => {
  const { card, exit } = await runTrial({
    ...request([1, 2]),
    only: ['zone-loss', 'store-crash'],
    tolerateUs: 10_000_000,
    workers: 2,
    failOn: 'failed',
    strict: false,
    workerFile: path.join(PROJECT_ROOT, 'test', 'support', 'dying-trial-worker.mjs'),
  });
  expect(exit).toBe(3);
  expect(card.verdict).toBe('broken');
  expect(card.broken.map(({ trial, seed }) => `${trial} ${seed}`)).toEqual([
    'zone-loss 2',
    'zone-loss 2',
    'zone-loss 2',
  ]);
  expect(card.broken[0]?.replay).toContain('--only zone-loss --seed 2');
  expect(card.workloads[0]?.rows.map(({ trial, cases }) => [trial, cases])).toEqual([
    ['zone-loss', 3],
    ['store-crash', 2],
  ]);
});

test('pods that never find a node fail the node crash too, they are not left out', () => {
  writeFileSync(path.join(folder, 'app.yaml'), deploymentText({ name: 'web', pod: '      nodeName: ghost' }));
  const prepared = prepareTrial({ ...request([1]), only: ['node-crash'] });
  const runner = new TrialRunner(prepared.setup);
  const ran = prepared.cases.map((trialCase) => runner.run(trialCase)).filter(({ skipped }) => !skipped);
  expect(ran.map(({ measures }) => measures.map(({ lowest }) => lowest))).toEqual([[0]]);
});

test('the floor of a bare Pod is what its node took, in the drain as in the crash: nobody replaces it', () => {
  const pod =
    'apiVersion: v1\nkind: Pod\nmetadata: {name: lone, namespace: demo}\nspec: {containers: [{name: c, image: x}]}\n';
  writeFileSync(path.join(folder, 'app.yaml'), pod);
  const { setup, cases } = prepareTrial({ ...request([1]), nodes: 3, only: ['node-crash', 'drain'] });
  const runner = new TrialRunner(setup);
  const ran = cases.map((trialCase) => runner.run(trialCase)).filter(({ skipped }) => !skipped);
  const floors = ran.map(({ measures }) => measures.map(({ floor, lowest }) => [floor, lowest]));
  expect(floors).toEqual([[[0, 0]], [[0, 0]]]);
});

test('pods whose service account is not there are refused, as in a real cluster: nothing of them survives', async () => {
  writeFileSync(
    path.join(folder, 'app.yaml'),
    deploymentText({ name: 'web', pod: '      serviceAccountName: robot' }) +
      `---\n${deploymentText({ name: 'given', pod: '      serviceAccountName: known' })}` +
      '---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: known, namespace: demo}\n',
  );
  const { card } = await runTrial({
    ...request([1]),
    only: ['store-crash'],
    tolerateUs: 10_000_000,
    workers: 1,
    failOn: 'failed',
    strict: false,
  });
  expect(card.workloads.map(({ id, mark }) => [id, mark])).toEqual([
    ['Deployment/demo/web', 'failed'],
    ['Deployment/demo/given', 'survived'],
  ]);
  expect(card.workloads[0]?.rows[0]?.blockers.join()).toContain('ServiceAccount robot is not among the manifests');
});

test('a StatefulSet is judged from the return of its node, and the row says that a pod waited', async () => {
  const text = deploymentText({ name: 'web' }).replace('kind: Deployment', 'kind: StatefulSet');
  writeFileSync(path.join(folder, 'app.yaml'), text);
  const { card } = await runTrial({
    ...request([1]),
    nodes: 3,
    only: ['node-crash'],
    tolerateUs: 10_000_000,
    workers: 1,
    failOn: 'failed',
    strict: false,
  });
  const [row] = card.workloads[0]?.rows ?? [];
  expect(row).toMatchObject({
    mark: 'survived',
    reasons: ['a StatefulSet does not replace a pod before its node is back'],
  });
  expect(row?.recoveryUs).toBeGreaterThan(300_000_000);
  expect(row?.recoveryUs).toBeLessThan(row?.boundUs ?? 0);
});

test('an interrupted trial is incomplete, not a verdict', async () => {
  const { card } = await runTrial({
    ...request([1]),
    only: ['store-crash'],
    tolerateUs: 10_000_000,
    workers: 1,
    failOn: 'failed',
    strict: false,
    signal: AbortSignal.abort(),
  });
  expect(card).toMatchObject({ complete: false, verdict: 'incomplete', runs: 0 });
});

test('every case is in exactly one task, and a task is of one trial and seed', () => {
  const { setup } = prepareTrial(request([1, 2, 3]));
  const cases = casesOf(setup);
  const tasks = tasksOf(cases);
  expect(tasks.flat().sort((left, right) => left - right)).toEqual(cases.map((_, index) => index));
  for (const task of tasks)
    expect(new Set(task.map((each) => `${cases[each]?.trial} ${cases[each]?.seed}`)).size).toBe(1);
  expect(new Set(cases.map(({ trial }) => trial))).toEqual(new Set(TRIAL_NAMES));
  expect(cases[tasks[0]?.[0] as number]?.trial).toBe('store-crash');
});

test('a Job that was deleted for its age has completed; one that never ends has not', () => {
  const job = (name: string, annotations: string): string => `apiVersion: batch/v1
kind: Job
metadata: {name: ${name}, namespace: demo}
spec:
  ttlSecondsAfterFinished: 0
  backoffLimit: 0
  template:
    metadata: {annotations: {${annotations}}}
    spec: {restartPolicy: Never, containers: [{name: c, image: a}]}
`;
  const jobs = [job('done', ''), job('broken', 'seatrial.dev/exit: error'), job('stuck', 'seatrial.dev/exit: never')];
  writeFileSync(path.join(folder, 'app.yaml'), jobs.join('---\n'));
  const prepared = prepareTrial({ ...request([1]), only: ['store-crash'] });
  const [ran] = prepared.cases.map((trialCase) => new TrialRunner(prepared.setup).run(trialCase));
  const lacks = ran?.measures.map(({ lack }) => lack) ?? [];
  expect(lacks.slice(0, 2)).toEqual(['', 'the Job failed']);
  expect(lacks[2]).not.toBe('');
});

/**
 * The recorder on a real run: it changes nothing, and what it shows is what the run's history says.
 */
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadScenarios } from '../../../bench/campaign/load-scenarios.ts';
import { STATE_COUNT } from '../../../bench/replay/cluster-replay.ts';
import { ReplayRecorder } from '../../../bench/replay/replay-recorder.ts';
import { runPlan } from '../../../core/chaos/run-plan.ts';
import { loadPatchedScenario } from '../../../scenarios/load.ts';
import { ProblemList } from '../../../scenarios/problem.ts';
import { PROJECT_ROOT } from '../../support/cli.ts';

const TITLE = { title: 'first-deployment', outcome: 'pass', again: '' };

test('a recorded run has the digest of a plain one; node, pods, fault and leaders are in the frames', () => {
  const [scenario] = loadScenarios([path.join(PROJECT_ROOT, 'scenarios/first-deployment.yaml')], new ProblemList());
  if (scenario === undefined) throw new Error('no scenario');
  const recorder = new ReplayRecorder();
  const result = runPlan(scenario.plan, 1, recorder);
  expect(result.digest).toBe(runPlan(scenario.plan, 1).digest);
  const replay = recorder.replay(result, TITLE);

  const [fault] = replay.faults;
  const [node = -1] = fault?.nodes ?? [];
  expect(fault?.kind).toBe('node-crash');
  const cells = (replay.cells[node] ?? '').split(' ').map(Number);
  const states = cells.filter((_, index) => index % 2 === 1).map((cell) => cell % STATE_COUNT);
  // Ready, away while the machine has no power, Ready again.
  expect(states.filter((state, index) => state !== states[index - 1])).toEqual([1, 2, 1]);
  const wentAwayUs =
    (cells[cells.findIndex((cell, index) => index % 2 === 1 && cell % STATE_COUNT === 2) - 1] ?? 0) * replay.frameUs;
  expect(wentAwayUs).toBeGreaterThan(fault?.beginUs ?? 0);
  expect(wentAwayUs).toBeLessThan((fault?.beginUs ?? 0) + 60_000_000);

  const away = replay.notReadyNodes.split(' ').map(Number);
  expect(Math.max(...away)).toBe(1);
  expect(away.at(-1)).toBe(0);
  expect(away).toHaveLength(replay.frameCount);
  const ready = replay.readyPods.split(' ').map(Number);
  expect(ready.at(-1)).toBe(result.counts.pods);
  expect(Object.keys(replay.leaders)).toContain('kube-scheduler');
  expect(replay.timeline.at(-1)?.what).toBe('end');
});

test('leaders of a store group: the one that was crashed, then another', () => {
  const patch = {
    cluster: { controlPlane: { storeMembers: 3 } },
    faults: [
      { id: 'crash', kind: 'process-crash', target: { component: 'etcd', instance: 'leader' }, at: '60s', for: '60s' },
    ],
    phases: { warmUp: '60s', safety: '90s', liveness: { stable: '20s' } },
  };
  const file = path.join(PROJECT_ROOT, 'scenarios/first-deployment.yaml');
  const plan = loadPatchedScenario(file, patch, new ProblemList());
  if (plan === null) throw new Error('no scenario');
  const recorder = new ReplayRecorder();
  const replay = recorder.replay(runPlan(plan, 1, recorder), TITLE);
  const [first, second] = replay.leaders['etcd (Raft)'] ?? [];
  expect(first?.holder).toBe(replay.faults[0]?.targets[0]);
  expect(second?.holder).not.toBe(first?.holder);
  expect(second?.timeUs).toBeGreaterThan(60_000_000);
  expect(second?.timeUs).toBeLessThan(65_000_000);
});

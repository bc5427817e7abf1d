/**
 * Marks: the rules one by one, and what is not simulated.
 */
import { describe, expect, test } from 'vitest';
import type { TrialName } from '../../../bench/trial/battery.ts';
import { blockersOf } from '../../../bench/trial/blockers.ts';
import { judge, seconds, withUncertainty } from '../../../bench/trial/mark.ts';
import type { Measure } from '../../../bench/trial/measure.ts';
import type { Workload } from '../../../bench/trial/workload.ts';
import { deploymentText, inventoryOf } from '../../support/trial-manifests.ts';

const S = 1_000_000;
const RULES = { tolerateUs: 10 * S, boundUs: 60 * S };
const WEB = inventoryOf(deploymentText({ name: 'web' })).workloads[0] as Workload;
const JOB: Workload = { ...WEB, kind: 'Job' };
const GOOD: Measure = {
  replicas: 3,
  readyBefore: 3,
  unschedulableBefore: '',
  unreadyBefore: '',
  onFailed: 1,
  floor: 2,
  lowest: 2,
  missed: null,
  belowFloorUs: 0,
  longestNoneUs: 0,
  recoveryUs: 30 * S,
  lack: '',
  blockedNodes: [],
  unschedulable: '',
  waiting: null,
  curve: [],
};
const mark = (more: Partial<Measure>, workload = WEB, trial: TrialName = 'node-crash') =>
  judge(workload, trial, { ...GOOD, ...more }, RULES).mark;

describe('the worst mark that applies counts', () => {
  test.each<[string, Partial<Measure>, string]>([
    ['all as it should be', {}, 'survived'],
    ['none ready, as long as tolerated', { longestNoneUs: 10 * S }, 'survived'],
    ['none ready, longer than tolerated', { longestNoneUs: 10 * S + 1 }, 'failed'],
    ['none wanted, none ready', { replicas: 0, longestNoneUs: 99 * S }, 'survived'],
    ['not converged', { lack: 'something' }, 'failed'],
    ['below the floor', { lowest: 1, missed: { floor: 2, ready: 1 }, belowFloorUs: 1 }, 'degraded'],
    ['back exactly in time', { recoveryUs: 60 * S }, 'survived'],
    ['back too late', { recoveryUs: 60 * S + 1 }, 'degraded'],
    ['below the floor and none ready', { lowest: 0, longestNoneUs: 11 * S }, 'failed'],
  ])('%s', (_name, measure, expected) => {
    expect(mark(measure)).toBe(expected);
  });

  test('the reason keeps apart how long it was below the floor and how few there were', () => {
    const missed = { floor: 2, ready: 1 };
    // None were ready while a node with all of them was drained, whose floor was 0.
    const measure = { ...GOOD, floor: 0, lowest: 0, missed, belowFloorUs: 13.2 * S, longestNoneUs: S };
    expect(judge(WEB, 'drain', measure, RULES).reasons).toEqual([
      'below the floor for 13s while the next node was drained: 1 ready, floor 2',
    ]);
  });

  test.each([
    [0, '0s'],
    [1, '0.1s'],
    [100_000, '0.1s'],
    [2_680_000, '2.7s'],
    [9_949_999, '9.9s'],
    [9_950_000, '10s'],
    [318_183_105, '5m18s'],
  ])('%i µs read %s', (us, text) => {
    expect(seconds(us)).toBe(text);
  });

  test('a drain is judged by what blocked it, not by the time until all are back', () => {
    expect(mark({ recoveryUs: 999 * S }, WEB, 'drain')).toBe('survived');
    expect(mark({ blockedNodes: ['node-1'] }, WEB, 'drain')).toBe('degraded');
  });

  test('a Job survives when it completes, whatever its pods did', () => {
    expect(mark({ longestNoneUs: 99 * S, lowest: 0, recoveryUs: -1 }, JOB)).toBe('survived');
    expect(mark({ lack: 'the Job failed' }, JOB)).toBe('failed');
  });
});

describe('unknown', () => {
  const survived = { mark: 'survived', reasons: [] } as const;
  const failed = { mark: 'failed', reasons: ['none ready'] } as const;
  const worse = { what: 'volume', kind: 'nfs', effect: 'worse', scope: 'moves' } as const;
  const either = {
    what: 'HorizontalPodAutoscaler',
    kind: 'HorizontalPodAutoscaler',
    effect: 'either',
    scope: 'all',
  } as const;

  test('what could only make it worse leaves a bad mark and takes a good one away', () => {
    expect(withUncertainty(survived, [worse])).toEqual({ mark: 'unknown', reasons: ['not simulated: volume'] });
    expect(withUncertainty(failed, [worse])).toBe(failed);
  });

  test('several are named in one phrase', () => {
    const claim = { ...worse, what: 'claim' };
    expect(withUncertainty(survived, [worse, claim]).reasons).toEqual(['not simulated: volume, claim']);
  });

  test('what could go either way takes every mark away', () => {
    expect(withUncertainty(failed, [either]).mark).toBe('unknown');
    expect(withUncertainty(survived, [])).toBe(survived);
  });
});

describe('what blocked', () => {
  const budget = { name: 'demo/keep', minimum: 3, text: 'minAvailable 3', neverAllows: true };

  test('an unsatisfiable budget', () => {
    // The field's own tool refuses a bare pod unless it is forced.
    expect(blockersOf({ ...WEB, kind: 'Pod' }, 'drain', GOOD)).toContain(
      'the drain evicts a bare Pod, which kubectl drain does with --force only',
    );
    const [first] = blockersOf({ ...WEB, budgets: [budget] }, 'drain', { ...GOOD, blockedNodes: ['node-1'] });
    expect(first).toContain('unsatisfiable budget: PodDisruptionBudget demo/keep (minAvailable 3 of 3 replicas)');
  });

  test('anti-affinity without room, with the words of the scheduler', () => {
    const unschedulable = "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.";
    expect(blockersOf(WEB, 'node-crash', { ...GOOD, unschedulable })[0]).toBe(
      `anti-affinity without room: ${unschedulable}`,
    );
    // What it says of preemption repeats the same for each node.
    const withPreemption = `${unschedulable} preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.`;
    expect(blockersOf(WEB, 'node-crash', { ...GOOD, unschedulable: withPreemption })[0]).toBe(
      `anti-affinity without room: ${unschedulable}`,
    );
  });

  test('why its pods were not ready before the fault, never ready or in part', () => {
    const unreadyBefore = 'container a ends again and again (exit code 7)';
    expect(blockersOf(WEB, 'drain', { ...GOOD, readyBefore: 0, unreadyBefore })).toEqual([unreadyBefore]);
    expect(blockersOf(WEB, 'drain', { ...GOOD, readyBefore: 2, unreadyBefore })[0]).toBe(unreadyBefore);
  });

  test('a single replica', () => {
    const single = inventoryOf(deploymentText({ name: 'web', replicas: 1 })).workloads[0] as Workload;
    expect(blockersOf(single, 'node-crash', { ...GOOD, replicas: 1, readyBefore: 1 })).toEqual([
      'single replica: while it moves nothing serves',
    ]);
  });

  test('a strategy that takes all pods away at once, in a rollout alone and before the number of replicas', () => {
    const of = (strategy: string): Workload =>
      inventoryOf(deploymentText({ name: 'web', replicas: 1, spec: `  strategy: ${strategy}` }))
        .workloads[0] as Workload;
    const none = { ...GOOD, replicas: 1, readyBefore: 1 };
    const single = ['single replica: while it moves nothing serves'];
    const eager = of('{rollingUpdate: {maxUnavailable: 1}}');
    expect(blockersOf(eager, 'rolling-update', none)).toEqual([
      'maxUnavailable 1 of 1: a rollout takes all pods away before new ones are ready',
    ]);
    expect(blockersOf(eager, 'drain', none)).toEqual(single);
    expect(blockersOf(of('{type: Recreate}'), 'broken-image', none)).toEqual([
      'strategy Recreate: all pods stop before new ones start',
    ]);
    expect(blockersOf(of('{rollingUpdate: {maxUnavailable: 1, maxSurge: 0}}'), 'rolling-update', none)).toEqual([
      'maxUnavailable 1 of 1 and maxSurge 0: all pods stop before new ones start',
    ]);
    expect(blockersOf(of('{rollingUpdate: {maxUnavailable: 0}}'), 'rolling-update', none)).toEqual(single);
  });

  test('strict anti-affinity is not to blame where the scheduler names other causes', () => {
    const unschedulable = '0/3 nodes are available: 3 Insufficient cpu.';
    expect(blockersOf(WEB, 'drain', { ...GOOD, unschedulable })[0]).toBe(`no node for a pod: ${unschedulable}`);
  });

  test('a workload that never ran: the words of the scheduler come first, what is missing stays, no suspicion', () => {
    const missing = ['DeviceClass gpu is not among the manifests: its pods wait for it'];
    const never = { ...WEB, missing, suspicions: ['single replica'] };
    const message = '0/3 nodes are available: 3 cannot allocate all claims.';
    const gone = { readyBefore: 0, unschedulableBefore: message, unschedulable: message, lack: 'no pod' };
    const blockers = blockersOf(never, 'drain', { ...GOOD, ...gone });
    expect(blockers).toEqual([`no node for a pod: ${message}`, ...missing]);
    const some = { readyBefore: 2, unschedulableBefore: message, unschedulable: message };
    expect(blockersOf(WEB, 'node-crash', { ...GOOD, ...some })).toEqual([`no node for a pod: ${message}`]);
    // The words of the scheduler stand among the blockers, not in each row.
    const whole = { ...GOOD, ...gone, longestNoneUs: 99 * S, lowest: 0 };
    expect(judge(never, 'drain', whole, RULES)).toEqual({
      mark: 'failed',
      reasons: ['never ready, even without a fault: no pod'],
    });
    // What a new image left behind is no word about the time before it.
    const rolled = { ...whole, lack: '2 of 3 replicas are updated' };
    expect(judge(never, 'broken-image', rolled, RULES).reasons).toEqual([
      'never ready, even without a fault: 0 of 3 replicas are ready',
    ]);
    expect(judge(WEB, 'drain', { ...GOOD, ...some, lack: 'one pod' }, RULES).reasons).toEqual([
      'was not ready before the fault (2 of 3)',
      'not converged: one pod',
    ]);
    expect(judge(JOB, 'drain', { ...GOOD, readyBefore: 0, lack: 'the Job failed' }, RULES).reasons).toHaveLength(1);
  });

  test('all pods on what failed', () => {
    expect(blockersOf(WEB, 'zone-loss', { ...GOOD, onFailed: 3 })[0]).toContain('all 3 pods were on what failed');
  });
});

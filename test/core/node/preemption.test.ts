/** Room for critical pods. Expected outcomes: Kubernetes 1.34.1, kubelet/preemption/preemption.go (evictPodsToFreeRequests), status_manager.go (mergePodStatus). */
import { expect, test } from 'vitest';
import type { Pod } from '../../../core/types/pod.ts';
import { findCondition } from '../../../core/types/pod-conditions.ts';
import { NodeLab, podOf } from '../../support/node-lab.ts';

const asking = (cpu: string, over: object = {}): object => ({
  containers: [{ name: 'app', image: 'app:v1', resources: { requests: { cpu } } }],
  ...over,
});
const CRITICAL = { priorityClassName: 'system-node-critical' };
const SLOW = { 'seatrial.dev/stop-after': '10s' };

/** A node of 4 cpu with three pods of 1.2 cpu that take 10 s to stop. */
function fullNode(seed: number): NodeLab {
  const lab = new NodeLab({ seed });
  lab.run(5);
  lab.bind('n0', ...['a', 'b', 'c'].map((name) => podOf(name, asking('1200m'), SLOW)));
  lab.run(10);
  return lab;
}

const said = (lab: NodeLab): string[] =>
  ['a', 'b', 'c', 'critical', 'late'].map((name) => {
    const status = lab.pod(name)?.status;
    return status === undefined
      ? 'none'
      : `${status.phase ?? '-'}${status.reason === undefined ? '' : ` ${status.reason}`}`;
  });

test('a critical pod without room: others are killed one after the other, then it runs; who comes meanwhile waits', () => {
  const lab = fullNode(81);
  lab.bind('n0', podOf('critical', asking('2', CRITICAL)));
  lab.run(2);
  lab.bind('n0', podOf('late', asking('100m')));
  lab.run(5);
  const running = 'Running';
  expect(said(lab)).toEqual([running, running, running, 'Pending', 'Pending']);
  lab.run(7);
  const half = said(lab);
  expect(half.filter((text) => text === 'Failed Preempting')).toHaveLength(1);
  expect(half.slice(3)).toEqual(['Pending', 'Pending']);
  lab.run(20);
  const whole = said(lab);
  expect(whole.filter((text) => text === 'Failed Preempting')).toHaveLength(2);
  expect(whole.slice(3)).toEqual([running, running]);
  const victim = lab.pod(['a', 'b', 'c'][whole.indexOf('Failed Preempting')] as string) as Pod;
  expect(victim.status?.message).toBe('Preempted in order to admit critical pod');
  expect(victim.metadata.deletionTimestamp).toBeUndefined();
  const target = findCondition(victim.status?.conditions, 'DisruptionTarget');
  expect([target?.status, target?.reason]).toEqual(['True', 'TerminationByKubelet']);
});

test('a pod that is not critical, or that all others together leave too little, is refused, and nobody is killed', () => {
  const lab = fullNode(82);
  lab.bind('n0', podOf('late', asking('2')), podOf('critical', asking('5', CRITICAL)));
  lab.run(20);
  const { phase, message } = lab.pod('critical')?.status ?? {};
  expect(said(lab)).toEqual(['Running', 'Running', 'Running', 'Failed UnexpectedAdmissionError', 'Failed OutOfcpu']);
  expect([phase, message]).toEqual([
    'Failed',
    'Pod was rejected: Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: [(res: cpu, q: 1000), ]',
  ]);
});

test.each(['kubelet', 'machine'] as const)('a loss of the %s amid a preemption leaves nobody waiting', (what) => {
  const lab = fullNode(83);
  lab.bind('n0', podOf('critical', asking('2', CRITICAL)));
  lab.run(2);
  lab.bind('n0', podOf('late', asking('100m')));
  lab.run(3);
  lab.away(what, 5);
  lab.run(60);
  expect(said(lab).slice(3)).toEqual(['Running', 'Running']);
  expect(said(lab).filter((text) => text === 'Failed Preempting').length).toBeGreaterThan(0);
});

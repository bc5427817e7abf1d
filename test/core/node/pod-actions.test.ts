/**
 * Which containers of a pod go on, are started again, or are waited for. Expected outcomes: Kubernetes 1.34.1, kuberuntime_manager.go
 * (computePodActions), kuberuntime_container.go (computeInitContainerActions), kubelet_pods.go (getPhase).
 */
import { expect, test } from 'vitest';
import { computePodActions, type FoundContainer } from '../../../core/node/pod-actions.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { PODS } from '../../../core/types/resource-type.ts';
import { NodeLab, podOf } from '../../support/node-lab.ts';

const RUNS: FoundContainer = { exitCode: null, hasStarted: true, failedProbe: '' };
const FAILS: FoundContainer = { ...RUNS, failedProbe: 'liveness' };
const DONE: FoundContainer = { ...RUNS, exitCode: 0 };
const FAILED: FoundContainer = { ...RUNS, exitCode: 1 };
const JOB = { name: 'app', image: 'a' };
const SIDECAR = { name: 'proxy', image: 'p', restartPolicy: 'Always' };
const INIT = { name: 'init', image: 'i' };

/** What is done to a pod of these init containers and two others. */
function actionsOf(restartPolicy: string, init: object[], found: (FoundContainer | null)[], isLost = false): unknown {
  const containers = [JOB, { name: 'other', image: 'o' }];
  const pod = {
    metadata: { name: 'one' },
    spec: { restartPolicy, initContainers: init, containers },
  } as unknown as Pod;
  const actions = computePodActions(pod, isLost ? 'lost' : 'ready', found);
  return [actions.killPod, actions.createSandbox, actions.startInit, actions.start, actions.kill];
}

test.each([
  ['one of two has failed and is never started again', 'Never', [], [FAILED, RUNS], [false, false, [], [], []]],
  ['all are over: sidecars do not keep the pod', 'Never', [SIDECAR], [FAILS, FAILED, DONE], [true, false, [], [], [0]]],
  ['who is killed for a probe starts again', 'OnFailure', [], [FAILS, DONE], [false, false, [], [0], [0]]],
  ['a sidecar starts again whatever the policy', 'Never', [SIDECAR], [FAILED, RUNS, DONE], [false, false, [0], [], []]],
  [
    'a failed init container ends its pod',
    'Never',
    [SIDECAR, INIT],
    [FAILS, FAILED, null, null],
    [true, false, [], [], []],
  ],
  ['or starts again', 'OnFailure', [SIDECAR, INIT], [RUNS, FAILED, null, null], [false, false, [1], [], []]],
  ['the next one follows', 'Never', [INIT, SIDECAR], [DONE, null, null, null], [false, false, [1], [], []]],
] as const)('%s', (_what, policy, init, found, expected) => {
  expect(actionsOf(policy, [...init], [...found])).toEqual(expected);
});

test.each([
  ['nothing begins anew that has been', 'Never', [INIT], [FAILED, null, null], [true, false, [], [], []]],
  ['what has not been does', 'Never', [INIT], [null, null, null], [true, true, [0], [], []]],
  ['what is over is left out', 'OnFailure', [], [DONE, FAILED], [true, true, [], [1], []]],
  ['a pod that is over stays so', 'OnFailure', [], [DONE, DONE], [true, false, [], [], []]],
] as const)('of a lost sandbox: %s', (_what, policy, init, found, expected) => {
  expect(actionsOf(policy, [...init], [...found], true)).toEqual(expected);
});

test.each([
  ['Never', 'Failed', 255],
  ['OnFailure', 'Running', 0],
])('a machine lost amid init containers, restart policy %s: %s', (restartPolicy, phase, exitCode) => {
  const lab = new NodeLab({ seed: 73 });
  lab.run(5);
  const initContainers = [INIT, { ...INIT, name: 'second' }];
  lab.bind('n0', podOf('one', { restartPolicy, initContainers }));
  for (let i = 0; i < 500 && lab.pod('one')?.status?.initContainerStatuses?.[1]?.state?.running === undefined; i++)
    lab.run(0.05);
  lab.fleet.powerOff(0);
  lab.run(5);
  lab.fleet.powerOn(0);
  lab.run(30);
  const status = lab.pod('one')?.status;
  const ended = status?.initContainerStatuses?.[1]?.state?.terminated;
  expect([status?.phase, ended?.exitCode]).toEqual([phase, exitCode]);
});

/** A pod whose container ends with an error 10 s after its start, beside a sidecar. */
function withSidecar(restartPolicy: string): NodeLab {
  const lab = new NodeLab({ seed: 74 });
  lab.run(5);
  const script = { 'seatrial.dev/run-for': '10s', 'seatrial.dev/exit': 'error' };
  lab.bind('n0', podOf('job', { restartPolicy, containers: [JOB], initContainers: [SIDECAR] }, script));
  for (let i = 0; i < 800 && stateOf(lab)[1] !== 'terminated'; i++) lab.run(0.05);
  return lab;
}

/** Phase, states of the container and of the sidecar. */
function stateOf(lab: NodeLab): (string | undefined)[] {
  const status = lab.pod('job')?.status;
  const [main, sidecar] = [status?.containerStatuses?.[0], status?.initContainerStatuses?.[0]];
  return [status?.phase, Object.keys(main?.state ?? {})[0], Object.keys(sidecar?.state ?? {})[0]];
}

test('a pod that is over runs until its sidecars have stopped', () => {
  const lab = withSidecar('Never');
  expect(stateOf(lab)).toEqual(['Running', 'terminated', 'running']);
  expect(lab.fleet.runningContainers(0)).toHaveLength(1);
  lab.run(10);
  expect(stateOf(lab)).toEqual(['Failed', 'terminated', 'terminated']);
  expect(lab.pod('job')?.status?.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(1);
  expect(lab.fleet.runningContainers(0)).toEqual([]);
});

test.each(['kubelet', 'machine'])('a pod whose %s goes while its sidecars stop ends as its container did', (what) => {
  const lab = withSidecar('Never');
  lab.away(what, 5);
  lab.run(20);
  expect(stateOf(lab)).toEqual(['Failed', 'terminated', 'terminated']);
  expect(lab.pod('job')?.status?.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(1);
});

test('a pod deleted while its sidecars stop goes when they have', () => {
  const lab = withSidecar('Never');
  lab.delete(PODS, 'job');
  lab.run(10);
  expect([lab.pod('job'), lab.fleet.runningContainers(0)]).toEqual([undefined, []]);
});

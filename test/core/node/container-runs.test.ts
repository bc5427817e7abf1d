/**
 * Containers of one pod that go each its own way. Expected outcomes: Kubernetes 1.34.1, kuberuntime_manager.go (computePodActions, doBackOff),
 * kubelet_pods.go (getPhase, convertToAPIContainerStatuses), status/generate.go (GenerateContainersReadyCondition).
 */
import { expect, test } from 'vitest';
import type { Pod } from '../../../core/types/pod.ts';
import { PODS } from '../../../core/types/resource-type.ts';
import { NodeLab, podOf } from '../../support/node-lab.ts';

const containers = ['app', 'log'].map((name) => ({ name, image: 'a' }));
const script = (said: Record<string, string>) =>
  Object.fromEntries(Object.entries(said).map(([name, value]) => [`seatrial.dev/${name}`, value]));

/** Phase, whether it is Ready, and each container: its state, `ready`, restarts. */
function textOf({ status }: Pod): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const each = status?.containerStatuses?.map(({ name, state, ready: isReady, restartCount }) => {
    const ended = state?.terminated;
    const is = state?.running ? 'runs' : (state?.waiting?.reason ?? `${ended?.reason} ${ended?.exitCode}`);
    return `${name} ${is}${isReady ? ' ready' : ''} ${restartCount}`;
  });
  return [status?.phase, ready?.status, ...(each ?? [])].join(', ');
}

function labWith(spec: object, said: Record<string, string>): NodeLab {
  const lab = new NodeLab({ seed: 81 });
  lab.run(5);
  lab.bind('n0', podOf('web', { containers, ...spec }, script(said)));
  return lab;
}

/** What is said of the pod within `seconds`, from its start on. */
const told = (spec: object, said: Record<string, string>, seconds: number): string[] =>
  labWith(spec, said)
    .follow('web', seconds, textOf)
    .map(({ text }) => text)
    .filter((text) => !text.includes('ContainerCreating'));

test('the second container crashes, waits longer each time, and the first goes on', () => {
  expect(told({}, { 'crash-after.log': '3s' }, 22).slice(0, 5)).toEqual([
    'Running, True, app runs ready 0, log runs ready 0',
    'Running, False, app runs ready 0, log Error 1 0',
    'Running, True, app runs ready 0, log runs ready 1',
    'Running, False, app runs ready 0, log Error 1 1',
    'Running, False, app runs ready 0, log CrashLoopBackOff 1',
  ]);
});

test('back-offs are of each container by itself, and a sync looks at all that wait', () => {
  expect(told({}, { 'crash-after': '12s', 'crash-after.log': '3s' }, 20).slice(3, 6)).toEqual([
    'Running, False, app runs ready 0, log Error 1 1',
    'Running, False, app Error 1 0, log CrashLoopBackOff 1',
    'Running, False, app runs ready 1, log CrashLoopBackOff 1',
  ]);
});

test.each([
  ['Never', 'error', 'Failed, False, app Completed 0 0, log Error 1 0'],
  ['Never', 'ok', 'Succeeded, False, app Completed 0 0, log Completed 0 0'],
  ['OnFailure', 'error', 'Running, False, app Completed 0 0, log runs ready 1'],
])('containers that end one after the other, policy %s, the last with %s: %s', (restartPolicy, exit, expected) => {
  const said = { 'run-for.app': '3s', 'run-for.log': '6s', 'exit.log': exit };
  const all = told({ restartPolicy }, said, 12);
  expect(all).toContain('Running, False, app Completed 0 0, log runs ready 0');
  expect(all.at(-1)).toBe(expected);
});

test('a container that starts again is not ready until its probe has succeeded again', () => {
  const readinessProbe = { httpGet: { path: '/', port: 80 }, initialDelaySeconds: 5 };
  const probed = [containers[0], { ...containers[1], readinessProbe }];
  const all = told({ containers: probed }, { 'crash-after.log': '12s' }, 25);
  expect(all).toEqual([
    'Running, False, app runs ready 0, log runs 0',
    'Running, True, app runs ready 0, log runs ready 0',
    'Running, False, app runs ready 0, log Error 1 0',
    'Running, False, app runs ready 0, log runs 1',
    'Running, True, app runs ready 0, log runs ready 1',
  ]);
});

test('of a pod that is deleted what had ended keeps its end, what ran gets one', () => {
  const lab = labWith({ restartPolicy: 'Never' }, { 'run-for.log': '3s', 'exit.log': 'error', 'stop-after': '2s' });
  lab.run(10);
  lab.does(function* (client) {
    yield* client.patch(PODS, 'default', 'web', { metadata: { finalizers: ['example.com/keep'] } }, 'merge');
  });
  lab.delete(PODS, 'web');
  lab.run(5);
  expect(textOf(lab.pod('web') as Pod)).toBe('Failed, False, app Completed 0 0, log Error 1 0');
  expect(lab.fleet.runningContainers(0)).toEqual([]);
});

test('a container that is killed by its name', () => {
  const lab = labWith({}, {});
  lab.run(10);
  const before = lab.fleet.runningContainers(0);
  expect(lab.fleet.killContainers(0, () => true, 'nobody')).toBe(0);
  expect(lab.fleet.killContainers(0, () => true, 'log')).toBe(1);
  expect(lab.fleet.killContainers(0, () => true, 'log')).toBe(0);
  lab.run(0.1);
  expect(textOf(lab.pod('web') as Pod)).toBe('Running, False, app runs ready 0, log OOMKilled 137 0');
  lab.run(5);
  expect(textOf(lab.pod('web') as Pod)).toBe('Running, True, app runs ready 0, log runs ready 1');
  expect(lab.fleet.runningContainers(0)).toEqual(before);
});

test.each(['kubelet', 'machine'])('a %s that goes meanwhile', (what) => {
  const lab = labWith(
    { restartPolicy: 'OnFailure' },
    { 'run-for.app': '3s', 'run-for.log': '12s', 'exit.log': 'error' },
  );
  lab.run(10);
  lab.away(what, 10);
  lab.run(8);
  const status = lab.pod('web')?.status;
  expect(textOf(lab.pod('web') as Pod)).toBe('Running, False, app Completed 0 0, log runs ready 1');
  expect(status?.containerStatuses?.[1]?.lastState?.terminated?.exitCode).toBe(what === 'machine' ? 255 : 1);
});

test('who is killed for a probe is the container that has it', () => {
  const livenessProbe = { httpGet: { path: '/', port: 80 }, periodSeconds: 2 };
  const probed = [containers[0], { ...containers[1], livenessProbe, readinessProbe: livenessProbe }];
  const all = told({ containers: probed }, { 'ready-after': '1m' }, 12);
  expect(all).toContain('Running, False, app runs ready 0, log runs 1');
});

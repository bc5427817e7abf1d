/**
 * What a kubelet says of a pod on its way to Running.
 *
 * Source: Kubernetes 1.34.1, kubelet_pods.go (convertToAPIContainerStatuses, getPhase), kuberuntime_container.go (computeInitContainerActions: init containers one
 * after the other, sidecars until their startup probe has succeeded), status/generate.go.
 */
import { expect, test } from 'vitest';
import type { ContainerStatus, Pod } from '../../../core/types/pod.ts';
import { PODS } from '../../../core/types/resource-type.ts';
import { NodeLab, podOf } from '../../support/node-lab.ts';

const word = ({ name, state, ready, started }: ContainerStatus): string => {
  const what = state?.waiting?.reason ?? state?.terminated?.reason ?? 'running';
  return `${name} ${what}${started === true ? ' started' : ''}${ready ? ' ready' : ''}`;
};

const words = (pod: Pod | undefined): string => {
  const { initContainerStatuses = [], containerStatuses = [], phase } = pod?.status ?? {};
  return [phase, ...initContainerStatuses.map(word), ...containerStatuses.map(word)].join(', ');
};

const conditionsOf = (pod: Pod): string[] =>
  (pod.status?.conditions ?? []).map(({ type, status, reason, message }) =>
    [type, status, reason, message].filter((part) => part !== undefined).join(' '),
  );

test('init containers come one after the other, and each step is told', () => {
  const lab = new NodeLab({ seed: 41 });
  lab.run(5);
  const initContainers = ['first', 'second'].map((name) => ({ name, image: 'a' }));
  lab.bind('n0', podOf('web', { initContainers }));
  const said = lab.follow('web', 12, words);
  expect(said.map(({ text }) => text)).toEqual([
    'Pending, first PodInitializing, second PodInitializing, app PodInitializing',
    'Pending, first running started, second PodInitializing, app PodInitializing',
    'Pending, first Completed ready, second PodInitializing, app PodInitializing',
    'Pending, first Completed ready, second running started, app PodInitializing',
    'Pending, first Completed ready, second Completed ready, app PodInitializing',
    'Running, first Completed ready, second Completed ready, app running started ready',
  ]);
  const [, first, , second] = said as { pod: Pod }[];
  expect([first?.pod.status?.podIP === undefined, first?.pod.status?.hostIP === undefined]).toEqual([false, false]);
  expect(conditionsOf(second?.pod as Pod)).toEqual([
    'PodReadyToStartContainers True',
    'Initialized False ContainersNotInitialized containers with incomplete status: [second]',
    'Ready False ContainersNotReady containers with unready status: [app]',
    'ContainersReady False ContainersNotReady containers with unready status: [app]',
    'PodScheduled True',
  ]);
  const ends = (index: number) =>
    said.at(index)?.pod.status?.initContainerStatuses?.[0]?.state?.terminated?.finishedAt ?? '';
  expect([ends(-1) !== '', ends(-1) === ends(2)]).toEqual([true, true]);
});

test('what follows a sidecar waits until its startup probe has succeeded', () => {
  const lab = new NodeLab({ seed: 42 });
  lab.run(5);
  const startupProbe = { httpGet: { port: 80 }, initialDelaySeconds: 7, periodSeconds: 1 };
  const side = { name: 'side', image: 'a', restartPolicy: 'Always' };
  lab.bind(
    'n0',
    podOf('probed', { initContainers: [{ ...side, startupProbe }] }),
    podOf('plain', { initContainers: [side] }),
  );
  const said = lab.follow('probed', 15, words);
  expect(said.map(({ text }) => text)).toEqual([
    'Pending, side PodInitializing, app PodInitializing',
    'Pending, side running, app PodInitializing',
    'Pending, side running started ready, app PodInitializing',
    'Running, side running started ready, app running started ready',
  ]);
  const [, started, probed] = said as { atS: number }[];
  expect(Math.round((probed?.atS ?? 0) - (started?.atS ?? 0))).toBe(7);
  const plain = lab.pod('plain')?.status?.containerStatuses?.[0]?.state?.running?.startedAt ?? '';
  const waited = lab.pod('probed')?.status?.containerStatuses?.[0]?.state?.running?.startedAt ?? '';
  expect((Date.parse(waited) - Date.parse(plain)) / 1000).toBeGreaterThanOrEqual(5);
});

test('a start that takes long is told when it begins, a quick one when it is over', () => {
  const lab = new NodeLab({ seed: 43 });
  lab.run(5);
  lab.bind('n0', podOf('slow', {}, { 'seatrial.dev/image-pull': '20s' }));
  lab.bind('n0', podOf('quick', { containers: [{ name: 'app', image: 'b' }] }, { 'seatrial.dev/image-pull': '1s' }));
  lab.run(1);
  const { startTime, hostIP, podIP } = lab.pod('slow')?.status ?? {};
  expect([words(lab.pod('slow')), startTime !== undefined, hostIP !== undefined, podIP]).toEqual([
    'Pending, app ContainerCreating',
    true,
    true,
    undefined,
  ]);
  expect(conditionsOf(lab.pod('slow') as Pod)).toEqual([
    'PodReadyToStartContainers False',
    'Initialized True',
    'Ready False ContainersNotReady containers with unready status: [app]',
    'ContainersReady False ContainersNotReady containers with unready status: [app]',
    'PodScheduled True',
  ]);
  expect(lab.pod('quick')?.status?.containerStatuses).toBeUndefined();
  lab.run(25);
  expect(conditionsOf(lab.pod('slow') as Pod)).toEqual(
    ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(
      (type) => `${type} True`,
    ),
  );
});

test('a container without a probe is ready while another of its pod is not', () => {
  const lab = new NodeLab({ seed: 44 });
  lab.run(5);
  const readinessProbe = { httpGet: { port: 80 }, initialDelaySeconds: 20 };
  const containers = [
    { name: 'probed', image: 'a', readinessProbe },
    { name: 'plain', image: 'a' },
  ];
  lab.bind('n0', podOf('web', { containers }));
  lab.run(8);
  expect(words(lab.pod('web'))).toBe('Running, probed running started, plain running started ready');
  expect(conditionsOf(lab.pod('web') as Pod)).toContain(
    'ContainersReady False ContainersNotReady containers with unready status: [probed]',
  );
});

test('a pod whose container waits to be started again ends as that container did when it is deleted', () => {
  const lab = new NodeLab({ seed: 45 });
  lab.run(5);
  lab.bind('n0', podOf('web', {}, { 'seatrial.dev/crash-after': '1s' }));
  lab.run(40);
  lab.does(function* (client) {
    yield* client.patch(PODS, 'default', 'web', { metadata: { finalizers: ['example.com/keep'] } }, 'merge');
    yield* client.delete(PODS, 'default', 'web', {});
  });
  lab.run(1);
  expect(words(lab.pod('web'))).toBe('Failed, app Error');
});

test('after a loss of power containers are told as lost, and init containers run again in a pod that is Pending', () => {
  const lab = new NodeLab({ seed: 46 });
  lab.run(5);
  const side = { name: 'side', image: 'a', restartPolicy: 'Always' };
  lab.bind('n0', podOf('web', { initContainers: [{ name: 'first', image: 'a' }, side] }));
  lab.run(10);
  lab.fleet.powerOff(0);
  lab.run(20);
  lab.fleet.powerOn(0);
  const said = lab.follow('web', 10, words);
  expect(said.map(({ text }) => text)).toEqual([
    'Running, first Completed ready, side Completed, app Unknown',
    'Pending, first running started, side Completed, app Unknown',
    'Running, first Completed ready, side Completed, app Unknown',
    'Running, first Completed ready, side running started ready, app Unknown',
    'Running, first Completed ready, side running started ready, app running started ready',
  ]);
  const counts = (pod: Pod | undefined) => {
    const { initContainerStatuses = [], containerStatuses = [] } = pod?.status ?? {};
    return [...initContainerStatuses, ...containerStatuses].map(({ restartCount }) => restartCount);
  };
  expect(said.map(({ pod }) => counts(pod))).toEqual([
    [0, 0, 0],
    [1, 0, 0],
    [1, 0, 0],
    [1, 1, 0],
    [1, 1, 1],
  ]);
  expect(said[0]?.pod.status?.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(255);
});

test('a pod that is deleted between its init containers and the others ends with containers that are not to be found', () => {
  const lab = new NodeLab({ seed: 47 });
  lab.run(5);
  const initContainers = ['first', 'second'].map((name) => ({ name, image: 'a' }));
  const containers = [{ name: 'app', image: 'b' }];
  lab.bind('n0', podOf('late', { initContainers, containers }, { 'seatrial.dev/image-pull': '5s' }));
  lab.bind('n0', podOf('early', { initContainers, containers }));
  const remove = (name: string): void =>
    lab.does(function* (client) {
      yield* client.patch(PODS, 'default', name, { metadata: { finalizers: ['example.com/keep'] } }, 'merge');
      yield* client.delete(PODS, 'default', name, {});
    });
  while (!words(lab.pod('early')).includes('first running')) lab.run(0.1);
  remove('early');
  while (!words(lab.pod('late')).includes('second Completed')) lab.run(0.1);
  remove('late');
  lab.run(1);
  // Kubernetes 1.34.1, status_manager.go: TerminatePod, hasPodInitialized, initializedContainers.
  expect([words(lab.pod('early')), words(lab.pod('late'))]).toEqual([
    'Failed, first ContainerStatusUnknown, second PodInitializing, app PodInitializing',
    'Failed, first Completed ready, second Completed ready, app ContainerStatusUnknown',
  ]);
});

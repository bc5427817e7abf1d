/**
 * Why a pod is not Ready, from its status: the same phrase however often and at what moment one looks.
 */
import { expect, test } from 'vitest';
import { whyUnready } from '../../../bench/trial/why-unready.ts';
import type { ContainerStatus, Pod } from '../../../core/cluster/vocabulary.ts';

const container = (name: string, more: Partial<ContainerStatus>): ContainerStatus => {
  return { name, ready: false, restartCount: 0, image: `${name}:1`, imageID: '', ...more };
};
const running = { running: {} };
const waiting = (reason: string, message?: string) => ({ waiting: { reason, message } });
const podOf = (containerStatuses: ContainerStatus[], more: Partial<Pod['status']> = {}): Pod => {
  const spec = { containers: [{ name: 'a', image: 'a:1' }] };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec, status: { containerStatuses, ...more } };
};
const ended = { terminated: { exitCode: 7 } };

test.each<[string, Pod, string]>([
  [
    'a probe',
    podOf([container('a', { state: running })]),
    'container a runs, but its readiness probe does not succeed',
  ],
  [
    'a crash, between two starts',
    podOf([container('a', { state: waiting('CrashLoopBackOff', 'back-off 160s'), lastState: ended, restartCount: 3 })]),
    'container a ends again and again (exit code 7)',
  ],
  [
    'a crash, just started again',
    podOf([container('a', { state: running, lastState: ended, restartCount: 4 })]),
    'container a ends again and again (exit code 7)',
  ],
  [
    'an image, not the container that only waits for it',
    podOf([
      container('a', { state: waiting('ContainerCreating') }),
      container('b', { state: waiting('ImagePullBackOff', 'Back-off') }),
    ]),
    'container b waits for its image b:1, which cannot be pulled',
  ],
  [
    'a Secret without the key',
    podOf([container('a', { state: waiting('CreateContainerConfigError', 'no key x in Secret demo/s') })]),
    'container a waits: CreateContainerConfigError: no key x in Secret demo/s',
  ],
  [
    'an init container',
    podOf([container('a', { state: waiting('PodInitializing') })], {
      initContainerStatuses: [container('i', { state: ended })],
    }),
    'container i ends again and again (exit code 7)',
  ],
  ['one that is ready', podOf([container('a', { ready: true, state: running })]), ''],
])('%s', (_what, pod, expected) => {
  expect(whyUnready(pod)).toBe(expected);
});

test('a readiness gate that nobody sets; annotations of ours are named', () => {
  const pod = podOf([container('a', { ready: true, state: running })]);
  const gated = { ...pod, spec: { ...pod.spec, readinessGates: [{ conditionType: 'example.com/in' }] } };
  expect(whyUnready(gated)).toBe('no one sets the readiness gate example.com/in');
  const annotated = { name: 'p', annotations: { 'seatrial.dev/never-ready': 'true', other: 'x' } };
  expect(whyUnready({ ...podOf([container('a', { state: running })]), metadata: annotated })).toBe(
    'container a runs, but its readiness probe does not succeed (seatrial.dev/never-ready: true)',
  );
});

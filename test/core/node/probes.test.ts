/** Containers that their kubelet kills for a probe. Expected outcomes: Kubernetes 1.34.1, kubelet/prober/worker.go (doProbe), kuberuntime_manager.go (computePodActions, doBackOff). */
import { expect, test } from 'vitest';
import { failingProbe } from '../../../core/node/probe-times.ts';
import type { Container } from '../../../core/types/pod.ts';
import { NodeLab, podOf } from '../../support/node-lab.ts';

const S = 1_000_000;
const http = (path: string, over: object = {}): object => ({ httpGet: { path, port: 80 }, ...over });

test.each<[string, object, number, string]>([
  ['liveness asks what readiness asks', { livenessProbe: http('/'), readinessProbe: http('/') }, 31, 'liveness 30'],
  ['an answer to the last probe is enough', { livenessProbe: http('/'), readinessProbe: http('/') }, 30, ''],
  ['liveness asks something else', { livenessProbe: http('/live'), readinessProbe: http('/') }, 1000, ''],
  ['liveness alone', { livenessProbe: http('/') }, 1000, ''],
  [
    'a delay, a period and a threshold',
    {
      livenessProbe: http('/', { initialDelaySeconds: 12, periodSeconds: 5, failureThreshold: 2 }),
      readinessProbe: http('/'),
    },
    1000,
    'liveness 20',
  ],
  [
    'a startup probe holds the others back',
    { startupProbe: http('/s', { failureThreshold: 6 }), livenessProbe: http('/'), readinessProbe: http('/') },
    45,
    '',
  ],
  ['a startup probe fails', { startupProbe: http('/s', { failureThreshold: 6 }) }, 61, 'startup 60'],
])('%s', (_what, probes, answersS, expected) => {
  const failing = failingProbe({ name: 'c', ...probes } as Container, answersS * S);
  expect(failing === null ? '' : `${failing.kind} ${failing.failsUs / S}`).toBe(expected);
});

const PROBES = { readinessProbe: http('/'), livenessProbe: http('/', { periodSeconds: 2 }) };

/** What is said of a pod that answers after `ready`, and when, in `seconds`. */
function told(spec: object, ready: string, seconds: number): { what: string; atS: number }[] {
  const lab = new NodeLab({ seed: 91 });
  lab.run(5);
  const containers = [{ name: 'app', image: 'app:v1', ...PROBES }];
  lab.bind('n0', podOf('web', { containers, ...spec }, { 'seatrial.dev/ready-after': ready }));
  return lab
    .follow('web', seconds, ({ status }) => {
      const one = status?.containerStatuses?.[0];
      const state = one?.state?.running ? 'runs' : (one?.state?.waiting?.reason ?? 'ended');
      return `${status?.phase} ${state} ${one?.restartCount}${one?.ready ? ' ready' : ''}`;
    })
    .map(({ text, atS }) => ({ what: text, atS }));
}

test('a container that answers too late for its liveness probe is killed, started at once twice, and then waits', () => {
  const said = told({}, '1m', 60).filter(({ what }) => !what.includes('ContainerCreating'));
  expect(said.some(({ what }) => what.includes('ready'))).toBe(false);
  const startedAt = (restarts: number) => said.find(({ what }) => what === `Running runs ${restarts}`)?.atS ?? NaN;
  expect(startedAt(1) - startedAt(0)).toBeLessThan(10);
  expect(startedAt(2) - startedAt(1)).toBeLessThan(10);
  expect(startedAt(3) - startedAt(2)).toBeGreaterThan(6 + 10);
  expect(said.some(({ what }) => what === 'Running CrashLoopBackOff 2')).toBe(true);
});

test('one whose run is longer than its back-off does not wait', () => {
  const containers = [{ name: 'app', image: 'app:v1', readinessProbe: http('/'), livenessProbe: http('/') }];
  const said = told({ containers }, '1m', 150).map(({ what }) => what);
  expect(said.filter((what) => what.includes('CrashLoopBackOff'))).toEqual([]);
  expect(said).toContain('Running runs 3');
});

test.each([
  ['OnFailure', 'Running runs 1'],
  ['Never', 'Succeeded ended 0'],
])('the restart policy %s', (restartPolicy, expected) => {
  expect(told({ restartPolicy }, '1m', 15).at(-1)?.what).toBe(expected);
});

test('one that answers in time is ready and never killed', () => {
  const said = told({}, '5s', 60).map(({ what }) => what);
  expect(said.at(-1)).toBe('Running runs 0 ready');
});

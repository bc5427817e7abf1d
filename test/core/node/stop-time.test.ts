/** How long a stop takes. Expected outcomes: Kubernetes 1.34.1, kuberuntime_container.go killContainer, kuberuntime_termination_order.go waitForTurn. */
import { expect, test } from 'vitest';
import type { PodScript } from '../../../core/node/pod-script.ts';
import { isKilled, stopTimeUs } from '../../../core/node/stop-time.ts';
import { PODS } from '../../../core/types/resource-type.ts';
import { NodeLab, podOf } from '../../support/node-lab.ts';

const S = 1_000_000;

/** Seconds until all have ended, and whether the application was killed. */
function stopOf(grace: number, preStop: number, stop: number, sidecars = 0, sidecarStop = 1): [number, boolean] {
  const script = { preStopUs: preStop * S, stopUs: stop * S, sidecars, sidecarStopUs: sidecarStop * S };
  const whole = script as PodScript;
  return [stopTimeUs(whole, whole.preStopUs, grace * S) / S, isKilled(whole, grace * S)];
}

test.each([
  ['it ends by itself', [30, 0, 5], [5, false]],
  ['it is killed at the end of the grace', [10, 0, 60], [10, true]],
  ['the hook uses part of the grace', [30, 5, 1], [6, false]],
  ['it ends just in time', [10, 4, 6], [10, false]],
  ['two seconds are always left after a hook', [5, 9, 9], [7, true]],
  ['two seconds are left after a hook that ends just before the grace', [10, 9, 9], [11, true]],
  ['two seconds suffice after such a hook', [10, 9, 1.5], [10.5, false]],
  ['a grace of one second is two', [1, 0, 60], [2, true]],
  ['no grace is two seconds', [0, 7, 60], [2, true]],
  ['sidecars end one after the other behind the rest', [30, 0, 5, 2, 1], [7, false]],
  ['a sidecar has what the others have left of the grace', [10, 0, 5, 1, 60], [10, false]],
  ['parts of a second that were waited are not counted', [10, 0, 4.5, 1, 60], [10.5, false]],
  ['at the end of the grace sidecars no longer wait for each other', [10, 0, 60, 3, 60], [12, true]],
] as const)('%s', (_what, [grace, preStop, stop, ...sidecars], expected) => {
  expect(stopOf(grace, preStop, stop, ...(sidecars as unknown as [number?, number?]))).toEqual(expected);
});

test('a pod with a sidecar stops later than one without, a stubborn one without grace is killed after two seconds', () => {
  const lab = new NodeLab({ seed: 61 });
  lab.run(5);
  const initContainers = [{ name: 'proxy', image: 'proxy', restartPolicy: 'Always' }];
  const fourSeconds = { 'seatrial.dev/stop-after': '4s' };
  const short = { terminationGracePeriodSeconds: 1 };
  lab.bind('n0', podOf('sidecar', { initContainers }, fourSeconds), podOf('plain', {}, fourSeconds));
  lab.bind('n0', podOf('stubborn', short, { 'seatrial.dev/stop-after': '60s' }));
  lab.run(8);
  const running = () => lab.fleet.runningContainers(0).map(({ name }) => name);
  for (const name of running()) lab.delete(PODS, name);
  lab.run(1.5);
  expect(running().sort()).toEqual(['plain', 'sidecar', 'stubborn']);
  lab.run(1);
  expect(running().sort()).toEqual(['plain', 'sidecar']);
  lab.run(1.9);
  expect(running()).toEqual(['sidecar']);
  lab.run(5);
  expect(lab.list(PODS)).toEqual([]);
});

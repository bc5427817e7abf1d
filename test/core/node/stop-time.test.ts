/** How long a stop takes. Expected outcomes: Kubernetes 1.34.1, kuberuntime_container.go killContainer, kuberuntime_termination_order.go waitForTurn. */
import { expect, test } from 'vitest';
import type { PodScript } from '../../../core/node/pod-script.ts';
import { isKilled, stopTimeUs } from '../../../core/node/stop-time.ts';
import { PODS } from '../../../core/types/resource-type.ts';
import { NodeLab, podOf } from '../../support/node-lab.ts';

const S = 1_000_000;

/** Seconds until all have ended, and whether the application was killed. */
function stopOf(
  grace: number,
  preStop: number,
  stop: number,
  sidecars = 0,
  sidecarStop = 1,
  hook = 0,
): [number, boolean] {
  const sidecarHooksUs = Array.from({ length: sidecars }, () => hook * S);
  const script = { preStopUs: preStop * S, stopUs: stop * S, sidecarHooksUs, sidecarStopUs: sidecarStop * S };
  const whole = script as unknown as PodScript;
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
  ['hooks of sidecars run at once, beside the others', [30, 0, 5, 2, 1, 4], [7, false]],
  ['a sidecar waits for its own hook', [30, 0, 5, 1, 1, 8], [9, false]],
  ['a sidecar has what its hook has left', [10, 0, 1, 1, 60, 9], [11, false]],
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

test.each([
  ['has the whole grace again', '60s', 10, 40],
  ['ends when it would have after its signal', '25s', 10, 25],
  ['has ended meanwhile', '12s', 20, 20],
])('an application whose kubelet begins anew amid its stop %s', (_what, stopAfter, restartS, endS) => {
  const lab = new NodeLab({ seed: 62 });
  lab.run(5);
  lab.bind('n0', podOf('web', { terminationGracePeriodSeconds: 30 }, { 'seatrial.dev/stop-after': stopAfter }));
  lab.run(8);
  lab.delete(PODS, 'web');
  lab.run(5);
  lab.sim.crash(lab.fleet.pids[0] as number);
  lab.run(restartS - 5);
  lab.sim.restart(lab.fleet.pids[0] as number);
  lab.run(endS - restartS - 0.5);
  const before = lab.fleet.runningContainers(0).length;
  lab.run(3);
  expect([before, lab.fleet.runningContainers(0).length]).toEqual([endS > restartS ? 1 : before, 0]);
});

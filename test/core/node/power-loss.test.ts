/**
 * What is told of containers that were lost with their machine. Expected outcomes: containerd 2, container store (an unknown container ends when it is
 * looked at again); Kubernetes 1.34.1, pod_workers.go (a pod that is being deleted is never started).
 */
import { expect, test } from 'vitest';
import type { Pod } from '../../../core/types/pod.ts';
import { PODS } from '../../../core/types/resource-type.ts';
import { NodeLab, podOf } from '../../support/node-lab.ts';

const KEPT = { finalizers: ['example.com/keep'] };

/** A pod that crashed once, and ran again when its machine lost power; `deletes` before that, or while the machine was off. */
function lost(deletes: 'before' | 'meanwhile'): { lab: NodeLab; pod: Pod } {
  const lab = new NodeLab({ seed: 71 });
  lab.run(5);
  lab.bind('n0', podOf('web', { terminationGracePeriodSeconds: 60 }, { 'seatrial.dev/stop-after': '60s' }));
  lab.run(5);
  lab.fleet.killContainers(0, () => true);
  lab.run(20);
  lab.does(function* (client) {
    yield* client.patch(PODS, 'default', 'web', { metadata: KEPT }, 'merge');
  });
  lab.run(1);
  if (deletes === 'before') lab.delete(PODS, 'web');
  lab.run(5);
  lab.fleet.powerOff(0);
  if (deletes === 'meanwhile') lab.delete(PODS, 'web');
  lab.run(20);
  lab.fleet.powerOn(0);
  lab.run(20);
  return { lab, pod: lab.pod('web') as Pod };
}

test.each(['before', 'meanwhile'] as const)(
  'a pod deleted %s the loss of power is not started again, and its containers end when they are looked at again',
  (deletes) => {
    const { lab, pod } = lost(deletes);
    const ended = pod.status?.containerStatuses?.[0]?.state?.terminated;
    expect(lab.fleet.runningContainers(0)).toEqual([]);
    expect([pod.status?.phase, ended?.exitCode, ended?.reason]).toEqual(['Failed', 255, 'Unknown']);
    const lastedS = (Date.parse(ended?.finishedAt ?? '') - Date.parse(ended?.startedAt ?? '')) / 1000;
    expect(lastedS).toBeGreaterThan(40);
  },
);

/** When the pod, whose run was over before the power came back, runs again, true µs; `closes` its gate while the machine is off. */
function restartUs(closes: boolean): number | undefined {
  const lab = new NodeLab({ seed: 72 });
  const type = 'example.com/gate';
  const say = (status: string) =>
    lab.does(function* (client) {
      yield* client.patch(
        PODS,
        'default',
        'web',
        { status: { conditions: [{ type, status }] } },
        'strategic',
        'status',
      );
    });
  lab.run(5);
  lab.bind('n0', podOf('web', { readinessGates: [{ conditionType: type }] }, { 'seatrial.dev/crash-after': '30s' }));
  lab.run(5);
  say('True');
  lab.run(5);
  lab.fleet.powerOff(0);
  lab.run(25);
  if (closes) say('False');
  lab.run(5);
  lab.fleet.powerOn(0);
  lab.run(15);
  return lab.fleet.runningContainers(0)[0]?.sinceUs;
}

test('a gate that closes while the machine has no power does not let its pod run earlier', () => {
  const since = restartUs(false);
  expect(since).toBeGreaterThan(0);
  expect((restartUs(true) ?? 0) / 1000).toBeCloseTo((since ?? 0) / 1000, 0);
});

test('a run that was over while nobody looked ended when it was over', () => {
  const lab = new NodeLab({ seed: 73 });
  lab.run(5);
  lab.bind('n0', podOf('once', { restartPolicy: 'Never' }, { 'seatrial.dev/run-for': '10s' }));
  lab.run(5);
  lab.sim.crash(lab.fleet.pids[0] as number);
  lab.run(15);
  lab.fleet.powerOff(0);
  lab.run(15);
  lab.fleet.powerOn(0);
  lab.run(20);
  const ended = lab.pod('once')?.status?.containerStatuses?.[0]?.state?.terminated;
  const lastedS = (Date.parse(ended?.finishedAt ?? '') - Date.parse(ended?.startedAt ?? '')) / 1000;
  expect([ended?.exitCode, lastedS]).toEqual([0, 10]);
});

test('a pod that somebody else ended, and nobody deleted, is still there after a loss of power amid its stop', () => {
  const lab = new NodeLab({ seed: 73 });
  lab.run(5);
  lab.bind('n0', podOf('web', { terminationGracePeriodSeconds: 60 }, { 'seatrial.dev/stop-after': '60s' }));
  lab.run(10);
  lab.does(function* (client) {
    yield* client.patch(PODS, 'default', 'web', { status: { phase: 'Failed' } }, 'strategic', 'status');
  });
  lab.run(5);
  lab.fleet.powerOff(0);
  lab.run(20);
  lab.fleet.powerOn(0);
  lab.run(30);
  expect([lab.pod('web')?.status?.phase, lab.fleet.runningContainers(0)]).toEqual(['Failed', []]);
  lab.delete(PODS, 'web');
  lab.run(5);
  expect(lab.pod('web')).toBeUndefined();
});

test('a kubelet that was restarted before it got the answer to what it told last tells it again, and removes the pod only then', () => {
  const lab = new NodeLab({ seed: 73 });
  lab.run(5);
  lab.bind('n0', podOf('web', {}, { 'seatrial.dev/stop-after': '3s' }));
  lab.run(5);
  lab.does(function* (client) {
    yield* client.patch(PODS, 'default', 'web', { metadata: KEPT }, 'merge');
  });
  lab.run(1);
  lab.delete(PODS, 'web');
  lab.run(2);
  const server = lab.servers[0] as number;
  lab.sim.pause(server);
  lab.run(5);
  const kubelet = lab.fleet.pids[0] as number;
  lab.sim.crash(kubelet);
  lab.run(1);
  lab.sim.crash(server);
  lab.sim.restart(kubelet);
  lab.sim.restart(server);
  lab.run(60);
  const { metadata, status } = lab.pod('web') as Pod;
  expect([metadata.deletionGracePeriodSeconds, status?.phase]).toEqual([0, 'Succeeded']);
});

/** The node lifecycle and taint eviction controllers against the real API server and store. */
import { describe, expect, test } from 'vitest';
import { POINT_REQUEST } from '../../../core/api/declarations.ts';
import type { ControllerManager } from '../../../core/controllers/controller-manager.ts';
import { nodeLifecycleController } from '../../../core/controllers/node-lifecycle/node-lifecycle-controller.ts';
import { taintEvictionController } from '../../../core/controllers/taint-eviction-controller.ts';
import type { Event } from '../../../core/types/event.ts';
import type { Lease } from '../../../core/types/lease.ts';
import type { Node } from '../../../core/types/node.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { findCondition, isPodReady } from '../../../core/types/pod-conditions.ts';
import { EVENTS, LEASES, NODES, PODS } from '../../../core/types/resource-type.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import { parseTime } from '../../../core/types/time.ts';
import { type ApiRequest, VERB } from '../../../core/types/wire.ts';
import { NodeCluster, S } from '../../support/node-cluster.ts';

const controllers = [nodeLifecycleController, taintEvictionController];
const TOLERATES_5_S = {
  tolerations: [
    { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 },
    { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 },
  ],
};

describe('node lifecycle', () => {
  test('a silent node becomes Unknown after the grace, is tainted and its pods leave', () => {
    const cluster = new NodeCluster({ controllers, zones: ['a', 'a', 'a', 'a'] });
    cluster.events(LEASES);
    cluster.addPod('web', 'node-1', TOLERATES_5_S);
    cluster.addPod('calm', 'node-2', TOLERATES_5_S);
    cluster.run(5 * S);
    expect(isPodReady(cluster.pod('web') as never)).toBe(true);
    expect(cluster.taints('node-1')).toEqual([]);
    cluster.leases.silence('node-1');
    const unknownAfter = cluster.until(() => cluster.ready('node-1') === 'Unknown');
    expect(unknownAfter).toBeGreaterThan(40);
    expect(unknownAfter).toBeLessThan(61);
    // The tick that noticed the last renewal came within 5 s of it, and the tenth after that one finds the grace over.
    const { renewTime = '' } = cluster.find<Lease>(LEASES, 'node-1')?.spec ?? {};
    const renewedS = (parseTime(renewTime) - parseTime('2025-01-01T00:00:00Z')) / S;
    expect(cluster.nowS - renewedS).toBeGreaterThan(50);
    expect(cluster.nowS - renewedS).toBeLessThan(55.1);
    const ready = findCondition(cluster.node('node-1').status?.conditions, 'Ready');
    expect(ready?.reason).toBe('NodeStatusUnknown');
    expect(ready?.message).toBe('Kubelet stopped posting node status.');
    const pressure = findCondition(cluster.node('node-1').status?.conditions, 'MemoryPressure');
    expect(pressure?.reason).toBe('NodeStatusNeverUpdated');
    cluster.run(S);
    expect(cluster.taints('node-1')).toEqual(['unreachable:NoExecute', 'unreachable:NoSchedule']);
    expect(isPodReady(cluster.pod('web') as never)).toBe(false);
    const evictedAfter = cluster.until(
      () => cluster.pod('web') === undefined || cluster.pod('web')?.metadata.deletionTimestamp !== undefined,
    );
    expect(evictedAfter).toBeGreaterThan(3.5);
    expect(evictedAfter).toBeLessThan(5.5);
    const reasons = cluster
      .events(PODS)
      .map(({ object }) => findCondition((object as Pod).status?.conditions, 'DisruptionTarget')?.reason);
    expect(reasons).toContain('DeletionByTaintManager');
    expect(cluster.pod('calm')?.metadata.deletionTimestamp).toBeUndefined();
    cluster.leases.revive('node-1');
    cluster.run(S);
    expect(cluster.ready('node-1')).toBe('True');
    const cleanAfter = cluster.until(() => cluster.taints('node-1').length === 0);
    expect(cleanAfter).toBeLessThan(5);
    const nodeReasons = cluster
      .objects<Event>(EVENTS)
      .filter(({ involvedObject }) => involvedObject.kind === 'Node')
      .map(({ reason }) => reason);
    expect(nodeReasons.filter((reason) => reason === 'RegisteredNode')).toHaveLength(4);
    expect(nodeReasons.filter((reason) => reason === 'NodeNotReady')).toHaveLength(1);
  });

  test('a node that says it is not ready and then falls silent changes one taint for the other', () => {
    const cluster = new NodeCluster({ controllers, zones: ['a', 'a', 'a', 'a'] });
    cluster.run(5 * S);
    const conditions = [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady' }];
    const parts = { subresource: 'status', patchType: 'strategic' } as const;
    cluster.harness.patch(NODES, 'node-1', { status: { conditions } }, parts);
    cluster.run(20 * S);
    expect(cluster.taints('node-1')).toEqual(['not-ready:NoExecute', 'not-ready:NoSchedule']);
    cluster.leases.silence('node-1');
    cluster.until(() => cluster.ready('node-1') === 'Unknown');
    cluster.run(S);
    expect(cluster.taints('node-1')).toEqual(['unreachable:NoExecute', 'unreachable:NoSchedule']);
  });

  test('pods that could not be marked are marked at the next look; one that has gone is no reason to look again', () => {
    const cluster = new NodeCluster({ controllers, zones: ['a', 'a', 'a', 'a'] });
    for (const name of ['web', 'gone']) cluster.addPod(name, 'node-1', { tolerations: [{ operator: 'Exists' }] });
    cluster.run(5 * S);
    let asked = 0;
    cluster.harness.api.sim.observation.setInterceptor(POINT_REQUEST, (_pid, subject) => {
      const { type, verb, subresource, name, user } = subject as ApiRequest;
      if (type !== PODS || verb !== VERB.update || subresource !== 'status' || !user.includes('node-'))
        return undefined;
      asked++;
      if (name === 'gone') return StatusError.notFound(PODS, name);
      return asked <= 2 ? StatusError.conflict(PODS, name, 'busy') : undefined;
    });
    cluster.leases.silence('node-1');
    cluster.until(() => cluster.ready('node-1') === 'Unknown');
    cluster.run(7 * S);
    expect(isPodReady(cluster.pod('web') as Pod)).toBe(false);
    expect(asked).toBe(4);
  });

  test('healthy nodes are never touched', () => {
    const cluster = new NodeCluster({ controllers, zones: ['a', 'a', 'b'] });
    cluster.run(10 * S);
    const before = cluster.events(NODES).length;
    cluster.run(300 * S);
    expect(cluster.events(NODES).length).toBe(before);
  });

  test('a partially disrupted small zone gets NoSchedule taints only', () => {
    const cluster = new NodeCluster({ controllers, zones: ['a', 'a', 'a', 'a', 'a'] });
    cluster.run(5 * S);
    for (const name of ['node-0', 'node-1', 'node-2']) cluster.leases.silence(name);
    cluster.run(100 * S);
    for (const name of ['node-0', 'node-1', 'node-2']) {
      expect(cluster.ready(name)).toBe('Unknown');
      expect(cluster.taints(name)).toContain('unreachable:NoSchedule');
    }
    const evicting = ['node-0', 'node-1', 'node-2'].filter((name) => cluster.taints(name).length > 1);
    // One node may have been served before the zone's state was known.
    expect(evicting.length).toBeLessThanOrEqual(1);
  });

  test('nodes of a wholly lost zone are given up one each ten seconds', () => {
    const cluster = new NodeCluster({ controllers, zones: ['a', 'a', 'a', 'a', 'b', 'b'] });
    cluster.run(5 * S);
    for (const name of ['node-0', 'node-1', 'node-2', 'node-3']) cluster.leases.silence(name);
    const given = (): number =>
      ['node-0', 'node-1', 'node-2', 'node-3'].filter((name) => cluster.taints(name).includes('unreachable:NoExecute'))
        .length;
    cluster.until(() => given() === 1);
    const second = cluster.until(() => given() === 2);
    expect(second).toBeGreaterThan(9);
    expect(second).toBeLessThan(11);
    cluster.run(30 * S);
    expect(given()).toBe(4);
  });

  test('when all zones are lost nothing is evicted, and waiting begins anew afterwards', () => {
    const cluster = new NodeCluster({ controllers, zones: ['a', 'a', 'b'] });
    cluster.addPod('web', 'node-0', TOLERATES_5_S);
    cluster.run(5 * S);
    for (const name of ['node-0', 'node-1', 'node-2']) cluster.leases.silence(name);
    cluster.run(200 * S);
    for (const name of ['node-0', 'node-1', 'node-2']) expect(cluster.ready(name)).toBe('Unknown');
    const tainted = ['node-0', 'node-1', 'node-2'].filter((name) =>
      cluster.taints(name).includes('unreachable:NoExecute'),
    );
    expect(tainted.length).toBeLessThanOrEqual(1);
    for (const name of ['node-0', 'node-1', 'node-2']) cluster.leases.revive(name);
    cluster.run(20 * S);
    for (const name of ['node-0', 'node-1', 'node-2']) expect(cluster.taints(name)).toEqual([]);
  });

  test('the planted bug gives nodes up at once', () => {
    const cluster = new NodeCluster({ controllers, zones: ['a', 'a', 'a'], bugs: ['node-lifecycle-no-grace'] });
    cluster.run(30 * S);
    const unknown = cluster
      .events(NODES)
      .some(({ object }) => findCondition((object as Pod | Node).status?.conditions, 'Ready')?.status === 'Unknown');
    expect(unknown).toBe(true);
  });

  test('NoSchedule taints follow conditions and unschedulable', () => {
    const cluster = new NodeCluster({ controllers, zones: ['a'] });
    cluster.harness.patch(NODES, 'node-0', { spec: { unschedulable: true } });
    cluster.run(S);
    expect(cluster.taints('node-0')).toEqual(['unschedulable:NoSchedule']);
    cluster.harness.patch(NODES, 'node-0', { spec: { unschedulable: null } });
    cluster.run(S);
    expect(cluster.taints('node-0')).toEqual([]);
    expect(cluster.node('node-0').metadata.labels?.['beta.kubernetes.io/os']).toBe('linux');
  });
});

describe('taint eviction', () => {
  const maint = { spec: { taints: [{ key: 'maint', value: 'yes', effect: 'NoExecute' }] } };
  const tolerates = (seconds?: number): object => ({
    tolerations: [
      {
        key: 'maint',
        operator: 'Exists',
        effect: 'NoExecute',
        ...(seconds === undefined ? {} : { tolerationSeconds: seconds }),
      },
    ],
  });

  test('pods go at once, after their seconds, or never; taking the taint away cancels', () => {
    const cluster = new NodeCluster({ controllers, zones: ['a', 'a'] });
    cluster.addPod('none', 'node-0');
    cluster.addPod('short', 'node-0', tolerates(3) as never);
    cluster.addPod('long', 'node-0', tolerates(10) as never);
    cluster.addPod('ever', 'node-0', tolerates() as never);
    cluster.run(S);
    cluster.harness.patch(NODES, 'node-0', maint);
    expect(cluster.until(() => cluster.pod('none') === undefined)).toBeLessThan(0.3);
    const short = cluster.until(() => cluster.pod('short') === undefined);
    expect(short).toBeGreaterThan(2.7);
    expect(short).toBeLessThan(3.3);
    cluster.run(2 * S);
    cluster.harness.patch(NODES, 'node-0', { spec: { taints: null } });
    cluster.run(15 * S);
    expect(cluster.pod('long')).toBeDefined();
    expect(cluster.pod('ever')).toBeDefined();
  });

  test('another taint leaves a time that runs as it is, whether it is tolerated for longer or less long', () => {
    const cluster = new NodeCluster({ controllers, zones: ['a'] });
    const forSeconds = (key: string, tolerationSeconds: number): object => ({
      key,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds,
    });
    cluster.addPod('same', 'node-0', { tolerations: [forSeconds('maint', 6), forSeconds('more', 6)] });
    cluster.addPod('less', 'node-0', { tolerations: [forSeconds('maint', 6), forSeconds('more', 1)] });
    cluster.addPod('longer', 'node-0', { tolerations: [forSeconds('maint', 6), forSeconds('more', 60)] });
    cluster.run(S);
    cluster.harness.patch(NODES, 'node-0', maint);
    cluster.run(3 * S);
    const names = ['same', 'less', 'longer'];
    const others = [{ key: 'more', effect: 'NoExecute' }];
    cluster.harness.patch(NODES, 'node-0', { spec: { taints: [...maint.spec.taints, ...others] } });
    cluster.run(S);
    cluster.harness.patch(NODES, 'node-0', { spec: { taints: others } });
    cluster.run(S);
    for (const name of names) expect(cluster.pod(name)?.metadata, name).not.toHaveProperty('deletionTimestamp');
    expect(cluster.until(() => names.every((name) => cluster.pod(name) === undefined))).toBeLessThan(2);
  });

  test('a pod that was made anew under its name meanwhile is given all of its own time', () => {
    const cluster = new NodeCluster({ controllers, zones: ['a'] });
    cluster.addPod('web', 'node-0', tolerates(6) as never);
    cluster.run(S);
    cluster.harness.patch(NODES, 'node-0', maint);
    cluster.run(4 * S);
    // What a list after a gap shows: one name, another uid, and nothing between.
    const informer = (cluster.harness.instances[0] as ControllerManager).informer(PODS);
    const { onEvent } = informer;
    informer.onEvent = () => {};
    cluster.harness.delete(PODS, 'web', { options: { gracePeriodSeconds: 0 } });
    cluster.run(S);
    informer.onEvent = (event) => onEvent.call(informer, event);
    cluster.addPod('web', 'node-0', tolerates(6) as never);
    cluster.run(4 * S);
    expect(cluster.pod('web')?.status?.phase).toBe('Running');
    expect(cluster.pod('web')?.metadata.deletionTimestamp).toBeUndefined();
    expect(cluster.until(() => cluster.pod('web') === undefined)).toBeLessThan(3);
  });

  test('a pod that comes to a node with the taint has its time as well', () => {
    const cluster = new NodeCluster({ controllers, zones: ['a'] });
    cluster.harness.patch(NODES, 'node-0', maint);
    cluster.addPod('late', 'node-0', tolerates(3) as never);
    cluster.run(2 * S);
    expect(cluster.pod('late')?.metadata.deletionTimestamp).toBeUndefined();
    expect(cluster.until(() => cluster.pod('late') === undefined)).toBeLessThan(2);
  });

  test('the planted bug ignores tolerationSeconds', () => {
    const cluster = new NodeCluster({
      controllers,
      zones: ['a', 'a'],
      bugs: ['taint-eviction-ignores-toleration-seconds'],
    });
    cluster.addPod('long', 'node-0', tolerates(100) as never);
    cluster.run(S);
    cluster.harness.patch(NODES, 'node-0', maint);
    cluster.run(S);
    expect(cluster.pod('long')).toBeUndefined();
  });
});

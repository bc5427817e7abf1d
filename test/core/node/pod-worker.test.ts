/** Single rules of a kubelet's work on its pods, each in a situation in which its absence shows. */
import { expect, test } from 'vitest';
import { PodAddresses } from '../../../core/node/addresses.ts';
import { PodTable } from '../../../core/node/pod-table.ts';
import type { Event } from '../../../core/types/event.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { isPodReady } from '../../../core/types/pod-conditions.ts';
import { CONFIGMAPS, EVENTS, NODES, PODS } from '../../../core/types/resource-type.ts';
import { NodeLab, podOf } from '../../support/node-lab.ts';

const running = (lab: NodeLab): string[] => lab.fleet.runningContainers(0).map(({ podUid }) => podUid);
const phaseOf = (lab: NodeLab, name: string): (string | undefined)[] => {
  const status = lab.pod(name)?.status;
  return [status?.phase, status?.reason];
};

function labWith(...pods: Parameters<NodeLab['bind']>[1][]): NodeLab {
  const lab = new NodeLab({ seed: 21 });
  lab.run(5);
  lab.bind('n0', ...pods);
  lab.run(5);
  return lab;
}

function force(lab: NodeLab, name: string, gracePeriodSeconds: number): void {
  lab.does(function* (client) {
    yield* client.delete(PODS, 'default', name, { gracePeriodSeconds });
  });
}

function say(lab: NodeLab, name: string, conditions: readonly object[], more: object = {}): void {
  lab.does(function* (client) {
    yield* client.patch(PODS, 'default', name, { status: { conditions, ...more } }, 'strategic', 'status');
  });
}

test('a pod of the name of one that still stops waits until that has stopped', () => {
  const lab = labWith(podOf('web', {}, { 'seatrial.dev/stop-after': '6s' }));
  const [first] = running(lab);
  const pid = lab.fleet.pids[0] as number;
  lab.sim.crash(pid);
  force(lab, 'web', 0);
  lab.run(1);
  lab.bind('n0', podOf('web'));
  lab.run(1);
  lab.sim.restart(pid);
  lab.run(4);
  expect(running(lab)).toEqual([first]);
  lab.run(8);
  expect([running(lab).length, running(lab)[0] === first, phaseOf(lab, 'web')[0]]).toEqual([1, false, 'Running']);
});

test('a deletion that leaves less time stops sooner, one that leaves more does not stop later', () => {
  const stubborn = { 'seatrial.dev/stop-after': '60s' };
  const lab = labWith(podOf('web', {}, stubborn));
  lab.delete(PODS, 'web');
  lab.run(2);
  force(lab, 'web', 4);
  lab.run(1);
  force(lab, 'web', 20);
  expect(running(lab)).toHaveLength(1);
  lab.run(4);
  expect([running(lab), lab.list(PODS)]).toEqual([[], []]);
});

test('what went while the kubelet was away stops when it is back, and what ended stays so', () => {
  const once = podOf('once', { restartPolicy: 'Never' }, { 'seatrial.dev/run-for': '1s' });
  const lab = labWith(podOf('web'), once);
  const pid = lab.fleet.pids[0] as number;
  lab.sim.crash(pid);
  force(lab, 'web', 0);
  lab.bind('n0', podOf('declared'), podOf('unwanted'));
  lab.run(1);
  say(lab, 'declared', [], { phase: 'Failed' });
  lab.delete(PODS, 'unwanted');
  lab.run(1);
  expect(running(lab)).toHaveLength(1);
  lab.sim.restart(pid);
  for (let i = 0; i < 10; i++) {
    lab.run(1);
    expect(running(lab).length).toBeLessThan(2);
  }
  expect([running(lab), phaseOf(lab, 'once')[0], phaseOf(lab, 'declared')[0]]).toEqual([[], 'Succeeded', 'Failed']);
  expect([lab.pod('unwanted'), lab.fleet.state.nodes.usedPods[0]]).toEqual([undefined, 0]);
});

test('what it was about when it went is gone on with when it is back', () => {
  const needs = { containers: [{ name: 'app', image: 'a', envFrom: [{ configMapRef: { name: 'settings' } }] }] };
  const lab = labWith(
    podOf('run', { restartPolicy: 'Never' }, { 'seatrial.dev/run-for': '9s' }),
    podOf('slow', {}, { 'seatrial.dev/ready-after': '9s' }),
    podOf('stubborn', {}, { 'seatrial.dev/stop-after': '6s' }),
    podOf('crashes', {}, { 'seatrial.dev/crash-after': '1s' }),
    podOf('waits', needs),
  );
  lab.delete(PODS, 'stubborn');
  lab.run(1);
  const pid = lab.fleet.pids[0] as number;
  lab.sim.crash(pid);
  const metadata = { name: 'settings', namespace: 'default' };
  lab.create(CONFIGMAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  lab.run(2);
  lab.sim.restart(pid);
  const restarts = () => lab.pod('crashes')?.status?.containerStatuses?.[0]?.restartCount ?? 0;
  const before = restarts();
  lab.run(40);
  expect([phaseOf(lab, 'run')[0], phaseOf(lab, 'waits')[0]]).toEqual(['Succeeded', 'Running']);
  expect([lab.pod('stubborn'), isPodReady(lab.pod('slow') as Pod), restarts() > before]).toEqual([
    undefined,
    true,
    true,
  ]);
});

test('a lost machine ends what is never started again, and starts the rest', () => {
  const lab = labWith(podOf('never', { restartPolicy: 'Never' }), podOf('failing', { restartPolicy: 'OnFailure' }));
  const address = lab.pod('never')?.status?.podIP;
  lab.fleet.powerOff(0);
  lab.run(5);
  lab.fleet.powerOn(0);
  lab.run(10);
  expect(lab.pod('never')?.status?.podIP).toBe(address);
  expect([phaseOf(lab, 'never')[0], phaseOf(lab, 'failing')[0], running(lab).length]).toEqual(['Failed', 'Running', 1]);
});

test('a run ends after the pod has become Ready; a pod that has ended goes at once when it is deleted', () => {
  const lab = labWith(
    podOf('job', { restartPolicy: 'Never' }, { 'seatrial.dev/ready-after': '1s', 'seatrial.dev/run-for': '8s' }),
  );
  expect(isPodReady(lab.pod('job') as Pod)).toBe(true);
  lab.run(6);
  expect(phaseOf(lab, 'job')[0]).toBe('Succeeded');
  lab.delete(PODS, 'job');
  lab.run(1);
  expect(lab.pod('job')).toBeUndefined();
});

test('a preStop hook as long as the grace leaves the application two seconds more', () => {
  const containers = [{ name: 'app', image: 'a', lifecycle: { preStop: { exec: { command: ['sleep 9'] } } } }];
  const lab = labWith(
    podOf('web', { terminationGracePeriodSeconds: 5, containers }, { 'seatrial.dev/stop-after': '9s' }),
  );
  lab.delete(PODS, 'web');
  lab.run(6.5);
  expect(running(lab)).toHaveLength(1);
  lab.run(1);
  expect(running(lab)).toHaveLength(0);
});

test('an extended resource is free again when the pod that had it has ended', () => {
  const lab = new NodeLab({ seed: 23, nodes: [{ allocatable: { cpu: '4', pods: '9', 'example.com/gpu': '1' } }] });
  lab.run(5);
  const requests = { 'example.com/gpu': '1' };
  const spec = {
    restartPolicy: 'Never',
    containers: [{ name: 'app', image: 'a', resources: { requests, limits: requests } }],
  };
  lab.bind('n0', podOf('first', spec, { 'seatrial.dev/run-for': '2s' }));
  lab.run(8);
  lab.bind('n0', podOf('second', spec));
  lab.run(5);
  expect([phaseOf(lab, 'first')[0], phaseOf(lab, 'second')[0]]).toEqual(['Succeeded', 'Running']);
});

test('a block holds 253 addresses, none of which is in the block of the next node', () => {
  const addresses = new PodAddresses(2, 110);
  const taken = new Set<number>();
  const take = (node: number) => addresses.allocate(node, (address) => taken.has(address));
  for (let address = take(0); address > 0; address = take(0)) taken.add(address);
  const next = take(1);
  expect([taken.size, addresses.refused, next > Math.max(...taken)]).toEqual([253, 1, true]);
});

test('no two pods have one address, also when all of the block have had their turn', () => {
  const lab = labWith(podOf('a'));
  const { addresses } = lab.fleet.state;
  const [first] = lab.fleet.runningContainers(0);
  for (let turn = 1; turn < 253; turn++) addresses.allocate(0, () => false);
  lab.bind('n0', podOf('b'));
  lab.run(5);
  const all = lab.fleet.runningContainers(0).map(({ ip }) => ip);
  expect([all.length, new Set(all).size, all.includes(first?.ip ?? '')]).toEqual([2, 2, true]);
  expect(addresses.allocate(0, () => true)).toBe(0);
});

test('a name that comes late has no pods before its first', () => {
  const table = new PodTable(1);
  const pod = podOf('p') as Pod;
  for (const keyId of [0, 100_000]) expect(table.otherOfName(table.add(0, keyId, pod, null as never))).toBe(-1);
});

test('its word about readiness counts, and its pods wait at their gates', () => {
  const gate = 'example.com/open';
  const lab = labWith(podOf('web'), podOf('gated', { readinessGates: [{ conditionType: gate }] }));
  const ready = (name: string): boolean => isPodReady(lab.pod(name) as Pod);
  expect([ready('web'), ready('gated')]).toEqual([true, false]);
  // Kubernetes 1.34.1, kubelet/status/generate.go: a gate keeps the pod from being Ready, not its containers.
  const conditionsOf = (name: string) => lab.pod(name)?.status?.conditions?.filter(({ type }) => /Ready$/.test(type));
  expect(conditionsOf('gated')).toMatchObject([
    {
      type: 'Ready',
      status: 'False',
      reason: 'ReadinessGatesNotReady',
      message: `corresponding condition of pod readiness gate "${gate}" does not exist.`,
    },
    { type: 'ContainersReady', status: 'True' },
  ]);
  expect(lab.pod('gated')?.status?.containerStatuses?.[0]?.ready).toBe(true);
  say(lab, 'web', [{ type: 'Ready', status: 'False' }]);
  say(lab, 'gated', [{ type: gate, status: 'True' }]);
  lab.run(3);
  expect([ready('web'), ready('gated')]).toEqual([true, true]);
  say(lab, 'gated', [{ type: gate, status: 'False' }]);
  lab.run(1);
  expect(ready('gated')).toBe(false);
  expect(conditionsOf('gated')?.map(({ status }) => status)).toEqual(['False', 'True']);
});

test('a pod that initialises says which containers it waits for; one deleted before it ran says that they are not to be found', () => {
  const initContainers = [
    { name: 'side', image: 'a', restartPolicy: 'Always' },
    { name: 'first', image: 'a:broken' },
  ];
  const lab = new NodeLab({ seed: 21, fleet: { unpullableImages: [':broken'] } });
  lab.run(5);
  lab.bind('n0', podOf('starts', { initContainers }), podOf('deleted', {}, { 'seatrial.dev/image-pull': '60s' }));
  lab.run(5);
  const messages = lab.pod('starts')?.status?.conditions?.map(({ type, message }) => `${type}: ${message ?? ''}`);
  expect(messages).toContain('Initialized: containers with incomplete status: [first]');
  expect(messages).toContain('ContainersReady: containers with unready status: [app]');
  const seen: unknown[] = [];
  lab.does(function* (client) {
    const pod = yield* client.get<Pod>(PODS, 'default', 'deleted');
    yield* client.patch(PODS, 'default', 'deleted', { metadata: { finalizers: ['example.com/keep'] } }, 'merge');
    yield* client.delete(PODS, 'default', 'deleted', { preconditions: { uid: pod.metadata.uid } });
  });
  lab.run(2);
  seen.push(lab.pod('deleted')?.status?.phase, lab.pod('deleted')?.status?.containerStatuses?.[0]?.state);
  const message = 'The container could not be located when the pod was terminated';
  expect(seen).toMatchObject(['Failed', { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown', message } }]);
});

test('a sidecar that is not ready yet keeps its pod from being Ready', () => {
  const readinessProbe = { exec: { command: ['true'] }, initialDelaySeconds: 8, periodSeconds: 1 };
  const initContainers = [{ name: 'side', image: 'a', restartPolicy: 'Always', readinessProbe }];
  const lab = labWith(podOf('web', { initContainers }));
  const ready = (): boolean => isPodReady(lab.pod('web') as Pod);
  expect(ready()).toBe(false);
  lab.run(10);
  expect(ready()).toBe(true);
});

test('a pod that somebody else declares failed stops', () => {
  const lab = labWith(podOf('web'));
  say(lab, 'web', [], { phase: 'Failed' });
  lab.run(5);
  expect([running(lab), phaseOf(lab, 'web')[0], lab.fleet.state.nodes.usedPods[0]]).toEqual([[], 'Failed', 0]);
});

test('restart policies: what ends well is started again only where it always is', () => {
  const ended = { 'seatrial.dev/run-for': '1s', 'seatrial.dev/exit': 'ok' };
  const failed = { ...ended, 'seatrial.dev/exit': 'error' };
  const lab = labWith(
    podOf('well', { restartPolicy: 'OnFailure' }, ended),
    podOf('badly', { restartPolicy: 'OnFailure' }, failed),
    podOf('always', {}, ended),
  );
  lab.run(15);
  const restarts = (name: string) => lab.pod(name)?.status?.containerStatuses?.[0]?.restartCount;
  expect([phaseOf(lab, 'well')[0], restarts('well')]).toEqual(['Succeeded', 0]);
  for (const name of ['badly', 'always']) expect(restarts(name)).toBeGreaterThan(0);
});

test('readiness needs its successes in a row, the first after the delay', () => {
  const readinessProbe = { exec: { command: ['true'] }, initialDelaySeconds: 4, periodSeconds: 2, successThreshold: 3 };
  const lab = labWith(podOf('web', { containers: [{ name: 'app', image: 'a', readinessProbe }] }));
  const started = Date.parse(lab.pod('web')?.status?.containerStatuses?.[0]?.state?.running?.startedAt ?? '');
  while (!isPodReady(lab.pod('web') as Pod)) lab.run(0.2);
  const ready = lab.pod('web')?.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '';
  const tookS = (Date.parse(ready) - started) / 1000;
  expect([tookS >= 7, tookS <= 9]).toEqual([true, true]);
});

test('a container that ran for ten minutes is started again at once', () => {
  const lab = labWith(podOf('web', {}, { 'seatrial.dev/run-for': '11m', 'seatrial.dev/exit': 'error' }));
  const restarts = () => lab.pod('web')?.status?.containerStatuses?.[0]?.restartCount;
  lab.run(11 * 60);
  expect(restarts()).toBe(1);
  lab.run(11 * 60 + 3);
  expect([restarts(), phaseOf(lab, 'web')[0], running(lab).length]).toEqual([2, 'Running', 1]);
});

test('a name is free again when a pod that had ended was deleted by force; until it ends it runs', () => {
  const short = podOf('job', { restartPolicy: 'Never' }, { 'seatrial.dev/run-for': '6s' });
  const lab = labWith(short);
  expect(running(lab)).toHaveLength(1);
  lab.run(6);
  expect([phaseOf(lab, 'job')[0], running(lab)]).toEqual(['Succeeded', []]);
  force(lab, 'job', 0);
  lab.run(1);
  lab.bind('n0', short);
  lab.run(5);
  expect([phaseOf(lab, 'job')[0], running(lab).length]).toEqual(['Running', 1]);
});

test('an image that does not come is told as failed and as waited for; there is nothing to kill yet', () => {
  const lab = labWith(podOf('web', {}, { 'seatrial.dev/image-pull': 'never' }));
  expect(lab.fleet.killContainers(0, () => true)).toBe(0);
  lab.run(60);
  const told = lab
    .list<Event>(EVENTS)
    .filter(({ involvedObject }) => involvedObject.name === 'web')
    .map(({ type, reason }) => `${type} ${reason}`);
  expect(new Set(told)).toEqual(new Set(['Warning Failed', 'Normal BackOff']));
  expect(lab.pod('web')?.status?.containerStatuses?.[0]?.state?.waiting?.reason).toMatch(
    /ErrImagePull|ImagePullBackOff/,
  );
});

test('what an application lacks is not said of its init containers', () => {
  const containers = [{ name: 'app', image: 'a', envFrom: [{ configMapRef: { name: 'settings' } }] }];
  const lab = labWith(podOf('web', { containers, initContainers: [{ name: 'first', image: 'a' }] }));
  const status = lab.pod('web')?.status;
  const reasons = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].map(
    ({ state }) => state?.waiting?.reason,
  );
  expect(reasons).toEqual(['PodInitializing', 'CreateContainerConfigError']);
});

test('a node refuses what its labels, taints and amounts forbid, and frees what has ended', () => {
  const lab = new NodeLab({
    seed: 22,
    nodes: [{ allocatable: { cpu: '1', memory: '1Gi', pods: '3', 'example.com/gpu': '1' } }],
  });
  lab.run(5);
  const asking = (requests: object): object => ({
    containers: [{ name: 'app', image: 'a', resources: { requests, limits: requests } }],
  });
  const gpu = asking({ 'example.com/gpu': '1' });
  const short = { restartPolicy: 'Never', ...asking({ memory: '800Mi' }) };
  lab.bind('n0', podOf('elsewhere', { nodeSelector: { pool: 'other' } }), podOf('gpu', gpu), podOf('more', gpu));
  lab.bind('n0', podOf('first', short, { 'seatrial.dev/run-for': '3s' }), podOf('second', asking({ memory: '800Mi' })));
  lab.run(6);
  lab.bind('n0', podOf('third', asking({ memory: '800Mi' })), podOf('fourth'), podOf('fifth'));
  lab.run(3);
  lab.does(function* (client) {
    yield* client.patch(NODES, '', 'n0', { spec: { taints: [{ key: 'a', effect: 'NoExecute' }] } }, 'merge');
  });
  lab.delete(PODS, 'fourth');
  lab.run(5);
  lab.bind('n0', podOf('tainted'));
  lab.run(5);
  const names = ['elsewhere', 'gpu', 'more', 'first', 'second', 'third', 'fifth', 'tainted'];
  expect(
    names.map((name) =>
      phaseOf(lab, name)
        .filter((one) => one !== undefined)
        .join(' '),
    ),
  ).toEqual([
    'Failed NodeAffinity',
    'Running',
    'Failed OutOfexample.com/gpu',
    'Succeeded',
    'Failed OutOfmemory',
    'Running',
    'Failed OutOfpods',
    'Failed TaintToleration',
  ]);
});

test('a pod that was created with its node and finds no room there is refused, though nobody has written it a condition', () => {
  const lab = new NodeLab({ seed: 24, nodes: [{ capacity: { cpu: '1', memory: '8Gi', pods: '9' } }] });
  lab.run(5);
  const containers = [{ name: 'app', image: 'a', resources: { requests: { cpu: '600m' } } }];
  const spec = { nodeName: 'n0', containers };
  lab.create(PODS, podOf('first', spec), podOf('second', spec));
  lab.run(5);
  // Kubernetes 1.34.1, kubelet.go rejectPod: phase, reason and message, no conditions.
  expect([phaseOf(lab, 'first')[0], phaseOf(lab, 'second')]).toEqual(['Running', ['Failed', 'OutOfcpu']]);
  expect(lab.pod('second')?.status?.conditions).toBeUndefined();
});

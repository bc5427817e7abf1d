import { expect, test } from 'vitest';
import { POINT_STOP, type StoppedPod } from '../../../core/node/marks.ts';
import type { Lease } from '../../../core/types/lease.ts';
import type { Node } from '../../../core/types/node.ts';
import { isPodReady } from '../../../core/types/pod-conditions.ts';
import { CONFIGMAPS, LEASES, NODES, PODS } from '../../../core/types/resource-type.ts';
import { NodeLab, podOf } from '../../support/node-lab.ts';

test('nodes register with labels, conditions and capacity, and keep renewing their leases', () => {
  const lab = new NodeLab({ seed: 1, nodes: [{ zone: 'a' }, { zone: 'b' }] });
  lab.run(35);
  const nodes = lab.list<Node>(NODES);
  expect(nodes.map((node) => node.metadata.name)).toEqual(['n0', 'n1']);
  expect(nodes[1]?.metadata.labels).toMatchObject({
    'kubernetes.io/hostname': 'n1',
    'topology.kubernetes.io/zone': 'b',
    'topology.kubernetes.io/region': 'region-1',
  });
  const types = nodes[0]?.status?.conditions?.map(({ type, status }) => `${type}=${status}`);
  expect(types).toEqual(['MemoryPressure=False', 'DiskPressure=False', 'PIDPressure=False', 'Ready=True']);
  expect(nodes[0]?.status?.allocatable).toEqual({ cpu: '4', memory: '8Gi', pods: '110' });
  const before = lab.list<Lease>(LEASES).map((lease) => lease.spec?.renewTime ?? '');
  lab.run(11);
  const leases = lab.list<Lease>(LEASES);
  expect(leases).toHaveLength(2);
  leases.forEach((lease, i) => {
    expect(lease.spec?.leaseDurationSeconds).toBe(40);
    expect(lease.spec?.holderIdentity).toBe(lease.metadata.name);
    expect((lease.spec?.renewTime ?? '') > (before[i] as string)).toBe(true);
  });
});

test('a node registers when the API server is there at last, and makes its lease anew when that was deleted', () => {
  const lab = new NodeLab({ seed: 2 });
  const server = lab.servers[0] as number;
  lab.sim.crash(server);
  lab.run(20);
  lab.sim.restart(server);
  lab.run(30);
  expect(lab.list(NODES)).toHaveLength(1);
  lab.delete(LEASES, 'n0', 'kube-node-lease');
  lab.run(25);
  expect(lab.list(LEASES).map(({ metadata }) => metadata.name)).toEqual(['n0']);
});

test('an unchanged status is reported within 2.5 to 7.5 minutes of the start, then every 5 (kubelet_node_status.go calculateDelay)', () => {
  const lab = new NodeLab({ seed: 1, nodes: [{}, {}, {}] });
  const { statusSentUs } = lab.fleet.state.nodes;
  const sent: number[][] = [[], [], []];
  for (let second = 0; second < 1_100; second++) {
    lab.run(1);
    sent.forEach((times, node) => {
      const atUs = statusSentUs[node] as number;
      if (Number.isFinite(atUs) && times.at(-1) !== atUs) times.push(atUs);
    });
  }
  const gaps = sent.map((times) => times.slice(1).map((at, i) => (at - (times[i] as number)) / 1e6));
  for (const [first = 0, second = 0] of gaps) {
    expect([first >= 150, first <= 461, second >= 300, second <= 311]).toEqual([true, true, true, true]);
  }
  const firsts = gaps.map(([first = 0]) => first);
  expect(Math.max(...firsts) - Math.min(...firsts)).toBeGreaterThan(20);
});

test('a bound pod becomes Running and Ready, is deleted with its final status, and the truth follows', () => {
  const lab = new NodeLab({ seed: 2 });
  lab.run(5);
  lab.bind('n0', podOf('web'));
  lab.run(5);
  const pod = lab.pod('web');
  expect(pod?.status?.phase).toBe('Running');
  expect(pod?.status?.conditions?.map(({ type, status }) => `${type}=${status}`)).toEqual([
    'PodReadyToStartContainers=True',
    'Initialized=True',
    'Ready=True',
    'ContainersReady=True',
    'PodScheduled=True',
  ]);
  const running = lab.fleet.runningContainers(0);
  expect(running).toHaveLength(1);
  expect(running[0]?.ip).toBe(pod?.status?.podIP);
  expect(running[0]?.podUid).toBe(pod?.metadata.uid);
  lab.delete(PODS, 'web');
  lab.run(0.2);
  expect(lab.fleet.runningContainers(0)).toHaveLength(1);
  lab.run(2);
  expect(lab.pod('web')).toBeUndefined();
  expect(lab.fleet.runningContainers(0)).toHaveLength(0);
  expect(lab.fleet.state.nodes.usedPods[0]).toBe(0);
  expect(lab.fleet.state.pods.live).toBe(0);
});

test('a pod that does not fit fails with the real reason, unless the bug is on', () => {
  for (const bugs of [[], ['kubelet-admits-all']]) {
    const lab = new NodeLab({ seed: 3, bugs });
    lab.run(5);
    const resources = { requests: { cpu: '3' } };
    lab.bind(
      'n0',
      podOf('first', { containers: [{ name: 'app', image: 'a', resources }] }),
      podOf('second', { containers: [{ name: 'app', image: 'a', resources }] }),
    );
    lab.run(5);
    const second = lab.pod('second');
    expect(lab.pod('first')?.status?.phase).toBe('Running');
    if (bugs.length > 0) expect(second?.status?.phase).toBe('Running');
    else {
      expect(second?.status).toMatchObject({
        phase: 'Failed',
        reason: 'OutOfcpu',
        message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 3000, used: 3000, capacity: 4000",
      });
    }
  }
});

test('a missing ConfigMap keeps the container waiting until it appears', () => {
  const lab = new NodeLab({ seed: 4 });
  lab.run(5);
  const volumes = [{ name: 'cfg', configMap: { name: 'settings' } }];
  const env = [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'settings', key: 'x' } } }];
  lab.bind('n0', podOf('volume', { volumes }), podOf('variable', { containers: [{ name: 'app', image: 'a', env }] }));
  lab.run(5);
  expect(lab.pod('volume')?.status?.phase).toBe('Pending');
  const waiting = lab.pod('variable')?.status?.containerStatuses?.[0]?.state?.waiting;
  expect(waiting).toEqual({ reason: 'CreateContainerConfigError', message: 'configmap "settings" not found' });
  lab.create(CONFIGMAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'default' } });
  lab.run(25);
  expect(isPodReady(lab.pod('volume') as never)).toBe(true);
  expect(isPodReady(lab.pod('variable') as never)).toBe(true);
  // What held it back is no longer said (kubelet/status/generate.go; the real patch takes it away).
  const said = lab.pod('variable')?.status?.conditions?.filter((one) => (one.reason ?? one.message) !== undefined);
  expect(said).toEqual([]);
});

test('an image that cannot be pulled, readiness, crashes and Jobs', () => {
  const lab = new NodeLab({ seed: 5, fleet: { unpullableImages: [':broken'] } });
  lab.run(5);
  const readinessProbe = { initialDelaySeconds: 8, periodSeconds: 5, successThreshold: 2, httpGet: { port: 80 } };
  lab.bind(
    'n0',
    podOf('image', { containers: [{ name: 'app', image: 'app:broken' }] }),
    podOf('probed', { containers: [{ name: 'app', image: 'app:v1', readinessProbe }] }),
    podOf('crashes', {}, { 'seatrial.dev/crash-after': '1s' }),
    podOf('once', { restartPolicy: 'Never' }, { 'seatrial.dev/run-for': '2s' }),
    podOf('fails', { restartPolicy: 'Never' }, { 'seatrial.dev/run-for': '2s', 'seatrial.dev/exit': 'error' }),
  );
  lab.run(6);
  expect(lab.pod('probed')?.status?.phase).toBe('Running');
  expect(isPodReady(lab.pod('probed') as never)).toBe(false);
  lab.run(60);
  expect(isPodReady(lab.pod('probed') as never)).toBe(true);
  const image = lab.pod('image')?.status;
  expect(image?.phase).toBe('Pending');
  expect(image?.containerStatuses?.[0]?.state?.waiting?.reason).toMatch(/^(ErrImagePull|ImagePullBackOff)$/);
  const crashes = lab.pod('crashes')?.status?.containerStatuses?.[0];
  expect(crashes?.restartCount).toBeGreaterThanOrEqual(3);
  expect(crashes?.restartCount).toBeLessThanOrEqual(5);
  expect(lab.pod('once')?.status?.phase).toBe('Succeeded');
  expect(lab.pod('fails')?.status?.phase).toBe('Failed');
  expect(lab.pod('fails')?.status?.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(1);
});

test('readiness is reported early only with the bug', () => {
  const ready = (bugs: string[]): boolean => {
    const lab = new NodeLab({ seed: 6, bugs });
    lab.run(5);
    lab.bind('n0', podOf('slow', {}, { 'seatrial.dev/ready-after': '30s' }));
    lab.run(10);
    return isPodReady(lab.pod('slow') as never);
  };
  expect(ready([])).toBe(false);
  expect(ready(['kubelet-ready-early'])).toBe(true);
});

test('a restarted kubelet adopts what runs; a rebooted machine starts it again with another address', () => {
  const lab = new NodeLab({ seed: 7 });
  lab.run(5);
  lab.bind('n0', podOf('web'));
  lab.run(5);
  const [first] = lab.fleet.runningContainers(0);
  const pid = lab.fleet.pids[0] as number;
  lab.sim.crash(pid);
  expect(lab.fleet.runningContainers(0)).toEqual([first]);
  lab.run(3);
  lab.sim.restart(pid);
  lab.run(5);
  expect(lab.fleet.runningContainers(0)).toEqual([first]);
  lab.fleet.powerOff(0);
  expect(lab.fleet.runningContainers(0)).toEqual([]);
  lab.run(60);
  lab.fleet.powerOn(0);
  lab.run(10);
  const [again] = lab.fleet.runningContainers(0);
  expect(again?.podUid).toBe(first?.podUid);
  expect(again?.ip).not.toBe(first?.ip);
  expect(lab.pod('web')?.status?.containerStatuses?.[0]?.restartCount).toBe(1);
  expect(lab.pod('web')?.status?.podIPs).toEqual([{ ip: again?.ip }]);
  expect(isPodReady(lab.pod('web') as never)).toBe(true);
});

test('grace: a stubborn application is killed when it is over, a preStop sleep counts inside it', () => {
  const lab = new NodeLab({ seed: 8 });
  lab.run(5);
  const lifecycle = { preStop: { sleep: { seconds: 5 } } };
  lab.bind(
    'n0',
    podOf('stubborn', { terminationGracePeriodSeconds: 10 }, { 'seatrial.dev/stop-after': '60s' }),
    podOf('polite', { containers: [{ name: 'app', image: 'a', lifecycle }] }),
  );
  lab.run(6);
  lab.delete(PODS, 'stubborn');
  lab.delete(PODS, 'polite');
  lab.run(5);
  expect(
    lab.fleet
      .runningContainers(0)
      .map((one) => one.name)
      .sort(),
  ).toEqual(['polite', 'stubborn']);
  lab.run(2);
  expect(lab.fleet.runningContainers(0).map((one) => one.name)).toEqual(['stubborn']);
  lab.run(4);
  expect(lab.list(PODS)).toEqual([]);
});

const terminatedOf = (lab: NodeLab, name: string) => {
  const status = lab.pod(name)?.status;
  const container = status?.containerStatuses?.[0];
  const { state, lastState } = container ?? {};
  return [status?.phase, state?.terminated?.exitCode ?? lastState?.terminated?.exitCode, container?.restartCount];
};

test('who stops containers is told: the kubelet only what it was to stop', () => {
  const lab = new NodeLab({ seed: 12 });
  const stops: [string, boolean][] = [];
  lab.sim.observation.listen(POINT_STOP, (_pid, subject) => {
    const { name, byKubelet } = subject as StoppedPod;
    stops.push([name, byKubelet]);
  });
  lab.run(5);
  const once = { restartPolicy: 'Never' };
  lab.bind(
    'n0',
    podOf('ends', once, { 'seatrial.dev/run-for': '1s' }),
    podOf('unheard', once, { 'seatrial.dev/run-for': '25s' }),
    ...['killed', 'gone', 'lost'].map((name) => podOf(name, once)),
  );
  lab.run(10);
  lab.fleet.killContainers(0, (pod) => pod.metadata.name === 'killed');
  lab.delete(PODS, 'gone');
  lab.run(5);
  lab.sim.crash(lab.fleet.pids[0] as number);
  lab.run(20);
  lab.fleet.powerOff(0);
  expect(stops).toEqual([
    ['ends', false],
    ['killed', false],
    ['gone', true],
    ['lost', false],
    ['unheard', false],
  ]);
});

test('each container ends with its own exit code, and the pod as the last of them did', () => {
  const lab = new NodeLab({ seed: 9 });
  lab.run(5);
  const once = { 'seatrial.dev/run-for': '60s' };
  const fails = { ...once, 'seatrial.dev/exit': 'error' };
  lab.bind(
    'n0',
    podOf('killed', { restartPolicy: 'Never' }, fails),
    podOf('killed-twice', { restartPolicy: 'OnFailure' }, once),
    podOf('goes-on', {}),
  );
  lab.run(10);
  const kill = (name: string) => lab.fleet.killContainers(0, (pod) => pod.metadata.name === name);
  for (const name of ['killed', 'killed-twice', 'goes-on']) kill(name);
  lab.run(5);
  expect(terminatedOf(lab, 'killed')).toEqual(['Failed', 137, 0]);
  expect(terminatedOf(lab, 'goes-on')).toEqual(['Running', 137, 1]);
  kill('killed-twice');
  lab.run(3);
  // The next sync of its worker, which would say that it waits, is 10 s away.
  expect(lab.pod('killed-twice')?.status?.containerStatuses?.[0]?.state?.terminated?.reason).toBe('OOMKilled');
  lab.fleet.powerOff(0);
  lab.run(20);
  lab.fleet.powerOn(0);
  lab.run(90);
  expect(terminatedOf(lab, 'killed-twice')).toEqual(['Succeeded', 0, 2]);
});

test('without a registry the image that is missing is blamed, also where its pod always asks', () => {
  const lab = new NodeLab({ seed: 10 });
  lab.run(5);
  const containers = (policy?: string) => [
    { name: 'there', image: 'app:v1', imagePullPolicy: policy },
    { name: 'missing', image: 'other:v1' },
  ];
  lab.bind('n0', podOf('first'), podOf('other', { containers: [{ name: 'app', image: 'app:latest' }] }));
  lab.run(10);
  lab.fleet.state.images.outages.change(0, 1);
  lab.bind(
    'n0',
    podOf('cached'),
    podOf('latest', { containers: [{ name: 'app', image: 'app:latest' }] }),
    podOf('second', { containers: containers() }),
    podOf('always', { containers: containers('Always') }),
    podOf('init', { initContainers: [{ name: 'init', image: 'third:v1' }] }),
  );
  lab.run(10);
  const reasons = (name: string) => {
    const { initContainerStatuses = [], containerStatuses = [] } = lab.pod(name)?.status ?? {};
    return [...initContainerStatuses, ...containerStatuses].map(({ state }) => state?.waiting?.reason);
  };
  expect(reasons('cached')).toEqual([undefined]);
  expect(reasons('latest')).toEqual(['ErrImagePull']);
  expect(reasons('second')).toEqual(['ContainerCreating', 'ErrImagePull']);
  expect(reasons('always')).toEqual(['ErrImagePull', 'ContainerCreating']);
  expect(reasons('init')).toEqual(['ErrImagePull', 'PodInitializing']);
  lab.fleet.state.images.outages.change(0, -1);
  lab.run(60);
  for (const name of ['latest', 'second', 'always', 'init']) expect(isPodReady(lab.pod(name) as never)).toBe(true);
});

test('two clusters with the same seed have the same digest', () => {
  const digest = (seed: number): string => {
    const lab = new NodeLab({ seed, nodes: [{}, {}, {}] });
    lab.run(5);
    lab.bind('n0', podOf('a'), podOf('b'));
    lab.run(40);
    return lab.sim.digestHex();
  };
  expect(digest(11)).toBe(digest(11));
  expect(digest(11)).not.toBe(digest(12));
});

/** Single rules of rollouts and of time in them, each in a situation in which its absence shows: against the real API server. */
import { describe, expect, test } from 'vitest';
import { ttlController } from '../../../core/controllers/ttl-controller.ts';
import type { DaemonSet } from '../../../core/types/daemon-set.ts';
import type { Deployment } from '../../../core/types/deployment.ts';
import type { Node } from '../../../core/types/node.ts';
import type { Pod } from '../../../core/types/pod.ts';
import type { ReplicaSet } from '../../../core/types/replica-set.ts';
import { DAEMONSETS, DEPLOYMENTS, PODS, REPLICASETS } from '../../../core/types/resource-type.ts';
import { ADDED } from '../../../core/types/wire.ts';
import { ControllerHarness } from '../../support/controller-harness.ts';

const S = 1_000_000;
const image = (version: string): object => ({ containers: [{ name: 'app', image: `app:${version}` }] });
const metadata = { name: 'web', namespace: 'default' };
const labels = { app: 'web' };
const spec = { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: image('v1') } };
const newImage = { spec: { template: { spec: image('v2') } } };

function running(kind: string, more: object): ControllerHarness {
  const harness = new ControllerHarness({ nodes: 2 });
  const type = kind === 'DaemonSet' ? DAEMONSETS : kind === 'Deployment' ? DEPLOYMENTS : REPLICASETS;
  harness.create(type, { apiVersion: 'apps/v1', kind, metadata, spec: { ...spec, ...more } });
  harness.run(4 * S);
  return harness;
}

const images = (harness: ControllerHarness): (string | undefined)[] =>
  harness
    .objects<Pod>(PODS)
    .map((pod) => pod.spec.containers[0]?.image?.split(':')[1])
    .sort();

describe('DaemonSet', () => {
  const status = (harness: ControllerHarness) => harness.find<DaemonSet>(DAEMONSETS, 'web')?.status;

  test('OnDelete: a pod gets the new template when somebody deletes the old one', () => {
    const harness = running('DaemonSet', { updateStrategy: { type: 'OnDelete' } });
    harness.patch(DAEMONSETS, 'web', newImage);
    harness.run(5 * S);
    expect([images(harness), status(harness)?.updatedNumberScheduled]).toEqual([['v1', 'v1'], undefined]);
    harness.delete(PODS, harness.objects(PODS)[0]?.metadata.name as string);
    harness.run(5 * S);
    expect([images(harness), status(harness)?.updatedNumberScheduled]).toEqual([['v1', 'v2'], 1]);
  });

  test('a pod that fails again and again is replaced at once and then later and later', () => {
    const harness = running('DaemonSet', {});
    const fail = (): number => {
      const pod = harness.objects<Pod>(PODS).at(-1);
      const parts = { subresource: 'status', patchType: 'strategic' } as const;
      harness.patch(PODS, pod?.metadata.name as string, { status: { phase: 'Failed' } }, parts);
      const since = harness.api.sim.now;
      const count = () => harness.events(PODS).filter(({ type }) => type === ADDED).length;
      const before = count();
      harness.until(() => count() > before);
      const took = (harness.api.sim.now - since) / S;
      harness.run(0.3 * S);
      return took;
    };
    const [first = 0, second = 0, third = 0] = [fail(), fail(), fail()];
    expect([first < 0.3, second > 0.3 && second < 1.2, third > 1.2 && third < 2.2]).toEqual([true, true, true]);
  });

  test('a pod is available when it has been Ready for long enough', () => {
    const harness = running('DaemonSet', { minReadySeconds: 10 });
    expect([status(harness)?.numberReady, status(harness)?.numberAvailable]).toEqual([2, undefined]);
    harness.run(10 * S);
    expect([status(harness)?.numberReady, status(harness)?.numberAvailable]).toEqual([2, 2]);
  });
});

test('ReplicaSet: pods that run become available again when more time is asked of them', () => {
  const harness = running('ReplicaSet', { replicas: 2 });
  harness.patch(REPLICASETS, 'web', { spec: { minReadySeconds: 15 } });
  const available = () => harness.find<ReplicaSet>(REPLICASETS, 'web')?.status?.availableReplicas ?? 0;
  harness.run(3 * S);
  expect(available()).toBe(0);
  harness.run(15 * S);
  expect(available()).toBe(2);
});

test('ReplicaSet: a pod that loses the time since which it is ready becomes available no more, and its siblings do', () => {
  const harness = running('ReplicaSet', { replicas: 2, minReadySeconds: 10 });
  const status = { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: null }] };
  const name = harness.objects<Pod>(PODS)[0]?.metadata.name as string;
  harness.patch(PODS, name, { status }, { subresource: 'status', patchType: 'strategic' });
  harness.run(15 * S);
  expect(harness.find<ReplicaSet>(REPLICASETS, 'web')?.status).toMatchObject({
    readyReplicas: 2,
    availableReplicas: 1,
  });
});

describe('Deployment', () => {
  const reasons = (harness: ControllerHarness): string[] => {
    const told = harness
      .events(DEPLOYMENTS)
      .map(
        ({ object }) => (object as Deployment).status?.conditions?.find(({ type }) => type === 'Progressing')?.reason,
      )
      .filter((reason) => reason !== undefined);
    return told.filter((reason, i) => reason !== told[i - 1]);
  };

  test('tells its progress step by step, and nothing where no progress is asked for', () => {
    const harness = running('Deployment', { replicas: 2 });
    harness.patch(DEPLOYMENTS, 'web', newImage);
    harness.run(5 * S);
    const steps = ['NewReplicaSetCreated', 'ReplicaSetUpdated', 'NewReplicaSetAvailable'];
    expect(reasons(harness)).toEqual([...steps, ...steps]);
    const silent = running('Deployment', { replicas: 2, progressDeadlineSeconds: 2_147_483_647 });
    silent.patch(DEPLOYMENTS, 'web', { spec: { minReadySeconds: 1 } });
    silent.run(3 * S);
    expect(reasons(silent)).toEqual([]);
  });

  test('one whose ReplicaSet is there already says that it has found it', () => {
    const harness = running('Deployment', { replicas: 1 });
    harness.delete(DEPLOYMENTS, 'web', { options: { propagationPolicy: 'Orphan' } });
    for (const { metadata: own } of harness.objects(DEPLOYMENTS)) {
      harness.patch(DEPLOYMENTS, own.name, { metadata: { finalizers: null } });
    }
    for (const { metadata: own } of harness.objects(REPLICASETS)) {
      harness.patch(REPLICASETS, own.name, { metadata: { ownerReferences: null } });
    }
    harness.run(S);
    const before = reasons(harness).length;
    harness.create(DEPLOYMENTS, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { ...spec, replicas: 1 },
    });
    harness.run(3 * S);
    expect([reasons(harness)[before], harness.objects(REPLICASETS).length]).toEqual(['FoundNewReplicaSet', 1]);
  });
});

test('how long kubelets may keep secrets follows the number of nodes, with room between the steps', () => {
  type Handler = { onAdd: (id: number, node: Node) => void; onDelete: () => void };
  let handler: Handler | undefined;
  let reconcile: ((id: number) => Generator) | undefined;
  const asked: string[] = [];
  const node = (ttl?: string): Node =>
    ({
      metadata: { name: 'n', annotations: ttl === undefined ? {} : { 'node.alpha.kubernetes.io/ttl': ttl } },
    }) as Node;
  const queued: number[] = [];
  const client = {
    *patch(_type: unknown, _namespace: string, _name: string, patch: { metadata: { annotations: object } }) {
      asked.push(Object.values(patch.metadata.annotations)[0] as string);
    },
  };
  ttlController.register({
    client,
    informer: () => ({
      addHandler: (one: Handler) => {
        handler = one;
      },
      get: () => node(),
    }),
    queue: (options: { reconcile: (id: number) => Generator }) => {
      reconcile = options.reconcile;
      return { add: (id: number) => queued.push(id) };
    },
  } as never);
  const size = { now: 0 };
  const ttlAt = (count: number): string => {
    for (; size.now < count; size.now++) handler?.onAdd(size.now, node('0'));
    for (; size.now > count; size.now--) handler?.onDelete();
    reconcile?.(0).next();
    return asked.at(-1) as string;
  };
  expect([100, 101, 90, 89, 500, 501, 1000, 1001, 900, 899, 2001].map(ttlAt)).toEqual([
    '0',
    '15',
    '15',
    '0',
    '15',
    '30',
    '30',
    '60',
    '60',
    '30',
    '300',
  ]);
  const before = queued.length;
  handler?.onAdd(9999, node('300'));
  expect(queued.length).toBe(before);
});

/** The garbage collector against the real API server and store. */
import { describe, expect, test } from 'vitest';
import { POINT_REQUEST } from '../../../core/api/declarations.ts';
import type { ControllerManager } from '../../../core/controllers/controller-manager.ts';
import { DEPLOYMENT_CONTROLLER } from '../../../core/controllers/deployment/controller.ts';
import { garbageCollector } from '../../../core/controllers/garbage-collector/garbage-collector.ts';
import { REPLICASET_CONTROLLER } from '../../../core/controllers/replicaset/controller.ts';
import type { Deployment } from '../../../core/types/deployment.ts';
import type { Event } from '../../../core/types/event.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { CONFIGMAPS, DEPLOYMENTS, EVENTS, PODS, REPLICASETS, SECRETS } from '../../../core/types/resource-type.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import { type ApiRequest, DELETED, VERB } from '../../../core/types/wire.ts';
import { NodeCluster, type NodeClusterOptions, S } from '../../support/node-cluster.ts';

const workloads = [DEPLOYMENT_CONTROLLER, REPLICASET_CONTROLLER, garbageCollector];

function clusterOf(options: Partial<NodeClusterOptions> = {}): NodeCluster {
  const cluster = new NodeCluster({
    controllers: [garbageCollector],
    zones: ['a'],
    immediate: true,
    namespaces: ['demo'],
    ...options,
  });
  cluster.events(CONFIGMAPS);
  cluster.events(SECRETS);
  return cluster;
}

function owned(owner: KubeObject, name: string, extra: object = {}, namespace = 'default'): object {
  const { apiVersion, kind, metadata } = owner;
  const reference = { apiVersion, kind, name: metadata.name, uid: metadata.uid, ...extra };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, ownerReferences: [reference] } };
}

/** A ConfigMap with these owners. */
function referring(name: string, owners: readonly KubeObject[], extra: object = {}, metadata: object = {}): object {
  const ownerReferences = owners.map(({ apiVersion, kind, metadata: { name: owner, uid } }) => {
    return { apiVersion, kind, name: owner, uid, ...extra };
  });
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', ownerReferences, ...metadata },
  };
}

const ownersOf = (object: KubeObject | undefined): string[] | undefined =>
  object?.metadata.ownerReferences?.map(({ name }) => name);

const SECRET = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'owner', namespace: 'default' } };

function deployment(): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' }, annotations: { 'reference.example/stop-after': '1s' } },
        spec: { containers: [{ name: 'app', image: 'app:v1' }] },
      },
    },
  };
}

function runningDeployment(): NodeCluster {
  const cluster = clusterOf({ controllers: workloads });
  cluster.harness.create(DEPLOYMENTS, deployment());
  cluster.until(() => cluster.find<Deployment>(DEPLOYMENTS, 'web')?.status?.availableReplicas === 3);
  cluster.run(S);
  return cluster;
}

describe('garbage collector', () => {
  test('dependents of a deleted owner go, those with another owner stay and lose the reference', () => {
    const cluster = clusterOf();
    const owner = cluster.harness.create(SECRETS, SECRET);
    const other = cluster.harness.create(SECRETS, { ...SECRET, metadata: { name: 'other', namespace: 'default' } });
    cluster.harness.create(CONFIGMAPS, owned(owner, 'one'));
    const both = owned(owner, 'both') as { metadata: { ownerReferences: object[] } };
    both.metadata.ownerReferences.push({ apiVersion: 'v1', kind: 'Secret', name: 'other', uid: other.metadata.uid });
    cluster.harness.create(CONFIGMAPS, both);
    cluster.run(S);
    cluster.harness.delete(SECRETS, 'owner');
    cluster.run(S);
    expect(cluster.find(CONFIGMAPS, 'one')).toBeUndefined();
    expect(cluster.find(CONFIGMAPS, 'both')?.metadata.ownerReferences?.map(({ name }) => name)).toEqual(['other']);
  });

  test('an object that names an absent owner is deleted, one whose owner has another uid too', () => {
    const cluster = clusterOf();
    const owner = cluster.harness.create(SECRETS, SECRET);
    cluster.harness.create(CONFIGMAPS, owned(owner, 'wrong', { uid: '00000000-0000-4000-8000-000000000001' }));
    cluster.harness.create(CONFIGMAPS, owned(owner, 'absent', { name: 'nobody' }));
    cluster.harness.create(CONFIGMAPS, owned(owner, 'right'));
    cluster.run(S);
    expect(cluster.find(CONFIGMAPS, 'wrong')).toBeUndefined();
    expect(cluster.find(CONFIGMAPS, 'absent')).toBeUndefined();
    expect(cluster.find(CONFIGMAPS, 'right')).toBeDefined();
  });

  test('an owner in another namespace counts as absent, with a warning', () => {
    const cluster = clusterOf();
    const owner = cluster.harness.create(SECRETS, SECRET);
    cluster.run(S);
    cluster.harness.create(CONFIGMAPS, owned(owner, 'far', {}, 'demo'));
    cluster.run(S);
    expect(cluster.find(CONFIGMAPS, 'far')).toBeUndefined();
    const event = cluster.objects<Event>(EVENTS).find(({ reason }) => reason === 'OwnerRefInvalidNamespace');
    expect(event?.message).toBe(
      `ownerRef [v1/Secret, namespace: demo, name: owner, uid: ${owner.metadata.uid}] does not exist in namespace "demo"`,
    );
  });

  test('foreground deletion takes pods, ReplicaSet, Deployment in this order', () => {
    const cluster = runningDeployment();
    cluster.harness.delete(DEPLOYMENTS, 'web', { options: { propagationPolicy: 'Foreground' } });
    cluster.run(0.5 * S);
    expect(cluster.objects(REPLICASETS)[0]?.metadata.finalizers).toEqual(['foregroundDeletion']);
    expect(cluster.objects(PODS).every(({ metadata }) => metadata.deletionTimestamp !== undefined)).toBe(true);
    cluster.until(() => cluster.find(DEPLOYMENTS, 'web') === undefined);
    const gone = (type: typeof PODS): number =>
      Math.max(
        ...cluster
          .events(type)
          .filter(({ type: what }) => what === DELETED)
          .map(({ revision }) => revision),
      );
    expect(gone(PODS)).toBeLessThan(gone(REPLICASETS));
    expect(gone(REPLICASETS)).toBeLessThan(gone(DEPLOYMENTS));
    expect(cluster.objects(PODS)).toHaveLength(0);
  });

  test('background deletion cascades', () => {
    const cluster = runningDeployment();
    cluster.harness.delete(DEPLOYMENTS, 'web', { options: { propagationPolicy: 'Background' } });
    cluster.until(() => cluster.objects(PODS).length === 0 && cluster.objects(REPLICASETS).length === 0);
  });

  test('orphaning lets the ReplicaSet and its pods live', () => {
    const cluster = runningDeployment();
    cluster.harness.delete(DEPLOYMENTS, 'web', { options: { propagationPolicy: 'Orphan' } });
    cluster.run(5 * S);
    expect(cluster.find(DEPLOYMENTS, 'web')).toBeUndefined();
    expect(cluster.objects(REPLICASETS)[0]?.metadata.ownerReferences ?? []).toEqual([]);
    expect(cluster.objects(PODS).filter(({ metadata }) => metadata.deletionTimestamp === undefined)).toHaveLength(3);
  });

  test('kinds that appear later are followed', () => {
    const cluster = clusterOf();
    const types = cluster.harness.api.cluster.types;
    const widgets = types.register('example.com/v1', 'Widget');
    cluster.events(widgets);
    const owner = cluster.harness.create(SECRETS, SECRET);
    const widget = { ...owned(owner, 'w'), apiVersion: 'example.com/v1', kind: 'Widget' };
    cluster.harness.create(widgets, widget);
    cluster.run(35 * S);
    const other = cluster.harness.create(SECRETS, { ...SECRET, metadata: { name: 'other', namespace: 'default' } });
    const both = { ...referring('both', [owner, other]), apiVersion: 'example.com/v1', kind: 'Widget' };
    cluster.harness.create(widgets, both);
    cluster.run(S);
    cluster.harness.delete(SECRETS, 'owner');
    cluster.run(2 * S);
    expect(cluster.find(widgets, 'w')).toBeUndefined();
    expect(ownersOf(cluster.find(widgets, 'both'))).toEqual(['other']);
  });

  test('an owner that is deleted in the foreground waits for what blocks it, until that goes or refers to it no more', () => {
    const cluster = clusterOf();
    const owner = cluster.harness.create(SECRETS, SECRET);
    const hold = { finalizers: ['example.com/hold'] };
    cluster.harness.create(CONFIGMAPS, referring('held', [owner], { blockOwnerDeletion: true }, hold));
    cluster.harness.create(CONFIGMAPS, referring('moved', [owner], { blockOwnerDeletion: true }, hold));
    cluster.harness.create(CONFIGMAPS, referring('loose', [owner], {}, hold));
    cluster.run(S);
    cluster.harness.delete(SECRETS, 'owner', { options: { propagationPolicy: 'Foreground' } });
    const change = (name: string, metadata: object): boolean => {
      cluster.run(S);
      cluster.harness.patch(CONFIGMAPS, name, { metadata });
      cluster.run(S);
      return cluster.find(SECRETS, 'owner') !== undefined;
    };
    expect(change('held', { finalizers: null })).toBe(true);
    expect(cluster.find(CONFIGMAPS, 'held')).toBeUndefined();
    expect(change('moved', { ownerReferences: null })).toBe(false);
    expect(cluster.find(CONFIGMAPS, 'loose')?.metadata.deletionTimestamp).toBeDefined();
  });

  test('objects that own each other and wait for each other go', () => {
    const cluster = clusterOf();
    const first = cluster.harness.create(CONFIGMAPS, referring('first', []));
    const second = cluster.harness.create(CONFIGMAPS, referring('second', [first], { blockOwnerDeletion: true }));
    const [reference] = (referring('x', [second], { blockOwnerDeletion: true }) as KubeObject).metadata
      .ownerReferences as unknown as [object];
    cluster.harness.patch(CONFIGMAPS, 'first', { metadata: { ownerReferences: [reference] } });
    cluster.run(S);
    cluster.harness.delete(CONFIGMAPS, 'first', { options: { propagationPolicy: 'Foreground' } });
    cluster.run(10 * S);
    expect([cluster.find(CONFIGMAPS, 'first'), cluster.find(CONFIGMAPS, 'second')]).toEqual([undefined, undefined]);
  });

  test('owners that change count, and so do those that are missing when it begins', () => {
    const cluster = clusterOf();
    const owner = cluster.harness.create(SECRETS, SECRET);
    const nobody = { ...owner, metadata: { ...owner.metadata, name: 'nobody', uid: 'gone' } };
    cluster.harness.create(CONFIGMAPS, referring('left', [owner]));
    cluster.harness.create(CONFIGMAPS, referring('led', [owner]));
    cluster.run(S);
    const { ownerReferences } = (referring('x', [nobody]) as KubeObject).metadata;
    cluster.harness.patch(CONFIGMAPS, 'left', { metadata: { ownerReferences: null } });
    cluster.harness.patch(CONFIGMAPS, 'led', { metadata: { ownerReferences } });
    cluster.run(S);
    cluster.harness.delete(SECRETS, 'owner');
    cluster.run(S);
    expect(cluster.find(CONFIGMAPS, 'led')).toBeUndefined();
    expect(cluster.find(CONFIGMAPS, 'left')).toBeDefined();
    const { sim } = cluster.harness.api;
    const [manager] = cluster.harness.managers as [number];
    sim.crash(manager);
    cluster.harness.create(CONFIGMAPS, referring('early', [nobody]));
    sim.restart(manager);
    cluster.run(5 * S);
    expect(cluster.find(CONFIGMAPS, 'early')).toBeUndefined();
  });

  test('with an owner type whose watch is behind, dependents of live owners stay: owners are read live', () => {
    const cluster = clusterOf({});
    const owner = cluster.harness.create(SECRETS, SECRET);
    cluster.harness.create(CONFIGMAPS, owned(owner, 'one'));
    cluster.run(S);
    const manager = cluster.harness.instances[0] as ControllerManager;
    const secrets = manager.informer(SECRETS);
    // What a stale cache does: the informer has not seen the owner when its dependent changes.
    const find = secrets.find.bind(secrets);
    secrets.find = (namespace, name) => (name === 'owner' ? undefined : find(namespace, name));
    cluster.harness.create(CONFIGMAPS, owned(owner, 'two'));
    cluster.run(S);
    expect(cluster.find(CONFIGMAPS, 'two')).toBeDefined();
  });

  test('an object one of whose owners nobody can judge keeps all its references', () => {
    const cluster = clusterOf();
    const owner = cluster.harness.create(SECRETS, SECRET);
    const gone = { ...owner, metadata: { ...owner.metadata, name: 'nobody', uid: 'gone' } };
    const strange = { ...gone, apiVersion: 'example.com/v1', kind: 'Thing' };
    cluster.harness.create(CONFIGMAPS, referring('kept', [strange, gone]));
    cluster.harness.create(CONFIGMAPS, referring('mended', [owner, gone]));
    cluster.run(2 * S);
    expect(ownersOf(cluster.find(CONFIGMAPS, 'kept'))).toEqual(['nobody', 'nobody']);
    expect(ownersOf(cluster.find(CONFIGMAPS, 'mended'))).toEqual(['owner']);
  });

  test('an absent owner is looked for once, and an object that changes while it is deleted goes all the same', () => {
    const cluster = clusterOf();
    const owner = cluster.harness.create(SECRETS, SECRET);
    const nobody = { ...owner, metadata: { ...owner.metadata, name: 'nobody', uid: 'gone' } };
    const requests: ApiRequest[] = [];
    const { api } = cluster.harness;
    let refused = false;
    api.sim.observation.setInterceptor(POINT_REQUEST, (_pid, subject) => {
      const request = subject as ApiRequest;
      requests.push(request);
      if (request.verb !== VERB.delete || request.name !== 'two' || refused) return undefined;
      refused = true;
      return StatusError.conflict(CONFIGMAPS, 'two', 'it has changed');
    });
    for (const name of ['one', 'two']) {
      cluster.harness.create(CONFIGMAPS, referring(name, [nobody]));
      cluster.run(S);
    }
    const count = (verb: number, name: string): number =>
      requests.filter((request) => request.verb === verb && request.name === name).length;
    expect([cluster.find(CONFIGMAPS, 'one'), cluster.find(CONFIGMAPS, 'two')]).toEqual([undefined, undefined]);
    expect([count(VERB.get, 'nobody'), count(VERB.delete, 'one'), count(VERB.get, 'two')]).toEqual([1, 1, 2]);
    const { preconditions } = requests.findLast(({ verb }) => verb === VERB.delete)?.options ?? {};
    expect(preconditions).not.toHaveProperty('resourceVersion');
  });

  test('an object that gets an owner while it is deleted stays', () => {
    const cluster = clusterOf();
    const owner = cluster.harness.create(SECRETS, SECRET);
    const nobody = { ...owner, metadata: { ...owner.metadata, name: 'nobody', uid: 'gone' } };
    const { ownerReferences } = (referring('x', [owner]) as KubeObject).metadata;
    let isOwned = false;
    cluster.harness.api.sim.observation.setInterceptor(POINT_REQUEST, (_pid, subject) => {
      const { verb, name } = subject as ApiRequest;
      if (verb !== VERB.delete || name !== 'one' || isOwned) return undefined;
      isOwned = true;
      cluster.harness.patch(CONFIGMAPS, 'one', { metadata: { ownerReferences } });
      return StatusError.conflict(CONFIGMAPS, 'one', 'it has changed');
    });
    cluster.harness.create(CONFIGMAPS, referring('one', [nobody]));
    cluster.run(2 * S);
    expect(ownersOf(cluster.find(CONFIGMAPS, 'one'))).toEqual(['owner']);
  });

  test('an owner of the same name with another UID does not count, unless the planted bug says so', () => {
    const run = (bugs: readonly string[]): boolean => {
      const cluster = clusterOf({ bugs });
      const owner = cluster.harness.create(SECRETS, SECRET);
      const other = { ...owner, metadata: { ...owner.metadata, uid: 'gone' } };
      cluster.harness.create(CONFIGMAPS, owned(other, 'one'));
      cluster.run(2 * S);
      return cluster.find(CONFIGMAPS, 'one') !== undefined;
    };
    expect(run([])).toBe(false);
    expect(run(['gc-owner-by-name'])).toBe(true);
  });
});

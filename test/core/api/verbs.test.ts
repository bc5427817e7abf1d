/** Create, get, list, update, delete against a store, as a client sees them. */
import { describe, expect, test } from 'vitest';
import { BOOTSTRAP_OBJECTS } from '../../../core/api/bootstrap.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import type { Pod } from '../../../core/types/pod.ts';
import {
  CONFIGMAPS,
  DAEMONSETS,
  DEPLOYMENTS,
  JOBS,
  NAMESPACES,
  PODS,
  REPLICASETS,
} from '../../../core/types/resource-type.ts';
import { VERB } from '../../../core/types/wire.ts';
import { ApiHarness } from '../../support/api-harness.ts';
import { bootstrapped, configMap, deployment, pod } from './objects.ts';

describe('create', () => {
  test('gives identity, time, generation and a version', () => {
    const h = bootstrapped();
    const made = h.create(DEPLOYMENTS, deployment('web'));
    expect(made.metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(made.metadata.creationTimestamp).toMatch(/^2025-01-01T00:00:0\dZ$/);
    expect(made.metadata.generation).toBe(1);
    expect(Number(made.metadata.resourceVersion)).toBeGreaterThan(1);
    expect(made.status).toEqual({});
    expect(h.get(DEPLOYMENTS, 'web').object).toBe(made);
  });

  test('refuses a name that is taken, a foreign namespace, a missing namespace, a set version', () => {
    const h = bootstrapped();
    h.create(CONFIGMAPS, configMap('c'));
    const again = h.call(VERB.create, CONFIGMAPS, { object: configMap('c') });
    expect([again.code, again.error?.message]).toEqual([409, 'configmaps "c" already exists']);
    const foreign = h.call(VERB.create, CONFIGMAPS, { object: configMap('d', 'other') });
    expect(foreign.code).toBe(400);
    const missing = h.call(VERB.create, CONFIGMAPS, { namespace: 'nowhere', object: configMap('d', 'nowhere') });
    expect([missing.code, missing.error?.message]).toEqual([404, 'namespaces "nowhere" not found']);
    const versioned = configMap('e');
    const set = h.call(VERB.create, CONFIGMAPS, {
      object: { ...versioned, metadata: { ...versioned.metadata, resourceVersion: '3' } },
    });
    expect(set.code).toBe(500);
    for (const wrong of [{ kind: 'Secret' }, { apiVersion: 'apps/v1' }]) {
      expect(h.call(VERB.create, CONFIGMAPS, { object: { ...configMap('f'), ...wrong } }).code).toBe(400);
    }
    const invalid = h.call(VERB.create, CONFIGMAPS, { object: configMap('Bad_Name') });
    expect(invalid.code).toBe(422);
  });

  test('generates names that differ and draws again when one is taken', () => {
    const h = bootstrapped();
    const names = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const made = h.create(CONFIGMAPS, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: '', generateName: 'g-' },
      });
      expect(made.metadata.name).toMatch(/^g-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
      names.add(made.metadata.name);
    }
    expect(names.size).toBe(20);
  });

  test('a generated name that is taken is drawn again', () => {
    const generated = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '', generateName: 'g-' } };
    const first = bootstrapped().create(CONFIGMAPS, generated).metadata.name;
    const h = bootstrapped();
    h.create(CONFIGMAPS, configMap(first));
    const second = h.create(CONFIGMAPS, generated).metadata.name;
    expect(h.call(VERB.list, CONFIGMAPS).items?.map(({ metadata }) => metadata.name)).toEqual([first, second].sort());
  });

  test.each([
    [{}, 422],
    [{ spec: null }, 422],
    [{ spec: {} }, 422],
    [{ spec: { containers: [] } }, 422],
    [{ spec: { containers: 'x' } }, 400],
    [{ spec: { containers: ['a', 'a'].map((name) => ({ name, image: 'x' })) } }, 422],
  ])('refuses a pod with %j', (body, code) => {
    const metadata = { name: 'p', namespace: 'default' };
    expect(
      bootstrapped().call(VERB.create, PODS, { object: { apiVersion: 'v1', kind: 'Pod', metadata, ...body } }).code,
    ).toBe(code);
  });

  test('pods of one template share their admitted spec', () => {
    const h = bootstrapped();
    const template = pod('x');
    const one = h.create(PODS, { ...template, metadata: { name: 'one' } }) as Pod;
    const two = h.create(PODS, { ...template, metadata: { name: 'two' } }) as Pod;
    expect(one.spec).toBe(two.spec);
    expect(one.status).toBe(two.status);
    expect(one.spec.tolerations?.map((t) => [t.key, t.tolerationSeconds])).toEqual([
      ['node.kubernetes.io/not-ready', 300],
      ['node.kubernetes.io/unreachable', 300],
    ]);
    expect([one.spec.priority, one.spec.serviceAccountName, one.status?.phase]).toEqual([0, 'default', 'Pending']);
  });

  test('a dry run stores nothing', () => {
    const h = bootstrapped();
    const dry = h.call(VERB.create, CONFIGMAPS, { object: configMap('c'), options: { dryRun: true } });
    expect(dry.code).toBe(201);
    expect(h.get(CONFIGMAPS, 'c').code).toBe(404);
  });
});

describe('update', () => {
  test('needs the current version, keeps identity, counts generations', () => {
    const h = bootstrapped();
    const first = h.create(DEPLOYMENTS, deployment('web'));
    const scaled = { ...first, spec: { ...(first.spec as object), replicas: 5 } };
    const second = h.object(VERB.update, DEPLOYMENTS, { name: 'web', object: scaled });
    expect(second.metadata.generation).toBe(2);
    expect(second.metadata.uid).toBe(first.metadata.uid);
    const stale = h.call(VERB.update, DEPLOYMENTS, { name: 'web', object: scaled });
    expect([stale.code, stale.error?.reason]).toEqual([409, 'Conflict']);
    expect(stale.error?.message).toBe(
      'Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again',
    );
  });

  test('an update that changes nothing writes nothing', () => {
    const h = bootstrapped();
    const first = h.create(CONFIGMAPS, configMap('c'));
    const same = h.object(VERB.update, CONFIGMAPS, { name: 'c', object: JSON.parse(JSON.stringify(first)) });
    expect(same.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  test('an emptied list or map is stored as none', () => {
    const h = bootstrapped();
    const made = configMap('c');
    const metadata = { ...made.metadata, finalizers: ['example.com/hold'], labels: { a: 'b' } };
    const first = h.create(CONFIGMAPS, { ...made, metadata });
    const emptied = { ...first, metadata: { ...first.metadata, finalizers: [], labels: {}, ownerReferences: [] } };
    const second = h.object(VERB.update, CONFIGMAPS, { name: 'c', object: emptied });
    expect(Object.keys(JSON.parse(JSON.stringify(second.metadata)))).not.toContain('finalizers');
    expect(second.metadata.labels).toBeUndefined();
    expect(second.metadata.ownerReferences).toBeUndefined();
  });

  test('a DaemonSet shows the generation of its template, whatever the client says', () => {
    const h = bootstrapped();
    const key = 'deprecated.daemonset.template.generation';
    const { spec } = deployment('x') as { spec: { selector: unknown; template: { spec: object; metadata: object } } };
    const { selector, template } = spec;
    const metadata = { name: 'agent', annotations: { [key]: '7', own: 'x' } };
    const first = h.create(DAEMONSETS, {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata,
      spec: { selector, template },
    });
    expect(first.metadata.annotations).toEqual({ [key]: '1', own: 'x' });
    const patch = {
      spec: { template: { spec: { terminationGracePeriodSeconds: 5 } } },
      metadata: { annotations: null },
    };
    const second = h.object(VERB.patch, DAEMONSETS, { name: 'agent', patch, patchType: 'merge' });
    expect(second.metadata.annotations).toEqual({ [key]: '2' });
    const relabelled = { metadata: { labels: { a: 'b' } } };
    const third = h.object(VERB.patch, DAEMONSETS, { name: 'agent', patch: relabelled, patchType: 'merge' });
    expect(third.metadata.annotations).toEqual({ [key]: '2' });
  });

  test('a Job inherits its labels with the generated ones, and keeps its start time while it runs', () => {
    const h = bootstrapped();
    const containers = [{ name: 'app', image: 'app:v1' }];
    const template = { metadata: { labels: { app: 'work' } }, spec: { containers, restartPolicy: 'Never' } };
    const job = h.create(JOBS, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'work' }, spec: { template } });
    expect(job.metadata.labels).toMatchObject({ app: 'work', 'job-name': 'work', 'controller-uid': job.metadata.uid });
    const start = (startTime: string) =>
      h.call(VERB.patch, JOBS, {
        name: 'work',
        subresource: 'status',
        patch: { status: { startTime } },
        patchType: 'merge',
      });
    expect(start('2025-01-01T00:00:02Z').code).toBe(200);
    expect(start('2025-01-01T00:00:03Z').code).toBe(422);
    h.object(VERB.patch, JOBS, { name: 'work', patch: { spec: { suspend: true } }, patchType: 'merge' });
    expect(start('2025-01-01T00:00:03Z').code).toBe(200);
  });

  test('status and spec are separate', () => {
    const h = bootstrapped();
    const first = h.create(DEPLOYMENTS, deployment('web'));
    const both = { ...first, spec: { ...(first.spec as object), replicas: 9 }, status: { replicas: 4 } };
    const status = h.object(VERB.update, DEPLOYMENTS, { name: 'web', subresource: 'status', object: both });
    expect(status.spec).toEqual(first.spec);
    expect([status.status, status.metadata.generation]).toEqual([{ replicas: 4 }, 1]);
    const spec = h.object(VERB.update, DEPLOYMENTS, {
      name: 'web',
      object: { ...both, metadata: status.metadata, status: {} },
    });
    expect([spec.status, spec.metadata.generation]).toEqual([{ replicas: 4 }, 2]);
  });

  test('the planted bug lets a stale update through', () => {
    const h = bootstrapped({ bugs: ['api.update-ignores-resource-version'] });
    const first = h.create(CONFIGMAPS, configMap('c'));
    h.object(VERB.update, CONFIGMAPS, { name: 'c', object: { ...first, data: { a: '2' } } });
    const stale = h.call(VERB.update, CONFIGMAPS, { name: 'c', object: { ...first, data: { a: '3' } } });
    expect(stale.code).toBe(200);
  });
});

describe('patch and scale', () => {
  test('merge and JSON patches; a failed test, a stale version', () => {
    const h = bootstrapped();
    h.create(CONFIGMAPS, configMap('c'));
    const merged = h.object(VERB.patch, CONFIGMAPS, { name: 'c', patch: { data: { b: '2' } }, patchType: 'merge' });
    expect((merged as KubeObject & { data: unknown }).data).toEqual({ a: '1', b: '2' });
    const failed = h.call(VERB.patch, CONFIGMAPS, {
      name: 'c',
      patch: [{ op: 'test', path: '/data/a', value: 'x' }],
      patchType: 'json',
    });
    expect(failed.code).toBe(422);
    const stale = h.call(VERB.patch, CONFIGMAPS, {
      name: 'c',
      patch: { metadata: { resourceVersion: '1' }, data: { a: '5' } },
      patchType: 'merge',
    });
    expect(stale.code).toBe(409);
    expect(h.call(VERB.patch, CONFIGMAPS, { name: 'nope', patch: {}, patchType: 'merge' }).code).toBe(404);
  });

  test('scale changes replicas and the generation', () => {
    const h = bootstrapped();
    h.create(DEPLOYMENTS, deployment('web'));
    const scale = h.object(VERB.get, DEPLOYMENTS, { name: 'web', subresource: 'scale' });
    expect([scale.kind, scale.spec, scale.status]).toEqual([
      'Scale',
      { replicas: 2 },
      { replicas: 0, selector: 'app=web' },
    ]);
    const next = h.object(VERB.patch, DEPLOYMENTS, {
      name: 'web',
      subresource: 'scale',
      patch: { spec: { replicas: 7 } },
      patchType: 'merge',
    });
    expect(next.spec).toEqual({ replicas: 7 });
    const stored = h.get(DEPLOYMENTS, 'web').object as KubeObject;
    expect([(stored.spec as { replicas: number }).replicas, stored.metadata.generation]).toEqual([7, 2]);
    expect(h.call(VERB.get, CONFIGMAPS, { name: 'c', subresource: 'scale' }).code).toBe(404);
  });
});

describe('list', () => {
  test('in key order, by label, by page; an expired token names the way on', () => {
    const h = bootstrapped();
    for (const name of ['b', 'c', 'a', 'd']) h.create(CONFIGMAPS, configMap(name));
    const all = h.call(VERB.list, CONFIGMAPS);
    expect(all.items?.map((item) => item.metadata.name)).toEqual(['a', 'b', 'c', 'd']);
    expect(all.ids?.length).toBe(4);
    const page = h.call(VERB.list, CONFIGMAPS, { options: { limit: 3 } });
    expect([page.items?.length, page.continue !== '']).toEqual([3, true]);
    h.create(CONFIGMAPS, configMap('e'));
    const rest = h.call(VERB.list, CONFIGMAPS, { options: { limit: 3, continue: page.continue } });
    expect([rest.items?.map((item) => item.metadata.name), rest.continue]).toEqual([['d'], '']);
    expect(rest.resourceVersion).toBe(page.resourceVersion);
    const selected = h.call(VERB.list, CONFIGMAPS, { options: { fieldSelector: 'metadata.name=b' } });
    expect(selected.items?.map((item) => item.metadata.name)).toEqual(['b']);
    expect(h.call(VERB.list, CONFIGMAPS, { options: { fieldSelector: 'data.x=b' } }).code).toBe(400);
  });

  test.each([
    [{ sendInitialEvents: true }, 'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list'],
    [
      { resourceVersionMatch: 'Exact', resourceVersion: '0' },
      'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
    [
      { resourceVersionMatch: 'Exact' },
      'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    ],
    [
      { resourceVersionMatch: 'NotOlderThan', resourceVersion: '5', continue: 'x' },
      'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided',
    ],
    [
      { resourceVersionMatch: 'Later', resourceVersion: '5' },
      'resourceVersionMatch: Unsupported value: "Later": supported values: "Exact", "NotOlderThan", ""',
    ],
  ])('is refused with %j', (options, why) => {
    const { code, error } = bootstrapped().call(VERB.list, CONFIGMAPS, { options: options as object });
    expect([code, error?.message]).toEqual([422, `ListOptions.meta.k8s.io "" is invalid: ${why}`]);
    expect(error?.details).toMatchObject({ group: 'meta.k8s.io', kind: 'ListOptions' });
  });

  test('is refused at a version that is still to come', () => {
    const options = { resourceVersion: '999999', resourceVersionMatch: 'Exact' } as const;
    const { code, error } = bootstrapped().call(VERB.list, CONFIGMAPS, { options });
    expect([code, error?.reason, error?.details]).toEqual([
      504,
      'Timeout',
      { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }], retryAfterSeconds: 1 },
    ]);
  });

  test('is refused from a version that is none', () => {
    const { code, error } = bootstrapped().call(VERB.list, CONFIGMAPS, { options: { resourceVersion: 'x' } });
    const why = 'resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax';
    expect([code, error?.message]).toEqual([400, `invalid resource version: ${why}`]);
  });

  test('a revision in the future is waited for and then refused', () => {
    const h = bootstrapped();
    const since = h.sim.now;
    const answer = h.call(VERB.list, REPLICASETS, { options: { resourceVersion: '100000' } });
    expect([answer.code, answer.error?.retryAfterSeconds]).toEqual([504, 1]);
    expect(Math.floor((h.sim.now - since) / 1_000_000)).toBe(3);
  });

  test('one name is found in all namespaces, and where there are none', () => {
    const h = bootstrapped();
    for (const namespace of ['default', 'kube-system']) h.create(CONFIGMAPS, configMap('c', namespace));
    h.create(CONFIGMAPS, configMap('d'));
    const named = (name: string) => ({ options: { fieldSelector: `metadata.name=${name}` } });
    const found = (type: typeof CONFIGMAPS, name: string, namespace: string) =>
      h.call(VERB.list, type, { namespace, ...named(name) }).items?.map(({ metadata }) => metadata.namespace);
    expect(found(CONFIGMAPS, 'c', '')).toEqual(['default', 'kube-system']);
    expect(found(CONFIGMAPS, 'c', 'kube-system')).toEqual(['kube-system']);
    expect(found(NAMESPACES, 'default', '')).toEqual([undefined]);
    const both = { fieldSelector: 'metadata.name=c', labelSelector: 'app=web' };
    expect(h.call(VERB.list, CONFIGMAPS, { options: both }).items).toEqual([]);
  });

  test('pages of a selection are full but for the last; empty selectors select all', () => {
    const h = bootstrapped();
    for (let i = 0; i < 8; i++) {
      const object = configMap(`c${i}`);
      const labels = i % 4 === 0 ? undefined : { app: 'web' };
      h.create(CONFIGMAPS, { ...object, metadata: { ...object.metadata, labels } });
    }
    const pages: (string | undefined)[] = [];
    for (let token: string | undefined; token !== ''; ) {
      const options = { limit: 2, labelSelector: 'app=web', ...(token === undefined ? {} : { continue: token }) };
      const page = h.call(VERB.list, CONFIGMAPS, { options });
      pages.push(page.items?.map(({ metadata }) => metadata.name).join(' '));
      token = page.continue ?? '';
    }
    expect(pages.filter((page) => page !== '')).toEqual(['c1 c2', 'c3 c5', 'c6 c7']);
    expect(h.call(VERB.list, CONFIGMAPS, { options: { fieldSelector: '', labelSelector: '' } }).items).toHaveLength(8);
  });

  test('exactly at a version: what was there then; not together with a page token', () => {
    const h = bootstrapped();
    const { resourceVersion } = h.create(CONFIGMAPS, configMap('a')).metadata;
    for (const name of ['b', 'c']) h.create(CONFIGMAPS, configMap(name));
    const options = { resourceVersion, resourceVersionMatch: 'Exact' } as const;
    const then = h.call(VERB.list, CONFIGMAPS, { options });
    expect([then.code, then.items?.length, then.resourceVersion]).toEqual([200, 1, resourceVersion]);
    const token = h.call(VERB.list, CONFIGMAPS, { options: { limit: 1 } }).continue as string;
    const refused = h.call(VERB.list, CONFIGMAPS, { options: { ...options, continue: token } });
    expect([refused.code, refused.error?.message]).toEqual([422, expect.stringContaining('continue is provided')]);
  });
});

test('a deletion of many that one object refuses says so', () => {
  const h = bootstrapped();
  for (const name of ['a', 'b']) h.create(CONFIGMAPS, configMap(name));
  const preconditions = { uid: 'another' };
  expect(h.call(VERB.deletecollection, CONFIGMAPS, { options: { preconditions } }).code).toBe(409);
  expect(h.call(VERB.list, CONFIGMAPS).items).toHaveLength(2);
});

test('the bootstrap objects are accepted as they are', () => {
  const h = bootstrapped();
  expect(h.call(VERB.list, NAMESPACES).items?.length).toBe(
    BOOTSTRAP_OBJECTS.filter((o) => o.kind === 'Namespace').length,
  );
  expect(new ApiHarness().call(VERB.list, NAMESPACES).items).toEqual([]);
});

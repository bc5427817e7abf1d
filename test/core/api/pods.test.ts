/** Binding, eviction, admission of pods and nodes, services, lease batches. */
import { describe, expect, test } from 'vitest';
import { hashJson } from '../../../core/base/content-hash.ts';
import { LeaseBatch, type LeaseBatchResult, OP_LEASE_BATCH } from '../../../core/types/lease-batch.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { objectHash } from '../../../core/types/object-hash.ts';
import type { Pod } from '../../../core/types/pod.ts';
import type { PodDisruptionBudget } from '../../../core/types/pod-disruption-budget.ts';
import {
  LEASES,
  NODES,
  PODDISRUPTIONBUDGETS,
  PODS,
  PRIORITYCLASSES,
  SERVICES,
} from '../../../core/types/resource-type.ts';
import type { Service } from '../../../core/types/service.ts';
import { MODIFIED, VERB } from '../../../core/types/wire.ts';
import type { ApiHarness } from '../../support/api-harness.ts';
import { bootstrapped, pod } from './objects.ts';

const bindTo = (node: string, extra = {}) => ({
  apiVersion: 'v1',
  kind: 'Binding',
  metadata: { name: 'p', ...extra },
  target: { kind: 'Node', name: node },
});

describe('binding', () => {
  test('sets the node once and says that the pod is scheduled', () => {
    const h = bootstrapped();
    const made = h.create(PODS, pod('p')) as Pod;
    expect(h.call(VERB.create, PODS, { name: 'p', subresource: 'binding', object: bindTo('n1') }).code).toBe(201);
    const bound = h.get(PODS, 'p').object as Pod;
    expect([bound.spec.nodeName, bound.metadata.generation]).toEqual(['n1', 1]);
    expect(bound.spec.containers).toBe(made.spec.containers);
    expect(bound.status?.conditions?.map((c) => [c.type, c.status])).toEqual([['PodScheduled', 'True']]);
    const again = h.call(VERB.create, PODS, { name: 'p', subresource: 'binding', object: bindTo('n2') });
    expect([again.code, again.error?.message]).toEqual([
      409,
      'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n1"',
    ]);
    const foreign = h.call(VERB.create, PODS, {
      name: 'p',
      subresource: 'binding',
      object: bindTo('n2', { uid: 'x' }),
    });
    expect(foreign.code).toBe(409);
    expect(
      h.call(VERB.create, PODS, { name: 'q', subresource: 'binding', object: bindTo('n2', { name: 'q' }) }).code,
    ).toBe(404);
  });

  test('goes by the local id that it says, which must be that of the name', () => {
    const h = bootstrapped();
    h.create(PODS, pod('p'));
    h.create(PODS, pod('q'));
    const localId = h.cluster.names.keys(PODS).find('default', 'q');
    const bind = (name: string) =>
      h.call(VERB.create, PODS, { name, subresource: 'binding', object: bindTo('n1', { name }), localId });
    expect(bind('q').code).toBe(201);
    expect(() => bind('p')).toThrow('a request names another object than its local id does');
  });

  test('is refused for a pod that ends, waits at a gate, is another one or another version; and to what is no node', () => {
    const h = bootstrapped();
    h.create(PODS, pod('held', { finalizers: ['example.com/hold'] }));
    h.call(VERB.delete, PODS, { name: 'held' });
    const gated = pod('gated');
    h.create(PODS, { ...gated, spec: { ...(gated.spec as object), schedulingGates: [{ name: 'example.com/wait' }] } });
    const { uid, resourceVersion } = h.create(PODS, pod('p')).metadata;
    const bind = (name: string, metadata: object = {}, target: object = {}) => {
      const binding = bindTo('n1', { name, ...metadata });
      const object = { ...binding, target: { ...binding.target, ...target } };
      return h.call(VERB.create, PODS, { name, subresource: 'binding', object }).code;
    };
    expect([bind('held'), bind('gated'), bind('p', { uid: 'another' }), bind('p', { resourceVersion: '1' })]).toEqual([
      409, 409, 409, 409,
    ]);
    expect([bind('p', {}, { name: '' }), bind('p', {}, { kind: 'Pod' })]).toEqual([500, 500]);
    expect(bind('p', { uid, resourceVersion, annotations: { by: 'hand' } })).toBe(201);
    expect(h.get(PODS, 'p').object?.metadata.annotations).toEqual({ by: 'hand' });
  });

  test('the planted bug binds twice', () => {
    const h = bootstrapped({ bugs: ['api.bind-overwrites'] });
    h.create(PODS, pod('p'));
    for (const node of ['n1', 'n2'])
      h.call(VERB.create, PODS, { name: 'p', subresource: 'binding', object: bindTo(node) });
    expect((h.get(PODS, 'p').object as Pod).spec.nodeName).toBe('n2');
  });
});

function budgeted(h: ApiHarness, status: Record<string, unknown>): void {
  const budget = h.create(PODDISRUPTIONBUDGETS, {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web', namespace: 'default' },
    spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } },
  });
  h.object(VERB.update, PODDISRUPTIONBUDGETS, { name: 'web', subresource: 'status', object: { ...budget, status } });
}

function running(h: ApiHarness, name: string, ready = 'True'): void {
  h.create(PODS, pod(name));
  h.call(VERB.create, PODS, { name, subresource: 'binding', object: { ...bindTo('n1'), metadata: { name } } });
  h.object(VERB.patch, PODS, {
    name,
    subresource: 'status',
    patch: { status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready }] } },
    patchType: 'strategic',
  });
}

const evict = (h: ApiHarness, name: string, more = {}) =>
  h.call(VERB.create, PODS, {
    name,
    subresource: 'eviction',
    object: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'default' }, ...more },
  });

const STATUS = { observedGeneration: 1, disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3 };

describe('eviction', () => {
  test('charges the budget, then deletes; the next one is refused', () => {
    const h = bootstrapped();
    for (const name of ['a', 'b', 'c']) running(h, name);
    budgeted(h, STATUS);
    expect(evict(h, 'a').code).toBe(201);
    const budget = h.get(PODDISRUPTIONBUDGETS, 'web').object as PodDisruptionBudget;
    expect([budget.status?.disruptionsAllowed, Object.keys(budget.status?.disruptedPods ?? {})]).toEqual([0, ['a']]);
    const gone = h.get(PODS, 'a').object as Pod;
    expect([gone.metadata.deletionGracePeriodSeconds, gone.status?.conditions?.at(-1)?.type]).toEqual([
      30,
      'DisruptionTarget',
    ]);
    const refused = evict(h, 'b');
    expect([refused.code, refused.error?.retryAfterSeconds]).toEqual([429, -1]);
    expect(refused.error?.message).toBe("Cannot evict pod as it would violate the pod's disruption budget.");
    expect(refused.error?.details?.causes?.[0]).toEqual({
      reason: 'DisruptionBudget',
      message: 'The disruption budget web needs 2 healthy pods and has 3 currently',
    });
  });

  test('two at the same instant on two servers cannot both take the last one', () => {
    const h = bootstrapped({ servers: 2 });
    for (const name of ['a', 'b', 'c']) running(h, name);
    budgeted(h, STATUS);
    h.run(100_000);
    const object = (name: string) => ({
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name, namespace: 'default' },
    });
    const ids = ['a', 'b'].map((name, server) =>
      h.send(VERB.create, PODS, { name, subresource: 'eviction', object: object(name), server }),
    );
    expect(ids.map((id) => h.wait(id).code).toSorted()).toEqual([201, 429]);
  });

  test('a budget that is behind its spec, an unready pod, an ended pod', () => {
    const h = bootstrapped();
    running(h, 'a');
    running(h, 'sick', 'False');
    budgeted(h, { ...STATUS, observedGeneration: 0 });
    expect([evict(h, 'a').code, evict(h, 'a').error?.retryAfterSeconds]).toEqual([429, 10]);
    expect(evict(h, 'sick').code).toBe(201);
    running(h, 'unwell', 'False');
    h.object(VERB.patch, PODDISRUPTIONBUDGETS, {
      name: 'web',
      subresource: 'status',
      patch: { status: null },
      patchType: 'merge',
    });
    expect(evict(h, 'unwell').code).toBe(429);
    h.create(PODS, pod('pending'));
    expect(evict(h, 'pending').code).toBe(201);
    expect(h.get(PODS, 'pending').code).toBe(404);
    expect(evict(h, 'nope').code).toBe(404);
  });

  test('an unready pod is charged while the budget is not met; what ends is not, nor one of another namespace', () => {
    const h = bootstrapped();
    for (const name of ['ended', 'ending', 'sick']) running(h, name, name === 'sick' ? 'False' : 'True');
    budgeted(h, { ...STATUS, disruptionsAllowed: 0, currentHealthy: 1 });
    const succeeded = { status: { phase: 'Succeeded' } };
    h.object(VERB.patch, PODS, { name: 'ended', subresource: 'status', patch: succeeded, patchType: 'strategic' });
    h.call(VERB.delete, PODS, { name: 'ending' });
    expect([evict(h, 'sick').code, evict(h, 'ended').code, evict(h, 'ending').code]).toEqual([429, 201, 201]);
    const spec = { unhealthyPodEvictionPolicy: 'AlwaysAllow' };
    h.object(VERB.patch, PODDISRUPTIONBUDGETS, { name: 'web', patch: { spec }, patchType: 'merge' });
    expect(evict(h, 'sick').code).toBe(201);
    const namespace = 'kube-system';
    h.create(PODS, { ...pod('far'), metadata: { name: 'far', namespace, labels: { app: 'web' } } }, { namespace });
    const object = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'far', namespace } };
    expect(h.call(VERB.create, PODS, { namespace, name: 'far', subresource: 'eviction', object }).code).toBe(201);
  });

  test('an unready pod that becomes Ready meanwhile is not the one that was judged', () => {
    const patch = { status: { conditions: [{ type: 'Ready', status: 'True' }] } };
    const codes = [0, 300, 600, 900, 1200, 1500].map((us) => {
      const h = bootstrapped({ servers: 2 });
      running(h, 'sick', 'False');
      budgeted(h, STATUS);
      h.run(100_000);
      const ready = { name: 'sick', subresource: 'status', patch, patchType: 'strategic', server: 1 } as const;
      const changed = h.send(VERB.patch, PODS, ready);
      h.run(us);
      const { code } = evict(h, 'sick');
      const pods = h.get(PODS, 'sick').object as Pod;
      expect([h.wait(changed).code, pods.metadata.deletionTimestamp === undefined]).toEqual([200, code !== 201]);
      return code;
    });
    expect(codes).toContain(409);
  });

  test('keeps to preconditions and its own name; a budget with too much on record is closed', () => {
    const h = bootstrapped();
    for (const name of ['a', 'b', 'c']) running(h, name);
    budgeted(h, { ...STATUS, disruptionsAllowed: 2 });
    const wants = (uid: string | undefined) => ({ deleteOptions: { preconditions: { uid } } });
    expect(evict(h, 'a', wants('another')).code).toBe(409);
    const stale = { deleteOptions: { preconditions: { resourceVersion: '1' } } };
    expect([evict(h, 'a', stale).code, h.get(PODS, 'a').object?.metadata.deletionTimestamp]).toEqual([409, undefined]);
    const current = () => ({
      deleteOptions: { preconditions: { resourceVersion: h.get(PODS, 'c').object?.metadata.resourceVersion } },
    });
    expect(evict(h, 'c', current()).code).toBe(201);
    expect(evict(h, 'a', { metadata: { name: 'b' } }).code).toBe(400);
    const records = Object.fromEntries(Array.from({ length: 2001 }, (_, i) => [`p${i}`, '2025-01-01T00:00:00Z']));
    const charge = (status: object): void => {
      const parts = { subresource: 'status', patchType: 'merge' } as const;
      h.object(VERB.patch, PODDISRUPTIONBUDGETS, { name: 'web', patch: { status }, ...parts });
    };
    charge({ disruptedPods: records });
    expect(evict(h, 'a').code).toBe(403);
    charge({ disruptedPods: null, disruptionsAllowed: 1 });
    expect(evict(h, 'a', wants(h.get(PODS, 'a').object?.metadata.uid)).code).toBe(201);
    expect(h.get(PODS, 'b').object?.metadata.deletionTimestamp).toBeUndefined();
  });

  test('more than one budget is an error; the planted bug charges nothing', () => {
    const h = bootstrapped({ bugs: ['api.eviction-keeps-budget'] });
    running(h, 'a');
    running(h, 'b');
    budgeted(h, STATUS);
    expect([evict(h, 'a').code, evict(h, 'b').code]).toEqual([201, 201]);
    running(h, 'c');
    h.create(PODDISRUPTIONBUDGETS, {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'second', namespace: 'default' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
    });
    h.run(50_000);
    expect(evict(h, 'c').code).toBe(500);
  });
});

describe('admission', () => {
  test('priority comes from its class or the global default', () => {
    const h = bootstrapped();
    const withClass = (name: string) => ({
      ...pod(name),
      spec: { ...(pod(name).spec as object), priorityClassName: 'high' },
    });
    expect(h.call(VERB.create, PODS, { object: withClass('a') }).error?.message).toBe(
      'pods "a" is forbidden: no PriorityClass with name high was found',
    );
    const type = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass' };
    h.create(PRIORITYCLASSES, { ...type, metadata: { name: 'high' }, value: 1000, preemptionPolicy: 'Never' });
    h.run(50_000);
    const high = h.create(PODS, withClass('b')) as Pod;
    expect([high.spec.priority, high.spec.preemptionPolicy]).toEqual([1000, 'Never']);
    const spec = pod('c').spec;
    expect((h.create(PODS, { ...pod('c'), spec }) as Pod).spec.priority).toBe(0);
    h.create(PRIORITYCLASSES, { ...type, metadata: { name: 'usual' }, value: 10, globalDefault: true });
    h.run(50_000);
    expect((h.create(PODS, { ...pod('d'), spec }) as Pod).spec.priority).toBe(10);
    const says = { priority: 1000, preemptionPolicy: 'Never' };
    const same = h.create(PODS, { ...pod('e'), spec: { ...withClass('e').spec, ...says } }) as Pod;
    expect(same.spec).toMatchObject(says);
  });

  test.each([
    [{ priority: 7 }, 'integer value of priority (7)', 0],
    [{ preemptionPolicy: 'Never' }, 'string value of PreemptionPolicy (Never)', 'PreemptLowerPriority'],
  ])('a pod that says %o and has no class for it is refused', (says, field, computed) => {
    const h = bootstrapped();
    const spec = { ...(pod('a').spec as object), ...says };
    expect(h.call(VERB.create, PODS, { object: { ...pod('a'), spec } }).error).toMatchObject({
      code: 403,
      message: `pods "a" is forbidden: the ${field} must not be provided in pod spec; priority admission controller computed ${computed} from the given PriorityClass name`,
    });
  });

  const claim = (claimName: unknown, more: object = {}) => ({
    name: 'data',
    persistentVolumeClaim: { claimName, ...more },
  });
  const scratch = { name: 'scratch' };

  test.each([
    ['a claim', [claim('c-0')], [claim('c-1')], true],
    ['a read-only claim', [claim('c-0', { readOnly: true })], [claim('c-1', { readOnly: true })], true],
    ['a claim beside a volume of the template', [scratch, claim('c-0')], [scratch, claim('c-1')], true],
    ['a claim that is no longer read-only', [claim('c-0', { readOnly: true })], [claim('c-1')], false],
    ['a volume of another name', [claim('c-0')], [{ ...claim('c-1'), name: 'logs' }], false],
    ['another kind of volume', [claim('c-0')], [{ name: 'data', secret: { secretName: 's' } }], false],
    ['one volume more', [claim('c-0')], [claim('c-1'), scratch], false],
    ['a null', [claim('c-0')], [{ ...claim('c-1'), nfs: null }], false],
  ])(
    'pods of one template that have claims of their own share what was made of it: %s',
    (_what, first, own, shares) => {
      const h = bootstrapped({ admission: { tokenVolume: true } });
      const spec = pod('p').spec as Pod['spec'];
      const base = h.create(PODS, { ...pod('p-0'), spec: { ...spec, volumes: first } }) as Pod;
      const next = h.create(PODS, { ...pod('p-1'), spec: { ...spec, volumes: own } }) as Pod;
      const alone = h.create(PODS, structuredClone({ ...pod('p-2'), spec: { ...spec, volumes: own } })) as Pod;
      expect(next.spec).toEqual(alone.spec);
      expect(next.spec.tolerations === base.spec.tolerations && next.spec.containers === base.spec.containers).toBe(
        shares,
      );
      expect(objectHash(next)).toBe(hashJson(next));
    },
  );

  test('a claim without a name is refused beside a valid pod of its template', () => {
    const h = bootstrapped();
    const spec = pod('p').spec as Pod['spec'];
    h.create(PODS, { ...pod('p-0'), spec: { ...spec, volumes: [claim('c-0')] } });
    const codeOf = (claimName: unknown) => {
      const object = { ...pod('p-1'), spec: { ...spec, volumes: [claim(claimName)] } };
      return h.call(VERB.create, PODS, { object: object as unknown as Pod }).code;
    };
    expect([codeOf(''), codeOf(7), codeOf('c-1')]).toEqual([422, 400, 201]);
  });

  test('a new node carries the not-ready taint; its status is taken', () => {
    const h = bootstrapped();
    const node = h.create(NODES, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n' },
      status: { capacity: { cpu: '4' } },
    });
    expect((node.spec as { taints: unknown }).taints).toEqual([
      { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
    ]);
    expect((node.status as { allocatable: unknown }).allocatable).toEqual({ cpu: '4' });
  });

  test('a service account must exist where that is asked for; its token volume is an option', () => {
    const h = bootstrapped({ admission: { serviceAccountMustExist: 'all', tokenVolume: true } });
    const refused = h.call(VERB.create, PODS, { object: pod('p') });
    expect([refused.code, refused.error?.message]).toEqual([
      403,
      'pods "p" is forbidden: error looking up service account default/default: serviceaccount "default" not found',
    ]);
  });
});

test('services get distinct addresses; a taken one is refused', () => {
  const h = bootstrapped();
  const service = (name: string, spec = {}) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { selector: { app: name }, ports: [{ port: 80 }], ...spec },
  });
  const a = h.create(SERVICES, service('a')) as Service;
  const b = h.create(SERVICES, service('b', { type: 'NodePort' })) as Service;
  expect(a.spec.clusterIP).toMatch(/^10\.96\.\d+\.\d+$/);
  expect(a.spec.clusterIPs).toEqual([a.spec.clusterIP]);
  expect(b.spec.clusterIP).not.toBe(a.spec.clusterIP);
  expect(b.spec.ports?.[0]?.nodePort).toBeGreaterThanOrEqual(30_000);
  const headless = h.create(SERVICES, service('c', { clusterIP: 'None' })) as Service;
  expect(headless.spec.clusterIPs).toEqual(['None']);
  h.run(50_000);
  expect(h.call(VERB.create, SERVICES, { object: service('d', { clusterIP: '10.96.0.1' }) }).code).toBe(422);
  const changed = h.object(VERB.patch, SERVICES, {
    name: 'a',
    patch: { spec: { selector: { app: 'z' } } },
    patchType: 'merge',
  });
  expect((changed as Service).spec.clusterIP).toBe(a.spec.clusterIP);
});

describe('lease batches', () => {
  const lease = (name: string): KubeObject => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: 'kube-node-lease' },
    spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: '2025-01-01T00:00:00.000000Z' },
  });

  test('each lease gets its own revision and event; missing ones are named', () => {
    const h = bootstrapped();
    const ids = ['a', 'b', 'c'].map((name) => {
      const made = h.create(LEASES, lease(name));
      return h.cluster.names.keys(LEASES).find('kube-node-lease', made.metadata.name);
    });
    const stream = h.watch(LEASES, { resourceVersion: '0' });
    const before = stream.events.length;
    const named = [ids[0] as number, ids[1] as number, 9999, ids[2] as number];
    h.sendRaw(OP_LEASE_BATCH, new LeaseBatch(named, 1_735_689_601_000_001));
    h.run(100_000);
    const result = h.client.other[0]?.payload as LeaseBatchResult;
    expect([result.failed, result.reasons]).toEqual([[2], [1]]);
    const events = stream.events.slice(before);
    expect(events.map((event) => [event.type, (event.object.spec as { renewTime: string }).renewTime])).toEqual([
      [MODIFIED, '2025-01-01T00:00:01.000001Z'],
      [MODIFIED, '2025-01-01T00:00:01.000001Z'],
      [MODIFIED, '2025-01-01T00:00:01.000001Z'],
    ]);
    expect(new Set(events.map((event) => event.revision)).size).toBe(3);
    expect(events.every((event) => event.object.metadata.resourceVersion === String(event.revision))).toBe(true);
  });

  test('commits what single updates would commit', () => {
    const wallUs = 1_735_689_605_500_000;
    const states = [true, false].map((batched) => {
      const h = bootstrapped();
      const more = [{}, { acquireTime: '2025-01-01T00:00:00.000000Z' }, { leaseTransitions: 3 }];
      const made = more.map((fields, i) => {
        const plain = lease(`l${i}`);
        return h.create(LEASES, { ...plain, spec: { ...(plain.spec as object), ...fields } });
      });
      const keys = h.cluster.names.keys(LEASES);
      if (batched) {
        const ids = made.map((object) => keys.find('kube-node-lease', object.metadata.name));
        h.sendRaw(OP_LEASE_BATCH, new LeaseBatch(ids, wallUs));
      } else {
        for (const object of made) {
          const renewed = { ...object, spec: { ...(object.spec as object), renewTime: '2025-01-01T00:00:05.500000Z' } };
          h.send(VERB.update, LEASES, { namespace: 'kube-node-lease', name: object.metadata.name, object: renewed });
        }
      }
      h.run(100_000);
      return h.call(VERB.list, LEASES, { namespace: '' }).items?.map((item) => JSON.parse(JSON.stringify(item)));
    });
    expect(states[0]).toEqual(states[1]);
  });
});

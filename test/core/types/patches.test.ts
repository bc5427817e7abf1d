import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyJsonPatch } from '../../../core/types/json-patch.ts';
import { jsonEqual } from '../../../core/types/json-value.ts';
import { applyMergePatch } from '../../../core/types/merge-patch.ts';
import {
  DEPLOYMENTS,
  NODES,
  PODDISRUPTIONBUDGETS,
  PODS,
  ResourceTypes,
  SERVICES,
} from '../../../core/types/resource-type.ts';
import { applyStrategicMergePatch } from '../../../core/types/strategic-merge-patch.ts';

describe('merge patch', () => {
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [['a'], ['c'], ['c']],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    ['x', { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j with %j is %j', (target, patch, expected) => {
    expect(applyMergePatch(target, patch)).toEqual(expected);
  });

  it('shares what it does not change and mutates nothing', () => {
    const target = Object.freeze({ a: Object.freeze({ x: 1 }), b: Object.freeze({ y: 2 }) });
    const result = applyMergePatch(target, { b: { y: 3 } }) as typeof target;
    expect(result.a).toBe(target.a);
    expect(applyMergePatch(target, { a: { x: 1 }, c: null })).toBe(target);
  });

  it('is idempotent, and survives hostile keys and depth', () => {
    fc.assert(
      fc.property(fc.object(), fc.object(), (target, patch) => {
        const once = applyMergePatch(target, patch);
        expect(jsonEqual(applyMergePatch(once, patch), once)).toBe(true);
      }),
      { seed: 3, numRuns: 300 },
    );
    const patched = applyMergePatch({}, JSON.parse('{"__proto__": {"polluted": 1}}')) as object;
    expect(Object.getPrototypeOf(patched)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(() => applyMergePatch({}, JSON.parse(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`))).toThrow(
      expect.objectContaining({ code: 400 }),
    );
  });
});

describe('json patch', () => {
  const target = Object.freeze({ list: Object.freeze([1, 2]), map: Object.freeze({ 'a/b': 1 }), nothing: null });

  it('applies operations in order on a copy', () => {
    const result = applyJsonPatch(target, [
      { op: 'test', path: '/list/0', value: 1 },
      { op: 'add', path: '/list/-', value: 3 },
      { op: 'remove', path: '/list/0' },
      { op: 'replace', path: '/map/a~1b', value: 2 },
      { op: 'move', from: '/map', path: '/moved' },
    ]);
    expect(result).toEqual({ list: [2, 3], moved: { 'a/b': 2 }, nothing: null });
    expect(target.list).toEqual([1, 2]);
    expect(applyJsonPatch(target, [{ op: 'replace', path: '', value: { x: 1 } }])).toEqual({ x: 1 });
  });

  // Answers of gopkg.in/evanphx/json-patch.v4 4.12, as kube-apiserver 1.34.1 gives them.
  it.each([
    [[{ op: 'add', path: '/x' }], { x: null }],
    [[{ op: 'add', path: 'map/x', value: 1 }], { x: 1 }],
    [[{ op: 'add', path: '/list/-1', value: 3 }], { list: [1, 2, 3] }],
    [[{ op: 'add', path: '/list/01', value: 3 }], { list: [1, 3, 2] }],
    [[{ op: 'remove', path: '/list/-1' }], { list: [1] }],
    [[{ op: 'replace', path: '/list/+1', value: 3 }], { list: [1, 3] }],
    [[{ op: 'replace', path: '/absent', value: 3 }], { absent: 3 }],
    [[{ op: 'replace', path: '', value: 'x' }], {}],
    [[{ op: 'copy', from: '/absent', path: '/x' }], { x: null }],
    [[{ op: 'test', path: '/absent', value: null }], {}],
    [[{ op: 'test', path: '/nothing' }], {}],
    [[{ op: 'add', path: '/x~01y', value: 1 }], { 'x~1y': 1 }],
    [[], {}],
    [null, {}],
  ])('%j changes the document to %j', (patch, changes) => {
    expect(applyJsonPatch(target, patch)).toEqual({ ...target, ...changes });
  });

  it.each([
    [[{ op: 'test', path: '/list/0', value: 9 }], 422],
    [[{ op: 'remove', path: '/absent' }], 422],
    [[{ op: 'replace', path: '/list/x', value: 1 }], 422],
    [[{ op: 'replace', path: '/list/7', value: 1 }], 422],
    [[{ op: 'add', path: '/list/4', value: 1 }], 422],
    [[{ op: 'remove', path: '/list/-' }], 422],
    [[{ op: 'remove', path: '/list/-3' }], 422],
    [[{ op: 'test', path: '/absent', value: 1 }], 422],
    [[{ op: 'test', path: '/map', value: { 'a/b': 1, c: null } }], 422],
    [[{ op: 'add', path: '', value: {} }], 422],
    [[{ op: 'remove', path: '' }], 422],
    [[{ op: 'test', path: '', value: {} }], 422],
    [[{ op: 'move', from: '/absent', path: '/x' }], 422],
    [[{ op: 'add', path: '/a/b/c', value: 1 }], 422],
    [[{ op: 'add', path: '/__proto__/x', value: 1 }], 422],
    [[{ op: 'add', path: 'x', value: 1 }], 422],
    [[{ op: 'frob', path: '/x' }], 422],
    [[{ op: 'move', path: '/x' }], 422],
    [[{ op: 'move', from: '/map', path: '/map/x' }], 422],
    [[null], 422],
    [[5], 400],
    [[{ op: 'add', path: 5 }], 400],
    ['x', 400],
    [{ op: 'add' }, 400],
    [new Array(10_001).fill({ op: 'test', path: '/list/0', value: 1 }), 413],
  ])('%j is %i', (patch, code) => {
    expect(() => applyJsonPatch(target, patch)).toThrow(expect.objectContaining({ code }));
  });

  it('copies three megabytes at most: each copy can double what there is', () => {
    // Kubernetes 1.34.1, server/config.go JSONPatchMaxCopyBytes; json-patch.v4 patch.go copy.
    const doubled = (times: number) =>
      Array.from({ length: times }, (_, i) => ({ op: 'copy', from: '/map', path: `/map/copy${i}` }));
    expect(applyJsonPatch(target, doubled(12))).toBeDefined();
    expect(() => applyJsonPatch(target, doubled(40))).toThrow(expect.objectContaining({ code: 422 }));
  });
});

const deployment = {
  metadata: { name: 'web', finalizers: ['a/x', 'a/y'], ownerReferences: [{ uid: '1', name: 'o' }] },
  spec: {
    replicas: 1,
    template: {
      spec: {
        containers: [
          { name: 'app', image: 'app:v1', env: [{ name: 'A', value: '1' }], command: ['x', 'y'] },
          { name: 'side', image: 'side:v1' },
        ],
        tolerations: [{ key: 'a', operator: 'Exists' }],
        volumes: [{ name: 'v', emptyDir: {} }],
      },
    },
  },
};

function patchSpec(patch: unknown): typeof deployment.spec.template.spec {
  const result = applyStrategicMergePatch(DEPLOYMENTS, deployment, { spec: { template: { spec: patch } } });
  return (result as typeof deployment).spec.template.spec;
}

describe('strategic merge patch', () => {
  it('merges containers by name and shares the others', () => {
    const spec = patchSpec({ containers: [{ name: 'app', image: 'app:v2', env: [{ name: 'B', value: '2' }] }] });
    expect(spec.containers[0]).toEqual({
      name: 'app',
      image: 'app:v2',
      env: [
        { name: 'B', value: '2' },
        { name: 'A', value: '1' },
      ],
      command: ['x', 'y'],
    });
    expect(spec.containers[1]).toBe(deployment.spec.template.spec.containers[1]);
    expect(spec.volumes).toBe(deployment.spec.template.spec.volumes);
    expect(applyStrategicMergePatch(DEPLOYMENTS, deployment, { spec: { replicas: 1 } })).toBe(deployment);
  });

  it('keeps null where it is a time that is not set, and the item itself', () => {
    const ready = { type: 'Ready', status: 'True', lastProbeTime: null, lastTransitionTime: 't1' };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, status: {} };
    const patched = applyStrategicMergePatch(PODS, pod, { status: { conditions: [ready] } }) as typeof pod & {
      status: { conditions: unknown[] };
    };
    expect(patched.status.conditions[0]).toBe(ready);
    const late = { type: 'Ready', status: 'False', lastProbeTime: null, reason: null };
    expect(applyStrategicMergePatch(PODS, patched, { status: { conditions: [late] } })).toMatchObject({
      status: { conditions: [{ type: 'Ready', status: 'False', lastProbeTime: null, lastTransitionTime: 't1' }] },
    });
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, status: {} };
    expect(applyStrategicMergePatch(NODES, node, { status: { conditions: [{ type: 'A', reason: null }] } })).toEqual({
      ...node,
      status: { conditions: [{ type: 'A' }] },
    });
  });

  it('replaces atomic lists', () => {
    expect(patchSpec({ tolerations: [{ key: 'b' }] }).tolerations).toEqual([{ key: 'b' }]);
    expect(patchSpec({ containers: [{ name: 'app', command: ['z'] }] }).containers[0]?.command).toEqual(['z']);
    const node = { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } };
    const taints = [{ key: 'a', effect: 'NoExecute' }];
    expect(applyStrategicMergePatch(NODES, node, { spec: { taints } })).toEqual({ spec: { taints } });
  });

  it('obeys $patch', () => {
    expect(patchSpec({ containers: [{ name: 'side', $patch: 'delete' }] }).containers).toHaveLength(1);
    expect(patchSpec({ containers: [{ name: 'new', image: 'i' }, { $patch: 'replace' }] }).containers).toEqual([
      { name: 'new', image: 'i' },
    ]);
    expect(patchSpec({ $patch: 'replace', containers: [] })).toEqual({ containers: [] });
    expect(
      patchSpec({
        volumes: [
          { name: 'v', $patch: 'delete' },
          { name: 'absent', $patch: 'delete' },
        ],
      }).volumes,
    ).toEqual([]);
    expect(patchSpec({ volumes: null }).volumes).toBeUndefined();
  });

  it('treats finalizers as a set and deletes from lists of scalars', () => {
    const metadata = (patch: unknown): unknown =>
      (applyStrategicMergePatch(DEPLOYMENTS, deployment, { metadata: patch }) as typeof deployment).metadata.finalizers;
    expect(metadata({ finalizers: ['a/y', 'a/z'] })).toEqual(['a/x', 'a/y', 'a/z']);
    expect(metadata({ finalizers: ['a/z'] })).toEqual(['a/z', 'a/x', 'a/y']);
    expect(metadata({ '$deleteFromPrimitiveList/finalizers': ['a/x'] })).toEqual(['a/y']);
    expect(metadata({ finalizers: ['a/z'], '$setElementOrder/finalizers': ['a/z', 'a/y'] })).toEqual([
      'a/z',
      'a/x',
      'a/y',
    ]);
  });

  // Answers of strategicpatch.StrategicMergePatch, apimachinery 0.34.1.
  it.each([
    [{ '$deleteFromPrimitiveList/command': ['x'] }, ['y']],
    [{ '$deleteFromPrimitiveList/command': ['z'] }, ['x', 'y']],
    [{ '$deleteFromPrimitiveList/command': [] }, ['x', 'y']],
    [{ '$deleteFromPrimitiveList/args': ['x'] }, ['x', 'y']],
    [{ '$setElementOrder/command': ['y', 'x'] }, ['y', 'x']],
    [{ command: ['b', 'a'], '$setElementOrder/command': ['b', 'a'] }, ['b', 'a']],
  ])('obeys the directives of an atomic list: %j', (patch, command) => {
    expect(patchSpec({ containers: [{ name: 'app', ...patch }] }).containers[0]?.command).toEqual(command);
  });

  it.each([
    [{ '$deleteFromPrimitiveList/tolerations': ['a'] }, 'list element types are not identical'],
    [{ '$deleteFromPrimitiveList/containers': ['app'] }, 'list element types are not identical'],
    [{ '$deleteFromPrimitiveList/tolerations': [{ key: 'a' }] }, 'cannot merge lists without merge key for struct'],
  ])('deletes nothing but scalars from lists of scalars: %j', (patch, message) => {
    expect(() => patchSpec(patch)).toThrow(
      expect.objectContaining({ code: 500, message: expect.stringContaining(message) }),
    );
  });

  it('obeys $setElementOrder and $retainKeys', () => {
    const order = [{ name: 'side' }, { name: 'new' }, { name: 'app' }];
    const spec = patchSpec({ containers: [{ name: 'new', image: 'i' }], '$setElementOrder/containers': order });
    expect(spec.containers.map(({ name }) => name)).toEqual(['side', 'new', 'app']);
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } };
    const patch = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } };
    expect(applyStrategicMergePatch(DEPLOYMENTS, { spec: { strategy } }, patch)).toEqual({
      spec: { strategy: { type: 'Recreate' } },
    });
  });

  it('uses the kind to tell ports and selectors apart', () => {
    const service = { spec: { ports: [{ port: 80, name: 'a' }] } };
    const patched = applyStrategicMergePatch(SERVICES, service, {
      spec: { ports: [{ port: 80, name: 'b' }, { port: 81 }] },
    });
    expect(patched).toEqual({ spec: { ports: [{ port: 80, name: 'b' }, { port: 81 }] } });
    const budget = { spec: { selector: { matchLabels: { a: 'b' } } } };
    const selector = { matchLabels: { c: 'd' } };
    expect(applyStrategicMergePatch(PODDISRUPTIONBUDGETS, budget, { spec: { selector } })).toEqual({
      spec: { selector },
    });
    const status = { status: { conditions: [{ type: 'Ready', status: 'True', reason: 'x' }] } };
    const change = {
      status: {
        conditions: [
          { type: 'Ready', status: 'False' },
          { type: 'New', status: 'True' },
        ],
      },
    };
    expect(applyStrategicMergePatch(PODS, status, change)).toEqual({
      status: {
        conditions: [
          { type: 'Ready', status: 'False', reason: 'x' },
          { type: 'New', status: 'True' },
        ],
      },
    });
  });

  it('refuses custom resources, missing merge keys and unknown directives', () => {
    const widget = new ResourceTypes().register('example.com/v1', 'Widget');
    expect(() => applyStrategicMergePatch(widget, {}, {})).toThrow(expect.objectContaining({ code: 415 }));
    const message = 'json: cannot unmarshal array into Go value of type map[string]interface {}';
    expect(() => applyStrategicMergePatch(PODS, {}, [])).toThrow(expect.objectContaining({ code: 400, message }));
    expect(applyStrategicMergePatch(PODS, {}, null)).toEqual({});
  });

  // Answers of kube-apiserver 1.34.1 (apimachinery 0.34.1, util/strategicpatch).
  it.each([
    [{ containers: [{ image: 'x' }] }, 'map: map[image:x] does not contain declared merge key: name'],
    [{ $patch: 'explode' }, 'unknown patch type: explode in map: map[$patch:explode]'],
    [{ containers: [{ name: 'app', $patch: 'x' }] }, 'unknown patch type: x in map: map[$patch:x name:app]'],
    [{ containers: [{ name: 'app', $patch: 'merge' }] }, 'merging lists cannot yet be specified in the patch'],
    [{ '$setElementOrder/containers': 'x' }, 'expected a []interface {}, but received a string'],
    [{ '$setElementOrder/absent': [], absent: [] }, 'no elements in any of the given slices'],
    [
      { '$setElementOrder/containers': [{ name: 'app' }], containers: [{ name: 'new', image: 'i' }] },
      "The order in patch list:\n[map[image:i name:new]]\n doesn't match $setElementOrder list:\n[map[name:app]]\n",
    ],
  ])('has no better answer than a 500 to %j', (patch, message) => {
    expect(() => patchSpec(patch)).toThrow(expect.objectContaining({ code: 500, reason: '', message }));
  });

  // As strategicpatch.StrategicMergePatch, apimachinery 0.34.1, puts them.
  it.each([
    ['a new one first', { containers: [{ name: 'new', image: 'i' }] }, 'new app side'],
    ['as the patch names them', { containers: [{ name: 'side' }, { name: 'app' }] }, 'side app'],
    ['a new one before the first that is named', { containers: [{ name: 'new' }, { name: 'side' }] }, 'new app side'],
    ['one that stays put', { containers: [{ name: 'side' }] }, 'app side'],
    ['after a deletion', { containers: [{ name: 'new' }, { name: 'app', $patch: 'delete' }] }, 'new side'],
    [
      'after a deletion, with an order',
      {
        '$setElementOrder/containers': [{ name: 'new' }],
        containers: [{ name: 'new' }, { name: 'app', $patch: 'delete' }],
      },
      'side new',
    ],
  ])('puts items of a merged list: %s', (_what, patch, names) => {
    expect(
      patchSpec(patch)
        .containers.map(({ name }) => name)
        .join(' '),
    ).toBe(names);
  });
});

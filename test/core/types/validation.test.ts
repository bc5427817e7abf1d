import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyDefaults } from '../../../core/types/defaults/defaults.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { BUILT_IN_TYPES, type ResourceType, ResourceTypes } from '../../../core/types/resource-type.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import { checkShape } from '../../../core/types/validation/shape.ts';
import { type Shape, shapeOf } from '../../../core/types/validation/shapes.ts';
import { validateCreate, validateStatusUpdate, validateUpdate } from '../../../core/types/validation/validate.ts';

const types = new ResourceTypes();
const CONTAINER = { name: 'app', image: 'app:v1' };

function typed(object: KubeObject): ResourceType {
  return types.byKind(object.apiVersion, object.kind) as ResourceType;
}

function complete(object: unknown): KubeObject {
  return applyDefaults(typed(object as KubeObject), object as KubeObject);
}

/** The message of the refusal, null when the object is fine. */
function refusal(object: unknown): string | null {
  const full = complete(object);
  return validateCreate(typed(full), full)?.message ?? null;
}

function deployment(spec: object = {}, name = 'web'): unknown {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'demo' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [CONTAINER] } },
      ...spec,
    },
  };
}

const pod = (spec: object): unknown => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'demo' },
  spec: { containers: [CONTAINER], ...spec },
});

const simple = (apiVersion: string, kind: string, fields: object, namespace?: string): unknown => ({
  apiVersion,
  kind,
  metadata: { name: 'x', ...(namespace === undefined ? {} : { namespace }) },
  ...fields,
});

describe('messages of the real server', () => {
  it.each([
    [deployment(), null],
    [deployment({ replicas: -1 }), 'spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
    [
      deployment({ selector: undefined }),
      '[spec.selector: Required value, spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match ' +
        'template `labels`]',
    ],
    [deployment({ selector: {} }), 'spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
    [
      deployment({ selector: { matchLabels: { app: 'other' } } }),
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
    [
      deployment({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } }),
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0',
    ],
    [
      deployment({ strategy: { type: 'Recreate', rollingUpdate: {} } }),
      "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
    ],
    [
      deployment({ progressDeadlineSeconds: 10, minReadySeconds: 10 }),
      'spec.progressDeadlineSeconds: Invalid value: 10: must be greater than minReadySeconds',
    ],
    [
      deployment({}, 'Web_1'),
      'metadata.name: Invalid value: "Web_1": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric ' +
        "characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used " +
        "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ])('deployment %#', (object, cause) => {
    const name = (object as KubeObject).metadata.name;
    expect(refusal(object)).toBe(cause === null ? null : `Deployment.apps "${name}" is invalid: ${cause}`);
  });

  it.each([
    [{ containers: [] }, 'spec.containers: Required value'],
    [{ containers: [{ ...CONTAINER, image: '' }] }, 'spec.containers[0].image: Required value'],
    [{ containers: [CONTAINER, CONTAINER] }, 'spec.containers[1].name: Duplicate value: "app"'],
    [
      { containers: [{ ...CONTAINER, volumeMounts: [{ name: 'v', mountPath: '/x' }] }] },
      'spec.containers[0].volumeMounts[0].name: Not found: "v"',
    ],
    [
      { containers: [{ ...CONTAINER, resources: { limits: { cpu: '1' }, requests: { cpu: '2' } } }] },
      'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
    ],
    [
      { containers: [{ ...CONTAINER, resources: { requests: { cpu: '-1' } } }] },
      'spec.containers[0].resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0',
    ],
    [
      { containers: [{ ...CONTAINER, resources: { requests: { 'example.com/gpu': 1 } } }] },
      'spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources',
    ],
    [
      { containers: [{ ...CONTAINER, ports: [{ containerPort: 70_000 }] }] },
      'spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
    ],
    [
      { containers: [{ ...CONTAINER, imagePullPolicy: 'Sometimes' }] },
      'spec.containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"',
    ],
    [
      { containers: [{ ...CONTAINER, livenessProbe: {} }] },
      'spec.containers[0].livenessProbe: Required value: must specify a handler type',
    ],
    [
      { restartPolicy: 'Maybe' },
      'spec.restartPolicy: Unsupported value: "Maybe": supported values: "Always", "OnFailure", "Never"',
    ],
    [
      { tolerations: [{ operator: 'Exists', tolerationSeconds: 3 }] },
      'spec.tolerations[0].effect: Invalid value: "": effect must be \'NoExecute\' when `tolerationSeconds` is set',
    ],
    [
      { topologySpreadConstraints: [{ maxSkew: 0, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }] },
      'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
    ],
    [{ volumes: [{ name: 'v' }, { name: 'v' }] }, 'spec.volumes[1].name: Duplicate value: "v"'],
  ])('pod %j', (spec, cause) => {
    expect(refusal(pod(spec))).toBe(`Pod "p" is invalid: ${cause}`);
  });

  it.each([
    [simple('v1', 'Service', { spec: {} }, 'demo'), 'Service "x" is invalid: spec.ports: Required value'],
    [
      simple('v1', 'Service', { spec: { ports: [{ port: 1 }, { port: 1 }] } }, 'demo'),
      'Service "x" is invalid: [spec.ports[0].name: Required value, spec.ports[1].name: Required value, ' +
        'spec.ports[1]: Duplicate value: {"protocol":"TCP","port":1}]',
    ],
    [
      simple('policy/v1', 'PodDisruptionBudget', { spec: { minAvailable: 1, maxUnavailable: 1 } }, 'demo'),
      'PodDisruptionBudget.policy "x" is invalid: spec: Invalid value: {"minAvailable":1,"maxUnavailable":1}: minAvailable ' +
        'and maxUnavailable cannot be both set',
    ],
    [
      simple('scheduling.k8s.io/v1', 'PriorityClass', { value: 2_000_000_000 }),
      'PriorityClass.scheduling.k8s.io "x" is invalid: value: Forbidden: maximum allowed value of a user defined priority is ' +
        '1000000000',
    ],
    [
      simple('batch/v1', 'Job', { spec: { template: { spec: { containers: [CONTAINER] } } } }, 'demo'),
      'Job.batch "x" is invalid: spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
    [simple('policy/v1', 'PodDisruptionBudget', { spec: { selector: null, minAvailable: null } }, 'demo'), null],
    [simple('policy/v1', 'PodDisruptionBudget', { spec: { selector: { matchLabels: { a: null } } } }, 'demo'), null],
    [simple('v1', 'ConfigMap', {}), 'ConfigMap "x" is invalid: metadata.namespace: Required value'],
    [
      simple('v1', 'ConfigMap', { data: { 'a b': '' } }, 'demo'),
      'ConfigMap "x" is invalid: data[a b]: Invalid value: "a b": a valid config key must consist of alphanumeric characters, ' +
        "'-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    ],
    [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'demo' } },
      'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    ],
  ])('%#', (object, message) => {
    expect(refusal(object)).toBe(message);
  });
});

describe('updates', () => {
  const update = (next: unknown, old: unknown): string | null => {
    const [a, b] = [complete(next), complete(old)];
    return validateUpdate(typed(a), a, b)?.message ?? null;
  };

  it('keeps selectors, as recorded', () => {
    const next = deployment({ selector: { matchLabels: { app: 'web', x: 'y' } } });
    expect(update(next, deployment())).toBe(
      'Deployment.apps "web" is invalid: [spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not ' +
        'match template `labels`, spec.selector: Invalid value: {"matchLabels":{"app":"web","x":"y"}}: field is immutable]',
    );
    expect(update(deployment({ replicas: 5 }), deployment())).toBeNull();
  });

  it('lets a pod change its image and little else', () => {
    expect(update(pod({ containers: [{ ...CONTAINER, image: 'app:v2' }] }), pod({}))).toBeNull();
    expect(update(pod({ tolerations: [{ operator: 'Exists' }] }), pod({}))).toBeNull();
    expect(update(pod({ nodeName: 'elsewhere' }), pod({}))).toContain(
      'Pod "p" is invalid: spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`',
    );
    expect(update(pod({ containers: [CONTAINER, { ...CONTAINER, name: 'b' }] }), pod({}))).toContain('add or remove');
    expect(update(pod({}), pod({ schedulingGates: [{ name: 'g' }] }))).toBeNull();
    expect(update(pod({ schedulingGates: [{ name: 'g' }] }), pod({}))).toContain('only deletion is allowed');
  });

  it('takes no new finalizers on an object that is going', () => {
    const old = complete(simple('v1', 'ConfigMap', {}, 'demo'));
    const going = {
      ...old,
      metadata: { ...old.metadata, deletionTimestamp: '2025-01-01T00:00:00Z', finalizers: ['a/b'] },
    };
    const next = { ...going, metadata: { ...going.metadata, finalizers: ['a/b', 'example.com/c'] } };
    expect(validateUpdate(typed(going), next, going)?.message).toBe(
      'ConfigMap "x" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, ' +
        'found new finalizers []string{"example.com/c"}',
    );
  });

  it('keeps what is immutable', () => {
    const secret = (fields: object) => simple('v1', 'Secret', fields, 'demo');
    expect(update(secret({ data: { a: 'eA==' } }), secret({ immutable: true }))).toContain('immutable');
    expect(update(secret({ type: 'x/y' }), secret({}))).toContain('type: Invalid value: "x/y": field is immutable');
    const classOf = (value: number) => simple('scheduling.k8s.io/v1', 'PriorityClass', { value });
    expect(update(classOf(2), classOf(1))).toContain('value: Forbidden: may not be changed in an update.');
    const set = (spec: object) =>
      simple(
        'apps/v1',
        'StatefulSet',
        { spec: { ...(deployment() as { spec: object }).spec, serviceName: 'a', ...spec } },
        'demo',
      );
    expect(update(set({ serviceName: 'b' }), set({}))).toContain('updates to statefulset spec for fields other than');
    expect(update(set({ replicas: 3 }), set({}))).toBeNull();
  });
});

describe('StatefulSet', () => {
  it('takes mounts of its claim templates, and refuses mounts of nothing', () => {
    const spec = (claims: readonly string[]) => ({
      spec: {
        serviceName: 'a',
        selector: { matchLabels: { app: 'a' } },
        template: {
          metadata: { labels: { app: 'a' } },
          spec: { containers: [{ name: 'c', image: 'i', volumeMounts: [{ name: 'data', mountPath: '/d' }] }] },
        },
        volumeClaimTemplates: claims.map((name) => ({
          metadata: { name },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        })),
      },
    });
    expect(refusal(simple('apps/v1', 'StatefulSet', spec(['data']), 'demo'))).toBeNull();
    expect(refusal(simple('apps/v1', 'StatefulSet', spec(['other']), 'demo'))).toContain('Not found: "data"');
  });

  it('keeps or deletes its claims, and nothing else', () => {
    const retention = (persistentVolumeClaimRetentionPolicy: object): string | null => {
      const { spec } = deployment() as { spec: object };
      return refusal(
        simple('apps/v1', 'StatefulSet', { spec: { ...spec, persistentVolumeClaimRetentionPolicy } }, 'demo'),
      );
    };
    expect(retention({ whenDeleted: 'Delete', whenScaled: 'Retain' })).toBeNull();
    const path = 'spec.persistentVolumeClaimRetentionPolicy';
    expect(retention({ whenDeleted: 'Drop', whenScaled: 'delete' })).toBe(
      `StatefulSet.apps "x" is invalid: [${path}.whenDeleted: Unsupported value: "Drop": supported values: "Retain", "Delete", ` +
        `${path}.whenScaled: Unsupported value: "delete": supported values: "Retain", "Delete"]`,
    );
  });
});

describe('Job', () => {
  const causes = (spec: object): readonly string[] => {
    const template = { spec: { restartPolicy: 'Never', containers: [CONTAINER] } };
    const full = complete(simple('batch/v1', 'Job', { spec: { template, ...spec } }, 'demo'));
    const { details } = validateCreate(typed(full), full) ?? {};
    return (details?.causes ?? []).map(({ field, message }) => `${field}: ${message}`);
  };
  const indexed = { completionMode: 'Indexed', completions: 4, backoffLimitPerIndex: 1 };
  const exits = (onExitCodes: object, action = 'Count'): object => ({
    ...indexed,
    podFailurePolicy: { rules: [{ action, onExitCodes: { operator: 'In', values: [1], ...onExitCodes } }] },
  });
  const rule = (more: object): object => ({ podFailurePolicy: { rules: [{ action: 'Ignore', ...more }] } });
  const success = (...rules: object[]): object => ({ ...indexed, successPolicy: { rules } });
  const codes = 'spec.podFailurePolicy.rules[0].onExitCodes';
  const first = 'spec.successPolicy.rules[0]';

  it.each([
    [{ ...indexed, maxFailedIndexes: 4 }, []],
    [exits({ containerName: 'app' }, 'FailIndex'), []],
    [rule({ onPodConditions: [{ type: 'DisruptionTarget' }] }), []],
    [{ podFailurePolicy: {} }, []],
    [success({ succeededIndexes: '0,2-3', succeededCount: 3 }, { succeededCount: 4 }, { succeededIndexes: '' }), []],
    [{ managedBy: 'example.com/a/b' }, []],
    [{ successPolicy: { rules: [{ succeededCount: 1 }] } }, [/^spec\.successPolicy: Invalid .* requires indexed/]],
    [{ backoffLimitPerIndex: 1 }, [/^spec\.backoffLimitPerIndex: .* requires indexed completion mode/]],
    [{ completionMode: 'Indexed' }, []],
    [
      { completionMode: 'Indexed', parallelism: 2 },
      ['spec.completions: Required value: when completion mode is Indexed'],
    ],
    [
      { completionMode: 'Indexed', completions: 4, maxFailedIndexes: 1 },
      ['spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified'],
    ],
    [{ ...indexed, maxFailedIndexes: 5 }, [/^spec\.maxFailedIndexes: Invalid value: 5: .* equal to completions/]],
    [{ ...indexed, parallelism: 100_001 }, [/^spec\.parallelism: Invalid value: 100001/]],
    [{ ...indexed, completions: 100_001 }, [/^spec\.maxFailedIndexes: Required value/]],
    [
      { ...indexed, completions: 100_001, maxFailedIndexes: 10_001, parallelism: 10_001 },
      [/^spec\.maxFailedIndexes: .* equal to 10000 when/, /^spec\.parallelism: .* equal to 10000 when/],
    ],
    [
      exits({}, 'Foo'),
      [
        'spec.podFailurePolicy.rules[0].action: Unsupported value: "Foo": supported values: "Count", "FailIndex", "FailJob", "Ignore"',
      ],
    ],
    [
      { ...exits({}, 'FailIndex'), completionMode: 'NonIndexed', backoffLimitPerIndex: undefined },
      [
        'spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set',
      ],
    ],
    [exits({ operator: 'Bar' }), [`${codes}.operator: Unsupported value: "Bar": supported values: "In", "NotIn"`]],
    [
      exits({ values: [0, 0] }),
      [
        `${codes}.values[0]: Invalid value: 0: must not be 0 for the In operator`,
        `${codes}.values[1]: Invalid value: 0: must not be 0 for the In operator`,
        `${codes}.values[1]: Duplicate value: 0`,
      ],
    ],
    [exits({ operator: 'NotIn', values: [2, 0] }), [`${codes}.values: Invalid value: [2,0]: must be ordered`]],
    [exits({ values: [] }), [`${codes}.values: Invalid value: []: at least one value is required`]],
    [exits({ containerName: 'x' }), [/containerName: Invalid value: "x": must be one of the container/]],
    [
      rule({}),
      ['spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required'],
    ],
    [
      rule({ onExitCodes: { operator: 'In', values: [1] }, onPodConditions: [{ type: 'A' }] }),
      [/^spec\.podFailurePolicy\.rules\[0\]: Invalid value: specifying both/],
    ],
    [rule({ onPodConditions: [{ type: 'A', status: 'yes' }] }), [/status: Unsupported value: "yes"/]],
    [
      rule({ onPodConditions: [{ status: 'True' }] }),
      [/type: Invalid value: "": name part must be non-empty/, /type: Invalid value: "": name part must consist/],
    ],
    [
      { ...rule({ onPodConditions: [{ type: 'A' }] }), podReplacementPolicy: 'TerminatingOrFailed' },
      ['spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"'],
    ],
    [success(), [/^spec\.successPolicy\.rules: Required value/]],
    [success({}), [`${first}: Required value: at least one of succeededCount or succeededIndexes must be specified`]],
    [
      success({ succeededIndexes: '5-1,x' }),
      [`${first}.succeededIndexes: Invalid value: "5-1,x": error parsing succeededIndexes: too large index: "5"`],
    ],
    [success({ succeededIndexes: '3-1' }), [/non-increasing order, previous: 3, current: 1$/]],
    [success({ succeededIndexes: '1-2,2' }), [/non-increasing order, previous: 2, current: 2$/]],
    [success({ succeededIndexes: '1,x' }), [/cannot convert string to integer for index: "x"$/]],
    [success({ succeededIndexes: '1-2-3' }), [/the fragment "1-2-3" violates/]],
    [
      success({ succeededIndexes: '1-2', succeededCount: 3 }),
      [/succeededCount: .* equal to 2 \(the number of indexes/],
    ],
    [success({ succeededCount: 5 }), [/succeededCount: .* equal to 4 \(the number of specified completions\)/]],
    [{ managedBy: 'no domain' }, [/^spec\.managedBy: Invalid value: "no domain": must be a domain-prefixed path/]],
    [{ managedBy: '' }, ['spec.managedBy: Required value']],
    [{ managedBy: 'Upper.com/a' }, [/^spec\.managedBy: Invalid value: "Upper.com": a lowercase RFC 1123 subdomain/]],
    [{ managedBy: 'a.com/b c' }, [/^spec\.managedBy: Invalid value: "b c": Invalid path/]],
    [{ managedBy: `a.com/${'b'.repeat(60)}` }, ['spec.managedBy: Too long: may not be more than 63 bytes']],
  ] as [object, (string | RegExp)[]][])('%j: %j', (spec, expected) => {
    const found = causes(spec);
    expect(found).toEqual(expected.map((text) => (typeof text === 'string' ? text : expect.stringMatching(text))));
  });
});

/** The shape of a kind's status. */
function statusShapeOf(type: ResourceType): Shape | undefined {
  const shape = shapeOf(type);
  return typeof shape === 'object' && 'fields' in shape ? shape.fields['status'] : undefined;
}

/** Values of a shape and nulls. */
function valuesOf(shape: Shape): fc.Arbitrary<unknown> {
  const [base, limited] = typeof shape === 'string' ? [shape, undefined] : [shape.scalar, shape];
  const texts = fc.constantFrom('', 'x', 'True', '10.0.0.1', '2025-01-01T00:00:00Z');
  if (base === 'int' || base === 'long') return fc.constantFrom(null, -1, 0, 3);
  if (base === 'bool') return fc.constantFrom(null, true, false);
  if (base === 'quantities') return fc.constantFrom(null, {}, { cpu: '-1' }, { 'a b': 0.5 });
  if (base === 'map') return fc.constantFrom(null, {}, { a: 'b' }, { a: null });
  if (base === 'any' || base === 'object') return fc.constantFrom(null, {});
  if (base !== undefined || limited === undefined) return fc.option(texts);
  if (limited.list !== undefined) return fc.option(fc.array(valuesOf(limited.list), { maxLength: 3 }));
  if (limited.entries !== undefined) return fc.constantFrom(null, {});
  const fields = limited.scalar === undefined ? limited.fields : {};
  return fc.option(
    fc.record(Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, valuesOf(field)])), {
      requiredKeys: [],
    }),
  );
}

describe('hostile input', () => {
  it('every built-in kind answers any JSON with a StatusError or takes it, and never breaks', () => {
    const field = fc.constantFrom(
      'spec',
      'metadata',
      'template',
      'containers',
      'selector',
      'matchLabels',
      'ports',
      'name',
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5, depthIdentifier: 'v' },
        fc.constantFrom<unknown>(null, 0, -1, 1.5, '', 'x', true),
        fc.array(tie('value'), { maxLength: 3, depthIdentifier: 'v' }),
        fc.dictionary(field, tie('value'), { maxKeys: 5, depthIdentifier: 'v' }),
      ),
    }));
    fc.assert(
      fc.property(fc.constantFrom(...BUILT_IN_TYPES), fc.dictionary(field, value), (type, content) => {
        const object = { apiVersion: type.apiVersion, kind: type.kind, ...content } as unknown as KubeObject;
        const shape = checkShape(type, object);
        if (shape !== null) {
          expect(shape).toBeInstanceOf(StatusError);
          return;
        }
        const full = applyDefaults(type, object);
        const error = validateCreate(type, full);
        if (error !== null) expect(error.code).toBe(422);
        expect(applyDefaults(type, full)).toBe(full);
      }),
      { seed: 5, numRuns: 3000 },
    );
  });

  it('every status of the right types is refused or taken', () => {
    const types = BUILT_IN_TYPES.filter((type) => statusShapeOf(type) !== undefined);
    const pairs = types.map((type) => {
      const status = valuesOf(statusShapeOf(type) as Shape);
      return fc.tuple(fc.constant(type), status, status);
    });
    fc.assert(
      fc.property(fc.oneof(...pairs), ([type, before, after]) => {
        const old = { ...type, metadata: { name: 'x' }, spec: {}, status: before } as unknown as KubeObject;
        const next = { ...old, status: after } as KubeObject;
        if (checkShape(type, next) !== null || checkShape(type, old) !== null) return;
        const error = validateStatusUpdate(type, next, old);
        if (error !== null) expect(error.code).toBe(422);
      }),
      { seed: 5, numRuns: 2000 },
    );
  });
});

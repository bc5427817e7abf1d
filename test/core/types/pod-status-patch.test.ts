/** The quick way of a kubelet's status patch against the strategic merge patch, which defines what is right. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonEqual } from '../../../core/types/json-value.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { podAfterStatusPatch } from '../../../core/types/pod-status-patch.ts';
import { PODS } from '../../../core/types/resource-type.ts';
import { applyStrategicMergePatch } from '../../../core/types/strategic-merge-patch.ts';

const TYPES = ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'];
const time = fc.constantFrom('2025-01-01T00:00:01Z', '2025-01-01T00:00:02Z');
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const rarely = <T>(value: T): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constant(value) });

const condition = (type: string, nothing: null | string): fc.Arbitrary<Record<string, unknown>> =>
  fc.record({
    type: fc.constant(type),
    status: fc.constantFrom('True', 'False'),
    observedGeneration: maybe(fc.constantFrom(1, 2)),
    lastProbeTime: fc.constantFrom(null, undefined),
    lastTransitionTime: time,
    reason: maybe(fc.constantFrom('ContainersNotReady', 'PodCompleted', nothing)),
    message: maybe(fc.constantFrom('with unready status: [app]', nothing)),
  });

/** Of a patch with `nothing` null, which takes texts away. */
const conditions = (types: readonly string[], nothing: null | string): fc.Arbitrary<Record<string, unknown>[]> =>
  fc.tuple(...types.map((type) => condition(type, nothing)));

const containers = fc.array(
  fc.record({
    name: fc.constantFrom('app', 'side'),
    ready: fc.boolean(),
    restartCount: fc.nat(2),
    image: fc.constant('app:v1'),
    imageID: fc.constant(''),
    state: fc.constantFrom(
      { waiting: { reason: 'ContainerCreating' } },
      { running: { startedAt: 'x' } },
      { running: null },
    ),
    lastState: fc.constant({}),
    containerID: maybe(fc.constant('containerd://1')),
  }),
  { maxLength: 2 },
);

const addresses = fc.constantFrom(
  undefined,
  [{ ip: '10.0.0.1' }],
  [{ ip: '10.0.0.2' }],
  [{ ip: '10.0.0.1' }, { ip: '10.0.0.2', $patch: 'delete' }],
);

const scalars = {
  phase: maybe(fc.constantFrom('Pending', 'Running', 'Failed')),
  message: maybe(fc.constant('m')),
  reason: maybe(fc.constantFrom('Evicted', 'NodeLost')),
  nominatedNodeName: maybe(fc.constant('node-1')),
  hostIP: maybe(fc.constant('10.0.0.9')),
  podIP: maybe(fc.constantFrom('10.0.0.1', '10.0.0.2')),
  startTime: maybe(time),
  qosClass: maybe(fc.constant('Burstable')),
  observedGeneration: maybe(fc.constantFrom(1, 2)),
};

const plainAddresses = addresses.filter((list) => list === undefined || list.length === 1);

const oldStatus = fc.shuffledSubarray(TYPES).chain((types) =>
  fc.record({
    ...scalars,
    conditions: types.length === 0 ? fc.constant(undefined) : conditions(types, 'Other'),
    hostIPs: plainAddresses,
    podIPs: plainAddresses,
    containerStatuses: maybe(containers),
    // What only other writers know.
    resourceClaimStatuses: rarely([{ name: 'claim' }]),
  }),
);

const patchStatus = fc
  .record({ types: fc.shuffledSubarray(TYPES), usual: fc.integer({ min: 0, max: 3 }) })
  .chain(({ types, usual }) => {
    const named = usual > 0 ? TYPES : types;
    return fc.record({
      ...scalars,
      conditions: conditions(named, null),
      hostIPs: addresses,
      podIPs: addresses,
      containerStatuses: maybe(containers),
      message: rarely(null),
      '$setElementOrder/conditions': fc.constant(named.map((type) => ({ type }))),
    });
  });

function podOf(status: unknown): Pod {
  const spec = { containers: [{ name: 'app' }] };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', uid: 'u1' }, spec, status } as unknown as Pod;
}

/** Without what the API never stores: undefined fields. */
const stored = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('status patch of a kubelet', () => {
  it('does what the strategic merge patch does, or declines', () => {
    let taken = 0;
    fc.assert(
      fc.property(oldStatus, patchStatus, (old, status) => {
        const pod = podOf(stored(old));
        const patch = { metadata: { uid: 'u1' }, status };
        const quick = podAfterStatusPatch(pod, patch);
        if (quick === null) return;
        taken++;
        const plain = applyStrategicMergePatch(PODS, pod, patch) as Pod;
        expect(stored(quick)).toEqual(stored(plain));
        expect(jsonEqual(quick, plain)).toBe(true);
        expect(quick === pod).toBe(plain === pod);
        // A second time it changes nothing.
        expect(podAfterStatusPatch(quick, patch)).toBe(quick);
      }),
      { seed: 20250101, numRuns: 3000 },
    );
    expect(taken).toBeGreaterThan(300);
  });

  it('leaves every unusual patch to the plain path', () => {
    const ready = { type: 'Ready', status: 'True' };
    const usual = { conditions: [ready], '$setElementOrder/conditions': [{ type: 'Ready' }] };
    const pod = podOf({ phase: 'Pending' });
    expect(podAfterStatusPatch(pod, { metadata: { uid: 'u1' }, status: usual })).not.toBeNull();
    const unusual = [
      null,
      { status: usual },
      { metadata: { uid: 'u2' }, status: usual },
      { metadata: { uid: 'u1', labels: {} }, status: usual },
      { metadata: { uid: 'u1' }, status: usual, spec: {} },
      { metadata: { uid: 'u1' }, status: { ...usual, phase: null } },
      { metadata: { uid: 'u1' }, status: { ...usual, unknown: 1 } },
      { metadata: { uid: 'u1' }, status: { ...usual, $patch: 'replace' } },
      { metadata: { uid: 'u1' }, status: { ...usual, $retainKeys: ['conditions'] } },
      { metadata: { uid: 'u1' }, status: { ...usual, conditions: [ready, ready] } },
      { metadata: { uid: 'u1' }, status: { ...usual, conditions: [{ ...ready, $patch: 'delete' }] } },
      { metadata: { uid: 'u1' }, status: { ...usual, conditions: [{ ...ready, status: null }] } },
      { metadata: { uid: 'u1' }, status: { conditions: [ready] } },
      { metadata: { uid: 'u1' }, status: { ...usual, '$setElementOrder/conditions': [null] } },
      { metadata: { uid: 'u1' }, status: { ...usual, podIPs: [{ ip: '1' }, { ip: '2' }] } },
      { metadata: { uid: 'u1' }, status: { ...usual, containerStatuses: [{ name: 'a', state: null }] } },
      { metadata: { uid: 'u1' }, status: { ...usual, containerStatuses: 7 } },
    ];
    for (const patch of unusual) expect(podAfterStatusPatch(pod, patch)).toBeNull();
    const withGate = podOf({ conditions: [{ type: 'example.org/gate', status: 'True' }] });
    expect(podAfterStatusPatch(withGate, { metadata: { uid: 'u1' }, status: usual })).toBeNull();
  });
});

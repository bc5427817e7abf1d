/**
 * Pods with claims for devices on cached totals: the same node, counts and message as the reference framework on every step of random
 * histories in which devices, claims, slices, classes and nodes come, change and go.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Sfc32 } from '../../../../core/base/random.ts';
import { SchedulingCore } from '../../../../core/scheduler/choice/scheduling-core.ts';
import { DEFAULT_PROFILE, type Profile } from '../../../../core/scheduler/configuration/profile.ts';
import {
  CLAIM_NUMBERS_MAX,
  type ClaimOutlook,
  ClaimOutlooks,
} from '../../../../core/scheduler/devices/claim-outlooks.ts';
import { chooseDevices } from '../../../../core/scheduler/framework/plugins/dynamic-resources.ts';
import type { DeviceRequest, ResourceClaim, ResourceSlice } from '../../../../core/types/device.ts';
import type { DeviceGate } from '../../../../core/types/device-gates.ts';
import type { KubeObject } from '../../../../core/types/object.ts';
import type { Pod } from '../../../../core/types/pod.ts';
import { makeNode, makePod } from '../objects.ts';

const API = 'resource.k8s.io/v1';
const DRIVER = 'd.example.com';
const GPU = 'example.com/gpu';
/** What devices of the class stand for. */
const RESOURCES: readonly string[] = [GPU, 'deviceclass.resource.kubernetes.io/any'];

function sliceOf(node: number, devices: number, shared = false): ResourceSlice {
  const name = `node-${node}`;
  const where = shared ? { allNodes: true } : { nodeName: name };
  return {
    apiVersion: API,
    kind: 'ResourceSlice',
    metadata: { name },
    spec: {
      driver: DRIVER,
      pool: { name, generation: 1, resourceSliceCount: 1 },
      ...where,
      devices: Array.from({ length: devices }, (_, i) => ({
        name: `d${i}`,
        attributes: {
          size: { int: i },
          root: { string: `r${i % 2}` },
          ...(node % 5 === 4 ? {} : { rare: { int: 1 } }),
        },
      })),
    },
  };
}

const classOf = (expression: string, name = 'any', extendedResourceName = GPU): KubeObject => ({
  apiVersion: API,
  kind: 'DeviceClass',
  metadata: { name },
  spec: { selectors: [{ cel: { expression } }], extendedResourceName },
});

const exactly = (more: object = {}): DeviceRequest => ({ name: 'r', exactly: { deviceClassName: 'any', ...more } });
const selector = (expression: string) => ({ selectors: [{ cel: { expression } }] });

/** What claims ask for; the selector on `rare` is an error on some nodes. */
const WISHES: readonly object[] = [
  { requests: [exactly()] },
  { requests: [exactly({ count: 2 })] },
  { requests: [exactly(selector(`device.attributes["${DRIVER}"].size > 1`))] },
  { requests: [exactly({ count: 2 })], constraints: [{ matchAttribute: `${DRIVER}/root` }] },
  { requests: [exactly({ allocationMode: 'All' })] },
  { requests: [exactly(selector(`device.attributes["${DRIVER}"].rare == 1`))] },
  {
    requests: [
      {
        name: 'r',
        firstAvailable: [
          { name: 'a', deviceClassName: 'any', count: 3 },
          { name: 'b', deviceClassName: 'any' },
        ],
      },
    ],
  },
];

/** The claim for a pod's extended resources when it is written. */
function extendedName({ metadata }: Pod): string {
  return `${metadata.name}-extended-resources-`;
}

interface Placed {
  readonly pod: Pod;
  readonly rows: readonly number[];
}

/** The path under test and the one that is right, with the same history. */
class Cores {
  readonly #cores: readonly SchedulingCore[];
  readonly #placed: Placed[] = [];
  readonly #claims: string[] = [];
  #count = 0;

  constructor(profile: Profile, nodes: number, deviceGates: readonly DeviceGate[] = []) {
    this.#cores = (['cached', 'reference'] as const).map((choice) => {
      return new SchedulingCore([profile], new Sfc32(1, 2, 3), {
        choice,
        volumes: true,
        deviceGates,
        keepsObjects: true,
      });
    });
    for (const core of this.#cores) {
      for (let i = 0; i < nodes; i++) core.putNode(makeNode(`node-${i}`, { zone: `z${i % 3}` }));
    }
    this.put(classOf(`device.driver == "${DRIVER}"`));
    for (let i = 0; i < nodes; i++) this.put(sliceOf(i, 2 + (i % 3)));
  }

  put(object: KubeObject): void {
    for (const core of this.#cores) core.putObject(object);
  }

  /** Rows that the path under test has judged so far. */
  get evaluations(): number {
    return this.#cores[0]?.nodes.evaluations ?? 0;
  }

  dropSlice(node: number): void {
    for (const core of this.#cores) core.deleteObject('ResourceSlice', '', `node-${node}`);
  }

  /** The node's labels change, and it has a resource itself that elsewhere devices stand for. */
  relabel(node: number, gpu = '0'): void {
    for (const core of this.#cores) core.putNode(makeNode(`node-${node}`, { zone: 'other', gpu }));
  }

  dropNode(node: number): void {
    for (const core of this.#cores) core.removeNode(`node-${node}`);
  }

  /** A pod with a new claim for each wish, and one that others use already where `shares` says so; returns its slot, −1 for none. */
  schedule(wishes: readonly number[], shares: boolean, extended: Readonly<Record<string, number>> = {}): number {
    const name = `p${this.#count++}`;
    const names = wishes.map((wish, i) => {
      const spec = { devices: WISHES[wish] } as NonNullable<ResourceClaim['spec']>;
      const claim: ResourceClaim = {
        apiVersion: API,
        kind: 'ResourceClaim',
        metadata: { name: `${name}-${i}`, namespace: 'n' },
        spec,
      };
      this.put(claim);
      return claim.metadata.name;
    });
    const other = shares ? this.#claims[this.#count % Math.max(1, this.#claims.length)] : undefined;
    if (other !== undefined) names.push(other);
    const pod: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'n', uid: name },
      spec: {
        containers: [{ name: 'c', resources: { requests: { cpu: '100m', ...extended } } }],
        ...(names.length === 0
          ? {}
          : { resourceClaims: names.map((each) => ({ name: each, resourceClaimName: each })) }),
      },
    };
    const results = this.#cores.map((core) => {
      const out = { slot: -1, feasible: 0, examined: 0 };
      core.select({ podClass: core.classOf(pod), nodeName: '', pod }, 0, out);
      const node = out.slot < 0 ? core.diagnosis.message() : core.nodes.names[out.slot];
      return { slot: out.slot, feasible: out.feasible, examined: out.examined, next: core.nextStart, node };
    });
    expect(results[0]).toEqual(results[1]);
    const slot = results[0]?.slot ?? -1;
    if (slot < 0) return slot;
    this.#placed.push({ pod, rows: this.#cores.map((core) => this.#assume(core, pod, slot)) });
    this.#claims.push(...names);
    return slot;
  }

  #assume(core: SchedulingCore, pod: Pod, slot: number): number {
    const { nodes } = core;
    const chosen =
      chooseDevices(pod, nodes.identityOf(slot), core.objects, (resource) => nodes.has(slot, resource)) ?? [];
    for (const { claim, allocation } of chosen) {
      core.objects.devices.decide(claim.key, allocation);
      // Written at once for every other pod; the others stay in flight for a while.
      if (this.#count % 2 === 0) {
        core.objects.devices.settle(claim.key);
        const { metadata } = claim.claim;
        const name = metadata.name || extendedName(pod);
        core.putObject({ ...claim.claim, metadata: { ...metadata, name }, status: { allocation } } as ResourceClaim);
      }
    }
    const row = core.assume(slot, core.classOf(pod));
    core.pods.setObject(row, pod);
    return row;
  }

  /** A claim of nobody's takes a device, or gives it back: no pod comes or goes. */
  hold(node: number, device: number, held: boolean): void {
    const pool = `node-${node}`;
    const allocation = { devices: { results: [{ request: 'r', driver: DRIVER, pool, device: `d${device}` }] } };
    const metadata = { name: `held-${pool}-${device}`, namespace: 'n' };
    const claim: ResourceClaim = {
      apiVersion: API,
      kind: 'ResourceClaim',
      metadata,
      ...(held ? { status: { allocation } } : {}),
    };
    this.put(claim);
  }

  /** A pod is gone, its claims with it. */
  end(index: number): void {
    const placed = this.#placed.splice(index % Math.max(1, this.#placed.length), 1)[0];
    if (placed === undefined) return;
    this.#cores.forEach((core, i) => {
      core.removePod(placed.rows[i] as number);
      for (const { name } of placed.pod.spec.resourceClaims ?? []) {
        core.objects.devices.settle(`n/${name}`);
        core.deleteObject('ResourceClaim', 'n', name);
      }
      core.objects.devices.settle(`n/${extendedName(placed.pod)}${placed.pod.metadata.uid ?? ''}`);
      core.deleteObject('ResourceClaim', 'n', extendedName(placed.pod));
    });
  }
}

test('and a pod like the last one asks only the nodes that changed', () => {
  const cores = new Cores(DEFAULT_PROFILE, 40);
  cores.schedule([0], false);
  const before = cores.evaluations;
  cores.schedule([0], false);
  expect(cores.evaluations - before).toBeLessThan(3);
});

test('a device that a claim of nobody takes or gives back is noticed', () => {
  const cores = new Cores(DEFAULT_PROFILE, 12);
  cores.schedule([0], false);
  for (let device = 0; device < 4; device++) cores.hold(5, device, true);
  cores.schedule([0], false);
  for (let device = 0; device < 4; device++) cores.hold(5, device, false);
  cores.schedule([0], false);
});

test('rows are judged by the outlook they were made for, and numbers are not kept for ever', () => {
  const core = new SchedulingCore([DEFAULT_PROFILE], new Sfc32(1, 2, 3), { choice: 'cached', volumes: true });
  core.putNode(makeNode('node-0'));
  core.putObject(classOf(`device.driver == "${DRIVER}"`));
  core.putObject(sliceOf(0, 2));
  const outlooks = new ClaimOutlooks(core.objects, core.nodes);
  const outlookOf = (count: number): ClaimOutlook => {
    const metadata = { name: `c${count}`, namespace: 'n' };
    const spec = { devices: { requests: [exactly({ count })] } };
    core.putObject({ apiVersion: API, kind: 'ResourceClaim', metadata, spec } as ResourceClaim);
    const resourceClaims = [{ name: 'c', resourceClaimName: metadata.name }];
    const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [], resourceClaims } };
    return outlooks.of({ podClass: core.classOf(pod), nodeName: '', pod }) as ClaimOutlook;
  };
  const verdict = (outlook: ClaimOutlook): number => {
    const out = Int32Array.of(-2);
    outlooks
      .rows({ evaluate: (_request, _slots, _from, _count, to) => to.fill(7) }, outlook)
      .evaluate({ podClass: core.classOf(makePod('p', {})), nodeName: '' }, Int32Array.of(0), 0, 1, out);
    return out[0] as number;
  };
  const [few, many] = [outlookOf(2), outlookOf(3)];
  expect([few, many, few].map(verdict)).toEqual([7, -1, 7]);
  expect(outlookOf(2).wanted).toBe(few.wanted);
  const { generation } = outlooks;
  for (let count = 4; count < CLAIM_NUMBERS_MAX + 4; count++) outlookOf(count);
  expect(outlooks.generation).toBe(generation + 1);
});

test('a pod gets the device that a class has for its resource, where the node has none itself', () => {
  const cores = new Cores(DEFAULT_PROFILE, 3, ['DRAExtendedResource']);
  const placed = Array.from({ length: 10 }, (_, i) => cores.schedule([], false, { [RESOURCES[i % 2] as string]: 1 }));
  // Nodes have 2, 3 and 4 devices.
  expect(placed.filter((slot) => slot >= 0)).toHaveLength(9);
  cores.relabel(0, '9');
  expect(cores.schedule([], false, { [GPU]: 1 })).toBe(0);
});

test('pods whose classes name the same devices share what is known of the nodes, also where a node has a resource of the others itself', () => {
  const cores = new Cores(DEFAULT_PROFILE, 40, ['DRAExtendedResource']);
  const names = Array.from({ length: 8 }, (_, i) => `example.com/gpu-${i}`);
  for (const [i, name] of names.entries()) cores.put(classOf(`device.driver == "${DRIVER}"`, `class-${i}`, name));
  const scheduleAll = () => names.map((name) => cores.schedule([], false, { [name]: 1 }));
  cores.schedule([], false, { [GPU]: 1 });
  const before = cores.evaluations;
  scheduleAll();
  expect(cores.evaluations - before).toBeLessThan(3 * names.length);
  // Its pods take the node's own first or devices elsewhere; what is left of it is nothing to pods of other classes.
  cores.relabel(0, '1');
  for (let i = 0; i < 14; i++) {
    cores.schedule([], false, { [GPU]: 1 });
    scheduleAll();
  }
});

test('without the gate nobody stands for a resource', () => {
  expect(new Cores(DEFAULT_PROFILE, 3).schedule([], false, { [GPU]: 1 })).toBe(-1);
});

type Step = (cores: Cores) => void;

const node = fc.nat(11);
/** Mostly the same few, so that what is known of them is used again. */
const wishes = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom([0], [1]) },
  { weight: 2, arbitrary: fc.array(fc.nat(WISHES.length - 1), { maxLength: 2 }) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.tuple(wishes, fc.nat(9), fc.integer({ min: 1, max: 4 })).map(
      ([asked, shares, times]): Step =>
        (cores) => {
          for (let i = 0; i < times; i++) cores.schedule(asked, shares < 2);
        },
    ),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(fc.constantFrom(...RESOURCES), fc.integer({ min: 1, max: 3 }), fc.boolean()).map(
      ([resource, count, claims]): Step =>
        (cores) => {
          for (let i = 0; i < 3; i++) cores.schedule(claims ? [0] : [], false, { [resource]: count });
        },
    ),
  },
  {
    weight: 4,
    arbitrary: fc.nat(99).map(
      (index): Step =>
        (cores) =>
          cores.end(index),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(node, fc.nat(4), fc.nat(5)).map(
      ([at, devices, shared]): Step =>
        (cores) =>
          cores.put(sliceOf(at, devices, shared === 0)),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(node, fc.nat(3), fc.boolean()).map(
      ([at, device, held]): Step =>
        (cores) =>
          cores.hold(at, device, held),
    ),
  },
  {
    weight: 1,
    arbitrary: node.map(
      (at): Step =>
        (cores) =>
          cores.dropSlice(at),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(node, fc.constantFrom('0', '0', '2')).map(
      ([at, gpu]): Step =>
        (cores) =>
          cores.relabel(at, gpu),
    ),
  },
  {
    weight: 1,
    arbitrary: node.map(
      (at): Step =>
        (cores) =>
          cores.dropNode(at),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(`device.driver == "${DRIVER}"`, `device.attributes["${DRIVER}"].size != 0`).map(
      (expression): Step =>
        (cores) =>
          cores.put(classOf(expression)),
    ),
  },
);

const runs = (count: number): number => (process.env['SEATRIAL_SOAK'] === undefined ? count : count * 100);

/** Scores devices like a resource of the node. */
const SCORES_DEVICES: Profile = {
  ...DEFAULT_PROFILE,
  strategyResources: [...DEFAULT_PROFILE.strategyResources, { name: GPU, weight: 1 }],
};

test.each<[string, Profile, readonly DeviceGate[]]>([
  ['as 1.34', DEFAULT_PROFILE, []],
  ['with extended resources', DEFAULT_PROFILE, ['DRAExtendedResource']],
  ['with extended resources that are scored', SCORES_DEVICES, ['DRAExtendedResource']],
])('choose what the reference framework chooses: %s', (_what, profile, gates) => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
      const cores = new Cores(profile, 12, gates);
      for (const each of steps) each(cores);
    }),
    { numRuns: runs(12), seed: 20261122 },
  );
});

test('and under sampling', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 30 }), (steps) => {
      const cores = new Cores({ ...DEFAULT_PROFILE, percentageOfNodesToScore: 40 }, 130);
      for (const each of steps) each(cores);
    }),
    { numRuns: runs(2), seed: 20261122 },
  );
});

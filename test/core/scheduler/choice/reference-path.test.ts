/**
 * The columns (cached and plain path) must choose what the reference framework chooses, on every step of random histories:
 * node, feasible and examined counts, search position and message. The reference itself is held to recorded decisions.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Sfc32 } from '../../../../core/base/random.ts';
import { type CoreOptions, SchedulingCore } from '../../../../core/scheduler/choice/scheduling-core.ts';
import { decodeConfigurationBody } from '../../../../core/scheduler/configuration/decode.ts';
import { DEFAULT_PROFILE, type Profile } from '../../../../core/scheduler/configuration/profile.ts';
import { profilesOf } from '../../../../core/scheduler/configuration/to-profile.ts';
import type { Node } from '../../../../core/types/node.ts';
import type { KubeObject } from '../../../../core/types/object.ts';
import type { Affinity, Pod, PodSpec, TopologySpreadConstraint } from '../../../../core/types/pod.ts';

/** The last one, which is right, and those that must agree with it; one of them takes pods together whose labels nobody asks for. */
const CORES: readonly CoreOptions[] = [
  { choice: 'cached' },
  { choice: 'plain' },
  { choice: 'cached', keepsObjects: true },
  { choice: 'reference' },
];
const ZONE = 'topology.kubernetes.io/zone';
const HOST = 'kubernetes.io/hostname';

const label = fc.constantFrom('a', 'b', 'c');
const key = fc.constantFrom(ZONE, HOST, 'rack');
const labelSelector = fc.oneof(
  label.map((app) => ({ matchLabels: { app } })),
  fc.constant({ matchExpressions: [{ key: 'app', operator: 'NotIn' as const, values: ['a'] }] }),
  fc.constant({ matchExpressions: [{ key: 'serial', operator: 'In' as const, values: ['1', '3'] }] }),
  fc.constant({}),
);
const term = fc.record(
  {
    topologyKey: key,
    labelSelector,
    namespaces: fc.constantFrom(['n1'], ['n1', 'n2']),
    namespaceSelector: fc.constantFrom(
      {},
      { matchLabels: { team: 'x' } },
      { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' as const }] },
    ),
  },
  { requiredKeys: ['topologyKey', 'labelSelector'] },
);
const podAffinity = fc.record(
  {
    requiredDuringSchedulingIgnoredDuringExecution: fc.array(term, { minLength: 1, maxLength: 2 }),
    preferredDuringSchedulingIgnoredDuringExecution: fc.array(
      fc.record({ weight: fc.integer({ min: 1, max: 100 }), podAffinityTerm: term }),
      { minLength: 1, maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);
const nodeAffinity: fc.Arbitrary<NonNullable<Affinity['nodeAffinity']>> = fc.record(
  {
    requiredDuringSchedulingIgnoredDuringExecution: fc.constantFrom('z1', 'z2').map((zone) => ({
      nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: 'NotIn', values: [zone] }] }],
    })),
    preferredDuringSchedulingIgnoredDuringExecution: fc.array(
      fc.record({
        weight: fc.integer({ min: 1, max: 100 }),
        preference: fc.constantFrom('r0', 'r1').map((rack) => ({
          matchExpressions: [{ key: 'rack', operator: 'In', values: [rack] }],
        })),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);
const constraint: fc.Arbitrary<TopologySpreadConstraint> = fc.record(
  {
    maxSkew: fc.integer({ min: 1, max: 3 }),
    topologyKey: key,
    whenUnsatisfiable: fc.constantFrom('DoNotSchedule', 'ScheduleAnyway'),
    labelSelector,
    minDomains: fc.constantFrom(2, 4),
    matchLabelKeys: fc.constantFrom(['serial']),
    nodeAffinityPolicy: fc.constantFrom('Honor', 'Ignore'),
    nodeTaintsPolicy: fc.constantFrom('Honor', 'Ignore'),
  },
  { requiredKeys: ['maxSkew', 'topologyKey', 'whenUnsatisfiable', 'labelSelector'] },
);

interface Draft {
  readonly app: string;
  readonly namespace: string;
  readonly cpu: string | null;
  readonly images: readonly string[];
  readonly spec: Partial<PodSpec>;
  readonly owned: boolean;
  /** Asks for an extended resource that few nodes have. */
  readonly part?: boolean;
  readonly hostPort?: number | undefined;
  /** Where the pod waits to fit. */
  readonly nominatedNodeName?: string;
}

const draft: fc.Arbitrary<Draft> = fc.record({
  app: label,
  namespace: fc.constantFrom('n1', 'n2'),
  cpu: fc.constantFrom(null, '100m', '900m'),
  images: fc.constantFrom(['web'], ['web', 'db:2'], ['none']),
  owned: fc.boolean(),
  part: fc.constantFrom(false, false, false, true),
  hostPort: fc.constantFrom(undefined, undefined, undefined, 80, 8080),
  spec: fc.record(
    {
      affinity: fc.record({ podAffinity, podAntiAffinity: podAffinity, nodeAffinity }, { requiredKeys: [] }),
      topologySpreadConstraints: fc.array(constraint, { minLength: 1, maxLength: 3 }),
      tolerations: fc.constantFrom(
        [{ operator: 'Exists' }],
        [{ key: 'soft', operator: 'Exists', effect: 'PreferNoSchedule' }],
      ),
    },
    { requiredKeys: [] },
  ),
});

type Step =
  | { readonly kind: 'schedule'; readonly draft: Draft; readonly times: number }
  | { readonly kind: 'forget' | 'terminate'; readonly pod: number }
  | { readonly kind: 'node'; readonly node: number; readonly variant: number }
  | { readonly kind: 'removeNode'; readonly node: number }
  | { readonly kind: 'service'; readonly app: string; readonly present: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('schedule' as const), draft, times: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('forget' as const, 'terminate' as const), pod: fc.nat(99) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('node' as const), node: fc.nat(14), variant: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('removeNode' as const), node: fc.nat(14) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('service' as const), app: label, present: fc.boolean() }) },
);

function configured(body: object): Profile {
  const { configuration, problems } = decodeConfigurationBody({ profiles: [body] }, '1.34');
  expect(problems).toEqual([]);
  return profilesOf(configuration)[0];
}

const args = (name: string, value: object) => ({ pluginConfig: [{ name, args: value }] });
const PROFILES: readonly Profile[] = [
  DEFAULT_PROFILE,
  { ...DEFAULT_PROFILE, tieRule: 'name', nodeOrder: 'name' },
  { ...DEFAULT_PROFILE, tieRule: 'first', nodeOrder: 'insertion' },
  { ...DEFAULT_PROFILE, version: '1.36' },
  configured(args('InterPodAffinity', { hardPodAffinityWeight: 60, ignorePreferredTermsOfExistingPods: true })),
  configured(
    args('PodTopologySpread', {
      defaultingType: 'List',
      defaultConstraints: [
        { maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: 'DoNotSchedule' },
        { maxSkew: 1, topologyKey: 'rack', whenUnsatisfiable: 'ScheduleAnyway' },
      ],
    }),
  ),
  configured({
    plugins: {
      score: { disabled: [{ name: 'NodeResourcesBalancedAllocation' }] },
      filter: { disabled: [{ name: 'NodePorts' }] },
    },
    ...args('NodeResourcesFit', {
      scoringStrategy: {
        type: 'RequestedToCapacityRatio',
        resources: [{ name: 'cpu', weight: 3 }],
        requestedToCapacityRatio: {
          shape: [
            { utilization: 0, score: 0 },
            { utilization: 100, score: 10 },
          ],
        },
      },
    }),
  }),
  configured(
    args('NodeAffinity', {
      addedAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'rack', operator: 'Exists' }] }],
        },
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 5, preference: { matchExpressions: [{ key: ZONE, operator: 'In', values: ['z0'] }] } },
        ],
      },
    }),
  ),
];

function nodeOf(node: number, variant: number): Node {
  const soft = { key: 'soft', effect: 'PreferNoSchedule' as const };
  const hard = { key: 'hard', effect: 'NoSchedule' as const };
  const taints = variant === 1 ? [soft] : variant === 4 ? [soft, hard] : [];
  const zone = variant === 5 ? node + 1 : node;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: `node-${node}`,
      labels: {
        [HOST]: `node-${node}`,
        ...(node % 5 === 4 ? {} : { [ZONE]: `z${zone % 3}` }),
        ...(node % 4 === 3 ? {} : { rack: `r${node % 2}` }),
      },
    },
    spec: { taints, ...(variant === 2 ? { unschedulable: true } : {}) },
    status: {
      allocatable: {
        cpu: variant === 3 ? '8' : '2',
        memory: '4Gi',
        pods: '8',
        ...(node % 3 === 1 ? { 'example.com/part': '2' } : {}),
      },
      images: node % 3 === 0 ? [{ names: ['web:latest', 'web:1'], sizeBytes: 300_000_000 + node * 1_000_000 }] : [],
    },
  };
}

/** The first container wants the port of the host. */
function portsOf(container: number, hostPort: number | undefined) {
  return container > 0 || hostPort === undefined ? {} : { ports: [{ containerPort: 80, hostPort }] };
}

function selectorObject(kind: string, app: string, namespace: string): KubeObject {
  const spec = kind === 'Service' ? { selector: { app } } : { selector: { matchLabels: { app } } };
  return { apiVersion: kind === 'Service' ? 'v1' : 'apps/v1', kind, metadata: { name: app, namespace }, spec };
}

/** Cores with equal draws and the same history. */
class Cores {
  readonly cores: readonly SchedulingCore[];
  readonly rows: { readonly pod: Pod; readonly rows: readonly number[] }[] = [];
  #count = 0;

  constructor(profile: Profile, nodes: number) {
    this.cores = CORES.map((options) => new SchedulingCore([profile], new Sfc32(1, 2, 3), options));
    for (const core of this.cores) {
      core.putNamespace('n1', { team: 'x' });
      core.putNamespace('n2', {});
      for (const app of ['a', 'b']) core.putObject(selectorObject('ReplicaSet', app, 'n1'));
      for (let i = 0; i < nodes; i++) core.putNode(nodeOf(i, i % 7 === 6 ? 1 : 0));
    }
  }

  run(action: Step): void {
    if (action.kind === 'schedule') for (let i = 0; i < action.times; i++) this.schedule(action.draft);
    else if (action.kind === 'node') for (const core of this.cores) core.putNode(nodeOf(action.node, action.variant));
    else if (action.kind === 'removeNode') for (const core of this.cores) core.removeNode(`node-${action.node}`);
    else if (action.kind === 'service') this.#service(action.app, action.present);
    else this.#end(action.kind, action.pod);
  }

  schedule({ app, namespace, cpu, images, spec, owned, hostPort, part = false, nominatedNodeName }: Draft): void {
    const amounts = { ...(cpu === null ? {} : { cpu, memory: '100Mi' }), ...(part ? { 'example.com/part': '1' } : {}) };
    const requests = cpu === null && !part ? {} : { resources: { requests: amounts } };
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: app, uid: 'u', controller: true };
    const pod: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `p${this.#count++}`,
        namespace,
        labels: { app, serial: String(this.#count % 5) },
        ...(owned ? { ownerReferences: [owner] } : {}),
      },
      spec: {
        containers: images.map((image, i) => ({ name: `c${i}`, image, ...requests, ...portsOf(i, hostPort) })),
        ...spec,
      },
      ...(nominatedNodeName === undefined ? {} : { status: { nominatedNodeName } }),
    };
    const results = this.cores.map((core) => {
      const out = { slot: -1, feasible: 0, examined: 0 };
      core.select({ podClass: core.classOf(pod), nodeName: '', pod }, 0, out);
      const node = out.slot < 0 ? core.diagnosis.message() : core.nodes.names[out.slot];
      return { slot: out.slot, feasible: out.feasible, examined: out.examined, next: core.nextStart, node };
    });
    for (const result of results) expect(result).toEqual(results.at(-1));
    if ((results[0]?.slot ?? -1) < 0) return;
    const rows = this.cores.map((core, i) => {
      const row = core.assume(results[i]?.slot as number, core.classOf(pod));
      core.pods.setObject(row, pod);
      return row;
    });
    this.rows.push({ pod, rows });
  }

  #service(app: string, present: boolean): void {
    for (const core of this.cores) {
      if (present) core.putObject(selectorObject('Service', app, 'n2'));
      else core.deleteObject('Service', 'n2', app);
    }
  }

  #end(kind: 'forget' | 'terminate', index: number): void {
    if (this.rows.length === 0) return;
    const at = index % this.rows.length;
    const { pod, rows } = this.rows[at] as Cores['rows'][number];
    for (const [i, core] of this.cores.entries()) {
      const row = rows[i] as number;
      if (kind === 'forget') core.removePod(row);
      else {
        core.pods.setTerminating(row);
        core.pods.setObject(row, { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2025-01-01T00:00:00Z' } });
      }
    }
    if (kind === 'forget') this.rows.splice(at, 1);
  }
}

/** Sampling over many nodes: every kind of term, scores that are normalised over the sample, and rotation. */
const SAMPLED: Profile = { ...DEFAULT_PROFILE, percentageOfNodesToScore: 40 };

describe('columns and reference', () => {
  test('choose the same over random histories of many nodes under sampling', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 30 }), (steps) => {
        const cores = new Cores(SAMPLED, 130);
        for (const each of steps) cores.run(each);
      }),
      { numRuns: process.env['SEATRIAL_SOAK'] === undefined ? 4 : 300, seed: 20250808 },
    );
  });

  test('choose the same over random histories', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PROFILES),
        fc.constantFrom(4, 12),
        fc.array(step, { minLength: 10, maxLength: 60 }),
        (profile, nodes, steps) => {
          const cores = new Cores(profile, nodes);
          for (const each of steps) cores.run(each);
        },
      ),
      { numRuns: process.env['SEATRIAL_SOAK'] === undefined ? 30 : 3000, seed: 20250606 },
    );
  });

  test('without score plugins the first feasible node will do', () => {
    const profile = configured({ plugins: { score: { disabled: [{ name: '*' }] } } });
    const cores = new Cores(profile, 0);
    for (const core of cores.cores) for (let i = 0; i < 12; i++) core.putNode(nodeOf(i, i < 2 ? 2 : 0));
    const draft: Draft = { app: 'c', namespace: 'n1', cpu: '900m', images: ['none'], owned: false, spec: {} };
    for (let i = 0; i < 6; i++) cores.schedule(draft);
    expect(cores.cores[0]?.nextStart).toBe(8);
    for (let i = 0; i < 3; i++) cores.schedule({ ...draft, cpu: null, part: true });
  });

  test('and name who refuses the nominated node of a pod whose terms name nodes', () => {
    const cores = new Cores(DEFAULT_PROFILE, 4);
    const matchFields = [{ key: 'metadata.name', operator: 'In' as const, values: ['node-1'] }];
    const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } };
    const plain = { app: 'c', namespace: 'n1', images: ['none'], owned: false };
    cores.schedule({ ...plain, cpu: '9', spec: { affinity: { nodeAffinity } }, nominatedNodeName: 'node-1' });
    expect(cores.cores[0]?.diagnosis.message()).toContain('[NodeAffinity NodeResourcesFit]');
  });

  test.each([
    ['NodeAffinity without PreFilter', { preFilter: { disabled: [{ name: 'NodeAffinity' }] } }],
    ['NodeAffinity without Filter', { filter: { disabled: [{ name: 'NodeAffinity' }] } }],
    ['neither', { multiPoint: { disabled: [{ name: 'NodeAffinity' }] } }],
    ['PodTopologySpread without PreFilter', { preFilter: { disabled: [{ name: 'PodTopologySpread' }] } }],
    ['TaintToleration without PreScore', { preScore: { disabled: [{ name: 'TaintToleration' }] } }],
  ])('and with a plugin taken apart: %s', (_what, plugins) => {
    const cores = new Cores(configured({ plugins }), 6);
    const matchFields = ['node-1', 'node-2'].map((name) => ({ key: 'metadata.name', operator: 'In', values: [name] }));
    const spread = { maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} } as const;
    const plain: Draft = { app: 'c', namespace: 'n1', cpu: '100m', images: ['none'], owned: false, spec: {} };
    for (const terms of [[{ matchFields }], matchFields.map((field) => ({ matchFields: [field] }))]) {
      const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } };
      cores.schedule({
        ...plain,
        spec: { affinity: { nodeAffinity: required as NonNullable<Affinity['nodeAffinity']> } },
      });
      cores.schedule({ ...plain, spec: { topologySpreadConstraints: [spread] } });
    }
  });

  test('and under sampling with rotation', () => {
    const cores = new Cores({ ...DEFAULT_PROFILE, percentageOfNodesToScore: 5, nodeOrder: 'zone-round-robin' }, 0);
    for (const core of cores.cores)
      for (let i = 0; i < 260; i++) core.putNode(nodeOf(i, i % 9 === 8 ? 2 : i % 7 === 6 ? 1 : 0));
    const drafts: readonly Draft[] = [
      { app: 'a', namespace: 'n1', cpu: '900m', images: ['web'], owned: true, spec: {} },
      { app: 'c', namespace: 'n1', cpu: '100m', images: ['none'], owned: false, spec: {} },
      { app: 'b', namespace: 'n1', cpu: null, images: ['none'], owned: true, spec: {} },
    ];
    for (let i = 0; i < 24; i++) cores.schedule(drafts[i % drafts.length] as Draft);
    expect(cores.cores[0]?.nextStart).toBeGreaterThan(0);
  });
});

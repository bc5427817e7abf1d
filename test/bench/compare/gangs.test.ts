/** Gangs by labels and by PodGroups in comparisons: together or not at all, in one place, for others or not, with the claims that they share. */
import { describe, expect, test } from 'vitest';
import { type PreparedRun, prepareRun } from '../../../bench/compare/experiment-input.ts';
import { runFillUp } from '../../../bench/compare/fill-up.ts';
import { runInflation } from '../../../bench/compare/inflation.ts';
import { kindFacts } from '../../../bench/compare/kind-facts.ts';
import { dumpWorkload, manifestWorkload, type ObjectWorkload } from '../../../bench/compare/object-workload.ts';
import { groupsOf, isComplete, placeGroup } from '../../../bench/compare/place-all.ts';
import { runSteadyState } from '../../../bench/compare/steady-state.ts';
import { whyNever } from '../../../bench/compare/why-left.ts';
import type { ClusterDump } from '../../../bench/trial/cluster-dump.ts';
import { NAMED_POLICIES, namedProfile } from '../../../core/cluster/placement.ts';
import type { DeviceGate, KubeObject, Node, Pod } from '../../../core/cluster/vocabulary.ts';
import { RULES } from './small-workload.ts';

const RACK = 'example.com/rack';
const EMPTY: ClusterDump = { nodes: [], pods: [], budgets: [], priorityClasses: [], objects: [], leftOut: 0 };

/** Nodes of 4 cpu, one a letter, which is its rack. */
function nodesIn(racks: string): Node[] {
  return [...racks].map((rack, i) => {
    const metadata = { name: `n${i}`, labels: { 'kubernetes.io/hostname': `n${i}`, [RACK]: rack } };
    return {
      apiVersion: 'v1',
      kind: 'Node',
      metadata,
      status: { allocatable: { cpu: '4', memory: '32Gi', pods: '200' } },
    };
  });
}

function group(
  name: string,
  minCount: number,
  more: object = {},
  apiVersion = 'scheduling.k8s.io/v1beta1',
): KubeObject {
  const spec = { schedulingPolicy: minCount > 0 ? { gang: { minCount } } : { basic: {} }, ...more };
  return { apiVersion, kind: 'PodGroup', metadata: { name, namespace: 'd' }, spec };
}

const inRack = { schedulingConstraints: { topology: [{ key: RACK }] } };

/** A Job of `count` pods of so many cpu; `podGroupName` '' for none. */
function job(name: string, count: number, cpu: number, podGroupName = '', more: object = {}): KubeObject {
  const container = { name: 'c', image: 'x', resources: { requests: { cpu: String(cpu), memory: '1Mi' } } };
  const schedulingGroup = podGroupName === '' ? {} : { schedulingGroup: { podGroupName } };
  const template = {
    metadata: { labels: { app: name } },
    spec: { containers: [container], ...schedulingGroup, ...more },
  };
  const spec = { parallelism: count, completions: count, template };
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace: 'd' }, spec } as KubeObject;
}

function compared(racks: string, ...objects: readonly KubeObject[]): ObjectWorkload {
  return comparedWith(racks, [], objects);
}

function comparedWith(racks: string, gates: readonly DeviceGate[], objects: readonly KubeObject[]): ObjectWorkload {
  const dump = { ...EMPTY, nodes: nodesIn(racks) };
  return manifestWorkload('test', objects, { description: { nodes: { count: 1 } }, text: '', dump } as never, gates);
}

function runOf({ workload }: ObjectWorkload, policy = 'kube-default', gangs = true): PreparedRun {
  const facts = kindFacts(workload);
  const profileOf = () => {
    const profile = namedProfile(policy, { typicalPods: facts.typical });
    if (profile === undefined) throw new Error(policy);
    return profile;
  };
  const loaded = { name: policy, profileOf, module: undefined, queue: 'fifo', gangs } as const;
  return prepareRun(workload, facts, loaded, { ...RULES, nodeOrder: 'name' }, 1);
}

/** Nodes of a group's pods, '-' for none. */
function placedBy(run: PreparedRun, rows: readonly number[]): string[] {
  return placeGroup(run, rows).map((row) => (row < 0 ? '-' : `n${run.placement.nodeOf(row)}`));
}

describe('which pods are a gang', () => {
  const gangsOf = ({ workload, notes }: ObjectWorkload) => ({ of: workload.gangOf, rules: workload.gangRules, notes });

  test.each([
    [
      'by a PodGroup',
      [group('g', 2)],
      { of: Int32Array.of(0, 0, 0), rules: [{ needed: 2, topologyKey: '' }], notes: [] },
    ],
    [
      'with a place',
      [group('g', 0, inRack)],
      { of: Int32Array.of(0, 0, 0), rules: [{ needed: 1, topologyKey: RACK }], notes: [] },
    ],
    ['each by itself', [group('g', 0)], { of: null, rules: [], notes: [] }],
    [
      'of a group that is not given, or is of another project',
      [group('g', 2, {}, 'scheduling.volcano.sh/v1beta1')],
      {
        of: null,
        rules: [],
        notes: ['PodGroup d/g is not given: its pods are placed one by one, where a cluster would keep them waiting'],
      },
    ],
  ])('%s', (_, objects, expected) => {
    expect(gangsOf(compared('aa', job('train', 3, 1, 'g'), ...objects))).toEqual(expected);
  });

  test('pods of a dump, too', () => {
    const container = { name: 'c', image: 'x', resources: { requests: { cpu: '1' } } };
    const pods = ['p0', 'p1'].map(
      (name) =>
        ({
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name, namespace: 'd' },
          spec: { nodeName: 'n0', containers: [container], schedulingGroup: { podGroupName: 'g' } },
        }) as unknown as Pod,
    );
    const workload = dumpWorkload('dump', { ...EMPTY, nodes: nodesIn('aa'), pods, objects: [group('g', 2)] });
    expect(gangsOf(workload)).toEqual({ of: Int32Array.of(0, 0), rules: [{ needed: 2, topologyKey: '' }], notes: [] });
  });
});

const MIXED = [group('g', 3), group('h', 3), job('one', 3, 2, 'g'), job('two', 3, 2, 'h'), job('single', 130, 0.01)];

test.each(NAMED_POLICIES.map(({ name }) => [name]))('%s places gangs together or not at all', (policy) => {
  const objects = compared('aa', ...MIXED);
  const run = runOf(objects, policy);
  // Singles, a gang, more singles, the other gang: no batch runs into a gang.
  const order = Int32Array.of(6, 7, 0, 1, 2, ...Array.from({ length: 120 }, (_, i) => 8 + i), 3, 4, 5, 130);
  const groups = [...groupsOf(run, order)];
  const sizes = run.placement.takesBatches ? [2, 3, 100, 20, 3, 1] : [1, 1, 3, ...Array(120).fill(1), 3, 1];
  expect(groups.map(({ length }) => length)).toEqual(sizes);
  const complete = groups.map((rows) => {
    const placed = placeGroup(run, rows).filter((row) => row >= 0).length;
    if ((objects.workload.gangOf?.[rows[0] as number] ?? -1) >= 0) expect([0, 3]).toContain(placed);
    return isComplete(run, rows, placed);
  });
  // Two nodes of 4 cpu hold one of the gangs.
  expect(complete.filter((each) => !each)).toHaveLength(1);
  expect(run.placement.core.pods.count).toBe(126);
});

test('an order may hold a gang in part, twice in a row, or beside another', () => {
  const run = runOf(compared('aa', ...MIXED));
  // Rows 0 … 2 and 3 … 5 are the gangs.
  const groups = [...groupsOf(run, Int32Array.of(0, 1, 0, 1, 3, 4, 5, 6, 0, 1, 2))];
  expect(groups).toEqual([[0, 1], [0, 1], [3, 4, 5], [6], [0, 1, 2]]);
});

test('copies of a dump whose pods all wait are of nothing', () => {
  const { workload } = compared('a', job('train', 2, 1));
  const { answer, values } = runInflation(runOf({ workload: { ...workload, waiting: 2 }, notes: [] }), 1, () => '');
  expect([answer, values['copies']]).toEqual(['no pod in a copy', null]);
});

test('a gang of fewer pods than it needs never runs, and is named', () => {
  const objects = compared('aa', group('g', 6), job('train', 4, 1, 'g'));
  expect(objects.notes).toContain('PodGroup d/g needs 6 pods and has 4: it never starts');
  const unfit = whyNever(kindFacts(objects.workload), () => runOf(objects));
  const short = '1 gang cannot start, even with nothing else placed: d/train: its gang needs 6 pods and has 4';
  const { answer, values } = runInflation(runOf(objects), 1, unfit);
  expect([answer, values['copies'], values['copies-at-most']]).toEqual([expect.stringContaining(short), 0, 0]);
  const filled = runFillUp(runOf(objects), 100, 1);
  expect([filled.placed, unfit(filled.unplaced ?? [])]).toEqual([0, short]);
  const options = { compression: null, load: 0.5, horizonS: 3600, disturb: 0 };
  expect(runSteadyState(runOf(objects), options, 1).placed).toBe(0);
  const held = runSteadyState(runOf(objects, 'kube-default', false), options, 1).values;
  expect(held['gang-held']).toBeGreaterThan(0);
});

test.each([
  ['room that is left in a rack is of no use', 'aab', [job('train', 3, 2, 'g')], true, 1],
  ['each rack holds some', 'aabb', [job('train', 3, 2, 'g')], true, 2],
  [
    'a rack that cannot host one of its pods holds none',
    'aab',
    [job('bound', 1, 2, 'g', { nodeSelector: { [RACK]: 'b' } }), job('free', 1, 2, 'g')],
    true,
    1,
  ],
  ['where each pod goes by itself, all room counts', 'aab', [job('train', 3, 2, 'g')], false, 2],
])('copies of a gang in one rack: %s', (_, racks, jobs, gangs, copies) => {
  const given = compared(racks, group('g', 2, inRack), ...jobs);
  const { values } = runInflation(runOf(given, 'kube-default', gangs), 1, () => '');
  expect([values['copies'], values['copies-at-most']]).toEqual([copies, copies]);
});

test('pods of a gang that have their nodes count for it', () => {
  const { metadata, spec } = job('train', 1, 1, 'g') as KubeObject & { readonly spec: { readonly template: Pod } };
  const pod = (name: string, more: object) =>
    ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...metadata, name },
      spec: { ...spec.template.spec, ...more },
    }) as Pod;
  const pods = [pod('p0', { nodeName: 'n0' }), pod('p1', {})];
  const dump = { ...EMPTY, nodes: nodesIn('aa'), pods, objects: [group('g', 2)] };
  const given = manifestWorkload('test', [job('web', 1, 1)], { description: {}, text: '', dump } as never);
  expect([given.workload.gangRules, given.notes]).toEqual([[{ needed: 1, topologyKey: '' }], []]);
  expect(placedBy(runOf(given), [1])).toEqual(['n1']);
});

describe('a gang with a topology label', () => {
  test.each([
    ['goes to the rack with room for most of it', 'abb', 2, 2, ['n1', 'n2', '-']],
    ['goes nowhere when no rack has room', 'abc', 2, 2, ['-', '-', '-']],
    ['and with less it may leave some out', 'abc', 2, 1, ['n0', '-', '-']],
  ])('%s', (_, racks, cpu, minCount, expected) => {
    const run = runOf(compared(racks, group('g', minCount, inRack), job('train', 3, cpu + 1, 'g')));
    expect(placedBy(run, [0, 1, 2])).toEqual(expected);
    const placed = expected.filter((node) => node !== '-').length;
    expect(run.placement.core.pods.count).toBe(placed);
  });

  test('comes back to the rack that its other pods are in', () => {
    const { placement } = runOf(compared('abb', group('g', 2, inRack), job('train', 3, 3, 'g')));
    const beside = placement.bind(0, 1);
    const demand = { kinds: [0, 0], wanted: 1, topologyKey: RACK, beside };
    expect(placement.placeGroup(demand)?.map((row) => (row < 0 ? -1 : placement.nodeOf(row)))).toEqual([2, -1]);
  });

  test('has pods that ask for what they asked before', () => {
    const low = job('low', 1, 1);
    const run = runOf(compared('abb', group('g', 2, inRack), job('train', 2, 3, 'g', { priority: 1 }), low));
    const rows = placeGroup(run, [0, 1]);
    expect(rows.map((row) => run.placement.nodeOf(row))).toEqual([1, 2]);
    expect(rows.map((row) => run.placement.core.pods.objectOf(row)?.spec.nodeSelector)).toEqual([undefined, undefined]);
  });

  test('is named where its pods find nodes and no place together', () => {
    const objects = compared('abc', group('g', 3, inRack), job('train', 3, 3, 'g'));
    const why = (gangs: boolean) =>
      whyNever(kindFacts(objects.workload), () => runOf(objects, 'kube-default', gangs))([0]);
    expect(why(true)).toBe(
      `1 gang cannot start, even with nothing else placed: d/train: the 3 pods that it needs find nodes, and not on nodes with the same ${RACK}`,
    );
    expect(why(false)).toBe('');
  });
});

describe('a gang of higher priority', () => {
  const filler = job('low', 4, 2);
  test.each([
    ['makes room for all of it', 2, 2],
    ['and nobody goes in vain', 3, 0],
  ])('%s', (_, pods, preemptions) => {
    const gang = job('high', pods, 3, 'g', { priority: 100 });
    const { workload } = compared('aa', filler, group('g', pods), gang);
    const orders = new Map([[1, Int32Array.from({ length: 4 + pods }, (_each, i) => i)]]);
    const run = runOf({ workload: { ...workload, orders }, notes: [] });
    const { values, placed } = runFillUp(run, 1000, 1);
    // A pod of 3 cpu takes the place of two of 2 cpu.
    expect([values.preemptions, placed]).toEqual([2 * preemptions, 4 + preemptions]);
  });

  test('preempts in the steady state', () => {
    const { workload } = compared('aa', job('low', 8, 2), group('g', 2), job('high', 2, 3, 'g', { priority: 100 }));
    const options = { compression: null, load: 1.5, horizonS: 3600 * 24, disturb: 0 };
    const { values } = runSteadyState(runOf({ workload, notes: [] }), options, 1);
    expect(values.preemptions).toBeGreaterThan(0);
    expect(values['gang-held']).toBe(0);
  });
});

describe('claims of a group', () => {
  const device = (kind: string, name: string, spec: object): KubeObject => ({
    apiVersion: 'resource.k8s.io/v1',
    kind,
    metadata: { name, ...(kind.includes('Claim') ? { namespace: 'd' } : {}) },
    spec,
  });
  const pool = { name: 'p', generation: 1, resourceSliceCount: 1 };
  const one = { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu' } }] } };
  const objects = [
    device('DeviceClass', 'gpu', {}),
    device('ResourceClaimTemplate', 'one', { spec: one }),
    device('ResourceClaim', 'ours', one),
    device('ResourceSlice', 's', { driver: 'x', nodeName: 'n1', pool, devices: [{ name: 'd0' }] }),
  ];
  const entries = (entry: object) => ({ resourceClaims: [{ name: 'g', ...entry }] });

  test.each([
    ['made for it', { resourceClaimTemplateName: 'one' }],
    ['that it names', { resourceClaimName: 'ours' }],
  ])('%s are had once for all of its pods, until the last has gone', (_, entry) => {
    const groups = ['g', 'h'].map((name) => group(name, 2, entries(entry)));
    const jobs = ['g', 'h'].map((name) => job(name, 2, 1, name, entries(entry)));
    const input = comparedWith('ab', ['DRAWorkloadResourceClaims'], [...jobs, ...groups, ...objects]);
    expect(input.notes.filter((note) => note.includes('feature gate'))).toEqual([]);
    const run = runOf(input);
    const { placement } = run;
    const rows = placeGroup(run, [0, 1]);
    expect(rows.map((row) => placement.nodeOf(row))).toEqual([1, 1]);
    const claims = () =>
      [...placement.core.objects.list('ResourceClaim')] as { status?: { reservedFor?: unknown[] } }[];
    const reserved = () => claims().flatMap(({ status }) => status?.reservedFor ?? []);
    expect(reserved()).toEqual([expect.objectContaining({ resource: 'podgroups', name: 'g' })]);
    const isShared = 'resourceClaimName' in entry;
    // The other group may use a claim that both name, and finds no device for one of its own.
    const others = placedBy(run, [2, 3]);
    expect(others).toEqual(isShared ? ['n1', 'n1'] : ['-', '-']);
    placement.remove(rows[0] as number);
    expect(reserved()).toHaveLength(isShared ? 2 : 1);
    placement.remove(rows[1] as number);
    expect(reserved()).toHaveLength(isShared ? 1 : 0);
    if (!isShared) expect(placedBy(run, [2, 3])).toEqual(['n1', 'n1']);
  });

  test('are its pods’ own where the gate is off', () => {
    const entry = entries({ resourceClaimTemplateName: 'one' });
    const input = compared('ab', job('g', 2, 1, 'g', entry), group('g', 1, entry), ...objects);
    expect(input.notes).toContain(
      'PodGroup spec.resourceClaims: feature gate DRAWorkloadResourceClaims is off, as by default in Kubernetes 1.34: each pod has claims of its own only (g)',
    );
    expect(placedBy(runOf(input), [0, 1])).toEqual(['n1', '-']);
  });
});

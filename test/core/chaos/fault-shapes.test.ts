/**
 * Faults with modes, groups of nodes, repeats and steps: whom they hit, when, and what they say they did.
 */
import { describe, expect, test } from 'vitest';
import { seedOf } from '../../../core/base/random.ts';
import type { FaultEffect } from '../../../core/chaos/fault-effect.ts';
import { refusedRequests } from '../../../core/chaos/faults/api-faults.ts';
import { impairedLink, lossyLink, slowLink } from '../../../core/chaos/faults/link-fault.ts';
import { pluginErrors } from '../../../core/chaos/faults/scheduler-faults.ts';
import { EXACT_FIELDS, type FaultKind, type FaultPlan, type Target } from '../../../core/chaos/plan.ts';
import { type RunResult, runPlan } from '../../../core/chaos/run-plan.ts';
import { loadScenarioText } from '../../../scenarios/load.ts';
import { scenarioText } from '../../../scenarios/plan-to-file.ts';
import { formatProblem, ProblemList } from '../../../scenarios/problem.ts';
import { smallPlan } from '../../support/small-plan.ts';

const S = 1_000_000;

function run(faults: readonly FaultPlan[], seed = 1): RunResult {
  const plan = smallPlan({ faults });
  const racks = ['a', 'b', 'c'].map((rack) => ({ name: `rack-${rack}`, count: 2, labels: { rack } }));
  return runPlan({ ...plan, cluster: { ...plan.cluster, nodes: racks } }, seed);
}

/** Names of the nodes that a target meant. */
function hit(target: Target, seed = 1): string[] {
  const fault: FaultPlan = {
    kind: 'clock-offset',
    id: 'f',
    target,
    trigger: { kind: 'at', atUs: S },
    forUs: S,
    offsetUs: 1,
  };
  return run([fault], seed).faults[0]?.targets.map((name) => name.replace('kubelet-', '')) ?? [];
}

describe('modes', () => {
  test('one, all, fixed, shares', () => {
    expect(hit({ anyNode: true })).toHaveLength(6);
    expect(hit({ anyNode: true, mode: 'one' })).toHaveLength(1);
    expect(hit({ anyNode: true, mode: 'fixed', value: 4 })).toHaveLength(4);
    expect(hit({ anyNode: true, mode: 'fixed', value: 40 })).toHaveLength(6);
    expect(hit({ anyNode: true, mode: 'fixed-percent', value: 34 })).toHaveLength(3);
    const sizes = [1, 2, 3, 4, 5, 6].map(
      (seed) => hit({ anyNode: true, mode: 'random-max-percent', value: 50 }, seed).length,
    );
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(3);
    expect(new Set(sizes).size).toBeGreaterThan(1);
  });

  test('labels, and whole racks at once', () => {
    expect(hit({ nodeSelector: { rack: 'b' } })).toEqual(['rack-b-0', 'rack-b-1']);
    const rack = hit({ topologyKey: 'rack', mode: 'one' });
    expect(rack).toHaveLength(2);
    expect(new Set(rack.map((name) => name.slice(0, 6))).size).toBe(1);
    expect(hit({ topologyKey: 'rack', mode: 'fixed', value: 2 })).toHaveLength(4);
    expect(hit({ topologyKey: 'kubernetes.io/hostname', mode: 'one' })).toHaveLength(1);
  });

  test('one instance of a component', () => {
    expect(hit({ component: 'scheduler', mode: 'one' })).toHaveLength(1);
    expect(hit({ component: 'scheduler', mode: 'all' })).toEqual(['scheduler-0', 'scheduler-1']);
  });
});

test('modes that contradict, and labels that nobody has, are told', () => {
  const errorOf = (target: string): string => {
    const problems = new ProblemList();
    const fault = `faults: [{kind: kubelet-stop, target: ${target}, at: 5s, for: 1s}]`;
    loadScenarioText('s.yaml', STEPS.replace(/faults:[\s\S]*?\nphases/, `${fault}\nphases`), problems);
    return problems.problems.map(formatProblem).join();
  };
  const cases: [string, string][] = [
    ['{anyNode: true, mode: one, instance: 0}', '"instance" and "mode" exclude each other'],
    ['{anyNode: true, value: 2}', '"value" goes with mode fixed, fixed-percent or random-max-percent'],
    ['{anyNode: true, mode: one, value: 2}', 'random-max-percent, not one'],
    ['{anyNode: true, mode: fixed}', 'mode fixed needs a "value"'],
    ['{anyNode: true, mode: fixed, value: 1.5}', '1.5 is no whole number'],
    ['{anyNode: true, mode: fixed-percent, value: 120}', '120 percent are more than all'],
    ['{topologyKey: topology.kubernetes.io/zonne}', '(did you mean "topology.kubernetes.io/zone"?)'],
    [
      '{nodeSelector: {topology.kubernetes.io/zone: q}}',
      'SCN-029: no node has the labels topology.kubernetes.io/zone=q',
    ],
    ['{anyNode: true, mode: fxed, value: 1}', 'SCN-011'],
  ];
  for (const [target, message] of cases) expect(errorOf(target)).toContain(message);
});

const stop = (id: string, more: Partial<FaultPlan> = {}): FaultPlan =>
  ({
    kind: 'kubelet-stop',
    id,
    target: { anyNode: true, mode: 'one' },
    trigger: { kind: 'at', atUs: 5 * S },
    forUs: 2 * S,
    ...more,
  }) as FaultPlan;

describe('repeats', () => {
  test('every so often, so many times, each with targets of its own', () => {
    const { faults } = run([stop('f', { repeat: { everyUs: 10 * S, times: 4 } })]);
    expect(faults.map(({ beginUs }) => beginUs)).toEqual([5 * S, 15 * S, 25 * S, 35 * S]);
    expect(faults.map(({ beginUs, endUs }) => endUs - beginUs)).toEqual([2 * S, 2 * S, 2 * S, 2 * S]);
    expect(new Set(faults.flatMap(({ targets }) => targets)).size).toBeGreaterThan(1);
  });

  test('without a count until the heal point, and not after it', () => {
    const { faults, times } = run([stop('f', { repeat: { everyUs: 10 * S } })]);
    expect(faults).toHaveLength(6);
    expect(faults.every(({ beginUs, endUs }) => beginUs < times.healUs && endUs <= times.healUs)).toBe(true);
  });

  test('a rate: drawn around the means, never shorter than the dwell, another with another seed', () => {
    const rate = stop('f', { forUs: 3 * S, repeat: { everyUs: 8 * S, dwellUs: S } });
    const lengths = (seed: number): number[] =>
      run([rate], seed)
        .faults.slice(0, -1)
        .map(({ beginUs, endUs }) => endUs - beginUs);
    expect(Math.min(...lengths(1))).toBeGreaterThanOrEqual(S);
    expect(Math.max(...lengths(1))).toBeLessThanOrEqual(5 * S);
    expect(new Set(lengths(1)).size).toBeGreaterThan(2);
    expect(lengths(1)).not.toEqual(lengths(2));
    const begins = run([rate], 1).faults;
    begins
      .slice(1)
      .forEach(({ beginUs }, index) => expect(beginUs - (begins[index]?.endUs ?? 0)).toBeGreaterThanOrEqual(S));
    expect(run([rate], 1).digest).toBe(run([rate], 1).digest);
  });
});

describe('what faults did', () => {
  const done = (fault: FaultPlan): [number, string] => {
    const [report] = run([fault]).faults;
    return [report?.done.count ?? -1, report?.done.what ?? ''];
  };
  const servers: Target = { component: 'apiserver', instance: 'all' };

  test('counts what made a difference', () => {
    expect(done(stop('f'))).toEqual([1, 'processes taken down']);
    const [stopped, what] = done(
      stop('f', { kind: 'partition', peer: servers, direction: 'both', forUs: 20 * S } as Partial<FaultPlan>),
    );
    expect(what).toBe('messages stopped');
    expect(stopped).toBeGreaterThan(0);
    const [slowed] = done(
      stop('f', { kind: 'slow-disk', target: { component: 'etcd' }, extraSyncUs: 1 } as Partial<FaultPlan>),
    );
    expect(slowed).toBeGreaterThan(0);
  });

  test('is nothing where nothing was there to be hit', () => {
    const other = { kind: 'refused-requests', target: servers, code: 503, resource: 'jobs' } as Partial<FaultPlan>;
    expect(done(stop('f', other))).toEqual([0, 'requests refused']);
    expect(done(stop('f', { kind: 'leader-transfer', target: { component: 'etcd' } } as Partial<FaultPlan>))[0]).toBe(
      0,
    );
    // A process that is down already cannot be taken down.
    const { faults } = run([
      stop('a', { target: { node: 'rack-a-0' }, forUs: 20 * S }),
      stop('b', { target: { node: 'rack-a-0' }, trigger: { kind: 'at', atUs: 9 * S } }),
    ]);
    expect(faults.map(({ id, done: { count, takenBy } }) => [id, count, takenBy])).toEqual([
      ['a', 1, undefined],
      ['b', 0, ['a']],
    ]);
  });

  test('nothing is told with the fault that had taken the target', () => {
    const target = { node: 'rack-a-0' };
    const at = (seconds: number) => ({ trigger: { kind: 'at', atUs: seconds * S } as const });
    const late = stop('late', { kind: 'container-kill', target, ...at(20) } as Partial<FaultPlan>);
    const takenBy = (...others: FaultPlan[]) => run([...others, late]).faults.find(({ id }) => id === 'late')?.done;
    const gone = (kind: FaultPlan['kind'], forUs: number | null) =>
      stop('first', { kind, target, ...at(5), forUs } as Partial<FaultPlan>);
    const frozen = gone('process-pause', null);
    expect(takenBy(gone('node-crash', null))).toMatchObject({ count: 0, takenBy: ['first'] });
    // Its machine is gone for good, whatever its end says.
    expect(takenBy(gone('instance-removed', 5 * S))).toMatchObject({ count: 0, takenBy: ['first'] });
    const again = { ...gone('node-crash', null), id: 'second' };
    expect(takenBy(gone('node-crash', null), again)).toMatchObject({ count: 0, takenBy: ['first', 'second'] });
    // Whoever is over, hits another node or leaves the target there has taken nothing.
    for (const other of [
      { ...gone('kubelet-stop', 5 * S) },
      { ...gone('node-crash', null), target: { node: 'rack-b-0' } } as FaultPlan,
    ])
      expect(takenBy(other)?.takenBy).toBeUndefined();
    const slow = stop('late', { kind: 'slow-process', times: 2, target: servers, ...at(20) } as Partial<FaultPlan>);
    const { faults } = run([{ ...frozen, target: servers } as FaultPlan, slow]);
    expect(faults.find(({ id }) => id === 'late')?.done).toMatchObject({ count: 0, takenBy: ['first'] });
  });

  test('shares name their messages, and those alone give the same run', () => {
    const share = stop('f', {
      kind: 'refused-requests',
      target: servers,
      code: 503,
      percent: 20,
      forUs: 30 * S,
    } as Partial<FaultPlan>);
    const drawn = run([share]);
    const ordinals = drawn.faults[0]?.done.hits?.['requests'] ?? [];
    expect(ordinals.length).toBeGreaterThan(3);
    const { percent: _percent, ...exact } = share as Extract<FaultPlan, { kind: 'refused-requests' }>;
    expect(run([{ ...exact, requests: ordinals }]).digest).toBe(drawn.digest);

    const lossy = stop('f', {
      kind: 'lossy-link',
      target: { component: 'scheduler', instance: 'all' },
      peer: servers,
      lossPercent: 30,
      forUs: 30 * S,
    } as Partial<FaultPlan>) as Extract<FaultPlan, { kind: 'lossy-link' }>;
    const loses = run([lossy]);
    const lost = loses.faults[0]?.done.hits?.['lost'] ?? [];
    expect(lost.length).toBeGreaterThan(0);
    const { lossPercent: _share, ...exactly } = lossy;
    expect(run([{ ...exactly, lost }]).digest).toBe(loses.digest);
  });
});

const STEPS = `apiVersion: seatrial/v1
kind: Scenario
metadata: {name: steps}
about: Steps.
cluster: {nodes: {count: 3, zones: [a, b, c]}}
faults:
  - kind: serial
    at: 5s
    steps:
      - {id: first, kind: kubelet-stop, target: {node: node-0}, for: 3s}
      - {kind: pause, for: 4s}
      - kind: parallel
        steps:
          - {id: left, kind: kubelet-stop, target: {node: node-1}, for: 2s}
          - {id: right, kind: kubelet-stop, target: {node: node-2}, for: 6s}
      - {id: last, kind: kubelet-stop, target: {anyNode: true, mode: one}, for: 1s, repeat: {every: 2s, times: 2}}
  - {id: after, kind: kubelet-stop, target: {node: node-0}, when: {sequence: [{fault: last, is: ended}, {wait: 5s}]}, for: 1s}
phases: {warmUp: 0s, safety: 60s, liveness: {stable: 15s}}
`;

describe('steps', () => {
  test('one after the other, all at once, with pauses', () => {
    const problems = new ProblemList();
    const loaded = loadScenarioText('steps.yaml', STEPS, problems);
    expect(problems.problems.map(formatProblem)).toEqual([]);
    const plan = (loaded as NonNullable<typeof loaded>).plan;
    const { faults, outcome } = runPlan(plan, 1);
    expect(outcome.kind).toBe('pass');
    expect(faults.map(({ id, beginUs, endUs }) => [id, beginUs / S, endUs / S])).toEqual([
      ['first', 5, 8],
      ['left', 12, 14],
      ['right', 12, 18],
      ['last', 18, 19],
      ['last', 20, 21],
      ['after', 26, 27],
    ]);
    // Written out and read back it is the same plan.
    expect(loadScenarioText('again.yaml', scenarioText(plan), problems)?.plan).toEqual(plan);
  });

  test('what can never be is said, all of it at once, with its place', () => {
    const wrong = STEPS.replace('target: {node: node-0}, for: 3s}', 'target: {node: node-0}}')
      .replace('{node: node-1}, for: 2s}', '{node: node-1}, for: 2s, at: 7s}')
      .replace('repeat: {every: 2s, times: 2}', 'repeat: {every: 1s, times: 2}')
      .replace('{fault: last, is: ended}', '{fault: lost, is: ended}')
      .replace('about: Steps.', 'about: Steps.\nexpect: {fail: XX}');
    const problems = new ProblemList();
    loadScenarioText('steps.yaml', wrong, problems);
    const texts = problems.problems.map(formatProblem).join('\n');
    expect(texts).toMatch(
      /steps\.yaml:11:9 error SCN-032: 3 steps wait for the end of this fault, which has none: it needs "for"/,
    );
    expect(texts).toMatch(/error SCN-021: the group says when this step begins: "at" belongs to the group/);
    expect(texts).toMatch(/error SCN-027: it comes again every 1s, before the 1s of "for" are over/);
    expect(texts).toMatch(/error SCN-020: unknown fault id "lost" \(did you mean "last"\?\)/);
    expect(texts).toMatch(/unknown predicate "XX"/);
  });

  test('fields of nested groups have their nearest name', () => {
    const problems = new ProblemList();
    loadScenarioText(
      'steps.yaml',
      STEPS.replace('target: {node: node-2}, for', 'target: {nod: node-2}, for'),
      problems,
    );
    expect(problems.problems.map(formatProblem).join()).toMatch(
      /:15:\d+ .*unknown field "nod" \(did you mean "node"\?\)/,
    );
  });

  test('fields and kinds inside a group have their place and their nearest name', () => {
    const problems = new ProblemList();
    loadScenarioText(
      'steps.yaml',
      STEPS.replace('{id: left, kind: kubelet-stop', '{id: left, kind: kubelet-stp'),
      problems,
    );
    expect(problems.problems.map(formatProblem)).toEqual([
      expect.stringMatching(
        /steps\.yaml:14:\d+ error SCN-012: unknown fault "kubelet-stp" \(did you mean "kubelet-stop"\?\)/,
      ),
    ]);
  });
});

test('what a fault reports as hit is named by the fields that name it exactly', () => {
  const seed = seedOf(1);
  const effects: Readonly<Record<string, FaultEffect>> = {
    'lossy-link': lossyLink([], [], 5, undefined),
    'impaired-link': impairedLink([], [], { duplicatePercent: 5, reorderPercent: 5 }),
    'slow-link': slowLink([], [], 1, 1, undefined),
    'refused-requests': refusedRequests([], { code: 503, percent: 5 }, seed),
    'plugin-errors': pluginErrors([], 'Filter', 'NodeName', { percent: 5 }, seed),
  };
  expect(Object.keys(effects)).toEqual(Object.keys(EXACT_FIELDS));
  for (const [kind, effect] of Object.entries(effects)) {
    const { hits = {} } = effect.done(undefined as never);
    expect([kind, Object.keys(hits)]).toEqual([kind, Object.keys(EXACT_FIELDS[kind as FaultKind] ?? {})]);
  }
});

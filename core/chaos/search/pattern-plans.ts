/**
 * Targeted plans from a reference run, four for each point that a task reaches: a crash between two writes, an unknown outcome, stale state
 * and unobserved state. Source of the patterns: Sieve (OSDI 2022) §3; the unknown outcome is ours.
 */
import type { ControlPlane } from '../../cluster/description.ts';
import type { Condition, FaultPlan, ScenarioPlan, Target, Trigger } from '../plan.ts';
import type { Draws } from './draws.ts';
import type { TaskPoint } from './reference-run.ts';

const S = 1_000_000;

/** The patterns, in the order in which they are tried at a point. */
export const PATTERNS = ['crash', 'unknown-outcome', 'stale', 'unobserved'] as const;
export type Pattern = (typeof PATTERNS)[number];

/** Components whose tasks are aimed at: those that reconcile. */
const AIMED: ReadonlySet<string> = new Set(['controller-manager', 'scheduler', 'cloud-controller-manager']);

/** Points worth a plan, each once: the first runs of each task on each object tell most, so they come first. */
export function aimedPoints(points: readonly TaskPoint[]): readonly TaskPoint[] {
  const aimed = points.filter(({ component }) => AIMED.has(component) || component.startsWith('operator-'));
  return [...aimed].sort(
    (left, right) => left.point + left.run - (right.point + right.run) || left.timeUs - right.timeUs,
  );
}

/** Number of plans that the points give. */
export function patternCount(points: readonly TaskPoint[]): number {
  return points.length * PATTERNS.length;
}

/** Plan number `index`: all patterns of the first point, then those of the second. */
export function patternPlan(base: ScenarioPlan, points: readonly TaskPoint[], index: number): ScenarioPlan {
  const point = points[Math.floor(index / PATTERNS.length)] as TaskPoint;
  const pattern = PATTERNS[index % PATTERNS.length] as Pattern;
  return withPattern(base, point, pattern, `${base.name}-${pattern}-${index}`, 'p');
}

/** Two patterns at two points; in a third of the cases the second one waits until the first is over. */
export function pairPlan(base: ScenarioPlan, points: readonly TaskPoint[], index: number, draws: Draws): ScenarioPlan {
  const count = patternCount(points);
  const [first, second] = [draws.range(0, count - 1), draws.range(0, count - 1)];
  const at = (number: number) => points[Math.floor(number / PATTERNS.length)] as TaskPoint;
  const of = (number: number) => PATTERNS[number % PATTERNS.length] as Pattern;
  const name = `${base.name}-pair-${index}`;
  const one = withPattern(base, at(first), of(first), name, 'p');
  const two = withPattern(one, at(second), of(second), name, 'q');
  return draws.chance(34) ? { ...two, faults: serial(two.faults) } : two;
}

/** The faults of the second pattern begin after the first one's have ended, when the task is at its point again, in whichever run. */
function serial(faults: readonly FaultPlan[]): FaultPlan[] {
  const ended = faults
    .filter(({ id }) => id.startsWith('p'))
    .map(({ id }): Condition => ({ kind: 'fault', id, state: 'ended' }));
  return faults.map((fault) => {
    if (!fault.id.startsWith('q') || fault.trigger.kind !== 'task') return fault;
    const { run: _run, ...again } = fault.trigger;
    return { ...fault, trigger: { kind: 'sequence', of: [{ kind: 'all', of: ended }, again] } };
  });
}

function withPattern(
  base: ScenarioPlan,
  point: TaskPoint,
  pattern: Pattern,
  name: string,
  prefix: string,
): ScenarioPlan {
  const { label, key, run, component } = point;
  const trigger: Trigger = { kind: 'task', label, ...(key === '' ? {} : { key }), run, point: point.point };
  const leader: Target = { component, instance: 'leader' };
  const faults = faultsOf(pattern, trigger, leader, prefix);
  return {
    ...base,
    name,
    cluster: { ...base.cluster, ...clusterFor(pattern, base) },
    faults: [...base.faults, ...faults],
  };
}

function faultsOf(pattern: Pattern, trigger: Trigger, leader: Target, prefix: string): FaultPlan[] {
  const id = (number: number) => `${prefix}${number}`;
  const server = (instance: number): Target => ({ component: 'apiserver', instance });
  switch (pattern) {
    case 'crash':
      return [{ kind: 'process-crash', id: id(1), target: leader, trigger, forUs: S }];
    case 'unknown-outcome':
      return [{ kind: 'lost-replies', id: id(1), target: leader, trigger, forUs: S }];
    case 'stale':
      // One server stands still; the component starts anew, and may read from it.
      return [
        { kind: 'watch-lag', id: id(1), target: server(1), latencyUs: null, trigger, forUs: 30 * S },
        { kind: 'process-crash', id: id(2), target: server(0), trigger, forUs: 20 * S },
        { kind: 'process-crash', id: id(3), target: leader, trigger, forUs: S },
      ];
    case 'unobserved':
      // What happens meanwhile falls out of the window: only its outcome will be seen.
      return [
        {
          kind: 'partition',
          id: id(1),
          target: leader,
          peer: { component: 'apiserver', instance: 'all' },
          direction: 'both',
          trigger,
          forUs: 6 * S,
        },
      ];
  }
}

function clusterFor(pattern: Pattern, { cluster }: ScenarioPlan): Partial<ScenarioPlan['cluster']> {
  const members = (more: ControlPlane): ControlPlane => ({ ...cluster.controlPlane, ...more });
  if (pattern === 'stale') return { controlPlane: members({ apiServers: 2 }) };
  if (pattern === 'unobserved') return { settings: { ...cluster.settings, watchCacheEvents: 16 } };
  return {};
}

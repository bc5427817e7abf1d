/**
 * Turns instants into states: "at 20.013 s" becomes "when the ReplicaSet controller has sent the second write of its third sync".
 *
 * A trigger on state survives a change of costs or code that would move the instant. One extra run records the task points and the
 * changes of objects that came just before each timed fault; the nearest one with which the failure stays is taken.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import type { PointHook } from '../../sim/task.ts';
import type { FaultPlan, ObjectCondition, ScenarioPlan, Trigger } from '../plan.ts';
import { runPlan } from '../run-plan.ts';
import { type Commit, isHeartbeat } from '../world.ts';
import type { Trials } from './trials.ts';

/** Task points and changes of objects tried for each fault, the nearest first. */
const POINTS_MAX = 4;
const CHANGES_MAX = 2;

/** The plan with state triggers where the failure stays the same. */
export function stateTriggers(plan: ScenarioPlan, trials: Trials): ScenarioPlan {
  let current = plan;
  plan.faults.forEach((fault, index) => {
    if (fault.trigger.kind !== 'at' || trials.exhausted) return;
    for (const trigger of statesBefore(current, trials, fault.trigger.atUs, fault)) {
      const faults = current.faults.map((each, place) => (place === index ? { ...each, trigger } : each));
      const candidate = { ...current, faults };
      if (!trials.fails(candidate)) continue;
      current = candidate;
      break;
    }
  });
  return current;
}

/** States reached last before `atUs`, the nearest first: task points of the fault's own target, then of others, then changes of objects. */
function statesBefore(plan: ScenarioPlan, trials: Trials, atUs: number, fault: FaultPlan): Trigger[] {
  const points: { readonly trigger: Trigger; readonly process: string }[] = [];
  const changes = new ChangeCounts(plan);
  trials.runs++;
  const before = ({ trigger, id }: FaultPlan): boolean => trigger.kind === 'at' && id !== fault.id;
  runPlan({ ...plan, faults: plan.faults.filter(before) }, trials.seed, {
    begin: (cluster, jury) => {
      const untilUs = cluster.sim.now + atUs;
      recordPoints(cluster, untilUs, (process, trigger) => points.push({ process, trigger }));
      jury.onCommit.push((commit) => {
        if (commit.timeUs <= untilUs && !isHeartbeat(commit)) changes.add(commit);
      });
    },
  });
  const recent = points.slice(-64).reverse();
  const component = fault.target.component ?? '';
  const own = component === '' ? [] : recent.filter(({ process }) => process.startsWith(component));
  const ordered = [...own, ...recent.filter((each) => !own.includes(each))];
  return [...ordered.slice(0, POINTS_MAX).map(({ trigger }) => trigger), ...changes.last(CHANGES_MAX)];
}

/** Changes of objects as conditions: "the fourth Pod created in demo". */
class ChangeCounts {
  readonly #named: ReadonlySet<string>;
  readonly #counts = new Map<string, number>();
  readonly #seen: ObjectCondition[] = [];

  /** Objects of the plan are called by name; names of others are made up by controllers. */
  constructor({ workload }: ScenarioPlan) {
    this.#named = new Set(workload.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
  }

  add({ kind, object, previous }: Commit): void {
    const { namespace, name = '' } = (object ?? previous)?.metadata ?? {};
    const change = previous === null ? 'created' : object === null ? 'deleted' : 'changed';
    const own = this.#named.has(`${kind}/${name}`) ? { name } : {};
    const where = namespace === undefined || namespace === '' ? {} : { namespace };
    const condition: ObjectCondition = { kind: 'object', of: kind, ...where, ...own, change };
    const key = JSON.stringify(condition);
    const nth = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, nth);
    this.#seen.push(nth === 1 ? condition : { ...condition, nth });
  }

  last(count: number): ObjectCondition[] {
    return this.#seen.slice(-count).reverse();
  }
}

function recordPoints(cluster: Cluster, untilUs: number, found: (process: string, trigger: Trigger) => void): void {
  const { sim } = cluster;
  const hook: PointHook = (task, phase) => {
    if (phase !== 'yielded' || sim.now > untilUs || task.ordinal === 0) return null;
    const trigger: Trigger = {
      kind: 'task',
      label: task.label,
      ...(task.key === '' ? {} : { key: task.key }),
      run: task.ordinal,
      point: task.point,
    };
    found(sim.processes.names[task.pid] as string, trigger);
    return null;
  };
  sim.tasks.hook = hook;
}

/**
 * How many events a run may have where nothing is said: far more than a cluster of that size ever needs in that time, and few enough that a
 * storm without end is over within seconds to a minute of host time. A pure function of the plan, so that it ends equal runs alike.
 */
import { resolveCluster } from '../cluster/description.ts';
import type { ScenarioPlan } from './plan.ts';

const S = 1_000_000;
/** Every run: boot, faults and recovery of a small cluster take some ten thousand events. */
const EVENTS_BASE = 2_000_000;
/** A node or a wanted pod; creating one and starting it takes some dozens. */
const EVENTS_A_THING = 1_000;
/** A process and second: idle ones take 2 to 5, the wildest of the shipped incidents 80 for two minutes. */
const EVENTS_A_PROCESS_SECOND = 40;
/** Most that is given where nothing is said: minutes of host time. */
export const EVENTS_BUDGET_MAX = 100_000_000;
/** Virtual time for which a bound is taken that is computed during the run, µs. */
const BOUND_US = 600 * S;

/** The budget of a plan's cluster, workload and phases, in events. */
export function eventsBudget({
  cluster,
  workload,
  phases,
}: Pick<ScenarioPlan, 'cluster' | 'workload' | 'phases'>): number {
  const { nodes, controlPlane } = resolveCluster(cluster);
  const members = Object.values(controlPlane).reduce((sum, count) => sum + count, 0);
  const replicas = workload.reduce((sum, object) => sum + replicasOf(object), 0);
  const boundUs = phases.boundUs === 'auto' ? BOUND_US : phases.boundUs;
  const seconds = (phases.warmUpUs + phases.safetyUs + boundUs + phases.stableUs) / S;
  const wanted =
    EVENTS_BASE +
    EVENTS_A_THING * (nodes.length + replicas) +
    EVENTS_A_PROCESS_SECOND * (nodes.length + members) * seconds;
  return Math.min(EVENTS_BUDGET_MAX, Math.ceil(wanted));
}

function replicasOf(object: object): number {
  const { replicas, completions } =
    (object as { readonly spec?: { replicas?: unknown; completions?: unknown } }).spec ?? {};
  const wanted = replicas ?? completions;
  return typeof wanted === 'number' && wanted > 0 ? wanted : 0;
}

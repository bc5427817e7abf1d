/**
 * What a search starts from: a cluster, what runs on it and what its users do, without any fault.
 */
import type { ClusterDescription } from '../../cluster/description.ts';
import type { KubeObject } from '../../types/object.ts';
import { eventsBudget } from '../events-budget.ts';
import type { Operation, Phases, ScenarioPlan } from '../plan.ts';
import { nameOf, SCALABLE } from '../workloads.ts';

const S = 1_000_000;

/** A fault-free plan for a user's objects: they are applied, scaled and given a new image. */
export function basePlanOf(workload: readonly KubeObject[], cluster: ClusterDescription): ScenarioPlan {
  const phases: Phases = { warmUpUs: 0, safetyUs: 90 * S, heal: 'all', boundUs: 'auto', stableUs: 30 * S };
  return {
    name: 'search',
    about: 'Drawn by a search.',
    source: 'seatrial search',
    cluster: { ...cluster, settings: { events: false, ...cluster.settings } },
    workload,
    operations: workload.flatMap(usualOperations),
    faults: [],
    phases,
    predicates: [],
    excuses: ['no-feasible-node'],
    bugs: [],
    expect: 'pass',
    eventsMax: eventsBudget({ cluster, workload, phases }),
  };
}

/** The plan of a scenario without its faults; its own verdict is no longer asked for. */
export function withoutFaults(plan: ScenarioPlan): ScenarioPlan {
  return { ...plan, faults: [], expect: 'pass' };
}

const ROLLED: readonly string[] = ['Deployment', 'StatefulSet', 'DaemonSet'];

/** What a user does with a workload within the first minute: more replicas, another image. */
function usualOperations(object: KubeObject): Operation[] {
  const workload = nameOf(object);
  const { replicas = 1 } = (object as { readonly spec?: { readonly replicas?: number } }).spec ?? {};
  const operations: Operation[] = [];
  if (SCALABLE.includes(object.kind))
    operations.push({ kind: 'scale', atUs: 20 * S, workload, replicas: replicas + 2 });
  if (ROLLED.includes(object.kind))
    operations.push({ kind: 'set-image', atUs: 40 * S, workload, image: 'search.example/app:next' });
  return operations;
}

/**
 * Oracles that compare a run with another one, which knows nothing of its faults (X4) or of its way (X3). They cost that second run, so that a plan asks for them.
 *
 * X4, differential twin: the same plan without faults ends in the same state, and no workload has more of its pods created or deleted there than here explains. Source: Sieve
 * (OSDI 2022), which counts the same. X3, path independence: a cluster that is given the final specs at once ends in the same state. Source: Acto (SOSP 2023).
 */

import { findOperator } from '../../cluster/operators.ts';
import type { Node } from '../../types/node.ts';
import type { KubeObject } from '../../types/object.ts';
import type { Operation, ScenarioPlan } from '../plan.ts';
import { nameOf } from '../workloads.ts';
import type { World } from '../world.ts';
import { endState, type RunSummary } from './run-summary.ts';

export const COMPARISONS = [
  ['X3', 'the state at the end depends on the final specs alone, not on the way there'],
  ['X4', 'the run ends as it would have ended without faults, with no object made or deleted more often'],
] as const;
export type ComparisonId = (typeof COMPARISONS)[number][0];

/** What is asked for so shortly before a fault or after it may take another way to the same end, µs. */
const DISTURBED_US = 60_000_000;

/** A run that is over. */
export interface FinishedRun {
  readonly world: World;
  readonly summary: RunSummary;
  /** When each fault began and ended, µs since the cluster was up; −1 = never. */
  readonly faults: readonly { readonly beginUs: number; readonly endUs: number }[];
}

/** The plan to compare with, or null where there is nothing to learn from it. */
export function referencePlan(id: ComparisonId, plan: ScenarioPlan, world: World): ScenarioPlan | null {
  const base: ScenarioPlan = { ...plan, faults: [], comparisons: [], expect: 'pass' };
  if (id === 'X4') return plan.faults.length === 0 ? null : base;
  if (plan.operations.length === 0) return null;
  return { ...base, workload: finalObjects(plan, world), operations: cordons(world) };
}

/** What the user has asked for in the end. */
function finalObjects({ workload, operations }: ScenarioPlan, world: World): KubeObject[] {
  const asked = [
    ...workload,
    ...operations.flatMap((operation) => (operation.kind === 'apply' ? operation.objects : [])),
  ];
  const byKey = new Map(asked.map((object) => [nameOf(object), object]));
  return [...byKey.values()].flatMap((object) => {
    const stored = storedAs(world, object);
    if (stored === undefined) return [];
    return [{ ...object, ...(stored.spec === undefined ? {} : { spec: stored.spec }) }];
  });
}

function storedAs(world: World, { kind, metadata }: KubeObject): KubeObject | undefined {
  for (const object of world.of(kind).values()) {
    const sameNamespace = (object.metadata.namespace ?? '') === (metadata.namespace ?? '');
    if (sameNamespace && object.metadata.name === metadata.name) return object;
  }
  return undefined;
}

/** Nodes that are cordoned in the end are so from the beginning. */
function cordons(world: World): Operation[] {
  return [...world.of('Node').values()].flatMap((node) =>
    (node as Node).spec?.unschedulable === true
      ? [{ kind: 'cordon', atUs: 0, target: { node: node.metadata.name } }]
      : [],
  );
}

/** What differs, in one sentence; null where nothing does. */
export function differenceOf(
  id: ComparisonId,
  plan: ScenarioPlan,
  run: FinishedRun,
  reference: FinishedRun,
): string | null {
  // What never ended leaves its mark.
  if (run.faults.some(({ beginUs, endUs }) => beginUs >= 0 && endUs < 0)) return null;
  // A node that is gone for good changes what daemons there have to be.
  if (run.world.of('Node').size !== reference.world.of('Node').size) return null;
  const kinds = kindsOf(plan);
  const state = stateDifference(endState(run.world, kinds), endState(reference.world, kinds));
  if (state !== null || id === 'X3') return state;
  return turnoverDifference(plan, run, reference);
}

/** Kinds that the user's objects and operators bring about. */
function kindsOf({ workload, operations, cluster }: ScenarioPlan): Set<string> {
  const owned = (cluster.operators ?? []).flatMap(({ module }) => findOperator(module)?.owns ?? []);
  const made = ['Pod', 'ReplicaSet', 'EndpointSlice', ...owned.map(({ kind }) => kind)];
  const applied = operations.flatMap((operation) => (operation.kind === 'apply' ? operation.objects : []));
  return new Set([...made, ...workload.map(({ kind }) => kind), ...applied.map(({ kind }) => kind)]);
}

function stateDifference(run: Map<string, string[]>, reference: Map<string, string[]>): string | null {
  for (const role of new Set([...run.keys(), ...reference.keys()])) {
    const [here, there] = [run.get(role) ?? [], reference.get(role) ?? []];
    if (here.length !== there.length)
      return `${role}: ${here.length} at the end, ${there.length} in the run it is compared with`;
    const at = here.findIndex((text, index) => text !== there[index]);
    if (at >= 0) return `${role}: at the end ${here[at]}, in the run it is compared with ${there[at]}`;
  }
  return null;
}

function turnoverDifference(plan: ScenarioPlan, run: FinishedRun, reference: FinishedRun): string | null {
  if (plan.operations.some(({ atUs }) => isDisturbed(atUs, run))) return null;
  for (const [role, { created, deleted, lost }] of run.summary.turnover) {
    const there = reference.summary.turnover.get(role) ?? { created: 0, deleted: 0, lost: 0 };
    const allowed = lost + run.summary.unknownWrites;
    if (created > there.created + allowed)
      return `${role}: ${created} were created, ${there.created} without the faults`;
    if (deleted > there.deleted + allowed)
      return `${role}: ${deleted} were deleted, ${there.deleted} without the faults`;
  }
  return null;
}

/** Whether something was asked for while a fault was there, shortly before or shortly after. */
function isDisturbed(atUs: number, { faults }: FinishedRun): boolean {
  return faults.some(({ beginUs, endUs }) => {
    if (beginUs < 0) return false;
    return atUs >= beginUs - DISTURBED_US && (endUs < 0 || atUs <= endUs + DISTURBED_US);
  });
}

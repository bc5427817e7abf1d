/**
 * Objects that operations and faults name: a smaller plan has to have those that it names still, or nobody can load the file it is written to.
 */
import type { KubeObject } from '../../types/object.ts';
import type { FaultPlan, Operation, ScenarioPlan } from '../plan.ts';
import { nameOf } from '../workloads.ts';

const OF_SET = /^Pod\/(.+)-\d+$/;

/** Names that operations and faults of `plan` use and that its objects have no more, though those of `whole` have them. */
export function lostNames(plan: ScenarioPlan, whole: ScenarioPlan): ReadonlySet<string> {
  const lost = new Set<string>();
  let there: ReadonlySet<string> | null = null;
  let were: ReadonlySet<string> | null = null;
  for (const name of [...plan.operations.map(nameIn), ...plan.faults.map(objectOf)]) {
    if (name === undefined) continue;
    there ??= namesOf(plan);
    if (isThere(name, there)) continue;
    were ??= namesOf(whole);
    if (isThere(name, were)) lost.add(name);
  }
  return lost;
}

/** The plan without operations and faults that name what it has lost of `whole`. */
export function withoutLost(plan: ScenarioPlan, whole: ScenarioPlan): ScenarioPlan {
  const lost = lostNames(plan, whole);
  if (lost.size === 0) return plan;
  return {
    ...plan,
    operations: plan.operations.filter((operation) => !lost.has(nameIn(operation) ?? '')),
    faults: plan.faults.filter((fault) => !lost.has(objectOf(fault) ?? '')),
  };
}

function nameIn(operation: Operation): string | undefined {
  return 'workload' in operation ? operation.workload : undefined;
}

function objectOf(fault: FaultPlan): string | undefined {
  return fault.kind === 'changed-field' ? fault.object : fault.target.hosting;
}

/** `Kind/namespace/name` or `Kind/name` of all objects that the plan has at some time, and their namespaces. */
function namesOf({ workload, operations }: ScenarioPlan): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (object: KubeObject): void => {
    const { kind, metadata } = object;
    names.add(`${kind}/${metadata.name}`);
    names.add(nameOf(object));
    names.add(`Namespace/${metadata.namespace ?? 'default'}`);
  };
  workload.forEach(add);
  for (const operation of operations) if (operation.kind === 'apply') operation.objects.forEach(add);
  return names;
}

/** Whether there is an object of the name, or the set whose pod it is. */
function isThere(name: string, names: ReadonlySet<string>): boolean {
  return names.has(name) || names.has(`StatefulSet/${OF_SET.exec(name)?.[1]}`);
}

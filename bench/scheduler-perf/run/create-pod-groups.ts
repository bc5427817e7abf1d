/**
 * createPodGroups: groups of pods that GangScheduling binds together. A workload with groups that ask for more than a number of pods fails with
 * the name of what is not simulated. Source: Kubernetes 1.37, scheduler_perf operations.go and runners.go.
 */
import type { KubeObject } from '../../../core/types/object.ts';
import type { CreatePodGroups } from '../config/operation.ts';
import type { WorkloadPlan } from '../config/plan.ts';
import { type Load, type Steps, WorkloadFailure } from './load.ts';

const GATE = 'GenericWorkload';
const CLAIMS_GATE = 'DRAWorkloadResourceClaims';
/** The original asks the scheduler's informer once a second. */
const KNOWN_AFTER_US = 1_000_000;

/** Creates the groups and waits until the scheduler knows them. @throws WorkloadFailure */
export function* createPodGroups(load: Load, operation: CreatePodGroups, plan: WorkloadPlan): Steps {
  if (plan.gates[GATE] !== true) throw new WorkloadFailure(`createPodGroups needs the feature gate ${GATE}`);
  if (plan.schedulerConfiguration !== null) {
    throw new WorkloadFailure('createPodGroups with a scheduler configuration is not simulated');
  }
  for (let index = 0; index < operation.count; index++) {
    const group = operation.template.at(index);
    requireSimulated(group, plan.gates[CLAIMS_GATE] === true);
    yield* load.create(load.typeOf(group), operation.namespace, group);
  }
  yield* load.ctx.sleep(KNOWN_AFTER_US);
}

/** Whether claims of a group are to be made, which nobody does here. */
function byTemplate(claims: unknown): boolean {
  return !Array.isArray(claims) || claims.some((claim) => Object(claim).resourceClaimName === undefined);
}

/** A group by `schedulingPolicy.gang.minCount`, or none by `schedulingPolicy.basic`; with the gate it may name claims that are there. */
function requireSimulated({ kind, spec }: KubeObject, withClaims: boolean): void {
  if (kind !== 'PodGroup')
    throw new WorkloadFailure(`createPodGroups: the template makes a ${kind}, expected a PodGroup`);
  const { schedulingPolicy, ...others } = (spec ?? {}) as Readonly<Record<string, unknown>>;
  const [other] = Object.keys(others).filter(
    (name) => name !== 'resourceClaims' || !withClaims || byTemplate(others[name]),
  );
  if (other !== undefined) throw new WorkloadFailure(`createPodGroups: spec.${other} of a PodGroup is not simulated`);
  const { basic, gang } = Object(schedulingPolicy) as { readonly basic?: unknown; readonly gang?: unknown };
  const minCount = (Object(gang) as { readonly minCount?: unknown }).minCount;
  if (basic === undefined && !(Number.isSafeInteger(minCount) && (minCount as number) > 0)) {
    throw new WorkloadFailure('createPodGroups: schedulingPolicy needs basic, or gang with a minCount above 0');
  }
}

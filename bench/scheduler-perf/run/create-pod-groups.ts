/**
 * createPodGroups: groups of pods that GangScheduling binds together. Fields of gates that are off are left out, as an API server drops them. Source:
 * Kubernetes 1.37, scheduler_perf operations.go and runners.go.
 */
import type { KubeObject } from '../../../core/types/object.ts';
import type { CreatePodGroups } from '../config/operation.ts';
import type { WorkloadPlan } from '../config/plan.ts';
import { type Load, type Steps, WorkloadFailure } from './load.ts';

const GATE = 'GenericWorkload';
/** Fields of a PodGroup that are there with a gate of their own. */
const GATED: Readonly<Record<string, string>> = {
  resourceClaims: 'DRAWorkloadResourceClaims',
  schedulingConstraints: 'TopologyAwareWorkloadScheduling',
};
/** Fields that are heeded, with their gates; a class by nobody, as the original's server is without the plug-in Priority. */
const SIMULATED: readonly string[] = [
  'schedulingPolicy',
  'priority',
  'priorityClassName',
  'disruptionMode',
  ...Object.keys(GATED),
];
/** The original asks the scheduler's informer once a second. */
const KNOWN_AFTER_US = 1_000_000;

/** Creates the groups and waits until the scheduler knows them. @throws WorkloadFailure */
export function* createPodGroups(load: Load, operation: CreatePodGroups, plan: WorkloadPlan): Steps {
  if (plan.gates[GATE] !== true) throw new WorkloadFailure(`createPodGroups needs the feature gate ${GATE}`);
  for (let index = 0; index < operation.count; index++) {
    const group = operation.template.at(index);
    requireSimulated(group);
    yield* load.create(load.typeOf(group), operation.namespace, withoutDisabled(group, plan.gates));
  }
  yield* load.ctx.sleep(KNOWN_AFTER_US);
}

function withoutDisabled(group: KubeObject, gates: WorkloadPlan['gates']): KubeObject {
  const fields = Object.entries(group.spec ?? {}).filter(([name]) => {
    const gate = Object.hasOwn(GATED, name) ? (GATED[name] as string) : GATE;
    return gates[gate] === true;
  });
  return { ...group, spec: Object.fromEntries(fields) };
}

/** Whether an API server takes the group, and all of it is heeded. */
function requireSimulated({ kind, spec }: KubeObject): void {
  if (kind !== 'PodGroup')
    throw new WorkloadFailure(`createPodGroups: the template makes a ${kind}, expected a PodGroup`);
  const { schedulingPolicy, ...others } = (spec ?? {}) as Readonly<Record<string, unknown>>;
  const other = Object.keys(others).find((name) => !SIMULATED.includes(name));
  if (other !== undefined) throw new WorkloadFailure(`createPodGroups: spec.${other} of a PodGroup is not simulated`);
  const { basic, gang } = Object(schedulingPolicy) as { readonly basic?: unknown; readonly gang?: unknown };
  const minCount = (Object(gang) as { readonly minCount?: unknown }).minCount;
  if (basic === undefined && !(Number.isSafeInteger(minCount) && (minCount as number) > 0)) {
    throw new WorkloadFailure('createPodGroups: schedulingPolicy needs basic, or gang with a minCount above 0');
  }
}

/**
 * What happens after a cycle found no node (kube-scheduler's PostFilter): preemption is tried, and the message gets its end.
 *
 * Where no pod on a node is less important than the pod, the answer is known without a dry run. Host cost otherwise: the
 * reference framework on every node that could be freed.
 */
import type { ResourceClaim } from '../../types/device.ts';
import type { SchedulingCore } from '../choice/scheduling-core.ts';
import type { Draws } from '../choice/selection.ts';
import { noHelpMessage } from '../framework/preemption.ts';
import { type Candidate, type MayGo, NO_VICTIMS } from '../framework/victims.ts';
import type { PodRequest } from '../plugins/plugin.ts';

const NEVER = 'not eligible due to preemptionPolicy=Never.';

/** What becomes of the pod. */
export interface PostFilterOutcome {
  /** The whole message of the failed cycle. */
  readonly message: string;
  /** The node and pods that preemption chose; `null` without. */
  readonly candidate: Candidate | null;
  /** The pod's nomination, if it has one, is void. */
  readonly clearsNomination: boolean;
  /** The claim that is given up, since it holds the pod to nodes it cannot use; `null` without. */
  readonly deallocates: ResourceClaim | null;
}

/** Runs PostFilter for a pod whose cycle has just failed. `leastPriority` is that of all pods on nodes. */
export function postFilter(
  core: SchedulingCore,
  request: PodRequest,
  profile: number,
  leastPriority: number,
  draws: Draws,
  mayGo?: MayGo,
): PostFilterOutcome {
  const fit = core.diagnosis.message();
  if (core.nodes.nodeCount === 0) return { message: fit, candidate: null, clearsNomination: true, deallocates: null };
  const plugins = core.postFilterNames(profile);
  const devices = plugins.includes('DynamicResources') ? core.givenUpClaim(request, profile) : null;
  const deallocates = devices?.gives ?? null;
  if (devices?.reason === '') {
    return { message: `${fit} not found`, candidate: null, clearsNomination: false, deallocates };
  }
  const reasons = devices === null ? [] : [devices.reason];
  if (!plugins.includes('DefaultPreemption')) {
    return {
      message: [fit, reasons.join(', ')].join(' ').trimEnd(),
      candidate: null,
      clearsNomination: false,
      deallocates,
    };
  }
  const quick = mayGo === undefined ? withoutDryRun(core, request, leastPriority) : null;
  if (quick !== null) {
    reasons.push(`preemption: ${quick}`);
    return { message: `${fit} ${reasons.join(', ')}`, candidate: null, clearsNomination: quick !== NEVER, deallocates };
  }
  const outcome = core.preempt(request, profile, draws, mayGo);
  const candidate = outcome?.candidate ?? null;
  if (outcome === null || candidate !== null) return { message: fit, candidate, clearsNomination: false, deallocates };
  if (outcome.failed) {
    // An error is all that upstream's chain of PostFilter plugins returns, and without a result a nomination stays.
    return { message: `${fit} preemption: ${outcome.message}`, candidate: null, clearsNomination: false, deallocates };
  }
  reasons.push(`preemption: ${outcome.message}`);
  return {
    message: `${fit} ${reasons.join(', ')}`,
    candidate: null,
    clearsNomination: outcome.ineligible === '',
    deallocates,
  };
}

/** The message of a preemption that cannot find a victim; `null` when a dry run has to tell. */
function withoutDryRun(core: SchedulingCore, { pod }: PodRequest, leastPriority: number): string | null {
  if (pod?.spec.preemptionPolicy === 'Never') return NEVER;
  if ((pod?.status?.nominatedNodeName ?? '') !== '') return null;
  if ((pod?.spec.priority ?? 0) > leastPriority) return null;
  const { diagnosis } = core;
  return noHelpMessage(
    diagnosis.nodeCount,
    Array.from({ length: diagnosis.unschedulableCount }, () => NO_VICTIMS),
  );
}

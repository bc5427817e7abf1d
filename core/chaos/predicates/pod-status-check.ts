/**
 * K8: the parts of a pod's status say the same, and a pod ends only where its restart policy lets it.
 *
 * Ready only with its containers; what is true gives no reason why it is not; the single address is the first of the list, and comes with the sandbox; containers are not restarted fewer times than before. Without another reason (its
 * deletion, a disruption, an eviction, a refusal), a pod of the restart policy Always does not end, one of OnFailure does not fail, and none succeeds with a container that has failed.
 * Source: Kubernetes 1.34 API reference, PodStatus; documentation, Pod lifecycle (phase, conditions, restart policy).
 */
import { PART_END, PART_STATUS } from '../../types/changed-parts.ts';
import type { Condition } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { findCondition, isConditionTrue, isPodTerminal } from '../../types/pod-conditions.ts';
import { type Judge, keyOf, type Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';

/** Conditions that the kubelet alone writes, with a reason only while they are false. */
const OWN: readonly string[] = ['Initialized', 'ContainersReady', 'Ready'];

export function podStatusesAgree(judge: Judge): Predicate {
  /** Uids of pods that a fault has written to: what their kubelets make of that is nobody's mistake. */
  const meddledWith = new Set<string>();
  const predicate: Predicate = {
    id: 'K8',
    about: 'the parts of a pod’s status agree, and it ends only where its restart policy lets it',
    evaluations: 0,
    commitKinds: ['Pod'],
    commitParts: PART_STATUS | PART_END,
    onCommit({ object, previous }: Commit) {
      const uid = (object ?? previous)?.metadata.uid ?? '';
      if (object === null) meddledWith.delete(uid);
      else if (judge.isOfFault === true) meddledWith.add(uid);
      if (object === null || previous === null || meddledWith.has(uid)) return;
      predicate.evaluations++;
      const pod = object as Pod;
      const before = previous as Pod;
      const ends = isPodTerminal(pod) && !isPodTerminal(before);
      const fault =
        contradiction(pod) ??
        earlyAddress(pod, before) ??
        (ends ? wrongEnd(pod, before) : null) ??
        lostRestarts(pod, before);
      if (fault !== null) judge.violate(predicate, `pod ${keyOf(pod)}: ${fault}`);
    },
  };
  return predicate;
}

/** Two parts that cannot both be true, or null. */
function contradiction({ status = {} }: Pod): string | null {
  const { podIP, podIPs, conditions } = status;
  if (podIPs !== undefined && podIPs[0]?.ip !== podIP)
    return `podIP is ${podIP ?? 'absent'}, podIPs begin with ${podIPs[0]?.ip ?? 'none'}`;
  const explained = conditions?.find(isExplained);
  if (explained !== undefined) return `it is ${explained.type}, and says why not: ${explained.reason}`;
  if (!isConditionTrue(conditions, 'Ready')) return null;
  // Who ends the pod of a lost node changes its phase alone.
  if (status.phase === 'Pending') return 'it is Ready and Pending';
  if (findCondition(conditions, 'ContainersReady')?.status === 'False') return 'it is Ready and its containers are not';
  const unready = status.containerStatuses?.find(({ ready }) => ready === false);
  return unready === undefined ? null : `it is Ready and its container ${unready.name} is not`;
}

/** Why a pod cannot have its address yet: its sandbox has it, but for a pod that has its node's. Or null. */
function earlyAddress({ spec, status = {} }: Pod, before: Pod): string | null {
  const { podIP = '', conditions } = status;
  if (podIP === '' || (before.status?.podIP ?? '') !== '' || spec.hostNetwork === true) return null;
  if (status.phase !== 'Pending' || findCondition(conditions, 'PodReadyToStartContainers')?.status !== 'False')
    return null;
  return `it has the address ${podIP} before its sandbox is there`;
}

/** Whether a condition of the kubelet is true and gives a reason; that all has ended is one (PodCompleted). */
function isExplained({ type, status, reason }: Condition): boolean {
  return status === 'True' && OWN.includes(type) && (reason ?? 'PodCompleted') !== 'PodCompleted';
}

/** Why the pod may not have ended just now, or null. */
function wrongEnd({ metadata, spec, status = {} }: Pod, before: Pod): string | null {
  const { phase } = status;
  const failed = status.containerStatuses?.find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  if (phase === 'Succeeded' && failed !== undefined)
    return `it has Succeeded and its container ${failed.name} has failed`;
  const { restartPolicy = 'Never' } = spec;
  const othersReason =
    metadata.deletionTimestamp !== undefined ||
    before.metadata.deletionTimestamp !== undefined ||
    status.reason !== undefined ||
    isConditionTrue(status.conditions, 'DisruptionTarget');
  if (othersReason || restartPolicy === 'Never' || (restartPolicy === 'OnFailure' && phase === 'Succeeded'))
    return null;
  return `it has ${phase} without a reason, its restart policy is ${restartPolicy}`;
}

/** A container that was restarted fewer times than before, or null. */
function lostRestarts({ status }: Pod, before: Pod): string | null {
  const counts = status?.containerStatuses;
  const known = before.status?.containerStatuses;
  if (counts === undefined || known === undefined || counts === known) return null;
  for (const { name, restartCount = 0 } of counts) {
    const was = known.find((other) => other.name === name)?.restartCount ?? 0;
    if (restartCount < was) return `container ${name} was restarted ${was} times and now ${restartCount}`;
  }
  return null;
}

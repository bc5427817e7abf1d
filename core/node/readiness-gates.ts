/** Conditions that others set and without which a pod is not Ready. Source: kubelet 1.34 status/generate.go GeneratePodReadyCondition. */
import type { Pod } from '../types/pod.ts';
import { findCondition } from '../types/pod-conditions.ts';

/** What the gates of a pod that are closed say, '' when all are open; without gates always ''. */
export function closedGates(pod: Pod): string {
  const gates = pod.spec.readinessGates;
  if (gates === undefined || gates.length === 0) return '';
  const closed: string[] = [];
  for (const { conditionType } of gates) {
    const status = findCondition(pod.status?.conditions, conditionType)?.status;
    if (status === undefined)
      closed.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    else if (status !== 'True')
      closed.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${status}`);
  }
  return closed.join(', ');
}

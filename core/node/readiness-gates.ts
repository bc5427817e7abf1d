/** Conditions that others set and without which a pod is not Ready. Source: kubelet 1.34 status/generate.go GeneratePodReadyCondition. */
import type { Pod } from '../types/pod.ts';
import { findCondition } from '../types/pod-conditions.ts';
import { FLAG, PHASE, type PodTable } from './pod-table.ts';

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

/** The containers of a pod that runs are ready, or are not: the pod is where its gates are open. */
export function setContainersReady(pods: PodTable, row: number, areReady: boolean): void {
  const isOpen = areReady && closedGates(pods.pod[row] as Pod) === '';
  pods.phase[row] = isOpen ? PHASE.ready : PHASE.running;
  if (areReady && !isOpen) pods.set(row, FLAG.gated);
  else pods.clear(row, FLAG.gated);
}

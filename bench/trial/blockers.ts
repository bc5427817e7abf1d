/**
 * What stood in the way: from a bad mark to the line in the manifests that explains it.
 */
import { changesWorkload, type TrialName } from './battery.ts';
import { type Measure, wasNotReady } from './measure.ts';
import type { Workload } from './workload.ts';

/** Explanations of a mark that is not *survived*, the most telling first. */
export function blockersOf(workload: Workload, trial: TrialName, measure: Measure): string[] {
  const { unschedulable, unschedulableBefore, unreadyBefore } = measure;
  const unready = unreadyBefore === '' ? [] : [unreadyBefore];
  // It never ran: what the fault did explains nothing.
  if (wasNotReady(workload.kind, measure) && measure.readyBefore === 0) {
    return [...roomBlockers([unschedulableBefore]), ...unready, ...workload.missing];
  }
  const found: string[] = [];
  if (measure.blockedNodes.length > 0) found.push(...budgetBlockers(workload));
  found.push(...roomBlockers([unschedulableBefore, unschedulable]), ...unready);
  if (trial === 'drain' && workload.kind === 'Pod') {
    found.push('the drain evicts a bare Pod, which kubectl drain does with --force only');
  }
  const crashed = trial === 'node-crash' || trial === 'zone-loss';
  if (crashed && measure.replicas > 1 && measure.onFailed >= measure.replicas && workload.kind !== 'DaemonSet') {
    found.push(`all ${measure.replicas} pods were on what failed: spread them`);
  }
  if (crashed && workload.kind === 'StatefulSet') {
    found.push('a StatefulSet does not replace a pod on a lost node before the node is back or deleted');
  }
  if (trial === 'broken-image' && workload.kind === 'StatefulSet' && measure.lack !== '') {
    found.push('a StatefulSet waits for its broken pod: after taking the image back, delete that pod by hand');
  }
  if (trial === 'drain' && workload.budgets.length === 0 && measure.replicas > 1 && measure.missed !== null) {
    found.push('no PodDisruptionBudget: the next drain does not wait for this one to be made up');
  }
  const strategy = changesWorkload(trial) ? strategyBlockers(workload) : [];
  found.push(...workload.missing, ...(strategy.length > 0 ? strategy : workload.suspicions));
  return found;
}

/** A Deployment that lets a rollout take all its pods at once: that is to blame, however few they are. */
function strategyBlockers({ kind, replicas, isRecreated, maxUnavailable, maxSurge }: Workload): string[] {
  if (kind !== 'Deployment' || replicas < 1 || maxUnavailable < replicas) return [];
  return [
    maxSurge === 0
      ? `${isRecreated ? 'strategy Recreate' : `maxUnavailable ${maxUnavailable} of ${replicas} and maxSurge 0`}: all pods stop before new ones start`
      : `maxUnavailable ${maxUnavailable} of ${replicas}: a rollout takes all pods away before new ones are ready`,
  ];
}

function budgetBlockers(workload: Workload): string[] {
  const never = workload.budgets.filter(({ neverAllows }) => neverAllows);
  if (never.length > 0) {
    return never.map(
      ({ name, text }) =>
        `unsatisfiable budget: PodDisruptionBudget ${name} (${text} of ${workload.replicas} replicas) never allows an eviction`,
    );
  }
  return workload.budgets.map(({ name, text }) => `PodDisruptionBudget ${name} (${text}) held the eviction back`);
}

/** A scheduler's message without what PostFilter plugins say: that repeats why the nodes do not fit, or is of claims that the pod has not. */
export function whyNoNode(message: string): string {
  return message.replace(/(?: no new claims to deallocate)?,? preemption: .*$/s, '');
}

/** Each of the scheduler's messages once. */
function roomBlockers(messages: readonly string[]): string[] {
  const short = messages.map(whyNoNode);
  return [...new Set(short)].filter((message) => message !== '').map(roomBlocker);
}

function roomBlocker(message: string): string {
  if (/anti-affinity/.test(message)) return `anti-affinity without room: ${message}`;
  if (/topology spread/.test(message)) return `topology spread without room: ${message}`;
  return `no node for a pod: ${message}`;
}

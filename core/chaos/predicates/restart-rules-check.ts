/**
 * K1: a kubelet runs only pods of its own node, starts none that it has reported as ended, and keeps to restart policy and back-off.
 *
 * Back-offs are judged from one start of a kubelet to the next: what it knew before, it may have lost. What its machine keeps of ended containers it knows for good:
 * a pod of the restart policy Never that has run does not run again, nor after a power loss. The n-th restart of a container waits 10 s × 2^(n − 2), at most 300 s,
 * from the end of the run before; here from its start, and half of the time is enough, because a node's clock may run at another rate.
 * Source: kubelet 1.34, back-off of crashed containers (10 s to 300 s, forgotten after 10 minutes).
 */
import type { Pid } from '../../sim/process.ts';
import { PART_BIRTH, PART_END, PART_SPEC } from '../../types/changed-parts.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodTerminal } from '../../types/pod-conditions.ts';
import { KUBELET_USER } from '../../types/user-names.ts';
import { type CommittedWrite, type Judge, keyOf, listen, type Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';

const BACKOFF_US = 10_000_000;
const BACKOFF_US_MAX = 300_000_000;
const FORGOTTEN_US = 600_000_000;
const CLOCK_SLACK = 0.5;

/** Starts of a container since its kubelet's own start. */
interface Runs {
  readonly incarnation: number;
  restarts: number;
  lastUs: number;
  /** The start before the last. */
  readonly formerUs: number;
}

/** A container by its index. */
interface Restarted {
  readonly podUid: string;
  readonly container: number;
}

interface Started {
  readonly node: string;
  readonly namespace: string;
  readonly name: string;
  readonly podUid: string;
}

export function restartRules(judge: Judge): Predicate {
  /** The last start of a pod, and those of its containers that were started again, by index. */
  const starts = new Map<string, Runs>();
  const runs = new Map<string, (Runs | undefined)[]>();
  const pods = new Map<string, Pod>();
  /** Incarnation of the kubelet that reported the end of a pod, by uid. */
  const reported = new Map<string, number>();
  const { processes } = judge.sim;
  const predicate: Predicate = {
    id: 'K1',
    about: 'a kubelet runs only pods of its node, none that it has reported as ended, and restarts keep their back-off',
    evaluations: 0,
    commitKinds: ['Pod'],
    commitParts: PART_SPEC | PART_BIRTH | PART_END,
    onCommit({ object, previous }: Commit) {
      const uid = (object ?? previous)?.metadata.uid ?? '';
      if (object !== null) pods.set(uid, object as Pod);
      else for (const known of [pods, starts, runs, reported]) known.delete(uid);
    },
  };
  listen(
    judge,
    'api.write',
    (_pid, subject) => {
      const { op, after } = subject as CommittedWrite;
      const { user } = op.request;
      if (after === null || !user.startsWith(KUBELET_USER) || !isPodTerminal(after as Pod)) return;
      const kubelet = processes.find(`kubelet-${user.slice(KUBELET_USER.length)}`);
      if (kubelet !== undefined) reported.set(after.metadata.uid ?? '', processes.incarnation[kubelet] as number);
    },
    ['Pod'],
  );
  listen(judge, 'kubelet.run', (pid: Pid, subject) => {
    const { node, podUid } = subject as Started;
    const pod = pods.get(podUid);
    if (pod === undefined) return;
    predicate.evaluations++;
    const incarnation = processes.incarnation[pid] as number;
    const last = starts.get(podUid);
    let fault: string | null = null;
    if (pod.spec.nodeName !== node) fault = `it is bound to ${pod.spec.nodeName ?? 'no node'}`;
    else if (reported.get(podUid) === incarnation) fault = 'this kubelet has reported its end';
    else if (last !== undefined && pod.spec.restartPolicy === 'Never') fault = 'its restart policy is Never';
    if (fault !== null) judge.violate(predicate, `${node} starts pod ${keyOf(pod)}: ${fault}`);
    starts.set(podUid, { incarnation, restarts: 0, lastUs: judge.sim.now, formerUs: judge.sim.now });
  });
  listen(judge, 'kubelet.restart', (pid: Pid, subject) => {
    const { podUid, container } = subject as Restarted;
    const pod = pods.get(podUid);
    if (pod === undefined) return;
    predicate.evaluations++;
    const incarnation = processes.incarnation[pid] as number;
    const all = runs.get(podUid) ?? [];
    const known = all[container];
    const last = known?.incarnation === incarnation ? known : starts.get(podUid);
    const { now } = judge.sim;
    const isSame = last?.incarnation === incarnation;
    const fault = isSame ? restartFault(last, isKilledForProbes(pod, container), now) : null;
    if (fault !== null) {
      const { name } = pod.spec.containers[container] as { readonly name: string };
      judge.violate(predicate, `${pod.spec.nodeName} starts container ${name} of pod ${keyOf(pod)}: ${fault}`);
    }
    const restarts = isSame && now - last.lastUs < FORGOTTEN_US ? last.restarts + 1 : 0;
    all[container] = { incarnation, restarts, lastUs: now, formerUs: last?.lastUs ?? now };
    runs.set(podUid, all);
  });
  return predicate;
}

/** Why the container may not be started again now, or null. */
function restartFault({ restarts, lastUs, formerUs }: Runs, isKilled: boolean, nowUs: number): string | null {
  // The first restart comes at once. One that its kubelet kills is weighed while it runs, by its end before: so does its second, and each after a long wait.
  const sinceUs = nowUs - (isKilled ? formerUs : lastUs);
  const waits = restarts - (isKilled ? 1 : 0);
  const backOffUs = waits <= 0 ? 0 : Math.min(BACKOFF_US * 2 ** (waits - 1), BACKOFF_US_MAX);
  if (sinceUs >= FORGOTTEN_US || sinceUs >= backOffUs * CLOCK_SLACK) return null;
  return `restart ${restarts + 1} comes ${Math.round(sinceUs / 1_000_000)} s after the last start, its back-off is ${backOffUs / 1_000_000} s`;
}

/** Whether probes may have its kubelet kill the container. */
function isKilledForProbes({ spec }: Pod, container: number): boolean {
  const probed = spec.containers[container];
  return (probed?.livenessProbe ?? probed?.startupProbe) !== undefined;
}

/**
 * K3: a pod leaves the API only when none of its containers runs any more and its end was told, unless somebody forces it; none stops before its preStop hook has had its time.
 *
 * A stop is judged where the pod is being deleted and its kubelet runs (a machine without power asks nobody). The hook has the smaller of its sleep and the
 * pod's grace period; two seconds less are enough, because API times are whole seconds, and half of it, because a node's clock may run at another rate.
 * Source: Kubernetes documentation, Pod lifecycle, "Termination of Pods".
 */
import type { Pid } from '../../sim/process.ts';
import { PART_BIRTH, PART_END, PART_METADATA, PART_SPEC } from '../../types/changed-parts.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodTerminal } from '../../types/pod-conditions.ts';
import { KUBELET_USER } from '../../types/user-names.ts';
import { VERB } from '../../types/wire.ts';
import { type CommittedWrite, type Judge, keyOf, listen, type Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';

const CLOCK_SLACK = 0.5;
const WHOLE_SECONDS = 2;

interface Containers {
  readonly podUid: string;
}

export function stopRules(judge: Judge): Predicate {
  const running = new Set<string>();
  const tellsEnds = judge.truth?.kubelet === 'real';
  /** Pods that are being deleted, and since when, by uid. */
  const ending = new Map<string, { readonly pod: Pod; readonly sinceUs: number }>();
  const predicate: Predicate = {
    id: 'K3',
    about:
      'no pod is removed before its containers have stopped and it was said how, unless by force, and these stop after their preStop hook',
    evaluations: 0,
    commitKinds: ['Pod'],
    commitParts: PART_SPEC | PART_METADATA | PART_BIRTH | PART_END,
    onCommit({ object, previous, timeUs }: Commit) {
      const uid = (object ?? previous)?.metadata.uid ?? '';
      if (object === null) ending.delete(uid);
      else if (object.metadata.deletionTimestamp !== undefined) {
        const sinceUs = ending.get(uid)?.sinceUs ?? timeUs;
        ending.set(uid, { pod: object as Pod, sinceUs });
      }
    },
  };
  listen(judge, 'kubelet.run', (_pid, subject) => running.add((subject as Containers).podUid));
  listen(judge, 'kubelet.stop', (pid: Pid, subject) => {
    const { podUid } = subject as Containers;
    running.delete(podUid);
    const end = ending.get(podUid);
    if (end === undefined || !judge.sim.isRunning(pid)) return;
    const hookS = hookSeconds(end.pod);
    if (hookS === 0) return;
    predicate.evaluations++;
    const passedS = (judge.sim.now - end.sinceUs) / 1_000_000;
    if (passedS >= Math.min(hookS - WHOLE_SECONDS, hookS * CLOCK_SLACK)) return;
    const what = `stops ${Math.round(passedS * 10) / 10} s after its deletion, its preStop hook has ${hookS} s`;
    judge.violate(predicate, `pod ${keyOf(end.pod)} ${what}`);
  });
  listen(
    judge,
    'api.write',
    (_pid, subject) => {
      const { op, before, after } = subject as CommittedWrite;
      const { user, verb, options } = op.request;
      if (before === null || verb !== VERB.delete) return;
      const isKubelet = user.startsWith(KUBELET_USER);
      if (isKubelet && tellsEnds) {
        predicate.evaluations++;
        if (isUntold(before as Pod)) {
          judge.violate(predicate, `pod ${keyOf(before)} is removed for ${user}, which has not said how it ended`);
          return;
        }
      }
      // Whoever asks for no grace, or has pods that say so, wants it gone, whatever runs; a kubelet asks for it when nothing does.
      const graceS = options.gracePeriodSeconds ?? (before as Pod).spec.terminationGracePeriodSeconds;
      if (after !== null || (graceS === 0 && !isKubelet)) return;
      predicate.evaluations++;
      if (!running.has(before.metadata.uid ?? '')) return;
      judge.violate(predicate, `pod ${keyOf(before)} is removed for ${user} while its containers run`);
    },
    ['Pod'],
    PART_END | PART_METADATA,
  );
  return predicate;
}

/** Whether a pod that has run is not known to have ended. */
function isUntold(pod: Pod): boolean {
  return (pod.status?.containerStatuses ?? []).length > 0 && !isPodTerminal(pod);
}

/** Seconds that the longest preStop sleep of the pod has. */
function hookSeconds({ spec, metadata }: Pod): number {
  const sleeps = spec.containers.map(({ lifecycle }) => lifecycle?.preStop?.sleep?.seconds ?? 0);
  const grace = metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30;
  return Math.min(Math.max(0, ...sleeps), grace);
}

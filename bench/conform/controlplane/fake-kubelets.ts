/**
 * What the recordings' fake kubelets leave undone: the excuses of a recording whose workloads are not all available at its end.
 *
 * Source: README of the recordings. A fake kubelet makes a bound pod Ready after `ready-after`, never where the pod says so, and reports each pod once:
 * a readiness that the node controller took back does not return. It ends a Job's pod after `run-for`, or never, and removes a deleted pod
 * after `stop-after`; a stopped one does nothing. Computed from commits and the annotations, never given by hand.
 */
import { keyOf } from '../../../core/chaos/predicate.ts';
import type { Commit, World } from '../../../core/chaos/world.ts';
import { controllerOf } from '../../../core/types/owner-references.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { isPodReady, isPodTerminal } from '../../../core/types/pod-conditions.ts';
import type { EndExcuse } from './end-excuses.ts';

const NEVER_READY = 'reference.example/never-ready';
const READY_AFTER = 'reference.example/ready-after';
const RUN_FOR = 'reference.example/run-for';
const EXIT = 'reference.example/exit';
const STOP_AFTER = 'reference.example/stop-after';
const STOPPED = 'reference.example/stopped';
/** Pods of a lost node go after a quarantine of 40 s, looked at each 20 s, twice (Kubernetes 1.34.1, pkg/controller/podgc/gc_controller.go). */
const POD_GC_US = 80_000_000;
/** How long a Job's controller gathers changes of pods (Kubernetes 1.34.1, pkg/controller/job/job_controller.go, syncJobBatchPeriod). */
const JOB_BATCH_US = 1_000_000;
/** What a DaemonSet's controller adds to minReadySeconds (Kubernetes 1.34.1, pkg/controller/daemon/daemon_controller.go updatePod). */
const LATER_US = 1_000_000;
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m)$/;
const UNIT_US = { ms: 1000, s: 1_000_000, m: 60_000_000 } as const;

export class FakeKubelets {
  readonly #boundUs = new Map<string, number>();
  readonly #deletedUs = new Map<string, number>();
  /** When nodes were deleted, by name. */
  readonly #lostUs = new Map<string, number>();
  /** When pods were ready first, by uid. */
  readonly #readyUs = new Map<string, number>();
  readonly #endedUs = new Map<string, number>();

  /** Notes when pods were bound and deleted, and which were ready once. */
  take({ kind, object, previous, timeUs }: Commit): void {
    if (kind === 'Node' && object === null) this.#lostUs.set(previous?.metadata.name ?? '', timeUs);
    if (kind !== 'Pod' || object === null) return;
    const pod = object as Pod;
    const uid = pod.metadata.uid ?? '';
    if ((pod.spec.nodeName ?? '') !== '' && !this.#boundUs.has(uid)) this.#boundUs.set(uid, timeUs);
    if (pod.metadata.deletionTimestamp !== undefined && !this.#deletedUs.has(uid)) this.#deletedUs.set(uid, timeUs);
    if (isPodReady(pod) && !this.#readyUs.has(uid)) this.#readyUs.set(uid, timeUs);
    if (isPodTerminal(pod) && !this.#endedUs.has(uid)) this.#endedUs.set(uid, timeUs);
  }

  /** Bound pods that no fake kubelet has to make Ready, to end or to remove by now, nor their Jobs' controller to count. */
  *excuses(world: World, nowUs: number): Generator<EndExcuse, void, undefined> {
    for (const object of world.of('Pod').values()) {
      const why = this.#whyNot(object as Pod, world, nowUs);
      if (why !== null) yield { about: [keyOf(object)], why: `${object.metadata.name} ${why}` };
    }
  }

  /** What keeps the pod from what it is to become, as the end of a sentence; null where nothing does. */
  #whyNot(pod: Pod, world: World, nowUs: number): string | null {
    const { uid = '', annotations = {} } = pod.metadata;
    const nodeName = pod.spec.nodeName ?? '';
    const node = world.nodeNamed(nodeName);
    if (node === undefined && nowUs - (this.#lostUs.get(nodeName) ?? nowUs) < POD_GC_US && nodeName !== '')
      return 'waits for the collection of pods on lost nodes';
    const isOfJob = controllerOf(pod)?.kind === 'Job';
    if (isOfJob && nowUs - (this.#endedUs.get(uid) ?? 0) < JOB_BATCH_US) return 'is counted later';
    if (node === undefined || isPodTerminal(pod)) return null;
    if (node.metadata.labels?.[STOPPED] !== undefined) return 'is on a node whose kubelet is stopped';
    const deletedUs = this.#deletedUs.get(uid);
    if (deletedUs !== undefined)
      return nowUs - deletedUs < durationUs(annotations[STOP_AFTER] ?? '0s') ? 'still stops' : null;
    const readyUs = (this.#boundUs.get(uid) ?? nowUs) + durationUs(annotations[READY_AFTER] ?? '0s');
    if (isOfJob) {
      if (annotations[EXIT] === 'never') return 'never ends';
      if (nowUs < readyUs + durationUs(annotations[RUN_FOR] ?? '0s')) return 'still runs';
    }
    const sinceUs = this.#readyUs.get(uid);
    if (isPodReady(pod)) return nowUs - (sinceUs ?? 0) < availableUs(world, pod) ? 'is looked at later' : null;
    if (annotations[NEVER_READY] === 'true') return 'never gets ready';
    if (sinceUs !== undefined) return 'was reported once';
    return nowUs < readyUs ? 'is still starting' : null;
  }
}

/** How long after it got ready the pod's controller looks whether it is available, µs; 0 where that is at once. */
function availableUs(world: World, pod: Pod): number {
  const { kind = '', uid } = controllerOf(pod) ?? {};
  const owner = [...world.of(kind).values()].find(({ metadata }) => metadata.uid === uid);
  const { minReadySeconds = 0 } = (owner?.spec ?? {}) as { readonly minReadySeconds?: number };
  return minReadySeconds === 0 ? 0 : minReadySeconds * 1_000_000 + LATER_US;
}

function durationUs(text: string): number {
  const [, amount = '0', unit = 's'] = DURATION.exec(text) ?? [];
  return Number(amount) * UNIT_US[unit as keyof typeof UNIT_US];
}

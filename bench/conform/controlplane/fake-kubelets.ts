/**
 * What the recordings' fake kubelets leave undone: the excuses of a recording whose workloads are not all available at its end.
 *
 * Source: README of the recordings. A fake kubelet makes a bound pod Ready after `ready-after`, never where the pod says so, and reports each pod once:
 * a readiness that the node controller took back does not return. It ends a Job's pod after `run-for`, or never, and removes a deleted pod
 * after `stop-after`; a stopped one does nothing. Computed from commits and the annotations, never given by hand.
 */
import type { Commit, World } from '../../../core/chaos/world.ts';
import { controllerOf } from '../../../core/types/owner-references.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { isPodReady, isPodTerminal } from '../../../core/types/pod-conditions.ts';

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
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m)$/;
const UNIT_US = { ms: 1000, s: 1_000_000, m: 60_000_000 } as const;

export class FakeKubelets {
  readonly #boundUs = new Map<string, number>();
  readonly #deletedUs = new Map<string, number>();
  /** When nodes were deleted, by name. */
  readonly #lostUs = new Map<string, number>();
  readonly #wereReady = new Set<string>();
  readonly #endedUs = new Map<string, number>();

  /** Notes when pods were bound and deleted, and which were ready once. */
  take({ kind, object, previous, timeUs }: Commit): void {
    if (kind === 'Node' && object === null) this.#lostUs.set(previous?.metadata.name ?? '', timeUs);
    if (kind !== 'Pod' || object === null) return;
    const pod = object as Pod;
    const uid = pod.metadata.uid ?? '';
    if ((pod.spec.nodeName ?? '') !== '' && !this.#boundUs.has(uid)) this.#boundUs.set(uid, timeUs);
    if (pod.metadata.deletionTimestamp !== undefined && !this.#deletedUs.has(uid)) this.#deletedUs.set(uid, timeUs);
    if (isPodReady(pod)) this.#wereReady.add(uid);
    if (isPodTerminal(pod) && !this.#endedUs.has(uid)) this.#endedUs.set(uid, timeUs);
  }

  /** A bound pod that no fake kubelet has to make Ready, to end or to remove by now, nor its Job's controller to count, with why; null where there is none. */
  excuse(world: World, nowUs: number): string | null {
    for (const object of world.of('Pod').values()) {
      const pod = object as Pod;
      const { name, uid = '', annotations = {} } = pod.metadata;
      const nodeName = pod.spec.nodeName ?? '';
      const node = world.nodeNamed(nodeName);
      if (node === undefined && nowUs - (this.#lostUs.get(nodeName) ?? nowUs) < POD_GC_US && nodeName !== '')
        return `${name} waits for the collection of pods on lost nodes`;
      if (controllerOf(pod)?.kind === 'Job' && nowUs - (this.#endedUs.get(uid) ?? 0) < JOB_BATCH_US)
        return `${name} is counted later`;
      if (node === undefined || isPodTerminal(pod)) continue;
      if (node.metadata.labels?.[STOPPED] !== undefined) return `the kubelet of ${name} is stopped`;
      const deletedUs = this.#deletedUs.get(uid);
      if (deletedUs !== undefined) {
        if (nowUs - deletedUs < durationUs(annotations[STOP_AFTER] ?? '0s')) return `${name} still stops`;
        continue;
      }
      if (controllerOf(pod)?.kind === 'Job') {
        if (annotations[EXIT] === 'never') return `${name} never ends`;
        const startedUs = (this.#boundUs.get(uid) ?? nowUs) + durationUs(annotations[READY_AFTER] ?? '0s');
        if (nowUs < startedUs + durationUs(annotations[RUN_FOR] ?? '0s')) return `${name} still runs`;
      }
      if (isPodReady(pod)) continue;
      if (annotations[NEVER_READY] === 'true') return `${name} never gets ready`;
      if (this.#wereReady.has(uid)) return `${name} was reported once`;
      const heldUs = nowUs - (this.#boundUs.get(uid) ?? nowUs);
      if (heldUs < durationUs(annotations[READY_AFTER] ?? '0s')) return `${name} is still starting`;
    }
    return null;
  }
}

function durationUs(text: string): number {
  const [, amount = '0', unit = 's'] = DURATION.exec(text) ?? [];
  return Number(amount) * UNIT_US[unit as keyof typeof UNIT_US];
}

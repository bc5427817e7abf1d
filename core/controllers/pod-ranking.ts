/**
 * Which pods go first when there are too many.
 *
 * Order: without a node, Pending before Unknown before Running, not ready, lower deletion cost, more related pods on its node, ready for
 * a shorter time (compared by powers of two), more restarts, younger (likewise), uid.
 * Source: Kubernetes 1.34 pkg/controller/controller_utils.go (ActivePodsWithRanks.Less).
 */

import { uidOf } from '../types/object.ts';
import type { Pod } from '../types/pod.ts';
import { isPodReady, podReadySinceUs } from '../types/pod-conditions.ts';
import { isSidecar } from '../types/pod-requests.ts';
import { parseTime } from '../types/time.ts';

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

/** What the order needs of one pod, read once. */
export interface RankedPod {
  readonly id: number;
  readonly pod: Pod;
  readonly assigned: boolean;
  readonly phase: number;
  readonly ready: boolean;
  readonly cost: number;
  readonly siblingsOnNode: number;
  readonly readySinceUs: number;
  readonly restarts: number;
  readonly sidecarRestarts: number;
  readonly createdUs: number;
}

/** Reads a pod; `siblingsOnNode`: active pods of all related owners on its node. */
export function rankPod(id: number, pod: Pod, siblingsOnNode: number): RankedPod {
  const ready = isPodReady(pod);
  return {
    id,
    pod,
    assigned: (pod.spec.nodeName ?? '') !== '',
    phase: phaseOrdinal(pod.status?.phase),
    ready,
    cost: deletionCost(pod),
    siblingsOnNode,
    readySinceUs: ready ? podReadySinceUs(pod) : Number.NaN,
    restarts: restartsOf(pod.status?.containerStatuses),
    sidecarRestarts: sidecarRestarts(pod),
    createdUs: parseTime(pod.metadata.creationTimestamp ?? ''),
  };
}

/** Negative: `a` is deleted before `b`. `nowUs` is wall time, µs. */
export function compareForDeletion(a: RankedPod, b: RankedPod, nowUs: number): number {
  if (a.assigned !== b.assigned) return a.assigned ? 1 : -1;
  if (a.phase !== b.phase) return a.phase - b.phase;
  if (a.ready !== b.ready) return a.ready ? 1 : -1;
  if (a.cost !== b.cost) return a.cost - b.cost;
  if (a.siblingsOnNode !== b.siblingsOnNode) return b.siblingsOnNode - a.siblingsOnNode;
  if (a.ready && b.ready && a.readySinceUs !== b.readySinceUs)
    return compareAges(a.readySinceUs, b.readySinceUs, a, b, nowUs);
  if (a.restarts !== b.restarts) return b.restarts - a.restarts;
  if (a.sidecarRestarts !== b.sidecarRestarts) return b.sidecarRestarts - a.sidecarRestarts;
  if (a.createdUs !== b.createdUs) return compareAges(a.createdUs, b.createdUs, a, b, nowUs);
  return 0;
}

/**
 * The order without costs, siblings and powers of two, in which Jobs delete: negative where `a` goes before `b`. Source: Kubernetes 1.34
 * pkg/controller/controller_utils.go (ActivePods.Less).
 */
export function compareActive(a: RankedPod, b: RankedPod): number {
  if (a.assigned !== b.assigned) return a.assigned ? 1 : -1;
  if (a.phase !== b.phase) return a.phase - b.phase;
  if (a.ready !== b.ready) return a.ready ? 1 : -1;
  if (a.ready && a.readySinceUs !== b.readySinceUs) return b.readySinceUs - a.readySinceUs;
  if (a.restarts !== b.restarts) return b.restarts - a.restarts;
  if (a.sidecarRestarts !== b.sidecarRestarts) return b.sidecarRestarts - a.sidecarRestarts;
  return b.createdUs - a.createdUs;
}

/** The younger first, ages compared by powers of two of nanoseconds; within one power by uid. */
function compareAges(a: number, b: number, podA: RankedPod, podB: RankedPod, nowUs: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) ? (Number.isNaN(b) ? 0 : -1) : 1;
  const difference = floorLog2(nowUs - a) - floorLog2(nowUs - b);
  if (difference !== 0) return difference;
  const uidA = uidOf(podA.pod);
  const uidB = uidOf(podB.pod);
  return uidA < uidB ? -1 : uidA > uidB ? 1 : 0;
}

const BITS = new DataView(new ArrayBuffer(8));

/** ⌊log₂⌋ of a duration of `us` µs in nanoseconds, −1 when not positive. */
export function floorLog2(us: number): number {
  if (us <= 0) return -1;
  BITS.setFloat64(0, us * 1000);
  return ((BITS.getUint16(0) >>> 4) & 0x7ff) - 1023;
}

function phaseOrdinal(phase: string | undefined): number {
  return phase === 'Running' ? 2 : phase === 'Unknown' ? 1 : 0;
}

/** The annotation's value; 0 when absent or no int32. */
function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[DELETION_COST];
  if (text === undefined || !/^(0|-?[1-9]\d{0,9})$/.test(text)) return 0;
  const cost = Number(text);
  return cost >= -2147483648 && cost <= 2147483647 ? cost : 0;
}

function restartsOf(statuses: readonly { readonly restartCount: number }[] | undefined): number {
  let most = 0;
  if (statuses !== undefined) for (const { restartCount } of statuses) if (restartCount > most) most = restartCount;
  return most;
}

function sidecarRestarts(pod: Pod): number {
  const sidecars = pod.spec.initContainers?.filter(isSidecar);
  if (sidecars === undefined || sidecars.length === 0) return 0;
  const names = new Set(sidecars.map((container) => container.name));
  return restartsOf(pod.status?.initContainerStatuses?.filter((status) => names.has(status.name)));
}

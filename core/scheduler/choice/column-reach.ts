/**
 * How far the columns reach: for which pods they can answer, on cached totals or on the plain path, and for which only the reference framework.
 */
import type { Pod } from '../../types/pod.ts';
import type { ClusterObjects } from '../framework/cluster-objects.ts';
import { asksForDevices } from '../framework/devices/extended-resources.ts';
import { podInfoOf } from '../framework/pod-info.ts';
import type { PodRequest } from '../plugins/plugin.ts';
import { leavesColumns } from '../pods/leaves-columns.ts';
import type { Nominations } from '../preemption/nominations.ts';
import type { Waiting, WaitingRoom } from '../preemption/waiting-room.ts';
import type { SettledVolumes } from '../volumes/settled-volumes.ts';
import type { ProfilePaths } from './profile-paths.ts';

/** What it depends on beside the pod. */
interface ReachParts {
  readonly objects: ClusterObjects;
  readonly nominations: Nominations;
  readonly waitingRoom: WaitingRoom;
  /** `null` when volumes are not among the objects. */
  readonly volumes: SettledVolumes | null;
}

/** The list of nobody. */
export const NOBODY: readonly Waiting[] = [];

/** Tells it for one core. */
export class ColumnReach {
  readonly #objects: ClusterObjects;
  readonly #nominations: Nominations;
  readonly #waitingRoom: WaitingRoom;
  readonly #volumes: SettledVolumes | null;

  constructor({ objects, nominations, waitingRoom, volumes }: ReachParts) {
    this.#objects = objects;
    this.#nominations = nominations;
    this.#waitingRoom = waitingRoom;
    this.#volumes = volumes;
  }

  /** Nodes that others wait for as the cached path can heed them; `null` when the reference path has to decide. */
  waitingAgainst(request: PodRequest, { looksAtClaims, isTakenApart }: ProfilePaths): readonly Waiting[] | null {
    const { pod, podClass } = request;
    if (podClass.shape.isUnparsable) return null;
    if (pod === undefined) return NOBODY;
    if (isTakenApart || leavesColumns(pod) || this.#volumes?.allow(pod) === false) return null;
    const isNominated = (pod.status?.nominatedNodeName ?? '') !== '';
    if (this.hasClaims(pod) && (isNominated || !looksAtClaims)) return null;
    if (isNominated && podClass.shape.required?.nodeNames) return null;
    return this.#nominations.size === 0 ? NOBODY : this.#waitingRoom.against(request);
  }

  /** Whether the pod has claims for devices, where these are among the objects. */
  hasClaims(pod: Pod | undefined): boolean {
    if (this.#volumes === null || pod === undefined) return false;
    return pod.spec.resourceClaims !== undefined || asksForDevices(pod, this.#objects);
  }

  /**
   * Whether neither path on the columns can answer: the pod waits for a node, others do, its volumes matter, it is resized, its cycle may
   * end with an error, or the profile takes a plugin apart.
   */
  isBeyond({ pod, podClass }: PodRequest, { isTakenApart }: ProfilePaths): boolean {
    if (podClass.shape.isUnparsable) return true;
    if (pod === undefined) return false;
    if (isTakenApart) return true;
    if ((pod.status?.nominatedNodeName ?? '') !== '') return true;
    if (this.#nominations.size > 0 && this.#nominations.contest(podInfoOf(pod))) return true;
    return leavesColumns(pod) || this.hasClaims(pod) || this.#volumes?.allow(pod) === false;
  }
}

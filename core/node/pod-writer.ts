/**
 * What a kubelet writes to the API about its pods: status patches and the final DELETE.
 *
 * One write a pod at a time; changes meanwhile are one later write. A write that fails is repeated after 10 s (the status manager's
 * period). Patches carry the uid, so a pod that was made again under the same name is never touched.
 */
import type { RequestListener } from '../client/call.ts';
import { PROCESS_DOWN } from '../sim/process.ts';
import type { Pod } from '../types/pod.ts';
import { PODS } from '../types/resource-type.ts';
import type { StatusError } from '../types/status-error.ts';
import { type ApiResponse, VERB } from '../types/wire.ts';
import type { FleetState } from './fleet-state.ts';
import { BUG_DELETES_ONCE, BUG_KEEPS_REASONS, MARK_STATUS_RETRY } from './marks.ts';
import { OP_POD_WRITE } from './ops.ts';
import { FLAG, PHASE } from './pod-table.ts';

const RETRY_US = 10_000_000;
const TAG_BASE = 0x100000;

export class PodWriter implements RequestListener {
  readonly #state: FleetState;
  /** Called when the API no longer knows the pod: it has been deleted by this kubelet or by others. */
  readonly #onGone: (row: number) => void;

  constructor(state: FleetState, onGone: (row: number) => void) {
    this.#state = state;
    this.#onGone = onGone;
  }

  /** The pod's status changed: write it, now or after the write that is under way. */
  changed(row: number): void {
    const { pods } = this.#state;
    if (pods.has(row, FLAG.gone)) return;
    if (pods.has(row, FLAG.writing)) {
      pods.set(row, FLAG.dirty);
      return;
    }
    if (this.#isUnheard(row)) {
      this.#state.stalls.unheard++;
      pods.set(row, FLAG.dirty);
      return;
    }
    this.#write(row);
  }

  /** The kubelet hears of its containers again: writes what has changed meanwhile, by timers, which wait where it is frozen. */
  tellHeld(node: number): void {
    const { pods, nodes, sim } = this.#state;
    if (sim.processes.state[nodes.pid[node] as number] === PROCESS_DOWN) return;
    for (let row = pods.firstOf(node); row >= 0; row = pods.next[row] as number) {
      if (!pods.has(row, FLAG.dirty) || pods.has(row, FLAG.writing)) continue;
      this.#state.contextOf(node).setTimer(0, OP_POD_WRITE, row, pods.generation[row]);
    }
  }

  /** What became of containers that have run is not known while the kubelet does not hear of them. */
  #isUnheard(row: number): boolean {
    const { pods, stalls } = this.#state;
    return stalls.has(pods.node[row] as number) && (pods.startedUs[row] as number) >= 0;
  }

  /** Whether the API has still to hear what became of the pod. */
  isBehind(row: number): boolean {
    return this.#state.pods.has(row, FLAG.writing | FLAG.dirty);
  }

  /** A retry is due. */
  retry(row: number, generation: number): void {
    const { pods } = this.#state;
    if (pods.generation[row] !== generation || pods.phase[row] === PHASE.free) return;
    this.changed(row);
  }

  onResponse(tag: number, _response: ApiResponse | null, error: StatusError | null): void {
    const { pods } = this.#state;
    const wasDelete = tag % 2 === 1;
    const row = Math.floor(tag / 2 / TAG_BASE);
    if (pods.generation[row] !== Math.floor(tag / 2) % TAG_BASE || pods.phase[row] === PHASE.free) return;
    pods.clear(row, FLAG.writing);
    const node = pods.node[row] as number;
    if (error !== null) {
      // A conflict is tried again: if another pod has the name by now, the watch will tell.
      if (error.isNotFound) this.#onGone(row);
      else {
        const ctx = this.#state.contextOf(node);
        if (wasDelete && ctx.bug(BUG_DELETES_ONCE)) return;
        if (!wasDelete) {
          pods.set(row, FLAG.dirty);
          pods.clear(row, FLAG.finalWritten);
        }
        ctx.mark(MARK_STATUS_RETRY);
        ctx.setTimer(RETRY_US, OP_POD_WRITE, row, pods.generation[row]);
      }
      return;
    }
    // With finalizers the object stays: the watch will tell.
    if (wasDelete) return;
    if (pods.phase[row] === PHASE.stopped && pods.has(row, FLAG.finalWritten)) {
      this.#delete(row);
      return;
    }
    if (pods.has(row, FLAG.dirty)) {
      if (!this.#isUnheard(row)) this.#write(row);
      return;
    }
    // It had ended and was deleted before the API heard of its end (statusManager.canBeDeleted).
    if (pods.phase[row] !== PHASE.ended || (pods.pod[row] as Pod).metadata.deletionTimestamp === undefined) return;
    pods.phase[row] = PHASE.stopped;
    this.#delete(row);
  }

  #write(row: number): void {
    const { pods, nodes, statuses, recorded } = this.#state;
    const phase = pods.phase[row] as number;
    if (phase === PHASE.stopped && (recorded || pods.has(row, FLAG.finalWritten))) {
      this.#delete(row);
      return;
    }
    const node = pods.node[row] as number;
    const pod = pods.pod[row] as Pod;
    const { name, namespace = '', uid } = pod.metadata;
    const ctx = this.#state.contextOf(node);
    if (ctx.bug(BUG_KEEPS_REASONS)) pods.clear(row, FLAG.toldWhy);
    const status = statuses.of(row, ctx.wallUs(), nodes.addressText[node] as string);
    const patch = { metadata: { uid }, status };
    const client = this.#state.clientOf(node);
    pods.set(row, FLAG.writing);
    pods.clear(row, FLAG.dirty);
    if (phase === PHASE.stopped) pods.set(row, FLAG.finalWritten);
    client.send(client.patchRequest(PODS, namespace, name, 'status', patch, 'strategic'), this.#tag(row), this);
  }

  #delete(row: number): void {
    const { pods } = this.#state;
    const { name, namespace = '', uid } = (pods.pod[row] as Pod).metadata;
    const options = { gracePeriodSeconds: 0, preconditions: { uid } };
    const client = this.#state.clientOf(pods.node[row] as number);
    pods.set(row, FLAG.writing);
    pods.set(row, FLAG.finalWritten);
    client.send(client.request(VERB.delete, PODS, namespace, name, options), this.#tag(row) + 1, this);
  }

  #tag(row: number): number {
    return (row * TAG_BASE + (this.#state.pods.generation[row] as number)) * 2;
  }
}

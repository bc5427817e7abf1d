/**
 * From admission to the first start: sandbox, image pulls, init containers, as one timer a pod.
 *
 * Source: kubelet 1.34 kuberuntime SyncPod; image back-off 10 s doubling to 300 s.
 */
import type { Pod } from '../types/pod.ts';
import type { FleetState } from './fleet-state.ts';
import type { PodLedger } from './pod-ledger.ts';
import { NEVER, type PodScript } from './pod-script.ts';
import { PHASE } from './pod-table.ts';
import type { PodWriter } from './pod-writer.ts';

const BACKOFF_US = 10_000_000;
const BACKOFF_US_MAX = 300_000_000;
const DRAW_SANDBOX = 0x5a4d_b0;
const DRAW_PULL = 0x9011_ed;

/** 10 s, 20 s … 300 s for the n-th wait, n from 0. */
export function backOffUs(n: number): number {
  return Math.min(BACKOFF_US * 2 ** Math.min(n, 10), BACKOFF_US_MAX);
}

/** A start on a node with a slow registry. */
interface SlowStart {
  readonly generation: number;
  readonly timer: number;
  readonly sandboxUs: number;
  readonly dueUs: number;
}

export class PodStartup {
  readonly #state: FleetState;
  readonly #ledger: PodLedger;
  readonly #writer: PodWriter;
  /** By row; those that are over are still there. */
  readonly #slow = new Map<number, SlowStart>();

  constructor(state: FleetState, ledger: PodLedger, writer: PodWriter) {
    this.#state = state;
    this.#ledger = ledger;
    this.#writer = writer;
  }

  /** Sandbox, images, init containers, main containers: one timer for all of it, or up to the first image that cannot be pulled. */
  begin(row: number): void {
    const { pods, sim, recorded } = this.#state;
    const pod = pods.pod[row] as Pod;
    const script = pods.script[row] as PodScript;
    pods.reason[row] = '';
    pods.message[row] = '';
    if (recorded) {
      if (script.boundToReadyUs === NEVER) return;
      pods.phase[row] = PHASE.starting;
      this.#ledger.arm(row, sim.costs.fakeKubeletUs + script.boundToReadyUs);
      return;
    }
    const { costs } = sim;
    const uid = pod.metadata.uid ?? '';
    const sandboxUs =
      costs.kubeletSyncUs + costs.sandboxUs + this.#state.draw(uid, DRAW_SANDBOX, costs.sandboxJitterUs + 1);
    if (this.#findBroken(row) < 0) pods.phase[row] = PHASE.starting;
    else {
      pods.phase[row] = PHASE.imageWait;
      pods.tries[row] = 0;
    }
    this.#arm(row, sim.now + sandboxUs, Number.POSITIVE_INFINITY);
  }

  /** Pulls that begin on the node take so much longer, µs, or less long again: then what is left of a slow one takes no longer than one that begins now. */
  slowPulls(node: number, byUs: number): void {
    const { pods, sim, images } = this.#state;
    images.slowBy(node, byUs);
    if (byUs >= 0) return;
    images.forgetSlowed(node, sim.now);
    for (const [row, { generation, timer, sandboxUs, dueUs }] of [...this.#slow]) {
      if (pods.node[row] !== node) continue;
      this.#slow.delete(row);
      if (pods.generation[row] !== generation || pods.timer[row] !== timer || dueUs <= sim.now) continue;
      this.#ledger.cancel(row);
      this.#arm(row, Math.max(sim.now, sandboxUs), dueUs);
    }
  }

  /** Sets the timer for all images and init containers, or up to the first that cannot be pulled, from the sandbox on; `latestUs` at the latest. */
  #arm(row: number, sandboxUs: number, latestUs: number): void {
    const { pods, sim, images, defaults } = this.#state;
    const { costs } = sim;
    const node = pods.node[row] as number;
    const script = pods.script[row] as PodScript;
    const brokenAt = pods.brokenAt[row] as number;
    const reached = brokenAt < 0 ? script.images.length : brokenAt;
    let at = sandboxUs;
    for (let i = 0; i < reached; i++)
      at += this.#pullWaitUs(script, i, node, at) + costs.containerCreateUs + costs.containerStartUs;
    const dueUs = Math.min(latestUs, at + (brokenAt < 0 ? script.initRunUs : defaults.imagePullUs));
    this.#ledger.arm(row, dueUs - sim.now);
    if (!images.slowUs.has(node)) return;
    const generation = pods.generation[row] as number;
    this.#slow.set(row, { generation, timer: pods.timer[row] as number, sandboxUs, dueUs });
  }

  /** Notes in the row, and returns, the index of the first image that cannot be pulled now; −1 for none. */
  #findBroken(row: number): number {
    const { pods, images } = this.#state;
    const { brokenAt, images: ids, alwaysPulls } = pods.script[row] as PodScript;
    const missing = images.firstMissing(ids, alwaysPulls, pods.node[row] as number);
    const first = missing < 0 ? brokenAt : brokenAt < 0 ? missing : Math.min(brokenAt, missing);
    pods.brokenAt[row] = first;
    return first;
  }

  #pullWaitUs(script: PodScript, index: number, node: number, atUs: number): number {
    const { images, defaults, nodes } = this.#state;
    const image = script.images[index] as number;
    const { imagePullUs, imagePullJitterUs } = defaults;
    const pullUs =
      script.pullUs >= 0
        ? script.pullUs
        : imagePullUs + this.#state.draw(nodes.nameOf(node), DRAW_PULL + image, imagePullJitterUs + 1);
    return images.waitUs(image, node, atUs, pullUs);
  }

  /** Tells by events that the containers run. */
  tellStart(row: number): void {
    const { pods } = this.#state;
    const pod = pods.pod[row] as Pod;
    for (const { name, image = '' } of pod.spec.containers) {
      const node = pods.node[row] as number;
      this.#state.event(node, pod, 'Normal', 'Pulled', `Container image "${image}" already present on machine`);
      this.#state.event(node, pod, 'Normal', 'Created', `Created container: ${name}`);
      this.#state.event(node, pod, 'Normal', 'Started', `Started container ${name}`);
    }
  }

  /** A try to pull has ended: with the image where there is a registry again, else ErrImagePull at first, then ImagePullBackOff. */
  pullTried(row: number): void {
    const brokenAt = this.#findBroken(row);
    if (brokenAt >= 0) {
      this.#pullFailed(row, brokenAt);
      return;
    }
    this.#state.pods.tries[row] = 0;
    this.begin(row);
  }

  #pullFailed(row: number, brokenAt: number): void {
    const { pods, images } = this.#state;
    const pod = pods.pod[row] as Pod;
    const script = pods.script[row] as PodScript;
    if (brokenAt !== script.brokenAt) images.failedPulls++;
    const init = pod.spec.initContainers ?? [];
    const container = [...init, ...pod.spec.containers][brokenAt];
    const image = container?.image ?? '';
    const tries = pods.tries[row] as number;
    pods.tries[row] = tries + 1;
    if (pods.ip[row] === 0) this.#ledger.giveAddress(row);
    pods.reason[row] = tries === 0 ? 'ErrImagePull' : 'ImagePullBackOff';
    const cause = brokenAt === script.brokenAt ? 'not found' : 'connection refused';
    pods.message[row] =
      tries === 0
        ? `failed to pull and unpack image "${image}": ${cause}`
        : `Back-off pulling image "${image}": ErrImagePull: ${cause}`;
    const node = pods.node[row] as number;
    const text = tries === 0 ? `Failed to pull image "${image}": ${cause}` : `Back-off pulling image "${image}"`;
    this.#state.event(node, pod, tries === 0 ? 'Warning' : 'Normal', tries === 0 ? 'Failed' : 'BackOff', text);
    if (tries <= 1) this.#writer.changed(row);
    this.#ledger.arm(row, tries === 0 ? BACKOFF_US / 10 : backOffUs(tries - 1));
  }
}

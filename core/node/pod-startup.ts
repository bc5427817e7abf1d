/**
 * From admission to the first start: sandbox, image pulls, init containers, as one timer a pod.
 *
 * Source: Kubernetes 1.34.1, kuberuntime_manager.go (SyncPod), images/image_manager.go (pullImage).
 */
import type { Pod } from '../types/pod.ts';
import { backOffUs, resyncUs } from './back-off.ts';
import type { FleetState } from './fleet-state.ts';
import type { PodLedger } from './pod-ledger.ts';
import { NEVER, type PodScript } from './pod-script.ts';
import { FLAG, PHASE } from './pod-table.ts';
import type { PodWriter } from './pod-writer.ts';

const DRAW_SANDBOX = 0x5a4d_b0;
const DRAW_PULL = 0x9011_ed;

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
      pods.backOffUntilUs[row] = -1;
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

  /**
   * A try to pull has ended, or the pod is synced again. The status says what the last sync found: that the try failed, ErrImagePull, or that the
   * next one has to wait, ImagePullBackOff.
   */
  pullStep(row: number): void {
    const { pods, defaults } = this.#state;
    const ctx = this.#state.contextOf(pods.node[row] as number);
    const untilUs = pods.backOffUntilUs[row] as number;
    const isTried = untilUs < 0;
    if (!isTried) this.#say(row);
    const isDue = isTried || ctx.now() >= untilUs;
    if (isDue && this.#findBroken(row) < 0) {
      pods.tries[row] = 0;
      this.begin(row);
    } else if (isTried) this.#pullFailed(row);
    else if (isDue) {
      pods.backOffUntilUs[row] = -1;
      this.#ledger.arm(row, defaults.imagePullUs);
    } else this.#wait(row);
  }

  #pullFailed(row: number): void {
    const { pods, images } = this.#state;
    if (pods.brokenAt[row] !== (pods.script[row] as PodScript).brokenAt) images.failedPulls++;
    const node = pods.node[row] as number;
    const tries = pods.tries[row] as number;
    pods.tries[row] = tries + 1;
    pods.set(row, FLAG.pullFailed);
    pods.backOffUntilUs[row] = this.#state.contextOf(node).now() + backOffUs(tries);
    const text = `Failed to pull image "${this.#missingImage(row)}": ${this.#cause(row)}`;
    this.#state.event(node, pods.pod[row] as Pod, 'Warning', 'Failed', text);
    if (tries > 0) {
      this.#ledger.arm(row, resyncUs(this.#state, row));
      return;
    }
    // The start of the sandbox has the pod synced once more.
    if (pods.ip[row] === 0) this.#ledger.giveAddress(row);
    this.#say(row);
    this.#wait(row);
  }

  #wait(row: number): void {
    const { pods } = this.#state;
    pods.clear(row, FLAG.pullFailed);
    const text = `Back-off pulling image "${this.#missingImage(row)}"`;
    this.#state.event(pods.node[row] as number, pods.pod[row] as Pod, 'Normal', 'BackOff', text);
    this.#ledger.arm(row, resyncUs(this.#state, row));
  }

  #say(row: number): void {
    const { pods } = this.#state;
    const hasFailed = pods.has(row, FLAG.pullFailed);
    const reason = hasFailed ? 'ErrImagePull' : 'ImagePullBackOff';
    if (pods.reason[row] === reason) return;
    const image = this.#missingImage(row);
    const failure = `failed to pull and unpack image "${image}": ${this.#cause(row)}`;
    pods.reason[row] = reason;
    pods.message[row] = hasFailed ? failure : `Back-off pulling image "${image}": ErrImagePull: ${failure}`;
    this.#writer.changed(row);
  }

  #missingImage(row: number): string {
    const { pods } = this.#state;
    const { spec } = pods.pod[row] as Pod;
    const at = pods.brokenAt[row] as number;
    const init = spec.initContainers ?? [];
    const container = at < init.length ? init[at] : spec.containers[at - init.length];
    return container?.image ?? '';
  }

  #cause(row: number): string {
    const { pods } = this.#state;
    return pods.brokenAt[row] === (pods.script[row] as PodScript).brokenAt ? 'not found' : 'connection refused';
  }
}

/**
 * From admission to the first start: sandbox, image pulls, init containers one after the other. A pod without init containers takes one timer.
 *
 * Source: Kubernetes 1.34.1, kuberuntime_manager.go (SyncPod), images/image_manager.go (pullImage).
 */
import type { Container, Pod } from '../types/pod.ts';
import { backOffUs, resyncUs } from './back-off.ts';
import type { FleetState } from './fleet-state.ts';
import type { PodLedger } from './pod-ledger.ts';
import { NEVER, type PodScript } from './pod-script.ts';
import { FLAG, PHASE } from './pod-table.ts';
import type { PodWriter } from './pod-writer.ts';

const DRAW_SANDBOX = 0x5a4d_b0;
const DRAW_PULL = 0x9011_ed;

/**
 * A start that takes longer is told when it begins, ContainerCreating with start time and node; of a quicker one the API hears when the pod runs, which saves a
 * write a pod (a real kubelet tells each).
 */
const TOLD_START_US = 5_000_000;
/** Until the sandbox of a pod that got no address is tried again, µs. */
const SANDBOX_RETRY_US = 10_000_000;

/** A stage of a start on a node with a slow registry. */
interface SlowStart {
  readonly generation: number;
  readonly timer: number;
  readonly fromUs: number;
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
    pods.explain(row);
    if (recorded) {
      if (script.boundToReadyUs === NEVER) return;
      pods.phase[row] = PHASE.starting;
      this.#ledger.arm(row, sim.costs.fakeKubeletUs + script.boundToReadyUs);
      return;
    }
    pods.tries[row] = 0;
    // A kubelet that begins anew finds the sandbox and the init containers that are done.
    const hasSandbox = (pods.initStage[row] as number) > 0;
    const sandboxUs = hasSandbox ? 0 : this.#sandboxUs(pod);
    const dueUs = this.#go(row, sim.now + sim.costs.kubeletSyncUs + sandboxUs);
    const hasRun = pods.startedUs[row] !== -1;
    if (hasRun || script.initUs.length > 0 || dueUs - sim.now > TOLD_START_US) this.#writer.changed(row);
  }

  #sandboxUs(pod: Pod): number {
    const { sandboxUs, sandboxJitterUs } = this.#state.sim.costs;
    return sandboxUs + this.#state.draw(pod.metadata.uid ?? '', DRAW_SANDBOX, sandboxJitterUs + 1);
  }

  /** The timer of a start is over: true when the containers that are no init containers run. */
  advance(row: number): boolean {
    const { pods, sim, recorded } = this.#state;
    const { initUs } = pods.script[row] as PodScript;
    const stage = pods.initStage[row] as number;
    if (recorded || stage >> 1 >= initUs.length) return true;
    if (pods.ip[row] === 0 && !this.#ledger.giveAddress(row)) {
      this.#ledger.arm(row, SANDBOX_RETRY_US);
      return false;
    }
    // Nothing is waited for of a sidecar without a startup probe.
    pods.initStage[row] = stage + (initUs[stage >> 1] === 0 ? 2 : 1);
    this.#go(row, sim.now);
    this.#writer.changed(row);
    return false;
  }

  /** Pulls that begin on the node take so much longer, µs, or less long again: then what is left of a slow one takes no longer than one that begins now. */
  slowPulls(node: number, byUs: number): void {
    const { pods, sim, images } = this.#state;
    images.slowBy(node, byUs);
    if (byUs >= 0) return;
    images.forgetSlowed(node, sim.now);
    for (const [row, { generation, timer, fromUs, dueUs }] of [...this.#slow]) {
      if (pods.node[row] !== node) continue;
      this.#slow.delete(row);
      if (pods.generation[row] !== generation || pods.timer[row] !== timer || dueUs <= sim.now) continue;
      this.#ledger.cancel(row);
      this.#go(row, Math.max(sim.now, fromUs), dueUs);
    }
  }

  /**
   * Sets the timer for the next stage, begun at `fromUs`: the start or the end of an init container, or the start of all others; where an image cannot be
   * pulled, the end of the try. It comes at `latestUs` at the latest. Returns when it is due, µs.
   */
  #go(row: number, fromUs: number, latestUs = Number.POSITIVE_INFINITY): number {
    const { pods, sim, images, defaults } = this.#state;
    const { initUs } = pods.script[row] as PodScript;
    const stage = pods.initStage[row] as number;
    const first = stage >> 1;
    const isRunning = stage % 2 === 1;
    const brokenAt = isRunning ? -1 : this.#findBroken(row);
    pods.phase[row] = brokenAt >= 0 ? PHASE.imageWait : PHASE.starting;
    let at = fromUs;
    if (isRunning) at += initUs[first] as number;
    else for (let i = first; i < (brokenAt < 0 ? this.#stageEnd(row) : brokenAt); i++) at += this.#startUs(row, i, at);
    if (brokenAt >= 0) {
      pods.backOffUntilUs[row] = -1;
      at += defaults.imagePullUs;
    }
    const dueUs = Math.min(latestUs, at);
    this.#ledger.arm(row, dueUs - sim.now);
    if (images.slowUs.has(pods.node[row] as number)) {
      const generation = pods.generation[row] as number;
      this.#slow.set(row, { generation, timer: pods.timer[row] as number, fromUs, dueUs });
    }
    return dueUs;
  }

  /** How long it takes to pull the image of the container, to create and to start it, µs. */
  #startUs(row: number, index: number, atUs: number): number {
    const { pods, sim } = this.#state;
    const pullUs = this.#pullWaitUs(pods.script[row] as PodScript, index, pods.node[row] as number, atUs);
    return pullUs + sim.costs.containerCreateUs + sim.costs.containerStartUs;
  }

  /** Index behind the last container of the stage: an init container is one of its own. */
  #stageEnd(row: number): number {
    const { images, initUs } = this.#state.pods.script[row] as PodScript;
    const first = (this.#state.pods.initStage[row] as number) >> 1;
    return first < initUs.length ? first + 1 : images.length;
  }

  /** Notes in the row, and returns, the index of the first image of its stage that cannot be pulled now; −1 for none. */
  #findBroken(row: number): number {
    const { pods, images } = this.#state;
    const { brokenAt, images: ids, alwaysPulls } = pods.script[row] as PodScript;
    const from = (pods.initStage[row] as number) >> 1;
    const missing = images.firstMissing(ids, alwaysPulls, from, pods.node[row] as number);
    const first = missing < 0 ? brokenAt : brokenAt < 0 ? missing : Math.min(brokenAt, missing);
    pods.brokenAt[row] = first < this.#stageEnd(row) ? first : -1;
    return pods.brokenAt[row] as number;
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

  /** Tells by events that the containers run, or only that with this index. */
  tellStart(row: number, index = -1): void {
    const { pods } = this.#state;
    const pod = pods.pod[row] as Pod;
    const { containers } = pod.spec;
    for (let i = Math.max(index, 0); i < (index < 0 ? containers.length : index + 1); i++) {
      const { name, image = '' } = containers[i] as Container;
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
    const { pods, sim, defaults } = this.#state;
    const ctx = this.#state.contextOf(pods.node[row] as number);
    const untilUs = pods.backOffUntilUs[row] as number;
    const isTried = untilUs < 0;
    if (!isTried) this.#say(row);
    const isDue = isTried || ctx.now() >= untilUs;
    if (isDue && this.#findBroken(row) < 0) {
      pods.tries[row] = 0;
      pods.explain(row);
      this.#go(row, sim.now);
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
    pods.explain(row, reason, hasFailed ? failure : `Back-off pulling image "${image}": ErrImagePull: ${failure}`);
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

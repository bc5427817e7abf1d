/**
 * Containers of a pod that go each its own way, since one of them has ended: started again at once the first time, then after a back-off.
 *
 * Until the next sync the status of one that has ended says how, then that it waits: CrashLoopBackOff. Back-offs are the kubelet's own memory, and begin
 * anew when it does. Source: Kubernetes 1.34.1, kuberuntime_manager.go (computePodActions, doBackOff), kubelet.go (crashLoopBackOff), reason_cache.go.
 */
import type { Pod } from '../types/pod.ts';
import { backOffText, backOffUs, resyncUs } from './back-off.ts';
import { ContainerRun } from './container-run.ts';
import type { FleetState } from './fleet-state.ts';
import {
  BUG_ENDS_FAILING,
  BUG_READY_EARLY,
  BUG_RESTARTS_AT_ONCE,
  POINT_RESTART,
  POINT_RUN,
  type RestartedContainer,
} from './marks.ts';
import { isStartedAgain } from './pod-actions.ts';
import { KILLED, type PodLedger } from './pod-ledger.ts';
import type { ContainerScript, PodScript } from './pod-script.ts';
import type { PodStartup } from './pod-startup.ts';
import { FLAG, PHASE } from './pod-table.ts';
import type { PodWriter } from './pod-writer.ts';
import { setContainersReady } from './readiness-gates.ts';

/** Two back-offs of the longest kind without a crash, and the back-off is forgotten. */
const BACKOFF_FORGET_US = 600_000_000;
/** How often the runtime is asked what has become of its containers, µs (kubelet's genericPlegRelistPeriod). */
const RELIST_US = 1_000_000;

export class ContainerRuns {
  readonly #state: FleetState;
  readonly #ledger: PodLedger;
  readonly #writer: PodWriter;
  readonly #startup: PodStartup;
  readonly #over: (row: number) => void;

  /** `over` is called with the row of a pod whose containers have all ended for good. */
  constructor(
    state: FleetState,
    ledger: PodLedger,
    writer: PodWriter,
    startup: PodStartup,
    over: (row: number) => void,
  ) {
    this.#state = state;
    this.#ledger = ledger;
    this.#writer = writer;
    this.#startup = startup;
    this.#over = over;
  }

  /** The containers of a pod that runs, from now on one by one. */
  split(row: number): readonly ContainerRun[] {
    const { pods } = this.#state;
    const known = pods.runs[row];
    if (known != null) return known;
    const { containers, sidecarReadyUs } = pods.script[row] as PodScript;
    const areReady = pods.phase[row] === PHASE.ready || pods.has(row, FLAG.gated);
    const runs = containers.map(({ readyUs, runUs }) => {
      const run = new ContainerRun();
      run.begin(pods.startedUs[row] as number, pods.startedWallUs[row] as number, this.readyUs(row, readyUs), runUs);
      run.isReady ||= areReady;
      run.restarts = pods.reboots[row] as number;
      run.endedWallUs = pods.endedWallUs[row] as number;
      run.endedRunWallUs = pods.endedRunWallUs[row] as number;
      run.exitCode = pods.exitCode[row] as number;
      return run;
    });
    if (!areReady) pods.readyAtUs[row] = (pods.startedUs[row] as number) + sidecarReadyUs;
    pods.runs[row] = runs;
    return runs;
  }

  /** The pod starts anew, and with it those of its containers that are to. */
  begin(row: number): void {
    const { pods, sim } = this.#state;
    const runs = this.split(row);
    pods.readyAtUs[row] = sim.now + (pods.script[row] as PodScript).sidecarReadyUs;
    for (let i = 0; i < runs.length; i++) if ((runs[i] as ContainerRun).dueUs >= 0) this.#run(row, i, false);
    this.#settle(row);
  }

  /** The container with this index is killed for want of memory. */
  kill(row: number, index: number): void {
    if (!(this.split(row)[index] as ContainerRun).isRunning) return;
    this.#ledger.cancel(row);
    this.#lookAtWaiting(row);
    this.#exited(row, index, KILLED, true);
    if (this.#settle(row)) this.#writer.changed(row);
  }

  /** The machine has power again: all containers have ended, and those that are to run again wait for the pod's start. */
  lost(row: number): void {
    const { pods } = this.#state;
    for (const run of pods.runs[row] ?? []) {
      if (run.endedWallUs < 0) run.endedWallUs = this.#ledger.wallUs(row);
      const again = isStartedAgain(pods.pod[row] as Pod, run.exitCode);
      run.tries = 0;
      run.dueUs = again ? 0 : -1;
      if (again) run.restarts++;
    }
  }

  /** The kubelet has begun anew and remembers no back-off. */
  resume(row: number): void {
    for (const run of this.split(row)) {
      run.tries = run.isRunning ? 0 : 1;
      if (run.isRunning || run.dueUs < 0) continue;
      this.#start(row, run);
    }
    this.arm(row);
  }

  /** The pod's timer: containers that end, become ready, or are started. Each of it has the pod synced, which looks at those that wait, too. */
  step(row: number): void {
    const { pods, sim } = this.#state;
    const before = pods.phase[row];
    const runs = this.split(row);
    const nowUs = this.#state.contextOf(pods.node[row] as number).now();
    let isNews = runs.some((run) => this.#isDue(run, nowUs)) && this.#lookAtWaiting(row);
    for (let i = 0; i < runs.length; i++) {
      const run = runs[i] as ContainerRun;
      if (!this.#isDue(run, nowUs)) continue;
      isNews = true;
      if (!run.isRunning) {
        run.restarts++;
        this.#run(row, i, true);
      } else if (run.exitAtUs >= 0 && run.exitAtUs <= sim.now) this.#ownEnd(row, i);
      else run.isReady = true;
    }
    const settled = this.#settle(row);
    if (settled && (isNews || before !== pods.phase[row])) this.#writer.changed(row);
  }

  /** Whether the container ends, becomes ready or is looked at now. */
  #isDue({ isRunning, isReady, readyAtUs, exitAtUs, dueUs }: ContainerRun, nowUs: number): boolean {
    if (!isRunning) return dueUs >= 0 && dueUs <= nowUs;
    const { now } = this.#state.sim;
    return (exitAtUs >= 0 && exitAtUs <= now) || (!isReady && readyAtUs >= 0 && readyAtUs <= now);
  }

  /** A sync of the pod finds containers whose back-off is over, and others; true when there is something to tell. */
  #lookAtWaiting(row: number): boolean {
    const { pods, stalls } = this.#state;
    const node = pods.node[row] as number;
    const isStalled = stalls.has(node);
    const nowUs = this.#state.contextOf(node).now();
    const runs = this.split(row);
    let isNews = false;
    for (let i = 0; i < runs.length; i++) {
      const run = runs[i] as ContainerRun;
      if (run.isRunning || run.dueUs < 0) continue;
      if (isStalled) run.dueUs = Math.max(run.dueUs, nowUs + RELIST_US);
      else if (run.backOffUntilUs >= 0 && this.#look(row, i)) isNews = true;
    }
    return isNews;
  }

  /** Sets the timer for what comes first. */
  arm(row: number): void {
    const { pods, sim } = this.#state;
    const nowUs = this.#state.contextOf(pods.node[row] as number).now();
    let waitUs = Number.POSITIVE_INFINITY;
    let areReady = true;
    for (const { isRunning, isReady, readyAtUs, exitAtUs, dueUs } of this.split(row)) {
      if (!isReady) areReady = false;
      if (isRunning && exitAtUs >= 0) waitUs = Math.min(waitUs, exitAtUs - sim.now);
      if (isRunning && !isReady && readyAtUs >= 0) waitUs = Math.min(waitUs, readyAtUs - sim.now);
      if (!isRunning && dueUs >= 0) waitUs = Math.min(waitUs, dueUs - nowUs);
    }
    const sidecarsUs = (pods.readyAtUs[row] as number) - sim.now;
    if (areReady && sidecarsUs > 0) waitUs = Math.min(waitUs, sidecarsUs);
    if (waitUs !== Number.POSITIVE_INFINITY) this.#ledger.arm(row, Math.ceil(waitUs));
  }

  /** What has become of the pod by its containers; false when it is over. */
  #settle(row: number): boolean {
    const { pods, sim } = this.#state;
    let isOver = true;
    let areReady = (pods.readyAtUs[row] as number) <= sim.now;
    if (areReady) pods.set(row, FLAG.sidecarsReady);
    else pods.clear(row, FLAG.sidecarsReady);
    for (const { isRunning, isReady, dueUs } of this.split(row)) {
      if (isRunning || dueUs >= 0) isOver = false;
      if (!isRunning || !isReady) areReady = false;
    }
    if (isOver) {
      this.#over(row);
      return false;
    }
    setContainersReady(pods, row, areReady);
    this.arm(row);
    return true;
  }

  /** A run is over as its script says. */
  #ownEnd(row: number, index: number): void {
    const { exitCode, failingProbe } = this.#scriptOf(row, index);
    if (failingProbe === '') this.#exited(row, index, exitCode);
    else this.#killedForProbe(row, index, exitCode, failingProbe);
  }

  /** Who is killed for a probe is started again whatever its exit code (computePodActions), and only `Never` has it end. */
  #killedForProbe(row: number, index: number, exitCode: number, probe: string): void {
    const { pods } = this.#state;
    const pod = pods.pod[row] as Pod;
    const isLast = pod.spec.restartPolicy === 'Never';
    const { name } = pod.spec.containers[index] as { readonly name: string };
    const text = `Container ${name} failed ${probe} probe${isLast ? '' : ', will be restarted'}`;
    this.#state.event(pods.node[row] as number, pod, 'Normal', 'Killing', text);
    const { endedWallUs } = this.split(row)[index] as ContainerRun;
    const sinceEndUs = endedWallUs < 0 ? Number.POSITIVE_INFINITY : this.#ledger.wallUs(row) - endedWallUs;
    this.#ended(row, index, exitCode, false, !isLast, sinceEndUs);
  }

  #exited(row: number, index: number, exitCode: number, outOfMemory = false): void {
    this.#ended(row, index, exitCode, outOfMemory, this.runsAgain(row, index, exitCode), -1);
  }

  /** Whether the container with this index is started again after it has ended of itself. */
  runsAgain(row: number, index: number, exitCode: number): boolean {
    const { pods, recorded } = this.#state;
    if (recorded && !this.#scriptOf(row, index).crashes) return false;
    const isHidden = this.#state.contextOf(pods.node[row] as number).bug(BUG_ENDS_FAILING);
    return isStartedAgain(pods.pod[row] as Pod, isHidden ? 0 : exitCode);
  }

  /**
   * Who is killed by its kubelet is weighed while it runs, by the time since its end before, µs: infinite where it has none, and −1 where it ended of
   * itself.
   */
  #ended(row: number, index: number, exitCode: number, outOfMemory: boolean, again: boolean, sinceEndUs: number): void {
    const { pods, sim } = this.#state;
    const runs = this.split(row);
    const run = runs[index] as ContainerRun;
    run.end(exitCode, this.#ledger.wallUs(row), outOfMemory);
    if (!runs.some(({ isRunning }) => isRunning)) this.#ledger.observeEnd(row);
    if (!again) return;
    if (sim.now - run.startedUs >= BACKOFF_FORGET_US) run.tries = 0;
    const { tries } = run;
    if (sinceEndUs !== Number.POSITIVE_INFINITY) run.tries = tries + 1;
    const ctx = this.#state.contextOf(pods.node[row] as number);
    if (tries === 0 || sinceEndUs >= backOffUs(tries - 1) || ctx.bug(BUG_RESTARTS_AT_ONCE)) {
      this.#start(row, run);
      return;
    }
    run.backOffUntilUs = ctx.now() + backOffUs(tries - 1);
    this.#wait(row, index);
  }

  /** A sync of the pod finds that the container waits; true when that is news. */
  #look(row: number, index: number): boolean {
    const { pods } = this.#state;
    const run = this.split(row)[index] as ContainerRun;
    const isNews = run.reason === '';
    if (isNews) {
      const wait = backOffText(backOffUs(run.tries - 2));
      const { name, text } = this.#names(row, index);
      run.reason = 'CrashLoopBackOff';
      run.message = `back-off ${wait} restarting failed container=${name} pod=${text}`;
    }
    if (this.#state.contextOf(pods.node[row] as number).now() >= run.backOffUntilUs) this.#start(row, run);
    else this.#wait(row, index);
    return isNews;
  }

  #start(row: number, run: ContainerRun): void {
    const { pods, sim } = this.#state;
    run.backOffUntilUs = -1;
    const ctx = this.#state.contextOf(pods.node[row] as number);
    run.dueUs = ctx.now() + sim.costs.containerCreateUs + sim.costs.containerStartUs;
  }

  /** A sync that finds the back-off not over: it tells so, and comes again. */
  #wait(row: number, index: number): void {
    const { pods } = this.#state;
    const node = pods.node[row] as number;
    const { name, text } = this.#names(row, index);
    const what = `Back-off restarting failed container ${name} in pod ${text}`;
    this.#state.event(node, pods.pod[row] as Pod, 'Warning', 'BackOff', what);
    (this.split(row)[index] as ContainerRun).dueUs = this.#state.contextOf(node).now() + resyncUs(this.#state, row);
  }

  /** The container runs; `isAgain`: its kubelet has started it again, which is not so where its pod begins anew. */
  #run(row: number, index: number, isAgain: boolean): void {
    const { pods, sim } = this.#state;
    const runs = this.split(row);
    const wasRunning = runs.some(({ isRunning }) => isRunning);
    const { readyUs, runUs } = this.#scriptOf(row, index);
    const run = runs[index] as ContainerRun;
    run.begin(sim.now, this.#ledger.wallUs(row), this.readyUs(row, readyUs), runUs);
    if (index === 0) pods.restarts[row] = run.restarts;
    const ctx = this.#state.contextOf(pods.node[row] as number);
    if (isAgain) {
      const again: RestartedContainer = { podUid: (pods.pod[row] as Pod).metadata.uid ?? '', container: index };
      ctx.observe(POINT_RESTART, again);
    }
    if (!wasRunning) {
      pods.startedUs[row] = sim.now;
      ctx.observe(POINT_RUN, this.#ledger.truth(row));
    }
    this.#startup.tellStart(row, index);
  }

  /** When probes succeed of which the script says `readyUs`, µs from the start; NEVER = never. */
  readyUs(row: number, readyUs: number): number {
    const { pods, recorded } = this.#state;
    return recorded || this.#state.contextOf(pods.node[row] as number).bug(BUG_READY_EARLY) ? 0 : readyUs;
  }

  #scriptOf(row: number, index: number): ContainerScript {
    return (this.#state.pods.script[row] as PodScript).containers[index] as ContainerScript;
  }

  /** The container's name, and its pod's as the kubelet writes it (kubelet/util/format Pod). */
  #names(row: number, index: number): { name: string; text: string } {
    const { metadata, spec } = this.#state.pods.pod[row] as Pod;
    const { name, namespace = '', uid = '' } = metadata;
    return { name: spec.containers[index]?.name ?? '', text: `${name}_${namespace}(${uid})` };
  }
}

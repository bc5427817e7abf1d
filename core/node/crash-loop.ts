/**
 * A container that has ended and is to be started again: at once the first time, then after a back-off.
 *
 * Until the next sync its status says how it ended, then that it waits: CrashLoopBackOff. Back-offs are the kubelet's own memory, and begin
 * anew when it does. Source: Kubernetes 1.34.1, kuberuntime_manager.go (doBackOff), kubelet.go (crashLoopBackOff), reason_cache.go.
 */
import type { Pod } from '../types/pod.ts';
import { backOffText, backOffUs, resyncUs } from './back-off.ts';
import type { FleetState } from './fleet-state.ts';
import { BUG_RESTARTS_AT_ONCE } from './marks.ts';
import type { PodLedger } from './pod-ledger.ts';
import { PHASE } from './pod-table.ts';
import type { PodWriter } from './pod-writer.ts';

/** Two back-offs of the longest kind without a crash, and the back-off is forgotten. */
const BACKOFF_FORGET_US = 600_000_000;

export class CrashLoop {
  readonly #state: FleetState;
  readonly #ledger: PodLedger;
  readonly #writer: PodWriter;
  readonly #started: (row: number) => void;

  /** `started` is called with the row of a pod whose container runs again. */
  constructor(state: FleetState, ledger: PodLedger, writer: PodWriter, started: (row: number) => void) {
    this.#state = state;
    this.#ledger = ledger;
    this.#writer = writer;
    this.#started = started;
  }

  /**
   * The first container has ended. Who is killed by its kubelet is weighed while it runs, by the time since its end before, µs: infinite where it has
   * none, and −1 where it ended of itself.
   */
  begin(row: number, sinceEndUs = -1): void {
    const { pods, sim } = this.#state;
    const ranUs = sim.now - (pods.startedUs[row] as number);
    if (ranUs >= BACKOFF_FORGET_US) pods.tries[row] = 0;
    const tries = pods.tries[row] as number;
    if (sinceEndUs !== Number.POSITIVE_INFINITY) pods.tries[row] = tries + 1;
    pods.phase[row] = PHASE.crashed;
    pods.explain(row);
    const ctx = this.#state.contextOf(pods.node[row] as number);
    this.#writer.changed(row);
    const isOver = tries === 0 || sinceEndUs >= backOffUs(tries - 1);
    if (isOver || ctx.bug(BUG_RESTARTS_AT_ONCE)) {
      this.#start(row);
      return;
    }
    pods.backOffUntilUs[row] = ctx.now() + backOffUs(tries - 1);
    this.#wait(row);
  }

  /** The kubelet has begun anew and remembers no back-off. */
  resume(row: number): void {
    this.#state.pods.tries[row] = 1;
    this.#start(row);
  }

  /** A sync of the pod, or the end of the start. */
  step(row: number): void {
    const { pods } = this.#state;
    const untilUs = pods.backOffUntilUs[row] as number;
    if (untilUs < 0) {
      pods.restarts[row] = (pods.restarts[row] as number) + 1;
      pods.explain(row);
      this.#started(row);
      return;
    }
    if (pods.reason[row] === '') {
      const pod = pods.pod[row] as Pod;
      const wait = backOffText(backOffUs((pods.tries[row] as number) - 2));
      const what = `restarting failed container=${firstContainer(pod)} pod=${podText(pod)}`;
      pods.explain(row, 'CrashLoopBackOff', `back-off ${wait} ${what}`);
      this.#writer.changed(row);
    }
    if (this.#state.contextOf(pods.node[row] as number).now() >= untilUs) {
      this.#start(row);
    } else this.#wait(row);
  }

  #start(row: number): void {
    const { pods, sim } = this.#state;
    pods.backOffUntilUs[row] = -1;
    this.#ledger.arm(row, sim.costs.containerCreateUs + sim.costs.containerStartUs);
  }

  /** A sync that finds the back-off not over: it tells so, and comes again. */
  #wait(row: number): void {
    const { pods } = this.#state;
    const pod = pods.pod[row] as Pod;
    const text = `Back-off restarting failed container ${firstContainer(pod)} in pod ${podText(pod)}`;
    this.#state.event(pods.node[row] as number, pod, 'Warning', 'BackOff', text);
    this.#ledger.arm(row, resyncUs(this.#state, row));
  }
}

function firstContainer({ spec }: Pod): string {
  return spec.containers[0]?.name ?? '';
}

/** A pod as the kubelet names it (kubelet/util/format Pod). */
function podText({ metadata }: Pod): string {
  const { name, namespace = '', uid = '' } = metadata;
  return `${name}_${namespace}(${uid})`;
}

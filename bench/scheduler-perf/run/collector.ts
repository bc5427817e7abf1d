/**
 * Measures one phase: which pods got nodes when, in virtual time and in host time.
 *
 * Host time is that of the whole simulation (API server, store, scheduler and the load) from the start of the phase to the
 * last pod that got a node. Throughput in virtual time is sampled each second as the original does it: the first sample is
 * dropped, an interval without a pod is merged into the next. Source: Kubernetes 1.37, scheduler_perf util.go.
 */
import type { Pod } from '../../../core/types/pod.ts';
import { hasLabels, type LabelSet } from './pod-tally.ts';

const SAMPLE_US = 1_000_000;

/** What a phase gave. */
export interface PhaseResult {
  /** Name behind the workload's in data items: the namespace, or the collector's name. */
  readonly name: string;
  /** Pods that got a node. */
  readonly pods: number;
  readonly hostS: number;
  /** The part of it from the first of them on: upstream's samples begin there. */
  readonly hostSinceFirstS: number;
  /** Pods that got nodes meanwhile and do not count: earlier operations left them waiting. */
  readonly otherPods: number;
  readonly virtualS: number;
  /** Pods a second in each virtual second, and pods a host second in the same. */
  readonly virtualSamples: readonly number[];
  readonly hostSamples: readonly number[];
  /** Virtual time from creation to node of each pod, ms. */
  readonly latenciesMs: readonly number[];
  readonly heapMb: number;
}

/** The host's clock, s. Handed in, so that a test can have its own. */
export type HostClock = () => number;

/** Collects until {@link finish}. */
export class Collector {
  readonly name: string;
  readonly #namespaces: ReadonlySet<string>;
  readonly #labels: LabelSet;
  readonly #hostNow: HostClock;
  readonly #startUs: number;
  readonly #hostStart: number;
  #pods = 0;
  #otherPods = 0;
  #lastUs: number;
  #lastHost: number;
  #firstHost: number;
  readonly #virtualSamples: number[] = [];
  readonly #hostSamples: number[] = [];
  readonly #latenciesMs: number[] = [];
  #sampleEndUs: number;
  #sampledPods = -1;
  #sampledUs = 0;
  #sampledHost = 0;

  constructor(name: string, namespaces: readonly string[], labels: LabelSet, nowUs: number, hostNow: HostClock) {
    this.name = name;
    this.#namespaces = new Set(namespaces);
    this.#labels = labels;
    this.#hostNow = hostNow;
    this.#startUs = nowUs;
    this.#hostStart = hostNow();
    this.#lastUs = nowUs;
    this.#lastHost = this.#hostStart;
    this.#firstHost = this.#hostStart;
    this.#sampleEndUs = nowUs + SAMPLE_US;
  }

  /** A pod got its node at `nowUs`. */
  scheduled(pod: Pod, nowUs: number, createdUs: number): void {
    if (!this.#namespaces.has(pod.metadata.namespace ?? '') || !hasLabels(pod, this.#labels)) {
      this.#otherPods++;
      return;
    }
    const host = this.#hostNow();
    if (this.#pods === 0) this.#firstHost = host;
    while (nowUs > this.#sampleEndUs) this.#sample();
    this.#pods++;
    this.#lastUs = nowUs;
    this.#lastHost = host;
    this.#latenciesMs.push((nowUs - createdUs) / 1000);
  }

  /** The result of the phase. */
  finish(nowUs: number, heapMb: number): PhaseResult {
    while (nowUs >= this.#sampleEndUs) this.#sample();
    return {
      name: this.name,
      pods: this.#pods,
      hostS: this.#lastHost - this.#hostStart,
      hostSinceFirstS: this.#lastHost - this.#firstHost,
      otherPods: this.#otherPods,
      virtualS: (this.#lastUs - this.#startUs) / 1e6,
      virtualSamples: this.#virtualSamples,
      hostSamples: this.#hostSamples,
      latenciesMs: this.#latenciesMs,
      heapMb,
    };
  }

  /** The end of a virtual second. */
  #sample(): void {
    const endUs = this.#sampleEndUs;
    this.#sampleEndUs += SAMPLE_US;
    if (this.#pods === 0) return;
    const pods = this.#pods - this.#sampledPods;
    if (this.#sampledPods >= 0) {
      if (pods === 0) return;
      const rate = pods / ((endUs - this.#sampledUs) / 1e6);
      const intervals = Math.round((endUs - this.#sampledUs) / SAMPLE_US);
      for (let i = 0; i < intervals; i++) this.#virtualSamples.push(rate);
      const hostS = this.#lastHost - this.#sampledHost;
      if (hostS > 0) this.#hostSamples.push(pods / hostS);
    }
    this.#sampledPods = this.#pods;
    this.#sampledUs = endUs;
    this.#sampledHost = this.#lastHost;
  }
}

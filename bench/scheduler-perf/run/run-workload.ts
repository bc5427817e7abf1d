/**
 * Runs one workload: a control plane without controllers and kubelets, the operations one after the other, and what the
 * measured phases gave.
 *
 * The cluster is the original's: an API server without the plug-ins ServiceAccount, TaintNodesByCondition and Priority,
 * clients with 5,000 requests a second, volumes bound beforehand. Event objects are not written. A workload ends when its
 * last operation has, when one fails, after 30 virtual minutes, or when its host time is over.
 */
import { Cluster } from '../../../core/cluster/cluster.ts';
import { NAMESPACES } from '../../../core/types/resource-type.ts';
import type { CreateNamespaces, CreatePods, Operation } from '../config/operation.ts';
import type { WorkloadPlan } from '../config/plan.ts';
import { churn, deletePods } from './background.ts';
import { clusterOf, deviceGatesOf } from './cluster-of.ts';
import { Collector, type HostClock, type PhaseResult } from './collector.ts';
import { createNodes } from './create-nodes.ts';
import { createPodGroups } from './create-pod-groups.ts';
import { createPods, createSteadily } from './create-pods.ts';
import { allocResourceClaims, createResourceDriver } from './devices.ts';
import { Load, type Steps, WorkloadFailure } from './load.ts';
import { type LabelSet, PodTally } from './pod-tally.ts';
import { waitForPods } from './wait.ts';
import { writeAny } from './write-any.ts';

const LIMIT_US = 1_800_000_000;
/** Virtual time between looks at the host's clock, µs: so short that a large cluster is stopped soon after its host time. */
const STEP_US = 100_000;
/** Host time after which other work of the process gets its turn: a look at it costs as much as two pods. */
const TURN_S = 0.02;
/** By then schedulers lead and caches are full. */
const START_US = 5_000_000;
const BYTES_PER_MB = 1024 * 1024;

/** How a workload ended. */
export interface WorkloadResult {
  readonly phases: readonly PhaseResult[];
  /** Why it did not reach its end; '' when it did. */
  readonly failure: string;
  /** What makes its figures worth little, though it reached its end. */
  readonly notes: readonly string[];
  /** Whether its host time was over before its end; then `failure` says so. */
  readonly timedOut: boolean;
  readonly virtualS: number;
  /** Same plan, seed and build: the same digest. */
  readonly digest: string;
}

/** What a run needs from outside. */
export interface RunOptions {
  readonly seed: number;
  readonly hostNow: HostClock;
  /** Takes what ran, with all its objects, so that these outlive the run. */
  readonly kept?: object[];
  readonly signal?: AbortSignal;
  /** When to stop, in seconds of `hostNow`; absent: never. */
  readonly deadlineS?: number;
}

/** Runs a workload; the deadline is looked at ten times a virtual second, and other work of the process gets its turn after 20 ms of host time. */
export async function runWorkload(plan: WorkloadPlan, options: RunOptions): Promise<WorkloadResult> {
  const { hostNow, signal, deadlineS = Number.POSITIVE_INFINITY } = options;
  const run = new Run(plan, options);
  options.kept?.push(run);
  let turnS = hostNow() + TURN_S;
  while (run.step()) {
    const nowS = hostNow();
    if (nowS >= deadlineS) {
      run.timeOut();
      break;
    }
    if (nowS < turnS) continue;
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (signal?.aborted === true) break;
    turnS = hostNow() + TURN_S;
  }
  return run.result();
}

class Run {
  readonly #plan: WorkloadPlan;
  readonly #hostNow: HostClock;
  readonly #cluster: Cluster;
  readonly #tally: PodTally;
  readonly #load: Load;
  readonly #phases: PhaseResult[] = [];
  /** Pods that nobody has waited for, by namespace; a namespace is here once it was made. */
  #pending = new Map<string, number>();
  #collector: Collector | null = null;
  #done = false;
  #timedOut = false;

  constructor(plan: WorkloadPlan, { seed, hostNow }: RunOptions) {
    this.#plan = plan;
    this.#hostNow = hostNow;
    const cluster = new Cluster(clusterOf(plan), { seed });
    this.#cluster = cluster;
    this.#tally = new PodTally(cluster);
    this.#tally.onScheduled = (pod, nowUs, createdUs) => this.#collector?.scheduled(pod, nowUs, createdUs);
    let load: Load | undefined;
    cluster.sim.addProcess('scheduler-perf', 'scheduler-perf', (ctx) => {
      load = new Load(ctx, cluster);
      return load;
    });
    cluster.sim.run(START_US);
    if (load === undefined) throw new Error('the load did not start');
    this.#load = load;
    load.begin('workload', this.#operations(), () => {
      this.#done = true;
      cluster.sim.stop();
    });
  }

  /** Goes on for a step of virtual time; false at the end. */
  step(): boolean {
    const { sim } = this.#cluster;
    if (this.#done) return false;
    if (sim.now >= LIMIT_US) {
      this.#load.failure ??= new WorkloadFailure('not done after 30 virtual minutes');
      return false;
    }
    sim.run(sim.now + STEP_US);
    return !this.#done;
  }

  /** Ends the workload where it stands. */
  timeOut(): void {
    this.#timedOut = true;
    const virtualS = (this.#cluster.sim.now / 1e6).toFixed(1);
    this.#load.failure ??= new WorkloadFailure(
      `stopped at virtual second ${virtualS}: its host time (--timeout) was over`,
    );
  }

  result(): WorkloadResult {
    const { failure } = this.#load;
    if (failure !== undefined && !(failure instanceof WorkloadFailure)) throw failure;
    return {
      phases: this.#phases,
      failure: failure?.message ?? '',
      notes: this.#load.notes,
      timedOut: this.#timedOut,
      virtualS: this.#cluster.sim.now / 1e6,
      digest: this.#cluster.sim.digestHex(),
    };
  }

  *#operations(): Steps {
    for (const [index, operation] of this.#plan.operations.entries()) {
      yield* this.#operation(operation, index);
      if (this.#load.failure !== undefined) return;
    }
  }

  *#operation(operation: Operation, index: number): Steps {
    const load = this.#load;
    switch (operation.opcode) {
      case 'createNodes':
        return yield* createNodes(load, operation, index);
      case 'createNamespaces':
        return yield* this.#createNamespaces(operation);
      case 'createPods':
        return yield* this.#createPods(operation);
      case 'deletePods':
        if (!operation.skipWait) return yield* deletePods(load, operation, this.#tally);
        return load.begin('delete pods', deletePods(load, operation, this.#tally));
      case 'churn':
        yield* load.createNamespace(NAMESPACES, namespaceNamed(operation.namespace));
        return load.begin(
          'churn',
          churn(load, operation, () => this.#done),
        );
      case 'barrier':
        return yield* this.#barrier(operation.namespaces, operation.labelSelector, operation.stage);
      case 'sleep':
        return yield* load.ctx.sleep(operation.us);
      case 'startCollectingMetrics':
        return this.#startCollecting(operation.name, operation.namespaces, operation.labelSelector);
      case 'stopCollectingMetrics':
        return this.#stopCollecting();
      case 'createResourceDriver':
        return yield* createResourceDriver(load, operation);
      case 'createPodGroups':
        yield* this.#requireNamespace(operation.namespace);
        return yield* createPodGroups(load, operation, this.#plan);
      case 'allocResourceClaims':
        return yield* allocResourceClaims(load, operation, deviceGatesOf(this.#plan.gates));
      case 'notSimulated':
        throw new WorkloadFailure(`the operation ${operation.name} is not simulated`);
      default:
        yield* this.#requireNamespace(operation.namespace);
        return yield* writeAny(load, operation);
    }
  }

  *#createNamespaces({ prefix, count, template }: CreateNamespaces): Steps {
    for (let i = 0; i < count; i++) {
      const name = `${prefix}-${i}`;
      const base = template?.at(0) ?? namespaceNamed(name);
      yield* this.#load.createNamespace(NAMESPACES, { ...base, metadata: { ...base.metadata, name } });
      if (!this.#pending.has(name)) this.#pending.set(name, 0);
    }
  }

  *#requireNamespace(name: string): Steps {
    if (name === '' || this.#pending.has(name)) return;
    yield* this.#load.createNamespace(NAMESPACES, namespaceNamed(name));
    this.#pending.set(name, 0);
  }

  *#createPods(operation: CreatePods): Steps {
    const load = this.#load;
    const { namespace, count } = operation;
    yield* this.#requireNamespace(namespace);
    if (operation.collectMetrics) this.#startCollecting(namespace, [namespace], {});
    if (operation.steadyStateUs > 0) yield* createSteadily(load, operation, this.#tally);
    else yield* createPods(load, operation);
    if (operation.skipWait) this.#pending.set(namespace, (this.#pending.get(namespace) ?? 0) + count);
    else if (operation.steadyStateUs === 0) {
      yield* waitForPods(load, this.#tally, namespace, {}, 'Scheduled', count);
    }
    if (operation.collectMetrics) this.#stopCollecting();
  }

  *#barrier(given: readonly string[], labels: LabelSet, stage: 'Scheduled' | 'Attempted'): Steps {
    const namespaces = given.length > 0 ? given : [...this.#pending.keys()];
    for (const namespace of namespaces) {
      const wanted = this.#pending.get(namespace);
      if (wanted === undefined) throw new WorkloadFailure(`barrier: unknown namespace ${namespace}`);
      yield* waitForPods(this.#load, this.#tally, namespace, labels, stage, wanted);
    }
    if (stage === 'Attempted') return;
    if (given.length === 0) this.#pending = new Map();
    else for (const namespace of given) this.#pending.delete(namespace);
  }

  #startCollecting(name: string, namespaces: readonly string[], labels: LabelSet): void {
    if (this.#collector !== null)
      throw new WorkloadFailure('a second collection of metrics began before the first ended');
    this.#collector = new Collector(name, namespaces, labels, this.#cluster.sim.now, this.#hostNow);
  }

  #stopCollecting(): void {
    if (this.#collector === null) throw new WorkloadFailure('stopCollectingMetrics without startCollectingMetrics');
    const heapMb = process.memoryUsage().heapUsed / BYTES_PER_MB;
    this.#phases.push(this.#collector.finish(this.#cluster.sim.now, heapMb));
    this.#collector = null;
  }
}

function namespaceNamed(name: string) {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

/**
 * Runs one case of the battery: the baseline of its seed (once a thread), then the fault.
 *
 * Always: a result is a pure function of (setup, case, build). The baseline of a seed is kept because it is the same wherever it is run.
 */
import { isBug, type RunResult, runPlan } from '../../core/chaos/run-plan.ts';
import { resolveCluster } from '../../core/cluster/description.ts';
import { ReplayRecorder } from '../replay/replay-recorder.ts';
import type { TrialCase, TrialSetup } from './battery.ts';
import { baselinePlan, casePlan } from './case-plan.ts';
import type { CaseMeasures, Measure } from './measure.ts';
import { TrialRecorder } from './recorder.ts';

const S = 1_000_000;
/** From everything Ready to the fault: caches are warm, start-up's last writes are done. */
const SETTLE_US = 15 * S;
/** The fault begins after so long where not everything became Ready. */
const NEVER_READY_US = 300 * S;

/** What the baseline of a seed says. */
export interface Baseline {
  /** When the fault of every case of this seed begins, µs since the manifests were applied. */
  readonly faultAtUs: number;
  /** Names of the nodes that host a pod of some workload. */
  readonly hosts: readonly string[];
  readonly measures: readonly Measure[];
  readonly refused: string;
}

/** Runs cases of one setup. Keeps the baselines. */
export class TrialRunner {
  readonly #setup: TrialSetup;
  readonly #replays: boolean;
  readonly #baselines = new Map<number, Baseline>();

  /** `replays`: results bring what the cluster looked like. */
  constructor(setup: TrialSetup, replays = false) {
    this.#setup = setup;
    this.#replays = replays;
  }

  /** The baseline of a seed. */
  baseline(seed: number): Baseline {
    let baseline = this.#baselines.get(seed);
    if (baseline === undefined) {
      baseline = runBaseline(this.#setup, seed);
      this.#baselines.set(seed, baseline);
    }
    return baseline;
  }

  /** Runs a case. A bug of seatrial becomes a result that names it; other errors are thrown. */
  run(trialCase: TrialCase): CaseMeasures {
    try {
      const baseline = this.baseline(trialCase.seed);
      const { refused } = baseline;
      if (refused !== '' || (trialCase.trial === 'node-crash' && !baseline.hosts.includes(trialCase.subject))) {
        return { skipped: true, measures: [], faultAtUs: 0, digest: '', broken: '', refused, events: 0, virtualUs: 0 };
      }
      return runFault(this.#setup, trialCase, baseline, this.#replays ? new ReplayRecorder() : null);
    } catch (error) {
      if (!isBug(error)) throw error;
      return {
        skipped: false,
        measures: [],
        faultAtUs: 0,
        digest: '',
        broken: error.message,
        refused: '',
        events: 0,
        virtualUs: 0,
      };
    }
  }
}

function runBaseline(setup: TrialSetup, seed: number): Baseline {
  const workloads = setup.workloads.filter(({ runnable }) => runnable);
  const recorder = new TrialRecorder({ workloads, trial: null, subject: '', atUs: 0, failedNodes: new Set() });
  const result = runPlan(baselinePlan(setup), seed, recorder);
  const readyUs = recorder.allReadyUs < 0 ? NEVER_READY_US : recorder.allReadyUs;
  const hosts = new Set<string>();
  for (const pod of recorder.tracker.pods.values()) {
    if (pod.live && pod.node !== '' && workloads[pod.workload]?.kind !== 'DaemonSet') hosts.add(pod.node);
  }
  return {
    faultAtUs: Math.ceil((readyUs + SETTLE_US) / (5 * S)) * 5 * S,
    hosts: hostsOrAll(
      setup,
      hosts,
      workloads.every(({ kind }) => kind === 'DaemonSet'),
    ),
    measures: recorder.measures,
    refused: refusedOf(result),
  };
}

/** Manifests of DaemonSets alone are on every node, so every node is a case. Where no pod found a node the first is one: a row must say so. */
function hostsOrAll(setup: TrialSetup, hosts: ReadonlySet<string>, all: boolean): string[] {
  const names = resolveCluster(setup.cluster).nodes.map(({ name }) => name);
  if (all) return names;
  const hosting = names.filter((name) => hosts.has(name));
  return hosting.length === 0 ? names.slice(0, 1) : hosting;
}

function runFault(
  setup: TrialSetup,
  trialCase: TrialCase,
  baseline: Baseline,
  replay: ReplayRecorder | null,
): CaseMeasures {
  const { trial, subject } = trialCase;
  const recorder = new TrialRecorder({
    workloads: setup.workloads.filter(({ runnable }) => runnable),
    trial,
    subject,
    atUs: baseline.faultAtUs,
    failedNodes: failedNodes(setup, trialCase),
  });
  const result = runPlan(casePlan(setup, trialCase, baseline.faultAtUs), trialCase.seed, {
    begin: (cluster, jury) => {
      recorder.begin(cluster, jury);
      replay?.begin(cluster, jury);
    },
    end: (cluster, jury) => recorder.end(cluster, jury),
  });
  return {
    skipped: false,
    measures: recorder.measures,
    faultAtUs: baseline.faultAtUs,
    digest: result.digest,
    broken: result.outcome.kind === 'over-budget' ? result.outcome.message : '',
    refused: '',
    events: result.counts.events,
    virtualUs: result.times.endUs,
    ...(replay === null ? {} : { replay: replay.replay(result, { title: trial, outcome: '', again: '' }) }),
  };
}

function failedNodes(setup: TrialSetup, { trial, subject }: TrialCase): Set<string> {
  if (trial === 'node-crash') return new Set([subject]);
  if (trial !== 'zone-loss') return new Set();
  const { nodes } = resolveCluster(setup.cluster);
  return new Set(nodes.filter(({ zone }) => zone === subject).map(({ name }) => name));
}

/** Why nothing could be tried: a refused object, or a cluster that cannot be. */
function refusedOf(result: RunResult): string {
  if (result.outcome.kind === 'fail' && result.outcome.predicate === 'NL4') return result.outcome.message;
  const refusal = result.operations.find(({ error }) => error !== null)?.error;
  return refusal === undefined || refusal === null ? '' : `the API server refuses the manifests: ${refusal}`;
}

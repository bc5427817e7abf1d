/**
 * Host time of two builds: the fourth layer of the gate.
 *
 * Per kernel: what it does must be equal in both builds (its digest); the work of a burst is calibrated on the baseline
 * build; then pairs of fresh processes until judge-pairs.ts has a verdict. Only kernels of some milliseconds are measured.
 * Times are compared within this job only and never kept: a time from an old file says nothing.
 */
import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Sfc32, seedOf } from '../../core/cluster/vocabulary.ts';
import { packageRoot } from '../cli/package-info.ts';
import type { ProgressWriter } from '../report/progress.ts';
import type { Comparison, Diagnostic, Verdict } from '../report/result.ts';
import { median } from '../stats/quantile.ts';
import { measurePair, type PairValues, type PairWork } from './fork-pair.ts';
import { judgeStage, judgeStages, type StageJudgement } from './judge-pairs.ts';
import { KernelProcess, type KernelProcessOptions } from './kernel-client.ts';
import { memoryComparisons } from './memory-comparison.ts';
import { buildOther } from './other-build.ts';
import { type Burst, type KernelDigest, type KernelList, PROTOCOL_VERSION } from './protocol.ts';

/** Smallest relative change of time that counts. */
const MIN_EFFECT = 0.02;
/** Length of a burst and of the warm-up, ns. */
const USUAL: Effort = { burstNs: 8_000_000, warmNs: 250_000_000 };
const WARM_BURSTS_MIN = 6;
/** More batches of pairs while a stage is noisy. */
const EXTRA_BATCHES_MAX = 2;
const SENSOR = 'sensor';
const PLANTED_SHARE = 0.05;
/** Load a core before the measurement from which on a warning is due. */
const LOAD_SHARE_MAX = 0.5;
const PROGRAM = path.join('dist', 'bench', 'kernels', 'gate-process.js');

export interface HostTimeOptions {
  readonly ref: string;
  readonly pairs: number;
  readonly grep: string | undefined;
  readonly plant: 'work' | 'kernel' | undefined;
  readonly signal: AbortSignal;
  readonly progress: ProgressWriter;
}

export interface HostTimeResult {
  readonly comparisons: readonly Comparison[];
  readonly diagnostics: readonly Diagnostic[];
}

/** How long bursts and warm-up take; shorter ones are for tests. */
export interface Effort {
  readonly burstNs: number;
  readonly warmNs: number;
}

/** The two builds of a comparison. */
export interface Sides {
  readonly baseline: KernelProcessOptions;
  readonly candidate: KernelProcessOptions;
}

/** Builds the other side, compares every kernel, cleans up. @throws ToolFailure when a build or process breaks. */
export async function hostTimeGate(options: HostTimeOptions): Promise<HostTimeResult> {
  const root = packageRoot();
  const load = loadWarnings();
  options.progress.update(() => `building ${options.ref}`);
  const other = buildOther(root, options.ref);
  if (other.kind === 'none') return unanswered('new', other.reason);
  try {
    const program = path.join(other.folder, PROGRAM);
    if (!existsSync(program)) return unanswered('new', `${options.ref} has no kernels for the gate yet`);
    const planted = options.plant === 'kernel' ? { plant: PLANTED_SHARE } : {};
    const sides = { baseline: { program }, candidate: { program: path.join(root, PROGRAM), ...planted } };
    const comparisons = await compareKernels(sides, options);
    return { comparisons, diagnostics: [...(other.otherPackages ? [warning(PACKAGES_DIFFER)] : []), ...load] };
  } finally {
    other.remove();
  }
}

const PACKAGES_DIFFER = 'the other build has other versions of packages; both were measured with those installed here';

/** What runs beside the measurement makes it longer and less sure. */
function loadWarnings(): Diagnostic[] {
  const load = os.loadavg()[0] ?? 0;
  const cores = os.availableParallelism();
  if (load < cores * LOAD_SHARE_MAX) return [];
  return [
    warning(`load average ${load.toFixed(1)} on ${cores} cores before the first burst: something else runs here`),
  ];
}

function warning(message: string): Diagnostic {
  return { severity: 'warning', code: '', message, file: null, line: null, column: null };
}

async function compareKernels(sides: Sides, options: HostTimeOptions): Promise<Comparison[]> {
  const [theirs, ours] = [await listOf(sides.baseline), await listOf(sides.candidate)];
  if (theirs.protocol !== PROTOCOL_VERSION) {
    return [
      answer(
        'kernels',
        'incomparable',
        `the other build speaks protocol ${theirs.protocol}, this one ${PROTOCOL_VERSION}`,
      ),
    ];
  }
  const chosen = ours.kernels.filter((name) => name !== SENSOR && name.includes(options.grep ?? ''));
  const comparisons = theirs.kernels
    .filter((name) => name !== SENSOR && name.includes(options.grep ?? '') && !ours.kernels.includes(name))
    .map((name) => answer(name, 'missing', 'this build has no such kernel'));
  for (const [index, kernel] of chosen.entries()) {
    if (options.signal.aborted) break;
    options.progress.update(() => `${kernel}: kernel ${index + 1} of ${chosen.length}`);
    const isKnown = theirs.kernels.includes(kernel);
    const found = isKnown
      ? await compareKernel(sides, kernel, options)
      : [answer(kernel, 'new', 'the other build has no such kernel')];
    comparisons.push(...found);
  }
  return comparisons;
}

/** Compares one kernel: its time first, then garbage collection and heap. `draws` orders bursts only. */
export async function compareKernel(
  sides: Sides,
  kernel: string,
  { pairs, signal }: Pick<HostTimeOptions, 'pairs' | 'signal'>,
  draws = Sfc32.named(seedOf(1), 'bench/gate', kernel),
  effort: Effort = USUAL,
): Promise<Comparison[]> {
  const work = await calibrate(sides, kernel, effort);
  if (work === null) return [answer(kernel, 'incomparable', 'behaviour has changed: the kernel gives something else')];
  const measured: PairValues[] = [];
  const stage = async (): Promise<StageJudgement> => {
    const own: PairValues[] = [];
    for (let batch = 0; batch <= EXTRA_BATCHES_MAX; batch++) {
      for (let i = 0; i < pairs && !signal.aborted; i++) {
        own.push(await measurePair(sides.baseline, sides.candidate, work, SENSOR, draws));
      }
      if (own.length === 0 || !judge(own).noisy) break;
    }
    measured.push(...own);
    return own.length === 0 ? { flag: 'none', estimate: 0, low: 0, high: 0, noisy: true } : judge(own);
  };
  const first = await stage();
  let verdict = judgeStages(first, null);
  if (verdict === 'second stage') verdict = judgeStages(first, await stage());
  const time = pairComparison(kernel, measured, verdict === 'second stage' ? 'inconclusive' : verdict, work);
  return measured.length === 0 ? [time] : [time, ...memoryComparisons(kernel, measured)];
}

function judge(pairs: readonly PairValues[]): StageJudgement {
  return judgeStage(
    pairs.map(({ baselineNs, candidateNs }) => Math.log(candidateNs / baselineNs)),
    pairs.map(({ sensorNs }) => sensorNs),
    MIN_EFFECT,
  );
}

function pairComparison(kernel: string, pairs: readonly PairValues[], verdict: Verdict, work: PairWork): Comparison {
  if (pairs.length === 0) return answer(kernel, 'inconclusive', 'interrupted');
  const { estimate, low, high } = judge(pairs);
  const perOperation = (read: (pair: PairValues) => number): number => median(pairs.map(read)) / work.count;
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const shown = `${percent(estimate)} of time, ${percent(low)} to ${percent(high)} over ${pairs.length} pairs`;
  return {
    caseId: kernel,
    metric: 'wall-ns',
    baseline: perOperation(({ baselineNs }) => baselineNs),
    candidate: perOperation(({ candidateNs }) => candidateNs),
    estimate,
    low: finite(low),
    high: finite(high),
    confidence: 0.95,
    method: 'signed-rank',
    n: pairs.length,
    minEffect: MIN_EFFECT,
    verdict,
    reason: verdict === 'inconclusive' ? `too much noise on this machine: ${shown}` : shown,
  };
}

/** Work of a burst on the baseline build, some milliseconds; null when the builds do different things. */
async function calibrate(sides: Sides, kernel: string, { burstNs, warmNs }: Effort): Promise<PairWork | null> {
  const baseline = new KernelProcess(sides.baseline);
  const candidate = new KernelProcess(sides.candidate);
  try {
    const { digest } = await baseline.ask<KernelDigest>({ do: 'digest', kernel });
    if ((await candidate.ask<KernelDigest>({ do: 'digest', kernel })).digest !== digest) return null;
    let count = 1;
    let burst = await baseline.ask<Burst>({ do: 'burst', kernel, count });
    // Compiled code is faster than the first calls: go on until a warm burst has the length.
    for (let round = 0; round < 40; round++) {
      const factor = burstNs / Math.max(1, burst.elapsedNs);
      if (factor > 0.8 && factor < 1.25 && round > 3) break;
      count = Math.max(1, Math.round(count * Math.min(4, Math.max(0.25, factor))));
      burst = await baseline.ask<Burst>({ do: 'burst', kernel, count });
    }
    const warmBursts = Math.max(WARM_BURSTS_MIN, Math.ceil(warmNs / Math.max(1, burst.elapsedNs)));
    return { kernel, count, warmBursts };
  } finally {
    baseline.close();
    candidate.close();
  }
}

async function listOf(side: KernelProcessOptions): Promise<KernelList> {
  const child = new KernelProcess(side);
  try {
    return await child.ask<KernelList>({ do: 'list' });
  } finally {
    child.close();
  }
}

function unanswered(verdict: Verdict, reason: string): HostTimeResult {
  return { comparisons: [answer('kernels', verdict, reason)], diagnostics: [] };
}

/** A comparison without a measurement. */
function answer(kernel: string, verdict: Verdict, reason: string): Comparison {
  return {
    ...{ caseId: kernel, metric: 'wall-ns', baseline: null, candidate: null, estimate: null, low: null, high: null },
    ...{ confidence: null, method: 'signed-rank' as const, n: 0, minEffect: MIN_EFFECT, verdict, reason },
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

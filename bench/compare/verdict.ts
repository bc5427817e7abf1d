/**
 * What a comparison says in one line: who is ahead in the leading metric, and whether that is decided.
 *
 * Always: nobody "is ahead" whom the paired test does not put ahead; a question that found no answer has none in this line either.
 */
import { andText, countOf } from '../report/counted.ts';
import { SEEDS_MIN, seedsToFind } from '../stats/paired-comparison.ts';
import type { CompareResult, MetricComparison, MetricResult, PolicyAnswer, PolicyValues } from './compare-result.ts';
import { leadingMetric } from './metrics.ts';
import { showDifference, showNumber } from './shown-figures.ts';

/** More seeds than anybody will run. */
const SEEDS_MAX = 10_000;

const UNITS = { '%': ' %', s: ' s', points: ' points', count: '', ratio: '' } as const;

/** The line. */
export function verdictLine(result: CompareResult): string {
  if (!result.complete) return 'incomplete';
  const none = unanswered(result);
  if (none !== undefined) return `no answer: ${answerText(result, none)}`;
  const [experiment] = result.experiments;
  const metric = experiment?.metrics[0];
  if (experiment === undefined || metric === undefined) return forkVerdict(result);
  const sign = metric.better === 'higher' ? 1 : -1;
  const ranked = metric.byPolicy.filter(({ policy, mean }) => {
    const answer = result.answers.find((each) => each.experiment === experiment.name && each.policy === policy);
    return mean !== null && (answer === undefined || isAnswered(result, answer));
  });
  ranked.sort((a, b) => sign * ((b.mean ?? 0) - (a.mean ?? 0)));
  const [best, second] = ranked;
  if (best === undefined) return 'nothing was measured';
  const answer = result.answers.find((each) => each.experiment === experiment.name && each.policy === best.policy);
  if (second !== undefined) {
    const isTie = ranked.length > 2 && metric.comparisons.every(({ verdict }) => verdict === 'same');
    if (isTie && ranked.length === metric.byPolicy.length) return tieVerdict(result, metric, answer);
    const told = answer === undefined ? '' : `; ${best.policy}: ${answer.text}`;
    return `${pairVerdict(result, metric, best, second)}${told}`;
  }
  return `${best.policy}: ${answer?.text ?? `${metric.name} ${showMean(metric, best)}`}`;
}

/** `add-nodes under best-fit and kube-default: 3 × large`: with every policy that says the same. */
export function answerText(result: CompareResult, answer: PolicyAnswer): string {
  const policies = sameAnswers(result, answer).map(({ policy }) => policy);
  return `${answer.experiment} under ${andText(policies)}: ${answer.text}`;
}

/** The answers that differ from `answer` in nothing but the policy, it among them, in the order of the policies. */
export function sameAnswers({ answers }: CompareResult, answer: PolicyAnswer): PolicyAnswer[] {
  const { experiment, seed, text } = answer;
  return answers.filter((each) => each.experiment === experiment && each.seed === seed && each.text === text);
}

/** The first answer of an experiment that found none under any policy. */
export function unanswered(result: CompareResult): PolicyAnswer | undefined {
  return result.answers.find(({ experiment }) =>
    result.answers.every((other) => other.experiment !== experiment || !isAnswered(result, other)),
  );
}

/** Whether a policy's answer stands: its experiment's leading metric has a value on every seed. */
function isAnswered({ experiments, workload }: CompareResult, { experiment, policy }: PolicyAnswer): boolean {
  const { name } = leadingMetric(experiment, workload.demandIn);
  const metric = experiments.find((each) => each.name === experiment)?.metrics.find((each) => each.name === name);
  const values = metric?.byPolicy.find((each) => each.policy === policy)?.values;
  return values?.every((value) => value !== null) ?? false;
}

function forkVerdict({ forks }: CompareResult): string {
  const differ = forks.filter(({ timeUs }) => timeUs !== null).length;
  if (forks.length === 0) return 'nothing was measured';
  return `${differ} of ${countOf(forks.length, 'fork')} ${forks.length === 1 ? 'differs' : 'differ'}`;
}

function showMean({ unit }: MetricResult, { mean }: PolicyValues): string {
  return `${showNumber(mean)}${UNITS[unit]}`;
}

/** All alike: every policy, and once what they answer. */
function tieVerdict(result: CompareResult, metric: MetricResult, answer: PolicyAnswer | undefined): string {
  const policies = metric.byPolicy.map(({ policy }) => policy);
  const line = `no difference in ${metric.name} between ${andText(policies)} (${showMean(metric, metric.byPolicy[0] as PolicyValues)})`;
  if (answer === undefined) return line;
  return `${line}; ${sameAnswers(result, answer).length === policies.length ? '' : `${answer.policy}: `}${answer.text}`;
}

/** The best by mean against the baseline; the baseline, where it is the best, against the next one. */
function pairVerdict(
  { baseline }: CompareResult,
  metric: MetricResult,
  best: PolicyValues,
  next: PolicyValues,
): string {
  const rival = best.policy === baseline ? next.policy : baseline;
  const comparison = metric.comparisons.find(({ policy }) => policy === (rival === baseline ? best.policy : rival));
  if (comparison === undefined) throw new Error(`${metric.name} leads an experiment and is not tested`);
  const seen = rival === baseline ? comparison : fromBaseline(comparison);
  const mean = showMean(metric, best);
  if (seen.verdict === 'same') return `no difference in ${metric.name} between ${best.policy} and ${rival} (${mean})`;
  const by = `${showDifference(seen.estimate)}, ahead on ${seen.wins} of ${seen.n} seeds`;
  return seen.verdict === 'better'
    ? `${best.policy} is ahead in ${metric.name} (${mean}; better than ${rival}: ${by})`
    : `not decided in ${metric.name}: ${best.policy} has ${mean}; against ${rival}: ${by}; ${seedsText(comparison)}`;
}

/** How many seeds would be enough for a difference of the size that was seen. */
function seedsText({ n, estimate, smallestDifference }: MetricComparison): string {
  if (smallestDifference === null) return `${countOf(n, 'seed')} cannot decide anything, ${SEEDS_MIN} can`;
  if (estimate === null || estimate === 0) return `${n} seeds find ${showNumber(smallestDifference)} and more`;
  const seeds = seedsToFind(n, smallestDifference, estimate);
  if (seeds > SEEDS_MAX) return `not even ${SEEDS_MAX.toLocaleString('en')} seeds would find so little`;
  return seeds <= n ? 'some more seeds may' : `about ${seeds} seeds would find as much`;
}

const TURNED = { better: 'worse', worse: 'better', same: 'same', undecided: 'undecided' } as const;

/** A comparison with the baseline as the baseline sees it. */
function fromBaseline({
  estimate,
  wins,
  losses,
  n,
  verdict,
}: MetricComparison): Pick<MetricComparison, 'estimate' | 'wins' | 'n' | 'verdict'> {
  return { estimate: estimate === null ? null : -estimate, wins: losses, n, verdict: TURNED[verdict] };
}

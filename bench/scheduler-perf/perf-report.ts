/**
 * What `bench scheduler-perf` shows: a line for each measured phase, what did not reach its end and why, and which gates
 * changed nothing.
 *
 * Host and virtual throughput stand apart; a threshold is of upstream's machines and the real server, so the ratio compares
 * two machines and two programs. `json` is the original's own format and holds data items only.
 */
import type { ListOutput } from '../cli/output-args.ts';
import { type Colours, makeColours } from '../report/colour.ts';
import { countOf } from '../report/counted.ts';
import { hostFacts } from '../report/host-facts.ts';
import { stableJson } from '../report/stable-json.ts';
import { type Cell, Table } from '../report/table.ts';
import type { WorkloadPlan } from './config/plan.ts';
import { type DataItems, dataItemsOf, hostThroughput, virtualThroughput } from './data-items.ts';
import { gatesWithoutEffect, unheededKinds } from './run/cluster-of.ts';
import type { PhaseResult } from './run/collector.ts';
import type { WorkloadResult } from './run/run-workload.ts';

/** The aim: host throughput over the threshold, since simulating has to be much faster than running. */
const AIM = 50;

/** A workload and how it went. */
export interface Measured {
  readonly plan: WorkloadPlan;
  readonly result: WorkloadResult;
}

/** Whether a workload reached its end with a host throughput below its threshold. */
export function isBelowThreshold({ plan, result }: Measured): boolean {
  return (
    result.failure === '' && comparable(plan) && result.phases.some((phase) => hostThroughput(phase) < plan.threshold)
  );
}

/** Only the average throughput is compared. */
function comparable({ threshold, selector }: WorkloadPlan): boolean {
  return threshold > 0 && selector.name === 'SchedulingThroughput' && selector.dataBucket === 'Average';
}

/** The report. */
export function perfReport(
  measured: readonly Measured[],
  notRun: number,
  output: ListOutput,
  colours: Colours = makeColours(false),
): string {
  if (output === 'json') return stableJson(documentOf(measured));
  const table = new Table([
    { title: 'workload' },
    { title: 'pods', align: 'right' },
    { title: 'host pods/s', align: 'right' },
    { title: 'threshold', align: 'right' },
    { title: `${AIM} ×`, align: 'right' },
    { title: 'ratio', align: 'right' },
    { title: 'virtual pods/s', align: 'right' },
    { title: 'outcome' },
  ]);
  for (const each of measured) for (const row of rowsOf(each)) table.add(row);
  const { cpuModel, cores, node } = hostFacts();
  const notes = [
    ...failures(measured),
    ...vacuous(measured),
    ...gates(measured),
    ...unheeded(measured),
    ...leftWaiting(measured),
    ...aimed(measured),
    summary(measured, notRun),
  ];
  const machine = `host time on ${cpuModel}, ${cores} cores, Node ${node}; thresholds are upstream's, of the real scheduler and server`;
  return `${output === 'markdown' ? table.markdown() : table.text(colours)}\n${notes.join('\n')}\n${machine}\n`;
}

/** The original's document. */
function documentOf(measured: readonly Measured[]): DataItems {
  const dataItems = measured.flatMap(({ plan, result }) => result.phases.flatMap((phase) => dataItemsOf(plan, phase)));
  return { version: 'v1', dataItems };
}

function outcomeOf(measured: Measured): Cell {
  const { failure, timedOut } = measured.result;
  if (timedOut) return { text: 'stopped', style: (text, colours) => colours.red(text) };
  if (failure !== '') return { text: 'failed', style: (text, colours) => colours.red(text) };
  if (isBelowThreshold(measured)) return { text: 'below threshold', style: (text, colours) => colours.yellow(text) };
  if (measured.result.notes.length > 0)
    return { text: 'no pod scheduled', style: (text, colours) => colours.yellow(text) };
  return { text: 'done', style: (text, colours) => colours.green(text) };
}

function rowsOf(measured: Measured): readonly (readonly Cell[])[] {
  const { plan, result } = measured;
  const outcome = outcomeOf(measured);
  const threshold = thresholdText(plan);
  const aim = comparable(plan) ? (AIM * plan.threshold).toLocaleString('en') : '–';
  if (result.phases.length === 0) return [[plan.name, '–', '–', threshold, aim, '–', '–', outcome]];
  return result.phases.map((phase) => {
    const name = result.phases.length === 1 ? plan.name : `${plan.name} (${phase.name})`;
    const host = hostThroughput(phase);
    const virtual = rate(virtualThroughput(phase), phase);
    return [name, String(phase.pods), rate(host, phase), threshold, aim, ratioCell(plan, host), virtual, outcome];
  });
}

function ratioCell(plan: WorkloadPlan, host: number): Cell {
  if (!comparable(plan)) return '–';
  const ratio = host / plan.threshold;
  const style = (text: string, colours: Colours) => (ratio >= AIM ? colours.green(text) : colours.yellow(text));
  return { text: `${ratio.toFixed(1)} ×`, style };
}

function thresholdText({ threshold }: WorkloadPlan): string {
  return threshold === 0 ? '–' : String(threshold);
}

function rate(value: number, { pods }: PhaseResult): string {
  return pods === 0 ? '–' : value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 });
}

function failures(measured: readonly Measured[]): readonly string[] {
  const failed = measured.filter(({ result }) => result.failure !== '');
  return failed.map(({ plan, result }) => `${plan.name}: ${result.failure}`);
}

function vacuous(measured: readonly Measured[]): readonly string[] {
  return measured.flatMap(({ plan, result }) => result.notes.map((note) => `${plan.name}: ${note}`));
}

function gates(measured: readonly Measured[]): readonly string[] {
  const names = [...new Set(measured.flatMap(({ plan }) => gatesWithoutEffect(plan)))].sort();
  return names.length === 0 ? [] : [`feature gates without effect: ${names.join(', ')}`];
}

function unheeded(measured: readonly Measured[]): readonly string[] {
  const kinds = [...new Set(measured.flatMap(({ plan }) => unheededKinds(plan)))].sort();
  return kinds.length === 0 ? [] : [`objects that are stored and heeded by nobody: ${kinds.join(', ')}`];
}

/** Phases that also gave nodes to pods which do not count there, and what upstream, whose samples begin at the first that counts, would compare. */
function leftWaiting(measured: readonly Measured[]): readonly string[] {
  return measured.flatMap(({ plan, result }) =>
    result.phases
      .filter(({ otherPods, hostSinceFirstS }) => otherPods > 0 && hostSinceFirstS > 0 && comparable(plan))
      .map((phase) => {
        const rest = (phase.pods - 1) / phase.hostSinceFirstS;
        const ratio = `${(rest / plan.threshold).toFixed(1)} ×`;
        const others = `${countOf(phase.otherPods, 'pod')} that earlier operations left waiting got nodes first and do not count`;
        return `${plan.name}: ${others}; from the first that counts on, where upstream's samples begin, ${rate(rest, phase)} host pods/s (${ratio})`;
      }),
  );
}

/** How many came to the aim, and which was the furthest from it. */
function aimed(measured: readonly Measured[]): readonly string[] {
  const ratios = measured
    .filter(({ plan, result }) => comparable(plan) && result.failure === '' && result.phases.length > 0)
    .map(({ plan, result }) => {
      return { name: plan.name, ratio: Math.min(...result.phases.map(hostThroughput)) / plan.threshold };
    })
    .sort((a, b) => a.ratio - b.ratio);
  const [lowest] = ratios;
  if (lowest === undefined) return [];
  const reached = ratios.filter(({ ratio }) => ratio >= AIM).length;
  const of = `${reached} of ${countOf(ratios.length, 'workload')} with a threshold at ${AIM} × or above`;
  return [`${of}; lowest: ${lowest.name}, ${lowest.ratio.toFixed(1)} ×`];
}

function summary(measured: readonly Measured[], notRun: number): string {
  const count = (holds: (each: Measured) => boolean): number => measured.filter(holds).length;
  const stopped = count(({ result }) => result.timedOut);
  const failed = count(({ result }) => result.failure !== '') - stopped;
  const below = measured.filter(isBelowThreshold).map(({ plan }) => plan.name);
  const parts = [`${countOf(measured.length - failed - stopped, 'workload')} done`, `${failed} failed`];
  const vacuousCount = count(({ result }) => result.failure === '' && result.notes.length > 0);
  if (vacuousCount > 0) parts.push(`${vacuousCount} of them without a pod scheduled`);
  if (stopped > 0) parts.push(`${stopped} stopped by --timeout`);
  if (below.length > 0) parts.push(`${below.length} below its threshold (${below.join(', ')})`);
  if (notRun > 0) parts.push(`${notRun} not run`);
  return parts.join(', ');
}

/** What would be run. */
export function planReport(plans: readonly WorkloadPlan[], output: ListOutput, colours: Colours): string {
  if (output === 'json') {
    const workloads = plans.map(({ name, topic, labels, threshold, gates: featureGates, operations }) => {
      return { name, topic, labels, threshold, featureGates, operations: operations.map(({ opcode }) => opcode) };
    });
    return stableJson({ schema: 'seatrial/scheduler-perf-plan/v1', workloads });
  }
  const table = new Table([
    { title: 'workload' },
    { title: 'labels' },
    { title: 'threshold', align: 'right' },
    { title: 'operations', align: 'right' },
  ]);
  for (const plan of plans) {
    table.add([plan.name, plan.labels.join(', '), thresholdText(plan), String(plan.operations.length)]);
  }
  const count = `${countOf(plans.length, 'workload')}; nothing was run\n`;
  return `${output === 'markdown' ? table.markdown() : table.text(colours)}\n${count}`;
}

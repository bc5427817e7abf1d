/**
 * A story in plain sentences: what was there, what was done, what went wrong.
 */

import type { FaultReport } from '../../core/chaos/arm.ts';
import { COMPARISONS } from '../../core/chaos/comparison/compare-runs.ts';
import type { FaultPlan, ScenarioPlan } from '../../core/chaos/plan.ts';
import { predicateList } from '../../core/chaos/predicates/index.ts';
import type { RunResult } from '../../core/chaos/run-plan.ts';
import type { KubeObject } from '../../core/cluster/vocabulary.ts';
import { countOf, doneText } from '../report/counted.ts';
import { showInstant, showVirtual } from '../report/virtual-time.ts';
import { faultDeed, namesText } from './fault-deed.ts';
import { operationDeed } from './operation-deed.ts';
import type { Story } from './story.ts';

/** Faults told one by one; a longer list is in the timeline. */
const FAULTS_MAX = 12;

/** The story's sentences by section, in order. */
export function narrative({ plan, seed, result }: Story): { readonly title: string; readonly lines: string[] }[] {
  return [
    { title: 'What was there', lines: settingLines(plan, seed) },
    { title: 'What was done', lines: deedLines(plan, result) },
    { title: result.outcome.kind === 'pass' ? 'What came of it' : 'What went wrong', lines: endLines(result) },
  ];
}

function settingLines(
  { cluster, workload, bugs, interleaving, reorderings = [] }: ScenarioPlan,
  seed: number,
): string[] {
  const groups = 'count' in cluster.nodes ? [cluster.nodes] : cluster.nodes;
  const nodes = groups.reduce((sum, { count }) => sum + count, 0);
  const zones = new Set(groups.flatMap((group) => group.zones ?? [])).size;
  const { storeMembers = 1, apiServers = 1, schedulers = 1, controllerManagers = 1 } = cluster.controlPlane ?? {};
  const plane = [
    countOf(storeMembers, 'store member'),
    countOf(apiServers, 'API server'),
    countOf(schedulers, 'scheduler'),
    countOf(controllerManagers, 'controller manager'),
  ];
  const where = zones > 1 ? ` in ${zones} zones` : '';
  const objects = workload.length === 0 ? 'Nothing ran on it.' : `On it: ${namesText(workload.map(objectText))}.`;
  const order =
    interleaving === undefined ? [] : [`Simultaneous events came in the order of interleaving ${interleaving}.`];
  const reordered = reorderings.map(({ atUs, order }) => {
    const [first = '', ...rest] = order;
    return `At ${showInstant(atUs)} several things happened at once: what ${first} sent came before what ${namesText(rest)} sent.`;
  });
  const planted = bugs.length === 0 ? [] : [`Planted: ${bugs.join(', ')}.`];
  return [
    `A cluster of ${countOf(nodes, 'node')}${where}, ${namesText(plane)}; seed ${seed}.`,
    objects,
    ...planted,
    ...order,
    ...reordered,
  ];
}

function objectText(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  const { replicas } = (object as { readonly spec?: { readonly replicas?: number } }).spec ?? {};
  const size = replicas === undefined ? '' : ` (${countOf(replicas, 'replica')})`;
  return `${object.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}${size}`;
}

/** Operations and faults by time. */
function deedLines(plan: ScenarioPlan, result: RunResult): string[] {
  const deeds = plan.operations
    .filter(({ atUs }) => atUs <= result.times.endUs)
    .map((operation) => ({
      atUs: operation.atUs,
      text: `At ${showInstant(operation.atUs)} the user ${operationDeed(operation)}.`,
    }));
  for (const report of result.faults.slice(0, FAULTS_MAX)) {
    const fault = plan.faults.find(({ id }) => id === report.id);
    if (fault !== undefined) deeds.push({ atUs: report.beginUs, text: faultLine(fault, report, result) });
  }
  deeds.sort((left, right) => left.atUs - right.atUs);
  const lines = deeds.map(({ text }) => text);
  if (result.faults.length > FAULTS_MAX) lines.push(`${result.faults.length - FAULTS_MAX} more faults.`);
  return lines.length === 0 ? ['Nothing.'] : lines;
}

function faultLine(fault: FaultPlan, report: FaultReport, { times }: RunResult): string {
  if (report.beginUs < 0) return `Fault ${fault.id} (${fault.kind}) never began: what it waited for did not come.`;
  const cause = report.point === undefined ? '' : `, just when ${report.point},`;
  const lasted = report.endUs < 0 ? times.endUs - report.beginUs : report.endUs - report.beginUs;
  const long = report.endUs < 0 ? ', to the end' : lasted === 0 ? '' : `, for ${showVirtual(lasted)}`;
  const did = doneText(report.done, 'which made no difference');
  return `At ${showInstant(report.beginUs)}${cause} ${faultDeed(fault, report.targets)}${long} (fault ${fault.id}: ${did}).`;
}

function endLines({ outcome, times }: RunResult): string[] {
  switch (outcome.kind) {
    case 'pass':
      return [`Everything converged at ${showInstant(times.convergedUs)} and stayed so.`];
    case 'over-budget':
      return [`The run used up its budget: ${outcome.message}.`];
    case 'excused':
      return [`${outcome.missing}. Excused: ${outcome.excuses.map(({ about }) => about).join(', ')}.`];
    case 'fail': {
      const about = [...predicateList(), ...COMPARISONS].find(([id]) => id === outcome.predicate)?.[1] ?? '';
      return [
        `At ${showInstant(outcome.timeUs)} predicate ${outcome.predicate} did not hold: ${outcome.message}.`,
        ...(about === '' ? [] : [`It says that ${about}.`]),
      ];
    }
  }
}

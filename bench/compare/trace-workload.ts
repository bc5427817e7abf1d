/**
 * The workload of a trace: the embedded openb population, or CSV files of the user's.
 */
import path from 'node:path';
import { statPath } from '../cli/stat-path.ts';
import { CLI_CODES, type ProblemList } from '../cli/user-error.ts';
import { readDataText } from '../conform/data-files.ts';
import { csvRows, TRACE_CODES } from '../traces/csv-rows.ts';
import { OPENB_SPAN_S } from '../traces/lifetimes.ts';
import { readNodeList, readPodList } from '../traces/openb-files.ts';
import { openbPopulation } from '../traces/openb-population.ts';
import type { Trace, TracePod } from '../traces/trace.ts';
import { nodeObject, podKinds } from '../traces/trace-objects.ts';
import type { CompareWorkload } from './workload.ts';

/** Files of a trace. */
export interface TraceFiles {
  readonly nodes: string;
  readonly pods: string;
  /** `seed,rows`: arrivals by seed, as rows of the pod list. */
  readonly order: string | undefined;
  /** `seed,ranks`: rank of each node of the node list; the smaller one comes first in the search. */
  readonly nodeRanks: string | undefined;
}

/** What is assumed of the lifetimes of the embedded population. */
export const OPENB_LIFETIMES =
  'lifetimes are drawn from the quantiles of the openb trace: median 540 s, 90 % 6,568 s, 99 % 93,426 s, longest 145 days';

/** The embedded population. */
export function openbWorkload(): CompareWorkload {
  return traceWorkload(openbPopulation());
}

/** The workload of CSV files. @throws UserError for a file that cannot be read; rows with problems go to `problems`. */
export function fileWorkload(files: TraceFiles, problems: ProblemList): CompareWorkload | null {
  const all = [files.nodes, files.pods, files.order, files.nodeRanks].filter((file) => file !== undefined);
  for (const file of all) {
    const found = statPath(file);
    if (found?.isFile() === true) continue;
    const message = found === undefined ? 'no such file' : 'a folder or device, expected a CSV file';
    problems.error({ file }, CLI_CODES.noInput, message);
  }
  if (problems.errorCount > 0) return null;
  const nodes = problems.collect(() => readNodeList(files.nodes, readDataText(files.nodes), problems));
  const pods = problems.collect(() => readPodList(files.pods, readDataText(files.pods), problems));
  if (nodes === null || pods === null) return null;
  const name = path.basename(files.pods).replace(/\.csv(\.gz)?$/, '');
  const orders = files.order === undefined ? null : seedLists(files.order, 'rows', pods.length, problems);
  const ranks = files.nodeRanks === undefined ? null : seedLists(files.nodeRanks, 'ranks', nodes.length, problems);
  const nodeOrders = ranks === null ? null : fromRanks(files.nodeRanks ?? '', ranks, nodes.length, problems);
  if (problems.errorCount > 0) return null;
  const source = `${files.nodes} and ${files.pods}`;
  return { ...traceWorkload({ name, source, nodes, pods }), orders, nodeOrders };
}

function traceWorkload({ name, source, nodes, pods }: Trace): CompareWorkload {
  const { pods: kinds, kindOf } = podKinds(pods);
  const known = pods.every(({ creationS, deletionS }) => creationS !== null && deletionS !== null);
  return {
    name,
    source,
    nodes: nodes.map(nodeObject),
    kinds,
    kindOf,
    lifetimesS: known ? Float64Array.from(pods, lifetimeOf) : null,
    spanS: known ? spanOf(pods) : OPENB_SPAN_S,
    bound: new Int32Array(0),
    keptNodes: [],
    waiting: 0,
    gangOf: null,
    gangRules: [],
    objects: [],
    deviceGates: [],
    orders: null,
    nodeOrders: null,
  };
}

function lifetimeOf({ creationS, deletionS }: TracePod): number {
  return (deletionS ?? 0) - (creationS ?? 0);
}

/** From the first creation to the last deletion, at least a second. */
function spanOf(pods: readonly TracePod[]): number {
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for (const { creationS, deletionS } of pods) {
    first = Math.min(first, creationS ?? 0);
    last = Math.max(last, deletionS ?? 0);
  }
  return Math.max(1, last - first);
}

/** Lists of whole numbers below `end` by seed. */
function seedLists(file: string, column: string, end: number, problems: ProblemList): Map<number, Int32Array> {
  const lists = new Map<number, Int32Array>();
  for (const row of csvRows(file, readDataText(file), ['seed', column], problems)) {
    const numbers = row.text(column).split(/\s+/).map(Number);
    const bad = numbers.find((number) => !(Number.isInteger(number) && number >= 0 && number < end));
    if (bad !== undefined) {
      const place = { file, line: row.line };
      problems.error(place, TRACE_CODES.value, `${column}: ${bad} is no whole number from 0 to ${end - 1}`);
    }
    lists.set(row.integer('seed', 0, Number.MAX_SAFE_INTEGER), Int32Array.from(numbers));
  }
  return lists;
}

/** Node indexes in search order; the ranks must be a permutation. */
function fromRanks(
  file: string,
  lists: ReadonlyMap<number, Int32Array>,
  count: number,
  problems: ProblemList,
): Map<number, Int32Array> {
  const orders = new Map<number, Int32Array>();
  for (const [seed, ranks] of lists) {
    const order = new Int32Array(count).fill(-1);
    ranks.forEach((rank, node) => {
      order[rank] = node;
    });
    if (ranks.length !== count || order.includes(-1)) {
      problems.error({ file }, TRACE_CODES.order, `the ranks of seed ${seed} are no permutation of ${count} nodes`);
    }
    orders.set(seed, order);
  }
  return orders;
}

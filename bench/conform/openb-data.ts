/**
 * The files of one openb folder, read when a case asks for them, and the runs made from them.
 */
import path from 'node:path';
import { Sfc32 } from '../../core/base/random.ts';
import { namedProfile, Placement, type TypicalPod, typicalPods } from '../../core/cluster/placement.ts';
import { GpuMeter } from '../../core/cluster/placement-figures.ts';
import { ProblemList } from '../../scenarios/problem.ts';
import { csvRows } from '../traces/csv-rows.ts';
import { readNodeList, readPodList } from '../traces/openb-files.ts';
import { gpuMilliOf, type TraceNode, type TracePod } from '../traces/trace.ts';
import { nodeObject, type PodKinds, podKinds } from '../traces/trace-objects.ts';
import { dataError, plainOrCompressed, readDataText } from './data-files.ts';
import { LAST_COLUMN, type OpenbReports, type OpenbTable, TABLES, tablesOf } from './openb-tables.ts';

const WORKLOAD_PREFIX = 'openb_pod_list_';
const NODE_FILE = 'openb_node_list_gpu_node.csv';

/** One row of a published table. */
export interface ExpectedRow {
  /** Without the prefix of the pod lists. */
  readonly workload: string;
  readonly policy: string;
  readonly seed: string;
  readonly cells: readonly number[];
}

type Tables = Readonly<Record<OpenbTable, readonly number[]>>;

interface Workload {
  readonly rows: readonly TracePod[];
  readonly kinds: PodKinds;
  readonly typical: readonly TypicalPod[];
  /** Arrivals, as rows of the pod list, by seed. */
  readonly orders: ReadonlyMap<string, readonly number[]>;
  /** Rank of each node by seed: the smaller one wins a tie. */
  readonly ranks: ReadonlyMap<string, readonly number[]>;
}

/** One folder. */
export class OpenbData {
  readonly #folder: string;
  readonly #workloads = new Map<string, Workload>();
  #nodes: readonly TraceNode[] | undefined;
  /** The last run: the three tables of one run are asked for one after the other. */
  #lastKey = '';
  #lastTables: Tables | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The rows of a published table. @throws UserError for a broken file. */
  expectedRows(table: OpenbTable): ExpectedRow[] {
    const columns = Array.from({ length: LAST_COLUMN + 1 }, (_, column) => String(column));
    return this.#rows(TABLES[table], ['workload', 'sc_policy', 'seed', ...columns]).map((row) => ({
      workload: row.text('workload').replace(WORKLOAD_PREFIX, ''),
      policy: row.text('sc_policy'),
      seed: row.text('seed'),
      cells: columns.map((column) => Number(row.text(column))),
    }));
  }

  /** The tables of one run. @throws when files of the run are missing or broken. */
  run(workload: string, policy: string, seed: string): Tables {
    const key = `${workload}/${policy}/${seed}`;
    if (this.#lastTables === undefined || this.#lastKey !== key) {
      this.#lastTables = this.#run(this.#workload(workload), policy, seed);
      this.#lastKey = key;
    }
    return this.#lastTables;
  }

  #run(workload: Workload, policy: string, seed: string): Tables {
    const order = workload.orders.get(seed);
    const ranks = workload.ranks.get(seed);
    const profile = namedProfile(policy, { typicalPods: workload.typical });
    if (order === undefined || ranks === undefined) throw new Error(`no order or no node ranks for seed ${seed}`);
    if (profile === undefined) throw new Error(`policy ${policy} is not implemented`);
    const nodes = this.#nodesByRank(ranks);
    const placement = new Placement({
      nodes: nodes.map(nodeObject),
      pods: workload.kinds.pods,
      profile: { ...profile, tieRule: 'first', nodeOrder: 'insertion', percentageOfNodesToScore: 'all' },
      draws: new Sfc32(1, 2, 3),
    });
    const gpus = nodes.reduce((sum, node) => sum + node.gpus, 0);
    return tablesOf(reportsOf(placement, workload, order), gpus);
  }

  #nodesByRank(ranks: readonly number[]): readonly TraceNode[] {
    this.#nodes ??= this.#list(NODE_FILE, readNodeList);
    const nodes = this.#nodes;
    const sorted: TraceNode[] = [];
    ranks.forEach((rank, index) => {
      sorted[rank] = nodes[index] as TraceNode;
    });
    if (sorted.length !== nodes.length || sorted.includes(undefined as unknown as TraceNode)) {
      throw new Error(`the ranks are no permutation of ${nodes.length} nodes`);
    }
    return sorted;
  }

  #workload(name: string): Workload {
    const known = this.#workloads.get(name);
    if (known !== undefined) return known;
    const rows = this.#list(`${WORKLOAD_PREFIX}${name}.csv`, readPodList);
    const kinds = podKinds(rows);
    const counts = new Int32Array(kinds.pods.length);
    for (const kind of kinds.kindOf) counts[kind] = (counts[kind] as number) + 1;
    const workload: Workload = {
      rows,
      kinds,
      typical: typicalPods(kinds.pods, counts),
      orders: this.#numberLists(`orders/${name}.csv`, 'rows', rows.length),
      ranks: this.#numberLists(`node_ranks/${name}.csv`, 'ranks', Number.MAX_SAFE_INTEGER),
    };
    this.#workloads.set(name, workload);
    return workload;
  }

  /** Lists of numbers below `end` by seed. */
  #numberLists(name: string, column: string, end: number): Map<string, readonly number[]> {
    const lists = new Map<string, readonly number[]>();
    for (const row of this.#rows(name, ['seed', column])) {
      const numbers = row.text(column).split(' ').map(Number);
      const bad = numbers.find((number) => !(Number.isInteger(number) && number >= 0 && number < end));
      if (bad !== undefined) throw dataError({ file: name, line: row.line, message: `${column}: bad number ${bad}` });
      lists.set(row.text('seed'), numbers);
    }
    return lists;
  }

  #list<T>(name: string, read: (file: string, text: string, problems: ProblemList) => T[]): readonly T[] {
    const file = this.#find(name);
    const problems = new ProblemList();
    const rows = read(file, readDataText(file), problems);
    problems.throwIfErrors();
    return rows;
  }

  #rows(name: string, columns: readonly string[]): ReturnType<typeof csvRows> {
    const file = this.#find(name);
    const problems = new ProblemList();
    const rows = csvRows(file, readDataText(file), columns, problems);
    problems.throwIfErrors();
    return rows;
  }

  #find(name: string): string {
    const file = plainOrCompressed(path.join(this.#folder, name));
    if (file === undefined) throw dataError({ file: path.join(this.#folder, name), message: 'no such file' });
    return file;
  }
}

/** One pod at a time, a failed one is dropped; a report after each. */
function reportsOf(placement: Placement, { rows, kinds, typical }: Workload, order: readonly number[]): OpenbReports {
  const reports: OpenbReports = { arrivedMilli: [], usedMilli: [], fragmentMilli: [], idleMilli: [] };
  const meter = new GpuMeter(placement, typical);
  let arrived = 0;
  let used = 0;
  for (const index of order) {
    const milli = gpuMilliOf(rows[index] as TracePod);
    arrived += milli;
    const row = placement.place(kinds.kindOf[index] as number);
    if (row >= 0) {
      used += milli;
      meter.update(placement.nodeOf(row));
    }
    reports.arrivedMilli.push(arrived);
    reports.usedMilli.push(used);
    reports.fragmentMilli.push(meter.fragmentMilli());
    reports.idleMilli.push(meter.idleMilli());
  }
  return reports;
}

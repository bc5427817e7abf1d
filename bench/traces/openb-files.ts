/**
 * Reads node and pod lists in the format of Alibaba's GPU trace of 2023 (openb): CSV, one row a node or a pod.
 *
 * Columns as published: `sn, cpu_milli, memory_mib, gpu, model` and `name, cpu_milli, memory_mib, num_gpu, gpu_milli`, with
 * `gpu_spec, qos, pod_phase, creation_time, deletion_time, scheduled_time` where known (seconds). Plain or `.gz`.
 */
import type { ProblemList } from '../../scenarios/problem.ts';
import { type CsvRow, csvRows } from './csv-rows.ts';
import type { TraceNode, TracePod } from './trace.ts';

const NODE_COLUMNS = ['sn', 'cpu_milli', 'memory_mib', 'gpu', 'model'];
const POD_COLUMNS = ['name', 'cpu_milli', 'memory_mib', 'num_gpu', 'gpu_milli'];

/** Sane upper ends: 10,000 cores, 100 TiB, 256 GPUs, 300 years. */
const CPU_MILLI_MAX = 10_000_000;
const MEMORY_MIB_MAX = 100 * 1024 * 1024;
const GPUS_MAX = 256;
const TIME_S_MAX = 10_000_000_000;
const WHOLE_MILLI = 1000;

/** Nodes of a CSV text; problems are added, the result is then not to be used. */
export function readNodeList(file: string, text: string, problems: ProblemList): TraceNode[] {
  const names = new Map<string, number>();
  const nodes = csvRows(file, text, NODE_COLUMNS, problems).map((row): TraceNode => {
    checkName(row, 'sn', names);
    return {
      name: row.text('sn'),
      cpuMilli: row.integer('cpu_milli', 1, CPU_MILLI_MAX),
      memoryMib: row.integer('memory_mib', 1, MEMORY_MIB_MAX),
      gpus: row.integer('gpu', 0, GPUS_MAX),
      model: row.text('model'),
    };
  });
  if (nodes.length === 0 && problems.errorCount === 0) {
    problems.error({ file, line: 1 }, 'TRC-001', 'no node, expected at least one row below the header');
  }
  return nodes;
}

/** Pods of a CSV text; problems are added, the result is then not to be used. */
export function readPodList(file: string, text: string, problems: ProblemList): TracePod[] {
  const names = new Map<string, number>();
  const pods = csvRows(file, text, POD_COLUMNS, problems).map((row): TracePod => {
    checkName(row, 'name', names);
    const gpus = row.integer('num_gpu', 0, GPUS_MAX);
    const gpuMilli = row.integer('gpu_milli', 0, WHOLE_MILLI);
    if (gpus > 0 && gpuMilli === 0) row.refuse('gpu_milli', '1 to 1000, since num_gpu is not 0');
    if (gpus > 1 && gpuMilli < WHOLE_MILLI) row.refuse('gpu_milli', '1000, since num_gpu is more than 1');
    const creationS = row.optionalInteger('creation_time', 0, TIME_S_MAX);
    const deletionS = row.optionalInteger('deletion_time', 0, TIME_S_MAX);
    if (creationS !== null && deletionS !== null && deletionS < creationS) {
      row.refuse('deletion_time', `at least creation_time (${creationS})`);
    }
    return {
      name: row.text('name'),
      cpuMilli: row.integer('cpu_milli', 0, CPU_MILLI_MAX),
      memoryMib: row.integer('memory_mib', 0, MEMORY_MIB_MAX),
      gpus,
      gpuMilli: gpus === 0 ? 0 : gpuMilli,
      gpuSpec: gpus === 0 ? '' : row.text('gpu_spec'),
      creationS,
      deletionS,
    };
  });
  if (pods.length === 0 && problems.errorCount === 0) {
    problems.error({ file, line: 1 }, 'TRC-001', 'no pod, expected at least one row below the header');
  }
  return pods;
}

function checkName(row: CsvRow, column: string, names: Map<string, number>): void {
  const name = row.text(column);
  const first = names.get(name);
  if (name === '') row.refuse(column, 'a name');
  else if (first !== undefined) row.refuse(column, `a name of its own, this one is in line ${first}`);
  else names.set(name, row.line);
}

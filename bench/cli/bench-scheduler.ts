/**
 * The work of `seatrial bench scheduler`: decisions a second on the scheduler's fast path beside the plain path in the same process, and what the
 * scheduler comes to in the whole loop.
 *
 * Every rate is host time of this machine; each kernel runs in processes of its own. Different placements are a finding always, a missed target
 * only with --strict: the machine may be busy or small.
 */
import type { Kernel } from '../kernels/kernel.ts';
import { measureAll, measureKernel, outputOfFreshProcess } from '../kernels/measure.ts';
import type { PathComparison } from '../kernels/scheduler/compare-paths.ts';
import { SCHEDULER_FIGURES } from '../kernels/scheduler/figures.ts';
import type { SchedulerWorkload } from '../kernels/scheduler/workload.ts';
import { SCHEDULER_WORKLOADS } from '../kernels/scheduler/workloads.ts';
import { hostFacts } from '../report/host-facts.ts';
import { type Cell, Table } from '../report/table.ts';
import type { BenchArgs } from './bench.ts';
import { chooseKernels } from './bench-kernels.ts';
import type { CommandRun } from './command.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { showValue } from './kernel-value.ts';
import { listOutput } from './output-args.ts';

interface Row extends Pick<Kernel, 'name' | 'about' | 'unit' | 'better' | 'target'> {
  readonly best: number;
  readonly median: number;
  readonly meets: boolean;
  /** Of a race between two paths. */
  readonly paths: PathComparison | null;
}

/** Measures and prints. @throws UserError for a text that no kernel's name holds. */
export async function benchScheduler(args: BenchArgs, run: CommandRun): Promise<ExitCode> {
  const output = listOutput(args.output, 'bench scheduler');
  const kernels = chooseKernels<SchedulerWorkload | Kernel>(
    [...SCHEDULER_WORKLOADS, ...SCHEDULER_FIGURES],
    args.grep ?? '',
  );
  const interrupt = run.watchInterrupts();
  const progress = run.startProgress();
  const rows: Row[] = [];
  try {
    for await (const row of measureAll(kernels, rowOf, progress, interrupt.signal)) rows.push(row.measured);
  } finally {
    progress.finish();
    interrupt.release();
  }
  run.io.out(output === 'json' ? json(rows) : table(rows, output === 'markdown', run));
  if (interrupt.exitCode !== undefined) return interrupt.exitCode;
  const differs = rows.some(({ paths }) => paths?.same === false);
  return differs || (args.strict && rows.some(({ meets }) => !meets)) ? EXIT.finding : EXIT.yes;
}

function rowOf(kernel: SchedulerWorkload | Kernel, signal: AbortSignal): Promise<Row | null> {
  return 'work' in kernel ? figure(kernel, signal) : race(kernel, signal);
}

async function race(workload: SchedulerWorkload, signal: AbortSignal): Promise<Row | null> {
  const { name, about, target, nodes, pods } = workload;
  const text = await outputOfFreshProcess('scheduler/process.js', name, [], signal);
  if (text === null) return null;
  const paths = JSON.parse(text) as PathComparison;
  const { best, median } = paths;
  const what = `${nodes} nodes, ${pods} pods: ${about}`;
  return { name, about: what, unit: '1/s', better: 'higher', target, best, median, meets: best >= target, paths };
}

async function figure(kernel: Kernel, signal: AbortSignal): Promise<Row | null> {
  const { name, about, unit, better, target } = kernel;
  const measured = await measureKernel(kernel, signal);
  if (measured === null) return null;
  const { best, median, meets } = measured;
  return { name, about, unit, better, target, best, median, meets, paths: null };
}

function json(rows: readonly Row[]): string {
  const kernels = rows.map(({ paths, ...row }) => ({ ...row, kind: 'host', ...paths }));
  return `${JSON.stringify({ schema: 'seatrial/bench-scheduler/v1', host: hostFacts(), kernels }, null, 2)}\n`;
}

function table(rows: readonly Row[], markdown: boolean, run: CommandRun): string {
  const result = new Table([
    { title: 'kernel' },
    { title: 'best', align: 'right' },
    { title: 'median', align: 'right' },
    { title: 'target', align: 'right' },
    { title: 'meets' },
    { title: 'plain path', align: 'right' },
    { title: 'ratio', align: 'right' },
    { title: 'same nodes' },
    { title: 'examined', align: 'right' },
    { title: 'what' },
  ]);
  for (const { name, about, unit, better, target, best, median, meets, paths } of rows) {
    result.add([
      name,
      showValue(best, unit),
      showValue(median, unit),
      `${better === 'higher' ? '≥' : '≤'} ${showValue(target, unit)}`,
      verdict(meets),
      paths === null ? '–' : showValue(paths.plain, '1/s'),
      paths === null ? '–' : `${Math.round(best / paths.plain)} ×`,
      paths === null ? '–' : verdict(paths.same),
      paths === null ? '–' : paths.examined.toFixed(0),
      about,
    ]);
  }
  const { cpuModel, cores, node } = hostFacts();
  const note = `examined: nodes filtered for one pod, as kube-scheduler counts them; host time on ${cpuModel}, ${cores} cores, Node ${node}\n`;
  return `${markdown ? result.markdown() : result.text(run.colours)}\n${note}`;
}

function verdict(holds: boolean): Cell {
  return {
    text: holds ? 'yes' : 'no',
    style: (text, colours) => (holds ? colours.green(text) : colours.red(text)),
  };
}

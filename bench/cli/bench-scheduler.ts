/**
 * The work of `seatrial bench scheduler`: decisions a second on the scheduler's fast path, beside the plain path in the same process.
 *
 * Every rate is host time of this machine; each kernel runs in a process of its own. Different placements are a finding always, a missed
 * target only with --strict: the machine may be busy or small.
 */
import { outputOfFreshProcess } from '../kernels/measure.ts';
import type { PathComparison } from '../kernels/scheduler/compare-paths.ts';
import type { SchedulerWorkload } from '../kernels/scheduler/workload.ts';
import { SCHEDULER_WORKLOADS } from '../kernels/scheduler/workloads.ts';
import { hostFacts } from '../report/host-facts.ts';
import { Table } from '../report/table.ts';
import type { BenchArgs } from './bench.ts';
import type { CommandRun } from './command.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { listOutput } from './output-args.ts';
import { CLI_CODES, ProblemList } from './user-error.ts';

interface Row {
  readonly workload: SchedulerWorkload;
  readonly measured: PathComparison;
  readonly meets: boolean;
}

/** Measures and prints. @throws UserError for a text that no kernel's name holds. */
export async function benchScheduler(args: BenchArgs, run: CommandRun): Promise<ExitCode> {
  const output = listOutput(args.output, 'bench scheduler');
  const workloads = chooseWorkloads(args.grep ?? '');
  const interrupt = run.watchInterrupts();
  const progress = run.startProgress();
  const rows: Row[] = [];
  try {
    for (const workload of workloads) {
      progress.update(() => `${rows.length} of ${workloads.length}: ${workload.name}`);
      // Signals and redraws get their turn between kernels.
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (interrupt.signal.aborted) break;
      const text = outputOfFreshProcess('scheduler/process.js', workload.name, []);
      const measured = JSON.parse(text) as PathComparison;
      rows.push({ workload, measured, meets: measured.best >= workload.target });
    }
  } finally {
    progress.finish();
    interrupt.release();
  }
  run.io.out(output === 'json' ? json(rows) : table(rows, output === 'markdown', run));
  if (interrupt.exitCode !== undefined) return interrupt.exitCode;
  const differs = rows.some(({ measured }) => !measured.same);
  return differs || (args.strict && rows.some(({ meets }) => !meets)) ? EXIT.finding : EXIT.yes;
}

function chooseWorkloads(grep: string): SchedulerWorkload[] {
  const chosen = SCHEDULER_WORKLOADS.filter(({ name }) => name.toLowerCase().includes(grep.toLowerCase()));
  const problems = new ProblemList();
  if (chosen.length === 0) {
    const names = SCHEDULER_WORKLOADS.map(({ name }) => `"${name}"`).join(', ');
    problems.error({}, CLI_CODES.noInput, `no scheduling kernel's name holds "${grep}"`, { hint: `kernels: ${names}` });
  }
  problems.throwIfErrors();
  return chosen;
}

function json(rows: readonly Row[]): string {
  const kernels = rows.map(({ workload, measured, meets }) => {
    const { name, about, target, nodes, pods, plainPods } = workload;
    return { name, about, kind: 'host', unit: '1/s', target, meets, nodes, pods, plainPods, ...measured };
  });
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
  for (const { workload, measured, meets } of rows) {
    const verdict = (holds: boolean) => ({
      text: holds ? 'yes' : 'no',
      style: (text: string, colours: CommandRun['colours']) => (holds ? colours.green(text) : colours.red(text)),
    });
    result.add([
      workload.name,
      perSecond(measured.best),
      perSecond(measured.median),
      `≥ ${perSecond(workload.target)}`,
      verdict(meets),
      perSecond(measured.plain),
      `${Math.round(measured.best / measured.plain)} ×`,
      verdict(measured.same),
      measured.examined.toFixed(0),
      `${workload.nodes} nodes, ${workload.pods} pods: ${workload.about}`,
    ]);
  }
  const { cpuModel, cores, node } = hostFacts();
  const note = `examined: nodes filtered for one pod, as kube-scheduler counts them; rates are host time on ${cpuModel}, ${cores} cores, Node ${node}\n`;
  return `${markdown ? result.markdown() : result.text(run.colours)}\n${note}`;
}

/** `4.52 M/s`, `312 k/s`. */
function perSecond(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M/s`;
  return value >= 1e3 ? `${(value / 1e3).toFixed(value >= 1e5 ? 0 : 1)} k/s` : `${value.toFixed(0)}/s`;
}

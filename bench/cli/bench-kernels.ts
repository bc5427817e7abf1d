/**
 * The work of `seatrial bench core`: measures each kernel and shows it beside its target.
 *
 * Every number is host time of this machine; a target that is missed is a finding only with --strict, because the machine
 * may be busy or small.
 */
import { KERNELS } from '../kernels/index.ts';
import type { Kernel } from '../kernels/kernel.ts';
import { type Measurement, measureAll, measureKernel } from '../kernels/measure.ts';
import { hostFacts } from '../report/host-facts.ts';
import { Table } from '../report/table.ts';
import type { BenchArgs } from './bench.ts';
import type { CommandRun } from './command.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { showValue } from './kernel-value.ts';
import { listOutput } from './output-args.ts';
import { CLI_CODES, ProblemList } from './user-error.ts';

/** A kernel with its measurement; how the work is done is of no interest here. */
export interface KernelRow {
  readonly kernel: Omit<Kernel, 'work'>;
  readonly measured: Measurement;
}

/** Measures and prints. @throws UserError for a text that no kernel's name holds. */
export async function benchKernels(args: BenchArgs, run: CommandRun): Promise<ExitCode> {
  const output = listOutput(args.output, 'bench core');
  const kernels = chooseKernels(KERNELS, args.grep ?? '');
  const interrupt = run.watchInterrupts();
  const progress = run.startProgress();
  const rows: KernelRow[] = [];
  try {
    for await (const row of measureAll(kernels, measureKernel, progress, interrupt.signal)) rows.push(row);
  } finally {
    progress.finish();
    interrupt.release();
  }
  run.io.out(kernelsText(rows, output, run));
  if (interrupt.exitCode !== undefined) return interrupt.exitCode;
  return args.strict && rows.some(({ measured }) => !measured.meets) ? EXIT.finding : EXIT.yes;
}

/** Those of `all` whose name holds `grep`. @throws UserError when there is none. */
export function chooseKernels<K extends Pick<Kernel, 'name'>>(all: readonly K[], grep: string): K[] {
  const problems = new ProblemList();
  const chosen = all.filter(({ name }) => name.toLowerCase().includes(grep.toLowerCase()));
  if (chosen.length === 0) {
    const names = all.map(({ name }) => `"${name}"`).join(', ');
    problems.error({}, CLI_CODES.noInput, `no kernel's name holds "${grep}"`, { hint: `kernels: ${names}` });
  }
  problems.throwIfErrors();
  return chosen;
}

/** The measurements as JSON, Markdown or a table for a terminal. */
export function kernelsText(rows: readonly KernelRow[], output: string, run: CommandRun): string {
  return output === 'json' ? json(rows) : table(rows, output === 'markdown', run);
}

function json(rows: readonly KernelRow[]): string {
  const kernels = rows.map(({ kernel, measured }) => {
    const { name, about, unit, better, target } = kernel;
    return { name, about, kind: 'host', unit, better, target, ...measured };
  });
  return `${JSON.stringify({ schema: 'seatrial/bench/v1', host: hostFacts(), kernels }, null, 2)}\n`;
}

function table(rows: readonly KernelRow[], markdown: boolean, run: CommandRun): string {
  const result = new Table([
    { title: 'kernel' },
    { title: 'best', align: 'right' },
    { title: 'median', align: 'right' },
    { title: 'target', align: 'right' },
    { title: 'meets' },
    { title: 'what' },
  ]);
  for (const { kernel, measured } of rows) {
    result.add([
      kernel.name,
      showValue(measured.best, kernel.unit),
      showValue(measured.median, kernel.unit),
      `${kernel.better === 'higher' ? '≥' : '≤'} ${showValue(kernel.target, kernel.unit)}`,
      {
        text: measured.meets ? 'yes' : 'no',
        style: (text, colours) => (measured.meets ? colours.green(text) : colours.red(text)),
      },
      kernel.about,
    ]);
  }
  const { cpuModel, cores, node } = hostFacts();
  const machine = `host time on ${cpuModel}, ${cores} cores, Node ${node}\n`;
  return `${markdown ? result.markdown() : result.text(run.colours)}\n${machine}`;
}

/**
 * `gate --self-test`: the host-time gate measured with itself, on the machine where it is to be used.
 *
 * Blocks of equal builds must hardly ever close the gate (at most 1 of 30), blocks with 5 % more work nearly always (at
 * least 80 %). A block is one whole comparison of one kernel, both stages. Long: a minute a few blocks.
 */
import path from 'node:path';
import { Sfc32, seedOf } from '../../core/cluster/vocabulary.ts';
import type { CommandRun, GlobalArgs } from '../cli/command.ts';
import { EXIT, type ExitCode } from '../cli/exit.ts';
import type { GateArgs } from '../cli/gate.ts';
import { packageRoot } from '../cli/package-info.ts';
import { hostFacts } from '../report/host-facts.ts';
import type { Verdict } from '../report/result.ts';
import { stableJson } from '../report/stable-json.ts';
import { compareKernel, type Sides } from './host-time.ts';

const KERNEL = 'event-queue';
const PLANTED_SHARE = 0.05;
const FALSE_ALARM_SHARE_MAX = 1 / 30;
const CAUGHT_SHARE_MIN = 0.8;

interface Rates {
  readonly blocks: number;
  /** Blocks of equal builds that said fail or improved. */
  readonly falseAlarms: number;
  /** Blocks with the planted work that said fail. */
  readonly caught: number;
  /** Blocks without an answer: equal builds, planted. */
  readonly inconclusive: readonly [number, number];
}

/** Measures both rates, prints them, and says whether the gate can be trusted here. */
export async function selfTest(args: GateArgs & GlobalArgs, run: CommandRun): Promise<ExitCode> {
  const interrupt = run.watchInterrupts();
  const progress = run.startProgress();
  const kernel = args.grep ?? KERNEL;
  const program = path.join(packageRoot(), 'dist', 'bench', 'kernels', 'gate-process.js');
  const draws = Sfc32.named(seedOf(1), 'bench/gate', 'self-test');
  const block = async (plant: number): Promise<Verdict> => {
    const sides: Sides = { baseline: { program }, candidate: { program, plant } };
    const [time] = await compareKernel(sides, kernel, { pairs: args.pairs, signal: interrupt.signal }, draws);
    return time?.verdict ?? 'inconclusive';
  };
  const equal: Verdict[] = [];
  const planted: Verdict[] = [];
  try {
    for (let i = 0; i < args.blocks && !interrupt.signal.aborted; i++) {
      progress.update(() => `block ${i + 1} of ${args.blocks}`);
      equal.push(await block(0));
      planted.push(await block(PLANTED_SHARE));
    }
  } finally {
    progress.finish();
    interrupt.release();
  }
  const count = (list: readonly Verdict[], ...verdicts: Verdict[]): number =>
    list.filter((verdict) => verdicts.includes(verdict)).length;
  const rates: Rates = {
    blocks: planted.length,
    falseAlarms: count(equal, 'fail', 'improved'),
    caught: count(planted, 'fail'),
    inconclusive: [count(equal, 'inconclusive'), count(planted, 'inconclusive')],
  };
  run.io.out(
    args.output === 'json'
      ? stableJson({ schema: 'seatrial/gate-self-test/v1', host: hostFacts(), ...rates })
      : text(rates, kernel),
  );
  if (interrupt.exitCode !== undefined) return interrupt.exitCode;
  return isTrusted(rates) ? EXIT.yes : EXIT.finding;
}

function isTrusted({ blocks, falseAlarms, caught }: Rates): boolean {
  return falseAlarms <= Math.max(1, Math.floor(blocks * FALSE_ALARM_SHARE_MAX)) && caught >= blocks * CAUGHT_SHARE_MIN;
}

function text(rates: Rates, kernel: string): string {
  const { blocks, falseAlarms, caught, inconclusive } = rates;
  return [
    `kernel ${kernel}, ${blocks} blocks a side\n`,
    `equal builds: ${falseAlarms} of ${blocks} closed the gate, ${inconclusive[0]} inconclusive (wanted: at most ${Math.max(1, Math.floor(blocks * FALSE_ALARM_SHARE_MAX))} closed)\n`,
    `5 % more work: ${caught} of ${blocks} closed the gate, ${inconclusive[1]} inconclusive (wanted: at least ${Math.ceil(blocks * CAUGHT_SHARE_MIN)} closed)\n`,
    `self-test: ${isTrusted(rates) ? 'pass' : 'fail'}\n`,
  ].join('');
}

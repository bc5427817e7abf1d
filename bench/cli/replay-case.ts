/**
 * The work of `seatrial replay`: one case in this process, with its timeline.
 */
import { type Explanation, explain } from '../../core/chaos/explain/causal-chain.ts';
import type { ShownLink } from '../../core/chaos/explain/fold-chain.ts';
import { type RunResult, runPlan } from '../../core/chaos/run-plan.ts';
import type { CampaignScenario } from '../campaign/campaign.ts';
import { compileEarly } from '../campaign/early-compilation.ts';
import { pendingLine, replayLine } from '../campaign/replay-line.ts';
import { CaseWatch, caseOf } from '../campaign/run-case.ts';
import { Timeline, type TimelineEntry } from '../campaign/timeline.ts';
import { whatHappened } from '../report/campaign-text.ts';
import { countOf, doneText } from '../report/counted.ts';
import { predicatesHint } from '../report/predicates-hint.ts';
import { stableJson } from '../report/stable-json.ts';
import { type CellStyle, Table } from '../report/table.ts';
import { showInstant, showVirtual } from '../report/virtual-time.ts';
import { namesText } from '../story/fault-deed.ts';
import { guardFor } from '../user-modules/guarded-run.ts';
import { readCase } from './case-input.ts';
import type { CommandRun } from './command.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { checkFolderFlag } from './folder-flag.ts';
import type { ReplayArgs } from './replay.ts';
import { inspectMoment } from './replay-moment.ts';
import { findNoReturn, happeningsOf, noReturnText } from './replay-no-return.ts';
import { shrinkCase, tellCase } from './replay-story.ts';
import { typedFlags } from './typed-flags.ts';
import { CLI_CODES, ProblemList } from './user-error.ts';

/** Runs the case and returns the exit code of its verdict. @throws UserError; an AssertionError is a bug with a stack. */
export async function replayCase(args: ReplayArgs, run: CommandRun): Promise<ExitCode> {
  const problems = new ProblemList();
  checkFlags(args, run, problems);
  const { scenario, seed } = await readCase('replay', args.file ?? '', args, run, problems);
  compileEarly();
  if (args.until !== undefined || args.inspect !== undefined) {
    inspectMoment(scenario, seed, args, run);
    return EXIT.yes;
  }
  const timeline = new Timeline();
  const watch = new CaseWatch();
  const guard = guardFor(scenario, args.timeout / 1000);
  const result = guard(() =>
    runPlan(scenario.plan, seed, {
      begin: (cluster, jury) => {
        timeline.begin(cluster, jury);
        watch.begin(cluster, jury);
      },
    }),
  );
  const entries = timeline.entries(result);
  const noReturn = args['point-of-no-return'] ? findNoReturn(scenario, seed, args.continuations, run, guard) : null;
  const explained = (): Explanation => guard(() => explain(scenario.plan, seed));
  if (args.output === 'json')
    run.io.out(
      stableJson({
        ...result,
        timeline: entries,
        podStartupUs: watch.podLatencies,
        recoveryUs: watch.recoveries,
        ...(noReturn === null ? {} : { schema: 'seatrial/no-return/v1', noReturn }),
        ...(args.explain ? { chain: explained().chain } : {}),
      }),
    );
  else run.io.out(replayText(result, scenario, entries, watch, args, run));
  if (args.explain && args.output === 'text') run.io.out(chainText(explained()));
  if (noReturn !== null && args.output === 'text')
    run.io.out(noReturnText(noReturn, happeningsOf(entries, explained())));
  if (args.story !== undefined) tellCase(scenario, seed, { folder: args.story, run, guard });
  if (args.minimise !== undefined) shrinkCase(scenario, seed, { folder: args.minimise, run, guard });
  const { file, twin, inputs } = scenario;
  const again = { file, twin, seed, interleaving: args.interleaving, inputs };
  const pending = pendingLine(result.pendingPods, again);
  const lines = [
    ...(result.asExpected ? [] : [`replay: ${replayLine(again)}\n`]),
    ...(pending === null ? [] : [`pending: ${pending}\n`]),
  ];
  // What is read by a program stays JSON alone.
  if (args.output === 'json') run.io.err(lines.join(''));
  else {
    const broken = result.outcome.kind === 'fail' ? [result.outcome.predicate] : [];
    run.io.out([...lines, predicatesHint(broken)].join(''));
  }
  return result.asExpected ? EXIT.yes : EXIT.finding;
}

/** The chain of causes, oldest first. */
function chainText({ subject, chain, faults: named, result }: Explanation): string {
  const pad = `  ${''.padStart(12)}  `;
  const lines = chain.map(({ timeUs, event, process, what, faults, skipped, again }) => {
    const under = faults.length === 0 ? '' : `  [under fault ${faults.join(', ')}]`;
    const before = skipped === 0 ? '' : `${pad}… ${countOf(skipped, 'link')} left out\n`;
    return `${before}  ${showInstant(timeUs).padStart(12)}  #${event}  ${process} ${what}${under}\n${againText(again, pad)}`;
  });
  // What a fault keeps away sends nothing, so it is in no link.
  const { outcome, faults } = result;
  const endUs = outcome.kind === 'fail' ? outcome.timeUs : result.times.endUs;
  const silent = faults.filter(({ id, beginUs, targets }) => {
    return beginUs >= 0 && beginUs <= endUs && targets.length > 0 && !named.has(id);
  });
  const texts = silent.map(({ id, kind, targets, beginUs }) => {
    return `${pad}${id}: ${kind} on ${namesText(targets)} from ${showInstant(beginUs)}\n`;
  });
  const rest = texts.length === 0 ? '' : `  in no link, as what is kept away sends nothing:\n${texts.join('')}`;
  return `\nhow it came to ${subject.replace(/\s+/g, ' ')}\n${lines.join('')}${rest}`;
}

function againText(again: ShownLink['again'], pad: string): string {
  if (again === null) return '';
  const which = again.links === 1 ? 'this' : `these ${again.links} links`;
  const times = again.times === 1 ? 'once more' : `${again.times} more times`;
  return `${pad}↻ ${which} ${times}, until ${showInstant(again.untilUs)}\n`;
}

/** Flags that exclude each other or would do nothing, and folders that are files. */
function checkFlags(args: ReplayArgs, run: CommandRun, problems: ProblemList): void {
  const ofMoment = args.until === undefined ? (args.inspect === undefined ? [] : ['inspect']) : ['until'];
  const ofWhole = (['explain', 'point-of-no-return', 'story', 'minimise'] as const).filter(
    (flag) => args[flag] !== undefined && args[flag] !== false,
  );
  for (const moment of ofMoment) {
    for (const flag of ofWhole) {
      problems.error({}, CLI_CODES.conflict, `--${moment} and --${flag} exclude each other`, {
        hint: `--${moment} ends the run early, --${flag} is about the whole of it`,
      });
    }
  }
  if (!args['point-of-no-return'] && typedFlags(run.argv, ['continuations']).length > 0) {
    problems.error({}, CLI_CODES.conflict, '--continuations does nothing without --point-of-no-return');
  }
  checkFolderFlag('story', args.story, problems);
  checkFolderFlag('minimise', args.minimise, problems);
}

function replayText(
  result: RunResult,
  scenario: CampaignScenario,
  entries: readonly TimelineEntry[],
  watch: CaseWatch,
  args: ReplayArgs,
  run: CommandRun,
): string {
  const { colours } = run;
  const row = caseOf(result, scenario.plan.faults, watch, 0);
  const { expect } = scenario.plan;
  const paint = result.asExpected ? colours.green : colours.red;
  const outcome = row.outcome === 'pass' && result.asExpected ? 'pass' : whatHappened(row);
  const afterHealUs = row.outcome === 'pass' ? Math.max(0, row.convergedUs - row.healUs) : -1;
  return [
    `${result.scenario}, seed ${result.seed}: ${scenario.plan.about}\n`,
    `verdict: ${paint(`${outcome} (expected ${expect === 'pass' ? 'pass' : `fail ${expect.fail}`}: ${result.asExpected ? 'yes' : 'no'})`)}\n`,
    `converged: ${convergence(afterHealUs, row.boundUs, scenario.plan.phases.boundUs)}\n`,
    `recovery: ${recovery(watch.recoveries)} (virtual)\n`,
    `pod start: creation to Ready ${spread(watch.podLatencies)} (virtual)\n`,
    `counts: ${row.events} events, ${row.commits} commits, ${row.processes} processes\n`,
    idleRules(result.neverEvaluated, args.verbose),
    faultsText(result, run),
    '\ntimeline (virtual, since the cluster was up)\n',
    ...entries.map(({ timeUs, what }) => `  ${showInstant(timeUs).padStart(12)}  ${what.replace(/\s+/g, ' ')}\n`),
    `\ndigest: ${result.digest}\n`,
  ].join('');
}

/** Only what ended is a recovery: a workload that stays short is in the verdict. */
function recovery(recoveries: readonly number[]): string {
  if (recoveries.length === 0) return 'no workload was short of Ready pods and had them again';
  return `workloads short of Ready pods ${spread(recoveries)}`;
}

/** Most cases give most rules no occasion: which they are stands there when it is asked for. */
function idleRules(names: readonly string[], verbose: boolean): string {
  if (names.length === 0) return '';
  const which = verbose
    ? `${names.join(', ')} (what each says: seatrial list predicates)`
    : `${names.length} (--verbose names them)`;
  return `rules without an occasion here: ${which}\n`;
}

/** The bound is computed at the heal point: 0 = the case was decided before. The file's own bound, where it sets one, is the one that held. */
function convergence(afterHealUs: number, computedUs: number, ownUs: number | 'auto'): string {
  if (computedUs === 0) return 'not looked at, the case was decided before the heal point';
  const bound =
    ownUs === 'auto'
      ? `bound ${showVirtual(computedUs)} (virtual)`
      : `bound of the file ${showVirtual(ownUs)} (virtual)`;
  return afterHealUs < 0 ? `no, ${bound}` : `${showVirtual(afterHealUs)} after the heal point, ${bound}`;
}

/** `120 ×, p50 2.93 s, max 3.03 s`. */
function spread(values: readonly number[]): string {
  const sorted = [...values].sort((left, right) => left - right);
  const at = (share: number): number | null => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
  return sorted.length === 0 ? 'never' : `${sorted.length} ×, p50 ${showVirtual(at(0.5))}, max ${showVirtual(at(1))}`;
}

const asWarning: CellStyle = (text, colours) => colours.yellow(text);

function faultsText(result: RunResult, run: CommandRun): string {
  if (result.faults.length === 0) return '';
  const table = new Table([
    { title: 'fault' },
    { title: 'kind' },
    { title: 'began', align: 'right' },
    { title: 'lasted', align: 'right' },
    { title: 'hit' },
    { title: 'did' },
  ]);
  for (const { id, kind, targets, point, beginUs, endUs, done } of result.faults) {
    const lasted = beginUs < 0 ? '' : endUs < 0 ? 'to the end' : showVirtual(endUs - beginUs);
    const hit = targets.length === 0 ? 'nothing' : targets.join(' ');
    const began = beginUs < 0 ? 'never' : showInstant(beginUs);
    const text = doneText(done, 'nothing');
    const did = done.count === 0 ? { text, style: asWarning } : text;
    table.add([id, kind, began, lasted, point === undefined ? hit : `${hit} (at ${point})`, did]);
  }
  return `\n${table.text(run.colours)}`;
}

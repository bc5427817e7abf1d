/**
 * One case of a scenario file, as `replay` and `explain` name it: read, with what is to be said before it runs.
 */
import type { CampaignScenario } from '../campaign/campaign.ts';
import { loadScenarios } from '../campaign/load-scenarios.ts';
import { changedSince } from '../campaign/replay-marks.ts';
import { checkDeterminism } from '../user-modules/check-determinism.ts';
import { loadOperators } from '../user-modules/operators.ts';
import type { CaseArgs } from './case-flags.ts';
import type { CommandRun } from './command.ts';
import { inputName } from './standard-input.ts';
import { CLI_CODES, formatProblems, type ProblemList } from './user-error.ts';

/** A case that can run. */
export interface CaseInput {
  readonly scenario: CampaignScenario;
  readonly seed: number;
}

/** Reads the case of `command`; what else is wrong with the call is in `problems`. @throws UserError with all of it. */
export async function readCase(
  command: string,
  file: string,
  args: CaseArgs,
  run: CommandRun,
  problems: ProblemList,
): Promise<CaseInput> {
  const input = loadCase(command, file, args, run, problems);
  const { scenario, seed } = input;
  run.io.err(changedSince(args, scenario.inputs ?? ''));
  await loadOperators([scenario.plan]);
  checkDeterminism(scenario.plan, seed, args.timeout);
  return input;
}

function loadCase(
  command: string,
  file: string,
  { seed: seeds, twin, interleaving }: CaseArgs,
  run: CommandRun,
  problems: ProblemList,
): CaseInput {
  const [seed = 0] = seeds;
  if (seeds.length !== 1) {
    problems.error({}, CLI_CODES.badValue, `${command} runs one seed, not ${seeds.length}`, {
      hint: 'seatrial run takes several',
    });
  }
  const scenarios = loadScenarios([file], problems);
  const files = new Set(scenarios.map((each) => each.file));
  if (files.size > 1) problems.error({}, CLI_CODES.badValue, `${command} runs one file, ${file} holds ${files.size}`);
  const scenario = scenarios.find((each) => each.twin === twin);
  if (scenario === undefined && scenarios.length > 0) {
    problems.error({ file: inputName(file) }, CLI_CODES.conflict, 'this scenario has no twin');
  }
  problems.throwIfErrors();
  if (scenario === undefined) throw new Error('a scenario was loaded without a problem and is not there');
  if (problems.warnings.length > 0) run.io.err(`${formatProblems(problems.warnings)}\n`);
  if (interleaving === undefined) return { scenario, seed };
  return { scenario: { ...scenario, plan: { ...scenario.plan, interleaving } }, seed };
}

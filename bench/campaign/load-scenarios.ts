/**
 * From the paths of a command line to the scenarios of a campaign: each file and its twin.
 *
 * Always: all problems of all files are collected before anything runs.
 */
import { loadScenario } from '../../scenarios/load.ts';
import { listOwnFiles } from '../../scenarios/own-files.ts';
import { formatProblem, ProblemList } from '../../scenarios/problem.ts';
import { CLI_CODES } from '../cli/user-error.ts';
import type { CampaignScenario } from './campaign.ts';
import { inputsDigest } from './inputs-digest.ts';

/** Loads every scenario below `paths`; what is wrong with them is added to `problems`. */
export function loadScenarios(paths: readonly string[], problems: ProblemList): CampaignScenario[] {
  const scenarios: CampaignScenario[] = [];
  const errorsBefore = problems.errorCount;
  for (const file of new Set(paths.flatMap((each) => listOwnFiles('Scenario', each, problems, 'SCN-000'))))
    scenarios.push(...loadFile(file, problems));
  if (scenarios.length === 0 && problems.errorCount === errorsBefore) {
    problems.error({}, CLI_CODES.noInput, `no scenario below ${paths.join(', ')}`, {
      hint: 'files need kind: Scenario; seatrial list shows the scenarios that come with seatrial',
    });
  }
  return scenarios;
}

function loadFile(file: string, problems: ProblemList): CampaignScenario[] {
  const own = new ProblemList();
  const loaded = loadScenario(file, own);
  for (const problem of own.problems) problems.problems.push(problem);
  if (loaded === null) return [];
  const warnings = own.warnings.map(formatProblem);
  const { plan, twin } = loaded;
  const scenario: CampaignScenario = { file, twin: false, plan, warnings, inputs: inputsDigest(plan) };
  if (twin === null) return [scenario];
  return [scenario, { file, twin: true, plan: twin, warnings: [], inputs: inputsDigest(twin) }];
}

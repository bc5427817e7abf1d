/**
 * From the paths of a command line to the scenarios of a campaign: each file and its twin.
 *
 * Always: all problems of all files are collected before anything runs.
 */
import { type LoadedScenario, loadScenario, loadScenarioText } from '../../scenarios/load.ts';
import { listOwnFiles } from '../../scenarios/own-files.ts';
import { scenarioText } from '../../scenarios/plan-to-file.ts';
import { formatProblem, ProblemList } from '../../scenarios/problem.ts';
import { readStandardInput, STDIN_NAME } from '../cli/standard-input.ts';
import { CLI_CODES } from '../cli/user-error.ts';
import type { RunFolder } from '../report/run-folder.ts';
import type { CampaignScenario } from './campaign.ts';
import { planDigest } from './inputs-digest.ts';

/** Loads every scenario below `paths`, `-` being the one of standard input; what is wrong with them is added to `problems`. */
export function loadScenarios(paths: readonly string[], problems: ProblemList): CampaignScenario[] {
  const scenarios: CampaignScenario[] = [];
  const errorsBefore = problems.errorCount;
  const named = paths.filter((each) => each !== '-');
  if (named.length < paths.length) {
    const text = readStandardInput();
    const loaded = loadAs('-', (own) => loadScenarioText(STDIN_NAME, text, own), problems);
    scenarios.push(...loaded.map((each) => ({ ...each, text })));
  }
  for (const file of new Set(named.flatMap((each) => listOwnFiles('Scenario', each, problems, 'SCN-000'))))
    scenarios.push(...loadAs(file, (own) => loadScenario(file, own), problems));
  if (scenarios.length === 0 && problems.errorCount === errorsBefore) {
    problems.error({}, CLI_CODES.noInput, `no scenario below ${paths.join(', ')}`, {
      hint: 'files need kind: Scenario; seatrial list shows the scenarios that come with seatrial',
    });
  }
  return withNameWarnings(scenarios, problems);
}

/** Rows and results go by the name of a scenario: one that comes twice is told at its second file. */
function withNameWarnings(scenarios: readonly CampaignScenario[], problems: ProblemList): CampaignScenario[] {
  const fileOf = new Map<string, string>();
  return scenarios.map((scenario) => {
    const { file, twin, plan } = scenario;
    const first = fileOf.get(plan.name);
    if (twin) return scenario;
    if (first === undefined) {
      fileOf.set(plan.name, file);
      return scenario;
    }
    const source = first === '-' ? 'standard input' : first;
    const own = new ProblemList();
    own.warning({ file }, 'SCN-038', `a scenario "${plan.name}" comes from ${source}, too: both run under that name`);
    problems.problems.push(...own.problems);
    return { ...scenario, warnings: [...scenario.warnings, ...own.problems.map(formatProblem)] };
  });
}

/**
 * What came from standard input as a file of the run's folder, for replay lines to name: as it came, or, where it would not read the same there
 * because it names files beside it, with all that these hold. A scenario of that kind with a twin stays without one.
 */
export function keepStandardInput(scenarios: readonly CampaignScenario[], folder: RunFolder): CampaignScenario[] {
  const piped = scenarios.filter((each) => each.text !== undefined);
  const [first] = piped;
  if (first?.text === undefined) return [...scenarios];
  const keep = (text: string): CampaignScenario[] => {
    const file = folder.write('input.yaml', text);
    return loadAs(file, (own) => loadScenario(file, own), new ProblemList());
  };
  const asItCame = keep(first.text);
  const isSame = piped.every(({ inputs }, index) => inputs === asItCame[index]?.inputs);
  const kept = isSame || piped.length > 1 ? asItCame : keep(scenarioText(first.plan, folder.path));
  if (!isSame && kept === asItCame) return [...scenarios];
  return scenarios.map((each) => {
    const same = each.text === undefined ? undefined : kept.find(({ twin }) => twin === each.twin);
    return same === undefined ? each : { ...same, text: each.text, warnings: each.warnings };
  });
}

/** The scenario that `load` gives and its twin, shown as `file`. */
function loadAs(
  file: string,
  load: (problems: ProblemList) => LoadedScenario | null,
  problems: ProblemList,
): CampaignScenario[] {
  const own = new ProblemList();
  const loaded = load(own);
  for (const problem of own.problems) problems.problems.push(problem);
  if (loaded === null) return [];
  const warnings = own.warnings.map(formatProblem);
  const { plan, twin } = loaded;
  const scenario: CampaignScenario = { file, twin: false, plan, warnings, inputs: planDigest(plan) };
  if (twin === null) return [scenario];
  return [scenario, { file, twin: true, plan: twin, warnings: [], inputs: planDigest(twin) }];
}

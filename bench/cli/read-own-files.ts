/**
 * Everything that `seatrial validate` reads: scenarios with their twins, suites, and the controllers that either names.
 *
 * Always: all problems of all files are collected; nothing is run.
 */
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { isOfKind, sortOwnFiles } from '../../scenarios/own-files.ts';
import type { CampaignScenario } from '../campaign/campaign.ts';
import { loadScenarios } from '../campaign/load-scenarios.ts';
import { countOf } from '../report/counted.ts';
import { loadSuite, loadSuiteText, type Suite } from '../suites/load-suite.ts';
import { loadOperators, warnOwnFields } from '../user-modules/operators.ts';
import { readStandardInput, STDIN_NAME } from './standard-input.ts';
import { CLI_CODES, type ProblemList } from './user-error.ts';

/** Reads all files at the paths, `-` being standard input; says what they are in a few words. What is wrong is added to `problems`. */
export async function readOwnFiles(paths: readonly string[], problems: ProblemList): Promise<string> {
  const before = problems.errorCount;
  const scenarioPaths: string[] = [];
  const suiteFiles: string[] = [];
  for (const path of new Set(paths)) {
    if (path === '-') (isOfKind(readStandardInput(), 'Suite') ? suiteFiles : scenarioPaths).push(path);
    else {
      const { Scenario, Suite } = sortOwnFiles(path, problems, 'SCN-000');
      scenarioPaths.push(...Scenario);
      suiteFiles.push(...Suite);
    }
  }
  if (scenarioPaths.length + suiteFiles.length === 0 && problems.errorCount === before) {
    problems.error({}, CLI_CODES.noInput, `no scenario and no suite below ${paths.join(', ')}`, {
      hint: 'files need kind: Scenario or kind: Suite; seatrial list shows the scenarios that come with seatrial',
    });
  }
  const scenarios = scenarioPaths.length === 0 ? [] : loadScenarios(scenarioPaths, problems);
  const suites = [...new Set(suiteFiles)].flatMap((file) => suiteOf(file, problems) ?? []);
  const plans = plansOf(scenarios, suites);
  await loadOperators(plans).catch((error) => problems.take(error));
  warnOwnFields(plans, problems);
  return countsText(scenarios, suites);
}

/** The suite of one file; those of standard input look for their scenarios from the current folder. */
function suiteOf(file: string, problems: ProblemList): Suite | null {
  return file === '-' ? loadSuiteText(STDIN_NAME, readStandardInput(), problems) : loadSuite(file, problems);
}

function plansOf(scenarios: readonly CampaignScenario[], suites: readonly Suite[]): ScenarioPlan[] {
  const inSuites = suites.flatMap(({ benchmarks }) => benchmarks.map(({ plan }) => plan));
  return [...scenarios.map(({ plan }) => plan), ...inSuites];
}

function countsText(scenarios: readonly CampaignScenario[], suites: readonly Suite[]): string {
  const files = new Set(scenarios.map(({ file }) => file)).size;
  const twins = scenarios.filter(({ twin }) => twin).length;
  const benchmarks = suites.reduce((sum, suite) => sum + suite.benchmarks.length, 0);
  return [
    ...(files > 0 || suites.length === 0 ? [countOf(files, 'scenario'), countOf(twins, 'twin')] : []),
    ...(suites.length > 0 ? [countOf(suites.length, 'suite'), countOf(benchmarks, 'benchmark')] : []),
  ].join(', ');
}

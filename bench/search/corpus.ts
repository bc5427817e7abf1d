/**
 * Earlier findings of a search: one scenario file each, in one folder for all targets, replayed before the next search of the same target.
 *
 * A file says in its name which inputs it was found on; one without such a name was put there by hand and is replayed for every target.
 */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { signatureOf } from '../../core/chaos/minimise/signature.ts';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { runPlan } from '../../core/chaos/run-plan.ts';
import { formatProblem, ProblemList } from '../../scenarios/problem.ts';
import { planDigest } from '../campaign/inputs-digest.ts';
import { loadScenarios } from '../campaign/load-scenarios.ts';
import { countOf } from '../report/counted.ts';
import { guardedRun } from '../user-modules/guarded-run.ts';

/** What a replay says: `caseTimeoutUs` of host time each, 0 = no limit. */
export interface CorpusReplay {
  readonly folder: string | null;
  /** Of {@link targetKey}. */
  readonly target: string;
  readonly caseTimeoutUs: number;
  onLine(line: string): void;
}

/** The digest of the inputs of a search: workload, cluster and phases, whatever is planted. */
export function targetKey(base: ScenarioPlan): string {
  return planDigest({ ...base, bugs: [] });
}

/** `rs1-replicaset-t0a1b2c3d-s7.yaml`: what failed, on what, with which seed. */
export function corpusName(slug: string, target: string, seed: number): string {
  return `${slug}-t${target}-s${seed}.yaml`;
}

/** Whether a file of the corpus is for this target. */
export function isOfTarget(name: string, target: string): boolean {
  const [, key = target] = /-t([0-9a-f]{8})-s\d+\.yaml$/.exec(name) ?? [];
  return name.endsWith('.yaml') && key === target;
}

/** Runs earlier findings on the target again; the number that still fail. */
export function replayCorpus({ folder, target, caseTimeoutUs, onLine }: CorpusReplay): number {
  if (folder === null || !existsSync(folder)) return 0;
  let failing = 0;
  const names = readdirSync(folder).filter((name) => isOfTarget(name, target));
  for (const name of names.sort()) {
    const file = path.join(folder, name);
    const problems = new ProblemList();
    const [scenario] = loadScenarios([file], problems);
    if (scenario === undefined || problems.errorCount > 0) {
      const first = problems.problems.find(({ severity }) => severity === 'error');
      const cause = first === undefined ? '' : `: ${formatProblem(first)}`;
      onLine(`warning: ${file} cannot be read any more and is left out${cause}`);
      continue;
    }
    const { outcome } = guardedRun({ file, plan: scenario.plan }, caseTimeoutUs / 1000, () =>
      runPlan(scenario.plan, seedOfFile(file)),
    );
    const fails = signatureOf(outcome) !== null;
    if (fails) failing++;
    onLine(`corpus: ${file} ${fails ? 'still fails' : 'passes now'}`);
  }
  return failing;
}

/** The last line of a search whose corpus decides its exit code; `''` where none fails. */
export function corpusLine(failing: number): string {
  if (failing === 0) return '';
  return `${countOf(failing, 'earlier finding')} of the corpus still ${failing === 1 ? 'fails' : 'fail'}\n`;
}

/** The seed stands at the end of a finding's name. */
function seedOfFile(file: string): number {
  return Number(/-s(\d+)\.yaml$/.exec(file)?.[1] ?? 1);
}

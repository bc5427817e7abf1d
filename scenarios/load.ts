/**
 * From a scenario file to plans: the scenario and its twin.
 *
 * All problems of a file are reported at once: syntax, fields, names that do not exist, clusters that cannot be. Nothing is run.
 */
import { dirname, join } from 'node:path';
import type { ScenarioPlan } from '../core/chaos/plan.ts';
import { applyMergePatch } from '../core/types/merge-patch.ts';
import type { KubeObject } from '../core/types/object.ts';
import { checkNames } from './check-names.ts';
import { planOf } from './file-to-plan.ts';
import { listYamlFiles, readManifestTexts, readTextFile } from './files.ts';
import { knownFieldsOf } from './known-fields.ts';
import { readManifests } from './manifests.ts';
import { ProblemList } from './problem.ts';
import { type ScenarioFile, scenarioSchema } from './schema.ts';
import { reportIssues } from './schema-problems.ts';
import { readYaml, type YamlDocument } from './yaml-source.ts';

/** A scenario with its twin, ready to run. */
export interface LoadedScenario {
  readonly file: string;
  readonly plan: ScenarioPlan;
  /** The same with the twin's patch; null where the file has none. */
  readonly twin: ScenarioPlan | null;
  readonly tags: readonly string[];
}

/** Loads one file; null if it has errors, which are then in `problems`. */
export function loadScenario(file: string, problems: ProblemList): LoadedScenario | null {
  const text = readTextFile(file, problems, 'SCN-000');
  return text === null ? null : loadScenarioText(file, text, problems);
}

/** Loads a scenario from `text`; manifests are looked for relative to `file`. */
export function loadScenarioText(file: string, text: string, problems: ProblemList): LoadedScenario | null {
  const before = problems.errorCount;
  if (text.trim() === '') {
    problems.error({ file, line: 1, column: 1 }, 'SCN-004', 'the file is empty, expected a scenario', {
      hint: 'seatrial list shows the scenarios that come with seatrial',
    });
    return null;
  }
  const documents = readYaml(file, text, problems, 'SCN');
  const document = documents[0];
  if (problems.errorCount > before || document === undefined) {
    if (problems.errorCount === before)
      problems.error({ file, line: 1, column: 1 }, 'SCN-004', 'the file holds no document');
    return null;
  }
  if (documents.length > 1)
    problems.error({ file }, 'SCN-005', 'a scenario file holds one document, this one holds more');
  if (!isScenario(document, problems)) return null;
  const plan = planFrom(document.value, document, file, problems);
  const twin = twinFrom(document, file, problems);
  if (problems.errorCount > before || plan === null) return null;
  return { file, plan, twin, tags: (document.value as ScenarioFile).tags ?? [] };
}

/** Files of `kind: Scenario` among the paths; folders are searched, other files in them are left out. */
export function listScenarioFiles(paths: readonly string[], problems: ProblemList): string[] {
  const files: string[] = [];
  for (const path of paths) {
    const listed = listYamlFiles(path, problems, 'SCN-000');
    for (const file of listed) {
      if (listed.length === 1 && file === path) files.push(file);
      else if (/^kind:\s*Scenario\s*$/m.test(readTextFile(file, problems, 'SCN-000') ?? '')) files.push(file);
    }
  }
  return files;
}

function isScenario(document: YamlDocument, problems: ProblemList): boolean {
  const value = document.value as { kind?: unknown } | null;
  if (value !== null && typeof value === 'object' && value.kind === 'Scenario') return true;
  const kind = value !== null && typeof value === 'object' ? value.kind : undefined;
  if (typeof kind === 'string') {
    const hint = kind === 'Suite' ? undefined : 'ordinary Kubernetes manifests go to: seatrial trial PATH';
    problems.error(document.place(['kind']), 'SCN-006', `kind is "${kind}", expected Scenario`, { hint });
  } else problems.error(document.place([]), 'SCN-006', 'expected a scenario: apiVersion: seatrial/v1, kind: Scenario');
  return false;
}

function planFrom(value: unknown, document: YamlDocument, file: string, problems: ProblemList): ScenarioPlan | null {
  const parsed = scenarioSchema.safeParse(value);
  if (!parsed.success) {
    reportIssues(parsed.error.issues, document, problems, knownFieldsOf);
    return null;
  }
  const scenario = parsed.data;
  const workload = readWorkload(scenario, document, file, problems);
  checkNames(scenario, workload, document, problems);
  const applied = (scenario.operations ?? []).map((operation) =>
    operation.kind === 'apply' ? manifestsOf(operation.manifests, file, problems) : [],
  );
  return planOf(scenario, workload, applied);
}

function twinFrom(document: YamlDocument, file: string, problems: ProblemList): ScenarioPlan | null {
  const scenario = document.value as { twin?: { patch?: unknown; expect?: unknown } };
  if (scenario.twin === undefined || scenario.twin === null || typeof scenario.twin !== 'object') return null;
  const { twin, ...rest } = scenario;
  const patched = applyMergePatch(rest, twin.patch ?? {}) as Record<string, unknown>;
  const twinProblems = new ProblemList();
  const plan = planFrom({ ...patched, expect: twin.expect ?? 'pass' }, document, file, twinProblems);
  if (problems.errorCount === 0) for (const problem of twinProblems.problems) problems.problems.push(problem);
  return plan === null ? null : { ...plan, name: `${plan.name} (twin)` };
}

function readWorkload(
  scenario: ScenarioFile,
  document: YamlDocument,
  file: string,
  problems: ProblemList,
): KubeObject[] {
  const objects = manifestsOf(scenario.workload?.manifests ?? [], file, problems);
  (scenario.workload?.objects ?? []).forEach((object, index) => {
    const { apiVersion, kind, metadata } = object as Partial<KubeObject>;
    if (typeof apiVersion === 'string' && typeof kind === 'string' && typeof metadata?.name === 'string')
      objects.push(object as unknown as KubeObject);
    else
      problems.error(
        document.place(['workload', 'objects', index]),
        'SCN-014',
        'a workload object needs apiVersion, kind and metadata.name',
      );
  });
  return objects;
}

function manifestsOf(paths: readonly string[], file: string, problems: ProblemList): KubeObject[] {
  const texts = readManifestTexts(
    paths.map((path) => join(dirname(file), path)),
    problems,
  );
  return readManifests(texts, problems).map(({ object }) => object);
}

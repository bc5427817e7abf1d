/**
 * From a scenario file to plans: the scenario and its twin.
 *
 * All problems of a file are reported at once: syntax, fields, names that do not exist, clusters that cannot be. Nothing is run.
 */

import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { EVENTS_BUDGET_MAX } from '../core/chaos/events-budget.ts';
import type { ScenarioPlan } from '../core/chaos/plan.ts';
import { ALL_HEEDED, type Heeded, heededBy } from '../core/cluster/claimed.ts';
import type { ClusterDescription, OperatorDescription } from '../core/cluster/description.ts';
import { applyMergePatch } from '../core/types/merge-patch.ts';
import type { KubeObject } from '../core/types/object.ts';
import { checkNames } from './check-names.ts';
import { planOf } from './file-to-plan.ts';
import { readManifestTexts, readTextFile } from './files.ts';
import { warnUnheededGroups } from './gang-checks.ts';
import { knownFieldsOf } from './known-fields.ts';
import { checkManifest, isOfReadObject, reportUnserved } from './manifest-checks.ts';
import { asStored, type ManifestObject, type ManifestText, readManifests, reportDoubles } from './manifests.ts';
import { formatProblem, type Problem, ProblemList } from './problem.ts';
import type { ReferenceKind } from './reference-checks.ts';
import { type ScenarioFile, scenarioSchema } from './schema.ts';
import { reportIssues } from './schema-problems.ts';
import { warnSlips } from './slip-checks.ts';
import { isStandIn, type StandIn } from './sound-fault.ts';
import { isClusterKnown, soundPart } from './sound-part.ts';
import { readYaml, type YamlDocument } from './yaml-source.ts';

/** A scenario with its twin, ready to run. */
export interface LoadedScenario {
  readonly file: string;
  readonly plan: ScenarioPlan;
  /** The same with the twin's patch; null where the file has none. */
  readonly twin: ScenarioPlan | null;
  readonly tags: readonly string[];
}

/** How often more wrong fields may come to light once others are taken out. */
const SOUND_ROUNDS = 2;
/** Where a stand-in is. */
const NOWHERE = { file: '\0' };

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
  const second = documents[1];
  if (second !== undefined)
    problems.error(second.place([]), 'SCN-005', 'a scenario file holds one document, this one holds more');
  if (!isScenario(document, problems)) return null;
  const plan = planFrom(document.value, document, file, problems);
  const twin = twinFrom(document, file, problems);
  if (problems.errorCount > before || plan === null) return null;
  return { file, plan, twin, tags: (document.value as ScenarioFile).tags ?? [] };
}

/**
 * The scenario of `file` with a JSON merge patch laid over it, without its twin: another size of the same case. Null if it has
 * errors; those of the patch stand at what it replaces.
 */
export function loadPatchedScenario(file: string, patch: unknown, problems: ProblemList): ScenarioPlan | null {
  const before = problems.errorCount;
  const text = readTextFile(file, problems, 'SCN-000');
  const document = text === null ? undefined : readYaml(file, text, problems, 'SCN')[0];
  if (document === undefined || problems.errorCount > before || !isScenario(document, problems)) return null;
  const { twin: _twin, ...rest } = document.value as Record<string, unknown>;
  const value = applyMergePatch(rest, patch);
  const plan = planFrom(value, { value, place: (path, key) => document.place(path, key) }, file, problems);
  return problems.errorCount > before ? null : plan;
}

function isScenario(document: YamlDocument, problems: ProblemList): boolean {
  const value = document.value as { kind?: unknown } | null;
  if (value !== null && typeof value === 'object' && value.kind === 'Scenario') return true;
  const kind = value !== null && typeof value === 'object' ? value.kind : undefined;
  if (typeof kind === 'string') {
    const hint =
      kind === 'Suite'
        ? 'suites go to: seatrial bench run FILE'
        : 'ordinary Kubernetes manifests go to: seatrial trial PATH';
    problems.error(document.place(['kind']), 'SCN-006', `kind is "${kind}", expected Scenario`, { hint });
  } else problems.error(document.place([]), 'SCN-006', 'expected a scenario: apiVersion: seatrial/v1, kind: Scenario');
  return false;
}

function planFrom(value: unknown, document: YamlDocument, file: string, problems: ProblemList): ScenarioPlan | null {
  const parsed = scenarioSchema.safeParse(value);
  if (parsed.success) return checkedPlan(parsed.data, true, document, file, problems);
  const standIns: StandIn[] = [];
  let { issues } = parsed.error;
  let sound = value;
  let clusterKnown = true;
  for (let round = 0; round < SOUND_ROUNDS; round++) {
    reportIssues(issues, document, problems, knownFieldsOf);
    clusterKnown &&= isClusterKnown(issues);
    sound = soundPart(sound, issues, standIns);
    const rest = scenarioSchema.safeParse(sound);
    if (rest.success) {
      checkRest(rest.data, clusterKnown, document, file, problems, standIns);
      break;
    }
    issues = rest.error.issues;
  }
  return null;
}

/** Checks what is right in a scenario; of what stands for something wrong nothing is said. */
function checkRest(
  scenario: ScenarioFile,
  clusterKnown: boolean,
  document: YamlDocument,
  file: string,
  problems: ProblemList,
  standIns: readonly StandIn[],
): void {
  const found = new ProblemList();
  const place: YamlDocument['place'] = (path, key) => (isStandIn(path, standIns) ? NOWHERE : document.place(path, key));
  checkedPlan(scenario, clusterKnown, { value: document.value, place }, file, found);
  problems.problems.push(...found.problems.filter((problem) => problem.file !== NOWHERE.file));
}

/** `clusterKnown`: false where the file's cluster is wrong and another one stands in for it. */
function checkedPlan(
  scenario: ScenarioFile,
  clusterKnown: boolean,
  document: YamlDocument,
  file: string,
  problems: ProblemList,
): ScenarioPlan | null {
  const before = problems.problems.length;
  const heeded = clusterKnown ? heededBy(scenario.cluster as ClusterDescription) : ALL_HEEDED;
  const manifests = readObjects(scenario.workload ?? {}, ['workload'], heeded, document, file, problems);
  const workload = objectsOf(manifests);
  const applied = (scenario.operations ?? []).map((operation, index) =>
    operation.kind === 'apply'
      ? objectsOf(readObjects(operation, ['operations', index], heeded, document, file, problems))
      : [],
  );
  const isRead = problems.problems.slice(before).every(isOfReadObject);
  checkNames(
    scenario,
    { clusterKnown, workload: isRead ? [...workload, ...applied.flat()] : null },
    document,
    problems,
  );
  // What an operator makes is not known.
  if (isRead && (scenario.cluster?.operators ?? []).length === 0) {
    const accounts = scenario.cluster?.settings?.serviceAccounts ?? 'none';
    const kinds: ReferenceKind[] = accounts === 'none' ? ['PriorityClass'] : ['PriorityClass', 'ServiceAccount'];
    warnSlips(manifests, [...workload, ...applied.flat()], kinds, problems);
  }
  const plan = planOf(scenario, workload, applied);
  if (scenario.budget?.events === undefined && plan.eventsMax >= EVENTS_BUDGET_MAX) {
    const message = `so long a run, or so many pods, may use up its ${EVENTS_BUDGET_MAX} events before its end`;
    problems.warning(document.place(['phases']), 'SCN-035', message, {
      hint: 'budget: {events: N} sets another limit',
    });
  }
  const operators = operatorsOf(plan.cluster.operators ?? [], document, file, problems);
  return operators.length === 0 ? plan : { ...plan, cluster: { ...plan.cluster, operators } };
}

function objectsOf(manifests: readonly ManifestObject[]): KubeObject[] {
  return manifests.map(({ object }) => object);
}

/** The modules of operators, looked for beside the file. */
function operatorsOf(
  operators: readonly OperatorDescription[],
  document: YamlDocument,
  file: string,
  problems: ProblemList,
): OperatorDescription[] {
  return operators.map((operator, index) => {
    const module = resolve(dirname(file), operator.module);
    if (!existsSync(module)) {
      const place = document.place(['cluster', 'operators', index, 'module']);
      problems.error(place, 'SCN-028', `there is no file ${operator.module} beside this one`);
    }
    return { ...operator, module };
  });
}

function twinFrom(document: YamlDocument, file: string, problems: ProblemList): ScenarioPlan | null {
  const scenario = document.value as { twin?: { patch?: unknown; expect?: unknown } };
  if (scenario.twin === undefined || scenario.twin === null || typeof scenario.twin !== 'object') return null;
  const { twin, ...rest } = scenario;
  const patched = applyMergePatch(rest, twin.patch ?? {}) as Record<string, unknown>;
  const value = { ...patched, expect: twin.expect ?? 'pass' };
  const twinProblems = new ProblemList();
  const plan = planFrom(value, twinDocument(value, document), file, twinProblems);
  addNew(problems, twinProblems);
  return plan === null ? null : { ...plan, name: `${plan.name} (twin)` };
}

/** The patched scenario; what the patch or the twin's expectation says stands there, everything else where the scenario says it. */
function twinDocument(value: unknown, document: YamlDocument): YamlDocument {
  const { patch } = (document.value as { twin: { patch?: unknown } }).twin;
  return {
    value,
    place(path, key) {
      if (path[0] === 'expect') return document.place(['twin', ...path], key);
      return document.place(hasPath(patch, path) ? ['twin', 'patch', ...path] : path, key);
    },
  };
}

function hasPath(value: unknown, path: readonly (string | number)[]): boolean {
  let at = value;
  for (const part of path) {
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, part)) return false;
    at = (at as Record<string | number, unknown>)[part];
  }
  return path.length > 0;
}

/** Adds the twin's problems that the scenario itself does not have. */
function addNew(problems: ProblemList, found: ProblemList): void {
  const text = (problem: Problem): string => formatProblem(problem);
  const known = new Set(problems.problems.map(text));
  for (const problem of found.problems) if (!known.has(text(problem))) problems.problems.push(problem);
}

/** The objects of a workload or an `apply`: those of its manifests, then those written inline. What is applied may be a part: it is merged into what is there. */
function readObjects(
  from: { readonly manifests?: string[] | undefined; readonly objects?: Record<string, unknown>[] | undefined },
  place: readonly (string | number)[],
  heeded: Heeded,
  document: YamlDocument,
  file: string,
  problems: ProblemList,
): ManifestObject[] {
  const whole = place[0] === 'workload';
  const found = manifestsOf(from.manifests ?? [], [...place, 'manifests'], document, file, problems);
  (from.objects ?? []).forEach((object, index) => {
    const { apiVersion, kind, metadata } = object as Partial<KubeObject>;
    const at = document.place([...place, 'objects', index]);
    if (typeof apiVersion === 'string' && typeof kind === 'string' && typeof metadata?.name === 'string') {
      const placeOf = (path: readonly (string | number)[]) => document.place([...place, 'objects', index, ...path]);
      found.push(asStored({ object: object as unknown as KubeObject, place: at, placeOf }, problems));
    } else problems.error(at, 'SCN-014', 'an object needs apiVersion, kind and metadata.name');
  });
  for (const { object, placeOf } of found) {
    if (whole) checkManifest(object, placeOf, problems, heeded.deviceGates);
    else reportUnserved(object, placeOf, problems);
  }
  if (!heeded.podGroups) for (const { object, placeOf } of found) warnUnheededGroups(object, placeOf, problems);
  reportDoubles(found, problems);
  return found;
}

function manifestsOf(
  paths: readonly string[],
  place: readonly (string | number)[],
  document: YamlDocument,
  file: string,
  problems: ProblemList,
): ManifestObject[] {
  const texts: ManifestText[] = [];
  paths.forEach((path, index) => {
    const found = new ProblemList();
    texts.push(...readManifestTexts([join(dirname(file), path)], found));
    for (const { code, message } of found.problems) {
      problems.error(document.place([...place, index]), code, `${path}: ${message}`);
    }
  });
  return readManifests(texts, problems);
}

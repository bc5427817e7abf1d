/**
 * From a suite file to the cases it stands for.
 *
 * All problems are reported at once, each at its place in the suite file: syntax, fields, policies that do not exist,
 * scenarios that cannot be read, sizes that a scenario cannot have, cases that are named twice. Nothing is run.
 */
import path from 'node:path';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { readTextFile } from '../../scenarios/files.ts';
import { fieldsAt } from '../../scenarios/known-fields.ts';
import { loadPatchedScenario } from '../../scenarios/load.ts';
import { formatProblem, type Place, ProblemList } from '../../scenarios/problem.ts';
import { reportIssues } from '../../scenarios/schema-problems.ts';
import { readYaml, type YamlDocument } from '../../scenarios/yaml-source.ts';
import { inputsDigest, placeless } from '../campaign/inputs-digest.ts';
import { checkMetric, type Objective } from './objective.ts';
import { DEFAULT_POLICY, SUITE_POLICIES, withPolicy } from './policies.ts';
import { sizeName, sizePatch, withReplicas } from './size.ts';
import { soundSuite } from './sound-suite.ts';
import { type BenchmarkFile, type SizeFile, type SuiteFile, suiteJsonSchema, suiteSchema } from './suite-schema.ts';

/** Cases of a suite, at most. */
const CASES_MAX = 100_000;
const DEFAULT_SEEDS: readonly number[] = [1];

/** One scenario in one size under one policy, to be run with every seed. */
export interface SuiteBenchmark {
  /** `scenario[/policy][/size]`, unique in the suite. */
  readonly id: string;
  readonly plan: ScenarioPlan;
  /** The scenario's file, as a path from the current folder. */
  readonly scenarioFile: string;
  readonly policy: string;
  /** Name of the size; '' for the scenario as it is. */
  readonly size: string;
  readonly tags: readonly string[];
  readonly objectives: readonly Objective[];
  /** Where the suite says so. */
  readonly place: Required<Place>;
}

export interface Suite {
  readonly file: string;
  readonly name: string;
  readonly about: string;
  readonly seeds: readonly number[];
  readonly benchmarks: readonly SuiteBenchmark[];
  /** Digest of the file's benchmarks with their scenarios, whichever of them are selected. */
  readonly inputs: string;
}

/** Loads a suite; null if it has errors, which are then in `problems`. */
export function loadSuite(file: string, problems: ProblemList): Suite | null {
  const text = readTextFile(file, problems, 'SUI-000');
  return text === null ? null : loadSuiteText(file, text, problems);
}

/** Loads a suite from `text`; scenarios are looked for relative to `file`. */
export function loadSuiteText(file: string, text: string, problems: ProblemList): Suite | null {
  const before = problems.errorCount;
  const document = onlyDocument(file, text, problems);
  if (document === null) return null;
  const parsed = suiteSchema.safeParse(document.value);
  if (!parsed.success) {
    const { issues } = parsed.error;
    reportIssues(issues, document, problems, (at, value) => fieldsAt(suiteJsonSchema(), at, value), 'SUI');
    const rest = suiteSchema.safeParse(soundSuite(document.value, issues));
    if (rest.success) expandAll(rest.data, file, document, problems);
    return null;
  }
  const suite = parsed.data;
  const seeds = suite.seeds ?? DEFAULT_SEEDS;
  const benchmarks = expandAll(suite, file, document, problems);
  checkNames(benchmarks, problems);
  if (benchmarks.length * seeds.length > CASES_MAX) {
    const message = `${benchmarks.length * seeds.length} cases, at most ${CASES_MAX}`;
    problems.error(document.place(['seeds']), 'SUI-009', message);
  }
  if (problems.errorCount > before) return null;
  return { file, name: suite.metadata.name, about: suite.about, seeds, benchmarks, inputs: inputsOf(benchmarks) };
}

function inputsOf(benchmarks: readonly SuiteBenchmark[]): string {
  return inputsDigest(benchmarks.map(({ id, plan, objectives }) => ({ id, plan: placeless(plan), objectives })));
}

function onlyDocument(file: string, text: string, problems: ProblemList): YamlDocument | null {
  const before = problems.errorCount;
  const documents = readYaml(file, text, problems, 'SUI');
  if (problems.errorCount > before) return null;
  const [document, second] = documents;
  if (document === undefined) {
    problems.error({ file, line: 1, column: 1 }, 'SUI-004', 'the file is empty, expected a suite');
    return null;
  }
  if (second !== undefined) {
    problems.error(second.place([]), 'SUI-005', 'a suite file holds one document, this one holds more');
    return null;
  }
  const { kind } = (document.value ?? {}) as { kind?: unknown };
  if (kind === 'Suite') return document;
  const shown = typeof kind === 'string' ? `kind is "${kind}", expected Suite` : 'expected a suite: kind: Suite';
  const hint = kind === 'Scenario' ? 'scenarios go to: seatrial run FILE' : undefined;
  problems.error(document.place(['kind']), 'SUI-006', shown, { hint });
  return null;
}

/** Every benchmark in its sizes under its policies; checks metrics of objectives on the way. */
function expandAll(suite: SuiteFile, file: string, document: YamlDocument, problems: ProblemList): SuiteBenchmark[] {
  suite.objectives?.forEach((each, at) => {
    checkMetric(each, document.place(['objectives', at]), problems);
  });
  return suite.benchmarks.flatMap((benchmark, index) => {
    benchmark.objectives?.forEach((each, at) => {
      checkMetric(each, document.place(['benchmarks', index, 'objectives', at]), problems);
    });
    return expand(suite, benchmark, index, file, document, problems);
  });
}

function expand(
  suite: SuiteFile,
  benchmark: BenchmarkFile,
  index: number,
  file: string,
  document: YamlDocument,
  problems: ProblemList,
): SuiteBenchmark[] {
  const policies = benchmark.policies ?? suite.policies ?? [DEFAULT_POLICY];
  const policyPath = benchmark.policies === undefined ? ['policies'] : ['benchmarks', index, 'policies'];
  policies.forEach((policy, at) => {
    if (SUITE_POLICIES.includes(policy)) return;
    if (benchmark.policies === undefined && index > 0) return;
    problems.unknownName(document.place([...policyPath, at]), 'SUI-012', 'policy', policy, SUITE_POLICIES);
  });
  const scenarioFile = path.join(path.dirname(file), benchmark.scenario);
  const place = placeOf(document, ['benchmarks', index]);
  const found: SuiteBenchmark[] = [];
  (benchmark.sizes ?? [{}]).forEach((size, at) => {
    const sizePlace =
      benchmark.sizes === undefined ? ['benchmarks', index, 'scenario'] : ['benchmarks', index, 'sizes', at];
    const plan = planOf(scenarioFile, size, document.place(sizePlace), problems);
    if (plan === null) return;
    for (const policy of policies) {
      const name = sizeName(size);
      const parts = [plan.name, policy === DEFAULT_POLICY && policies.length === 1 ? '' : policy, name];
      found.push({
        id: parts.filter((part) => part !== '').join('/'),
        plan: withPolicy(plan, policy),
        scenarioFile,
        policy,
        size: name,
        tags: [...new Set([...(suite.tags ?? []), ...(benchmark.tags ?? [])])],
        objectives: [...(suite.objectives ?? []), ...(benchmark.objectives ?? [])],
        place,
      });
    }
  });
  return found;
}

/** The scenario in this size; what is wrong with it is told at the suite's place. */
function planOf(scenarioFile: string, size: SizeFile, place: Place, problems: ProblemList): ScenarioPlan | null {
  const own = new ProblemList();
  const plan = loadPatchedScenario(scenarioFile, sizePatch(size) ?? {}, own);
  for (const problem of own.problems) {
    if (problem.severity !== 'error') continue;
    const name = sizeName(size);
    problems.error(place, 'SUI-020', `${name === '' ? '' : `size ${name}: `}${formatProblem(problem)}`);
  }
  return plan === null ? null : withReplicas(plan, size.replicas);
}

function checkNames(benchmarks: readonly SuiteBenchmark[], problems: ProblemList): void {
  const seen = new Set<string>();
  for (const { id, place } of benchmarks) {
    if (seen.has(id)) {
      const hint = 'scenario, policy and size together must differ; a size may have a name';
      problems.error(place, 'SUI-021', `a second benchmark is called "${id}"`, { hint });
    }
    seen.add(id);
  }
}

function placeOf(document: YamlDocument, at: readonly (string | number)[]): Required<Place> {
  const { file = '', line = 1, column = 1 } = document.place(at);
  return { file: file ?? '', line: line ?? 1, column: column ?? 1 };
}

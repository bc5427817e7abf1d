/**
 * Reads a performance-config.yaml: its test cases, and where in the file each value stands.
 *
 * All problems at once, with file, line and column. Codes SPF-0nn: 00n the file, 010 unknown field, 011 wrong value,
 * 012 opcode, 013 names, 014 parameters, 02n templates.
 */
import path from 'node:path';
import { readTextFile } from '../../../scenarios/files.ts';
import { fieldsAt } from '../../../scenarios/known-fields.ts';
import type { ProblemList } from '../../../scenarios/problem.ts';
import { reportIssues } from '../../../scenarios/schema-problems.ts';
import { readYaml, type YamlDocument } from '../../../scenarios/yaml-source.ts';
import {
  configJsonSchema,
  configSchema,
  OPCODES,
  operationSchema,
  type TestCaseFile,
  testCaseSchema,
  workloadSchema,
} from './schema.ts';

/** What a file says; of one with problems only what can be looked at further, so that all of them come at once. */
export interface PerfConfig {
  readonly file: string;
  /** Name of its folder, as the original calls a topic; thresholds may depend on it. */
  readonly topic: string;
  /** By their place in the file; of a broken one what is sound. */
  readonly cases: readonly TestCaseFile[];
  /** Cases of which something was left out. */
  readonly incomplete: ReadonlySet<TestCaseFile>;
  readonly document: YamlDocument;
}

/** Reads a file; null when nothing of it can be used. Whoever runs it looks at `problems` first. */
export function readPerfConfig(file: string, problems: ProblemList): PerfConfig | null {
  const text = readTextFile(file, problems, 'SPF-000');
  return text === null ? null : readPerfConfigText(file, text, problems);
}

/** The same from text. */
export function readPerfConfigText(file: string, text: string, problems: ProblemList): PerfConfig | null {
  const before = problems.errorCount;
  const [document, second] = readYaml(file, text, problems, 'SPF');
  if (problems.errorCount > before) return null;
  if (document === undefined) {
    problems.error({ file, line: 1, column: 1 }, 'SPF-004', 'the file is empty, expected a list of test cases');
    return null;
  }
  if (second !== undefined) problems.error(second.place([]), 'SPF-005', 'one document is expected, this is a second');
  const unknown = checkOpcodes(document, problems);
  const parsed = configSchema.safeParse(document.value);
  if (!parsed.success) {
    const issues = parsed.error.issues.filter(({ path: at }) => !unknown.has(at.slice(0, 3).join('.')));
    reportIssues(issues, document, problems, (at, value) => fieldsAt(configJsonSchema(), at, value), 'SPF');
  }
  const incomplete = new Set<TestCaseFile>();
  const cases = parsed.success ? parsed.data : asList(document.value).map((each) => soundCase(each, incomplete));
  checkNames(cases, incomplete, document, problems);
  const topic = path.basename(path.dirname(path.resolve(file)));
  return { file, topic, cases, incomplete, document };
}

/** A case of a file with problems: its sound fields, operations and workloads; operations and workloads keep their places. */
function soundCase(value: unknown, incomplete: Set<TestCaseFile>): TestCaseFile {
  const whole = testCaseSchema.safeParse(value);
  if (whole.success) return whole.data;
  const { workloadTemplate, workloads, ...rest } = Object(value) as Readonly<Record<string, unknown>>;
  const { shape } = testCaseSchema;
  const fields = Object.entries(rest).filter(([name, field]) => {
    return Object.hasOwn(shape, name) && shape[name as keyof typeof shape].safeParse(field).success;
  });
  const sound: TestCaseFile = {
    name: '',
    ...Object.fromEntries(fields),
    workloadTemplate: asList(workloadTemplate).map((each) => operationSchema.safeParse(each).data ?? UNREADABLE),
    workloads: asList(workloads).map((each) => workloadSchema.safeParse(each).data ?? { name: '' }),
  };
  incomplete.add(sound);
  return sound;
}

/** In place of an operation with problems: it does nothing. */
const UNREADABLE = { opcode: 'barrier' } as const;

/** Unknown opcodes, of which the schema would only say that no kind of operation fits; the result is where they stand. */
function checkOpcodes({ value, place }: YamlDocument, problems: ProblemList): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [caseIndex, testCase] of asList(value).entries()) {
    const operations = asList((testCase as { workloadTemplate?: unknown } | null)?.workloadTemplate);
    for (const [index, operation] of operations.entries()) {
      const at = [caseIndex, 'workloadTemplate', index];
      const opcode = (operation as { opcode?: unknown } | null)?.opcode;
      if (typeof opcode !== 'string') problems.error(place(at), 'SPF-012', 'the operation has no opcode');
      else if (!OPCODES.includes(opcode)) {
        problems.unknownName(place([...at, 'opcode']), 'SPF-012', 'opcode', opcode, OPCODES);
      } else continue;
      found.add(at.join('.'));
    }
  }
  return found;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function checkNames(
  cases: readonly TestCaseFile[],
  incomplete: ReadonlySet<TestCaseFile>,
  { value, place }: YamlDocument,
  problems: ProblemList,
): void {
  const caseNames = new Set<string>();
  for (const [caseIndex, testCase] of cases.entries()) {
    const { name, workloadTemplate } = testCase;
    if (name !== '' && caseNames.has(name))
      problems.error(place([caseIndex, 'name']), 'SPF-013', `a second test case named "${name}"`);
    caseNames.add(name);
    const names = new Set<unknown>();
    // As they stand in the file: a workload with other problems has its name, too.
    for (const [index, name] of namesOf(asList(value)[caseIndex]).entries()) {
      const at = place([caseIndex, 'workloads', index, 'name']);
      if (typeof name === 'string' && names.has(name))
        problems.error(at, 'SPF-013', `a second workload named "${name}"`);
      names.add(name);
    }
    const measures = workloadTemplate.some((operation) => {
      if (operation.opcode === 'createPodSets') return 'createPodsOp' in operation && collects(operation.createPodsOp);
      return operation.opcode === 'stopCollectingMetrics' || (operation.opcode === 'createPods' && collects(operation));
    });
    if (!measures && !incomplete.has(testCase)) {
      const hint = 'collectMetrics: true in a createPods, or startCollectingMetrics and stopCollectingMetrics';
      problems.error(place([caseIndex, 'workloadTemplate']), 'SPF-013', `${name}: no operation measures`, { hint });
    }
  }
}

/** Names of a case's workloads, whatever they are. */
function namesOf(testCase: unknown): readonly unknown[] {
  const workloads = asList((testCase as { readonly workloads?: unknown } | null)?.workloads);
  return workloads.map((each) => (each as { readonly name?: unknown } | null)?.name);
}

function collects(operation: { readonly collectMetrics?: unknown }): boolean {
  return operation.collectMetrics === true;
}

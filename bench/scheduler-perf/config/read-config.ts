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
import { configJsonSchema, configSchema, OPCODES, type TestCaseFile } from './schema.ts';

/** A file that was read without a problem. */
export interface PerfConfig {
  readonly file: string;
  /** Name of its folder, as the original calls a topic; thresholds may depend on it. */
  readonly topic: string;
  readonly cases: readonly TestCaseFile[];
  readonly document: YamlDocument;
}

/** Reads a file; null with problems. */
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
  checkOpcodes(document, problems);
  if (problems.errorCount > before) return null;
  const parsed = configSchema.safeParse(document.value);
  if (!parsed.success) {
    reportIssues(
      parsed.error.issues,
      document,
      problems,
      (at, value) => fieldsAt(configJsonSchema(), at, value),
      'SPF',
    );
    return null;
  }
  checkNames(parsed.data, document, problems);
  if (problems.errorCount > before) return null;
  const topic = path.basename(path.dirname(path.resolve(file)));
  return { file, topic, cases: parsed.data, document };
}

/** Unknown opcodes, before the schema: it would only say that no kind of operation fits. */
function checkOpcodes({ value, place }: YamlDocument, problems: ProblemList): void {
  for (const [caseIndex, testCase] of asList(value).entries()) {
    const operations = asList((testCase as { workloadTemplate?: unknown } | null)?.workloadTemplate);
    for (const [index, operation] of operations.entries()) {
      const at = [caseIndex, 'workloadTemplate', index];
      const opcode = (operation as { opcode?: unknown } | null)?.opcode;
      if (typeof opcode !== 'string') problems.error(place(at), 'SPF-012', 'the operation has no opcode');
      else if (!OPCODES.includes(opcode)) {
        problems.unknownName(place([...at, 'opcode']), 'SPF-012', 'opcode', opcode, OPCODES);
      }
    }
  }
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function checkNames(cases: readonly TestCaseFile[], { place }: YamlDocument, problems: ProblemList): void {
  const caseNames = new Set<string>();
  for (const [caseIndex, { name, workloads, workloadTemplate }] of cases.entries()) {
    if (caseNames.has(name))
      problems.error(place([caseIndex, 'name']), 'SPF-013', `a second test case named "${name}"`);
    caseNames.add(name);
    const names = new Set<string>();
    for (const [index, workload] of workloads.entries()) {
      const at = place([caseIndex, 'workloads', index, 'name']);
      if (names.has(workload.name)) problems.error(at, 'SPF-013', `a second workload named "${workload.name}"`);
      names.add(workload.name);
    }
    const measures = workloadTemplate.some((operation) => {
      if (operation.opcode === 'createPodSets') return 'createPodsOp' in operation && collects(operation.createPodsOp);
      return operation.opcode === 'stopCollectingMetrics' || (operation.opcode === 'createPods' && collects(operation));
    });
    if (!measures) {
      const hint = 'collectMetrics: true in a createPods, or startCollectingMetrics and stopCollectingMetrics';
      problems.error(place([caseIndex, 'workloadTemplate']), 'SPF-013', `${name}: no operation measures`, { hint });
    }
  }
}

function collects(operation: { readonly collectMetrics?: unknown }): boolean {
  return operation.collectMetrics === true;
}

/**
 * Turns zod's issues into problems with positions and nearest names.
 */
import type { z } from 'zod';
import { issueText, typeText } from './issue-text.ts';
import { FAULT_KINDS, GROUP_KINDS, OPERATION_KINDS } from './kinds.ts';
import type { ProblemList } from './problem.ts';
import type { YamlDocument } from './yaml-source.ts';

type Issue = z.core.$ZodIssue;
type Path = (string | number)[];
/** What codes of a file's problems begin with: scenarios, suites, scheduler_perf configs. */
type IssueCodes = 'SCN' | 'SUI' | 'SPF';
/** Fields allowed at a path, by any kind of what may stand there; with `value`, by its own kind. */
type KnownFields = (path: Path, value?: unknown) => readonly string[];

/** Reports every issue; `knownFields` gives the fields allowed at a path, for "did you mean"; `codes` begins the codes. */
export function reportIssues(
  issues: readonly Issue[],
  document: YamlDocument,
  problems: ProblemList,
  knownFields: KnownFields,
  codes: IssueCodes = 'SCN',
): void {
  for (const issue of issues) report(issue, [], document, problems, knownFields, codes);
}

function report(
  issue: Issue,
  prefix: Path,
  document: YamlDocument,
  problems: ProblemList,
  knownFields: KnownFields,
  codes: IssueCodes,
): void {
  const path: Path = [...prefix, ...(issue.path as Path)];
  const value = valueAt(document.value, path);
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      reportField(key, path, document, problems, knownFields, codes);
    }
    return;
  }
  if (issue.code === 'invalid_union') {
    const branches = issue.errors as readonly (readonly Issue[])[];
    const types = typesOf(branches);
    const branch = types === null ? bestBranch(branches) : null;
    if (types !== null) {
      const { message, extras } = typeText(types, value, knownFields(path, value));
      problems.error(document.place(path), `${codes}-011`, `${nameOf(path)}: ${message}`, extras);
      return;
    }
    if (branch !== null) {
      for (const inner of branch) report(inner, path, document, problems, knownFields, codes);
      return;
    }
    if (path[path.length - 1] === 'kind') {
      reportKind(path, document, problems);
      return;
    }
  }
  const { message, extras } = issueText(issue, value, knownFields(path, value));
  problems.error(document.place(path), `${codes}-011`, `${nameOf(path)}: ${message}`, extras);
}

/** A field that only other kinds have is no misspelt one. */
function reportField(
  key: string,
  path: Path,
  document: YamlDocument,
  problems: ProblemList,
  knownFields: KnownFields,
  codes: IssueCodes,
): void {
  const place = document.place([...path, key], true);
  if (!knownFields(path).includes(key)) {
    const own = knownFields(path, valueAt(document.value, path));
    const home = own.find((field) => knownFields([...path, field]).includes(key));
    if (home !== undefined) {
      problems.error(place, `${codes}-010`, `unknown field "${key}"`, { hint: `it is a field of ${home}` });
      return;
    }
    problems.unknownName(place, `${codes}-010`, 'field', key, own);
    return;
  }
  const { kind, opcode = kind } = (valueAt(document.value, path) ?? {}) as Readonly<Record<string, unknown>>;
  let message = `the field "${key}" does not go with the others here`;
  if (opcode === 'serial' || opcode === 'parallel') message = `a group has no "${key}": its steps may have one`;
  else if (typeof opcode === 'string') message = `${opcode} has no field "${key}"`;
  problems.error(place, `${codes}-010`, message);
}

function reportKind(path: Path, document: YamlDocument, problems: ProblemList): void {
  const isFault = path[0] === 'faults';
  const value = valueAt(document.value, path);
  const place = document.place(path);
  if (value === undefined)
    problems.error(place, 'SCN-011', `${formatPath(path)}: a ${isFault ? 'fault' : 'operation'} needs a kind`);
  else if (value === 'pause') problems.error(place, 'SCN-012', '"pause" is only a step of a serial group');
  else if (isFault) problems.unknownName(place, 'SCN-012', 'fault', String(value), [...FAULT_KINDS, ...GROUP_KINDS]);
  else problems.unknownName(place, 'SCN-013', 'operation', String(value), OPERATION_KINDS);
}

/** Of a union's branches the one that knows most of the fields there are, then the deepest issue, then the fewest. Null if none has details. */
function bestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | null {
  let best: readonly Issue[] | null = null;
  let bestStrange = Number.POSITIVE_INFINITY;
  let bestDepth = -1;
  for (const branch of branches) {
    if (branch.length === 0) continue;
    const strange = strangeFields(branch);
    const depth = Math.max(...branch.map((issue) => issue.path.length + (issue.code === 'invalid_type' ? 0 : 1)));
    const isDeeper = depth > bestDepth || (depth === bestDepth && best !== null && branch.length < best.length);
    if (strange < bestStrange || (strange === bestStrange && isDeeper)) {
      best = branch;
      bestStrange = strange;
      bestDepth = depth;
    }
  }
  return best;
}

/** How many fields of a value a branch does not have; without end where it is for values of another type. */
function strangeFields(branch: readonly Issue[]): number {
  let count = 0;
  for (const issue of branch) {
    if (issue.path.length > 0) continue;
    if (issue.code === 'unrecognized_keys') count += issue.keys.length;
    else if (issue.code === 'invalid_type' || issue.code === 'invalid_value') return Number.POSITIVE_INFINITY;
  }
  return count;
}

/** Every type there may be, where a value has none of them; null where a branch says more. */
function typesOf(branches: readonly (readonly Issue[])[]): readonly string[] | null {
  const types = new Set<string>();
  for (const [issue, second] of branches) {
    if (issue?.code !== 'invalid_type' || issue.path.length > 0 || second !== undefined) return null;
    types.add(issue.expected);
  }
  return types.size === 0 ? null : [...types];
}

function nameOf(path: Path): string {
  return path.length === 0 ? 'the file' : formatPath(path);
}

/** `faults[0].target.zone` */
function formatPath(path: Path): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const part of path)
    at = at === null || typeof at !== 'object' ? undefined : (at as Record<string | number, unknown>)[part];
  return at;
}

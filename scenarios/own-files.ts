/**
 * Tells seatrial's own files (scenarios, suites) from manifests and everything else that lies beside them.
 *
 * Always: a file is what its first document says in `kind`, however that is written (block, flow or JSON, quoted, commented). One that is
 * broken and says so somewhere counts, so that its reader tells what is wrong.
 */
import { statSync } from 'node:fs';
import { listYamlFiles, readTextFile } from './files.ts';
import { ProblemList } from './problem.ts';
import { FILE_BYTES_MAX, readYaml } from './yaml-source.ts';

/** Kinds of seatrial's own files. */
export type OwnKind = 'Scenario' | 'Suite';

/** How the kind may stand in a text, and how it nearly always does: alone on an unindented line. */
const PATTERNS: Readonly<Record<OwnKind, { readonly somewhere: RegExp; readonly plainly: RegExp }>> = {
  Scenario: { somewhere: /\bkind["']?\s*:\s*["']?Scenario\b/, plainly: /^kind:\s+Scenario\s*$/m },
  Suite: { somewhere: /\bkind["']?\s*:\s*["']?Suite\b/, plainly: /^kind:\s+Suite\s*$/m },
};

/** Whether the text is a file of that kind. */
export function isOfKind(text: string, kind: OwnKind): boolean {
  const { somewhere, plainly } = PATTERNS[kind];
  if (plainly.test(text)) return true;
  if (!somewhere.test(text)) return false;
  const problems = new ProblemList();
  const [first] = readYaml('', text, problems, 'SCN');
  if (problems.errorCount > 0) return true;
  return (first?.value as { readonly kind?: unknown } | undefined)?.kind === kind;
}

/** Whether the text is a scenario. */
export function isScenarioText(text: string): boolean {
  return isOfKind(text, 'Scenario');
}

/** Whether there is a scenario file at `path`: false for what is absent, unreadable, no file, or anything else. */
export function isScenarioFile(path: string): boolean {
  return isOwnFile(path, 'Scenario');
}

/** The same for a file of another kind. */
export function isOwnFile(path: string, kind: OwnKind): boolean {
  try {
    const found = statSync(path);
    if (!found.isFile() || found.size > FILE_BYTES_MAX) return false;
  } catch {
    return false;
  }
  return isFileOf(kind, path, new ProblemList());
}

/** Files of a kind at a path: the file itself, whatever it says, or those of a folder that say so. Codes of problems are `code`. */
export function listOwnFiles(kind: OwnKind, path: string, problems: ProblemList, code: string): string[] {
  const listed = listYamlFiles(path, problems, code);
  if (listed.length === 1 && listed[0] === path) return listed;
  return listed.filter((file) => isFileOf(kind, file, problems, code));
}

/**
 * Files at a path by what they are; codes of problems are `code`. A file that is named itself is a scenario unless it is a suite; what can be read
 * but once, as a pipe, is left to its reader.
 */
export function sortOwnFiles(path: string, problems: ProblemList, code: string): Readonly<Record<OwnKind, string[]>> {
  const sorted: Record<OwnKind, string[]> = { Scenario: [], Suite: [] };
  for (const file of listYamlFiles(path, problems, code)) {
    if (file === path) sorted[isOwnFile(file, 'Suite') ? 'Suite' : 'Scenario'].push(file);
    else {
      const text = readTextFile(file, problems, code) ?? '';
      if (isOfKind(text, 'Suite')) sorted.Suite.push(file);
      else if (isOfKind(text, 'Scenario')) sorted.Scenario.push(file);
    }
  }
  return sorted;
}

function isFileOf(kind: OwnKind, file: string, problems: ProblemList, code = ''): boolean {
  const text = readTextFile(file, problems, code);
  return text !== null && isOfKind(text, kind);
}

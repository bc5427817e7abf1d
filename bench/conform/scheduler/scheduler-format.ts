/**
 * Recorded decisions of the real kube-scheduler (JSON lines): one case is one line of a file, named `version/case`.
 *
 * Always: a case is parsed when it is its turn, so that a filter costs one scan of names; lines that are no case are a user
 * error with file and line, since agreement on the rest would prove nothing.
 */
import path from 'node:path';
import { dataError, dataFiles, readDataText } from '../data-files.ts';
import { type ConformCase, type ConformFormat, failedCase, PASSED } from '../format.ts';
import { checkSchedulerCase } from './check-case.ts';
import type { RecordedCase } from './recorded-case.ts';

export const format: ConformFormat = {
  cases(root) {
    const cases: ConformCase[] = [];
    const names = new Set<string>();
    for (const file of dataFiles(root, ['.jsonl'])) {
      for (const [index, text] of readDataText(file).split('\n').entries()) {
        if (text.trim() === '') continue;
        const recorded = parseCase(file, index + 1, text);
        const name = uniqueName(names, `${recorded.version}/${recorded.case}`, file, index + 1);
        cases.push({
          name,
          run: () => {
            const difference = checkSchedulerCase(parseCase(file, index + 1, text));
            return difference === null ? PASSED : failedCase(difference);
          },
        });
      }
    }
    return cases;
  },
};

/** Two files may hold a case of the same name. */
function uniqueName(names: Set<string>, name: string, file: string, line: number): string {
  const unique = names.has(name) ? `${name}@${path.basename(file)}:${line}` : name;
  names.add(unique);
  return unique;
}

function parseCase(file: string, line: number, text: string): RecordedCase {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw dataError({ file, line, message: `no JSON: ${error instanceof Error ? error.message : String(error)}` });
  }
  const recorded = value as Partial<RecordedCase> | null;
  const complete =
    typeof recorded?.case === 'string' &&
    typeof recorded.version === 'string' &&
    Array.isArray(recorded.objects) &&
    Array.isArray(recorded.steps);
  if (!complete) {
    throw dataError({ file, line, message: 'no recorded scheduler case: case, version, objects and steps are needed' });
  }
  return recorded as RecordedCase;
}

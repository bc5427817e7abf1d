/**
 * Recorded answers of the real Kubernetes code to single questions (JSON lines): one case is one line of a file. How they are made is told in
 * `test/oracle/README.md`.
 *
 * Always: lines that are no case are a user error with file and line; a subject that is not known here fails.
 */
import { dataError, dataFiles, readDataText } from '../data-files.ts';
import { firstDifference } from '../first-difference.ts';
import { type ConformCase, type ConformFormat, failedCase, PASSED } from '../format.ts';
import { API_SUBJECTS } from './api-values.ts';
import { CONTROLLER_SUBJECTS } from './controllers.ts';
import { KUBELET_SUBJECTS } from './kubelet.ts';
import { HINT_SUBJECTS } from './queueing-hints.ts';
import { CONFIGURATION_SUBJECTS } from './scheduler-configuration.ts';
import type { Subject } from './subject.ts';

/** One line of a file. */
interface OracleCase {
  readonly case: string;
  /** Of Kubernetes, e.g. `1.34.1`. */
  readonly version: string;
  readonly subject: string;
  readonly input: unknown;
  readonly expected: unknown;
}

/** What is answered here. */
const SUBJECTS: Readonly<Record<string, Subject>> = {
  ...KUBELET_SUBJECTS,
  ...API_SUBJECTS,
  ...CONFIGURATION_SUBJECTS,
  ...CONTROLLER_SUBJECTS,
  ...HINT_SUBJECTS,
};

export const format: ConformFormat = {
  cases(root) {
    const cases: ConformCase[] = [];
    for (const file of dataFiles(root, ['.jsonl'])) {
      for (const [index, text] of readDataText(file).split('\n').entries()) {
        if (text.trim() === '') continue;
        const recorded = parseCase(file, index + 1, text);
        cases.push({ name: recorded.case, run: () => outcomeOf(parseCase(file, index + 1, text)) });
      }
    }
    return cases;
  },
};

function outcomeOf({ subject, input, expected }: OracleCase) {
  const asked = Object.hasOwn(SUBJECTS, subject) ? SUBJECTS[subject] : undefined;
  if (asked === undefined) return failedCase(`nothing here answers for "${subject}"`);
  const difference = firstDifference(asked.expected?.(expected) ?? expected, asked.answer(input), '');
  return difference === null ? PASSED : failedCase(difference);
}

function parseCase(file: string, line: number, text: string): OracleCase {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw dataError({ file, line, message: `no JSON: ${error instanceof Error ? error.message : String(error)}` });
  }
  const recorded = value as Partial<OracleCase> | null;
  const complete =
    typeof recorded?.case === 'string' && typeof recorded.subject === 'string' && recorded.expected !== undefined;
  if (!complete || recorded?.input === undefined) {
    throw dataError({ file, line, message: 'no case of the oracle: case, subject, input and expected are needed' });
  }
  return recorded as OracleCase;
}

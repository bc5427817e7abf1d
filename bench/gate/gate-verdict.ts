/**
 * From comparisons to one verdict and one exit code.
 */
import { EXIT, type ExitCode } from '../cli/exit.ts';
import { type Comparison, countVerdicts, type ResultCase } from '../report/result.ts';

/** What decides besides the comparisons. */
export interface GateRules {
  /** No answer (inconclusive, incomparable) is exit 4. */
  readonly strict: boolean;
  /** New cases, and a baseline that is not there, are exit 4. */
  readonly requireBaseline: boolean;
}

export type GateWord = 'pass' | 'fail' | 'no answer' | 'broken' | 'incomplete';

export interface GateVerdict {
  readonly word: GateWord;
  readonly exitCode: ExitCode;
  /** `gate: fail (2 fail, 1 missing, 310 pass)`. */
  readonly line: string;
}

/** Decides. `interrupted`: code of the signal that ended the run, if one did. */
export function gateVerdict(
  cases: readonly ResultCase[],
  comparisons: readonly Comparison[],
  rules: GateRules,
  interrupted: ExitCode | undefined,
  complete: boolean,
): GateVerdict {
  const counts = countVerdicts(comparisons);
  const details = Object.entries(counts).filter(([, count]) => count > 0);
  const decide = (): [GateWord, ExitCode] => {
    if (cases.some(({ status }) => status === 'broken')) return ['broken', EXIT.broken];
    if (!complete) return ['incomplete', interrupted ?? EXIT.broken];
    if (counts.fail > 0 || counts.missing > 0) return ['fail', EXIT.finding];
    if (rules.strict && counts.inconclusive + counts.incomparable > 0) return ['no answer', EXIT.noAnswer];
    if (rules.requireBaseline && counts.new > 0) return ['no answer', EXIT.noAnswer];
    return ['pass', EXIT.yes];
  };
  const [word, exitCode] = decide();
  const shown = details.map(([verdict, count]) => `${count} ${verdict}`).join(', ') || 'nothing compared';
  return { word, exitCode, line: `gate: ${word} (${shown})` };
}

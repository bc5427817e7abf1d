/**
 * How documents are put together: the parts that are the same for every command.
 */
import { buildDigest } from '../campaign/build-digest.ts';
import type { ExitCode } from '../cli/exit.ts';
import { packageVersion } from '../cli/package-info.ts';
import {
  type Comparison,
  countStatuses,
  countVerdicts,
  type Diagnostic,
  RESULT_SCHEMA_VERSION,
  type ResultCase,
  type ResultDocument,
} from './result.ts';

/** What a command contributes. */
export interface ResultParts {
  readonly command: string;
  readonly suite: { readonly id: string; readonly digest: string };
  readonly cases: readonly ResultCase[];
  readonly comparisons?: readonly Comparison[];
  readonly diagnostics?: readonly Diagnostic[];
  /** The verdict's line. */
  readonly verdict: string;
  readonly exitCode: ExitCode;
  readonly complete: boolean;
  readonly reproduce: string;
  /** Fields of the command's own. */
  readonly own?: Readonly<Record<string, unknown>>;
}

/** The document; a field of the command's own must not have a common field's name. */
export function resultDocument(parts: ResultParts): ResultDocument {
  const comparisons = [...(parts.comparisons ?? [])];
  const cases = [...parts.cases];
  return {
    ...parts.own,
    schemaVersion: RESULT_SCHEMA_VERSION,
    tool: { name: 'seatrial', version: packageVersion(), build: buildDigest() },
    command: parts.command,
    suite: { ...parts.suite },
    cases,
    comparisons,
    summary: {
      verdict: parts.verdict,
      exitCode: parts.exitCode,
      complete: parts.complete,
      cases: countStatuses(cases),
      comparisons: countVerdicts(comparisons),
      reproduce: parts.reproduce,
    },
    diagnostics: [...(parts.diagnostics ?? [])],
  };
}

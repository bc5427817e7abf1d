/**
 * What a rule says about a file: printed like a compiler's message, with what to do instead.
 */

/** One broken rule at one place. */
export interface Finding {
  readonly path: string;
  /** From 1; 0 = the file as a whole. */
  readonly line: number;
  readonly message: string;
}

/** `core/client/informer.ts:14: error: Date.now is banned in core, use context.now` */
export function formatFinding(finding: Finding): string {
  const place = finding.line > 0 ? `${finding.path}:${finding.line}` : finding.path;
  return `${place}: error: ${finding.message}`;
}

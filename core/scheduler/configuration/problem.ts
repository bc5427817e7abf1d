/** What is wrong with a configuration, and where: paths let a caller who has the file's text add line and column. */

/** Keys and indexes from the document's root. */
export type FieldPath = readonly (string | number)[];

/** One problem. */
export interface ConfigurationProblem {
  readonly path: FieldPath;
  readonly message: string;
  /** How to mend it; `''` when the message says enough. */
  readonly hint: string;
}

/** A path as people write it: `profiles[0].plugins.score`. */
export function pathText(path: FieldPath): string {
  let text = '';
  for (const part of path) text += typeof part === 'number' ? `[${part}]` : text === '' ? part : `.${part}`;
  return text;
}

/**
 * What a format of recorded data is to `seatrial conform`: named cases, each of which either agrees or does not.
 *
 * Always: a case that cannot be run because something is not implemented fails; there is no "skipped". Cases are listed
 * before any of them runs, so that a filter costs nothing, and a name is stable: it comes from the data alone.
 */

/** How a case ended. */
export type CaseOutcome =
  | { readonly passed: true }
  /** `difference`: the first difference, in one or few lines: where, what was recorded, what came out. */
  | { readonly passed: false; readonly difference: string };

/** One recorded case. An exception out of `run` is a failed case with the error's message; a UserError says that its data cannot be read. */
export interface ConformCase {
  /** Unique within the format; parts are separated by `/`, so that globs can select by part. */
  readonly name: string;
  /** Replays the case. Called at most once, in the order of the list. */
  readonly run: () => CaseOutcome | Promise<CaseOutcome>;
}

/** What a run was asked for besides the data; a format uses what concerns it. */
export interface ConformOptions {
  /** Folder for pictures of what does not agree; undefined: draw none. */
  readonly picturesDir?: string | undefined;
  /** Number of generated cases, for formats that make their cases. */
  readonly runs?: number;
  /** Seed of generated cases. */
  readonly seed?: number;
}

/** A reader of one format: what its module exports as `format`. */
export interface ConformFormat {
  /**
   * The cases of a file or folder, in the order in which they are to run. An empty list means that the path holds no data of
   * this format. @throws UserError for a path that does not exist and for files that cannot be read as this format.
   */
  readonly cases: (path: string, options?: ConformOptions) => readonly ConformCase[];
  /** Cases that may run at the same time, 1 when absent; they are reported in order all the same. */
  readonly concurrency?: number;
  /** Called once after the last case, whatever happened: lets go of what the cases held. Returns a summary for people, or ''. */
  readonly finish?: () => Promise<string>;
}

/** The outcome of a case that agrees. */
export const PASSED: CaseOutcome = Object.freeze({ passed: true });

/** The outcome of a case that differs. */
export function failedCase(difference: string): CaseOutcome {
  return { passed: false, difference };
}

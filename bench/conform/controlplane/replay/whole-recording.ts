/**
 * Reads a recorded timeline with all that a replay needs: the steps and events of a run, its final objects, and the runs that repeat its steps.
 *
 * Always: nothing is changed when it is read; what cannot be read is a user error with file and line.
 */
import path from 'node:path';
import { statPath } from '../../../cli/stat-path.ts';
import { dataError, readDataText } from '../../data-files.ts';
import { readEvents, readRun, recordedRuns, type Step, type TimelineEvent } from '../recording.ts';

/** An object as plain JSON. */
export type Json = Readonly<Record<string, unknown>>;

/** A recorded timeline, to be replayed. */
export interface Recording {
  readonly scenario: string;
  readonly steps: readonly Step[];
  readonly events: readonly TimelineEvent[];
  /** The events of further runs of the same steps. */
  readonly repetitions: readonly (readonly TimelineEvent[])[];
  /** Objects at the end by kind; undefined where they were not kept. */
  readonly final: Readonly<Record<string, readonly Json[]>> | undefined;
}

/** The recording of an event file: repetitions are the folder's other runs without steps of their own. @throws UserError naming file and line. */
export function readRecordingOf(eventsFile: string): Recording {
  const folder = path.dirname(eventsFile);
  const suffix = /-\d+(?=\.jsonl$)/.exec(path.basename(eventsFile))?.[0] ?? '';
  const { steps, events } = readRun(eventsFile);
  const others = recordedRuns(folder).filter((file) => path.dirname(file) === folder && file !== eventsFile);
  const repetitions = others.flatMap((file) => (readRun(file).repeats ? [readEvents(file)] : []));
  return { scenario: path.basename(folder), steps, events, repetitions, final: finalOf(folder, suffix) };
}

function finalOf(folder: string, suffix: string): Recording['final'] {
  const file = path.join(folder, `final${suffix}.json`);
  if (statPath(file)?.isFile() !== true) return undefined;
  let final: unknown;
  try {
    final = JSON.parse(readDataText(file));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw dataError({ file, message: `not JSON: ${error.message}` });
  }
  const isByKind = typeof final === 'object' && final !== null && Object.values(final).every(Array.isArray);
  if (!isByKind) throw dataError({ file, message: 'not lists of objects by kind' });
  return final as Recording['final'];
}

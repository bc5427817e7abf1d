/**
 * Reads one run of a recorded timeline: the requests that were sent and every watch event in the order of writes to the store.
 *
 * A folder holds `steps.json` and `events.jsonl`; further runs carry a suffix (`events-2.jsonl`, `steps-2.json`). What the fields mean is said in the
 * README of the recordings. Always: nothing is changed when it is read; a line that cannot be read is a user error with file and line.
 */
import path from 'node:path';
import { z } from 'zod';
import { statPath } from '../../cli/stat-path.ts';
import { dataError, dataFiles, readDataText } from '../data-files.ts';

/** One condition that a step waits for. */
export interface WaitCondition {
  readonly kind?: string;
  readonly name?: string;
  readonly ns?: string;
  readonly path?: string;
  readonly eq?: unknown;
  readonly gte?: number;
  readonly lte?: number;
  readonly quiet?: number;
  readonly absent?: readonly [string, string];
  readonly count?: readonly [string, Readonly<Record<string, string>>];
  readonly where?: Readonly<Record<string, unknown>>;
}

/** One line of steps.json, as far as it is used. */
export interface Step {
  /** Since the start of the recording. */
  readonly ms: number;
  readonly do: string;
  readonly method?: string;
  readonly path?: string;
  readonly contentType?: string;
  readonly body?: unknown;
  readonly status?: number;
  readonly until?: readonly WaitCondition[];
  /** Milliseconds. */
  readonly for?: number;
  /** Of `do: process`: a signal, or `start`. */
  readonly action?: string;
  readonly component?: string;
  readonly instance?: string;
}

/** One watch event; `f` holds the fields that matter for the kind. */
export interface TimelineEvent {
  /** Distance to the revision of the first event. */
  readonly rv: number;
  readonly ms: number;
  readonly type: string;
  readonly kind: string;
  readonly ns?: string;
  readonly name: string;
  readonly uid: string;
  readonly f: Readonly<Record<string, unknown>>;
  /** Made from a list, because the watch could not be resumed. */
  readonly relisted?: boolean;
}

/** A line of a component's own log. */
export interface LogLine {
  readonly ms: number;
  readonly component: string;
  readonly instance: string;
  readonly text: string;
}

/** One run of a recorded scenario. */
export interface RecordedRun {
  /** `deployment-scale/events-2`. */
  readonly name: string;
  readonly steps: readonly Step[];
  /** The steps are those of the first run, of which this is a repetition. */
  readonly repeats: boolean;
  readonly events: readonly TimelineEvent[];
  /** Empty where no log was kept. */
  readonly log: readonly LogLine[];
  /** Who led when the recording began, by component; empty where nothing is said of it. */
  readonly leaders: Readonly<Record<string, string>>;
}

const texts = z.record(z.string(), z.string());
/** What a step must look like where it is used; other fields may be anything. */
const stepSchema = z.looseObject({
  ms: z.number(),
  do: z.string(),
  method: z.string().optional(),
  path: z.string().optional(),
  contentType: z.string().optional(),
  status: z.number().optional(),
  until: z
    .array(
      z.looseObject({
        quiet: z.number().optional(),
        absent: z.array(z.string()).optional(),
        count: z.array(z.union([z.string(), texts])).optional(),
        where: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .optional(),
  for: z.number().optional(),
  action: z.string().optional(),
  component: z.string().optional(),
  instance: z.string().optional(),
});

const EVENTS = /^events(-\d+)?\.jsonl$/;

/** Paths of the event files below a folder, sorted. @throws UserError where the path does not exist. */
export function recordedRuns(root: string): readonly string[] {
  return dataFiles(root, ['.jsonl']).filter((file) => EVENTS.test(path.basename(file)));
}

/** Name of the run whose event file is given: the folder and the file without its ending. */
export function runName(eventsFile: string): string {
  return `${path.basename(path.dirname(eventsFile))}/${path.basename(eventsFile, '.jsonl')}`;
}

/** Reads a run from its event file and the files beside it. @throws UserError naming file and line. */
export function readRun(eventsFile: string): RecordedRun {
  const folder = path.dirname(eventsFile);
  const suffix = EVENTS.exec(path.basename(eventsFile))?.[1] ?? '';
  const beside = (name: string): string | undefined =>
    [`${name}${suffix}`, name]
      .flatMap((each) => [`${each}.json`, `${each}.jsonl`])
      .map((file) => path.join(folder, file))
      .find((file) => statPath(file)?.isFile() === true);
  const stepsFile = beside('steps');
  if (stepsFile === undefined) throw dataError({ file: folder, message: 'a recorded timeline needs its steps.json' });
  const [log, timings] = [beside('log'), beside('timings')];
  const steps = readSteps(stepsFile);
  const events = readEvents(eventsFile);
  if (events.length === 0) throw dataError({ file: eventsFile, message: 'a recorded timeline that holds no event' });
  return {
    name: runName(eventsFile),
    steps,
    repeats: !path.basename(stepsFile).startsWith(`steps${suffix}.`),
    events,
    log: log === undefined ? [] : readLines<LogLine>(log, isLogLine),
    leaders: timings === undefined ? {} : leadersOf(readJson(timings), suffix, steps),
  };
}

/** `timings.json` has an entry a run, which names the holders of all leases, or that of the one component which was acted on. */
function leadersOf(timings: unknown, suffix: string, steps: readonly Step[]): RecordedRun['leaders'] {
  const entries = Array.isArray(timings) ? (timings as Record<string, unknown>[]) : [];
  const entry = entries.find(({ run }) => run === Number(suffix.slice(1) || 1));
  const { from, holdersBefore } = entry ?? {};
  if (typeof from !== 'string') return (holdersBefore ?? {}) as RecordedRun['leaders'];
  const acted = steps.find((step) => step.do === 'process' && step.instance === from);
  return acted?.component === undefined ? {} : { [acted.component]: from };
}

/** The watch events of a file. @throws UserError naming file and line. */
export function readEvents(file: string): readonly TimelineEvent[] {
  return readLines<TimelineEvent>(file, isEvent);
}

function readSteps(file: string): readonly Step[] {
  const { steps } = readJson(file) as { steps?: unknown };
  if (!Array.isArray(steps)) throw dataError({ file, message: '"steps" is not a list' });
  steps.forEach((step, index) => {
    const issue = stepSchema.safeParse(step).error?.issues[0];
    if (issue === undefined) return;
    const place = issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
    throw dataError({ file, message: `"steps"[${index}]${place} is not that of a step: ${issue.message}` });
  });
  return steps as Step[];
}

function readJson(file: string): unknown {
  try {
    const value: unknown = JSON.parse(readDataText(file));
    if (typeof value === 'object' && value !== null) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw dataError({ file, message: `not JSON: ${error.message}` });
  }
  throw dataError({ file, message: 'not an object' });
}

function readLines<Line>(file: string, isLine: (value: unknown) => boolean): readonly Line[] {
  const lines: Line[] = [];
  readDataText(file)
    .split('\n')
    .forEach((text, index) => {
      if (text.trim() === '') return;
      const value = parsedLine(text);
      if (!isLine(value)) throw dataError({ file, line: index + 1, message: 'not a line of a recorded timeline' });
      lines.push(value as Line);
    });
  return lines;
}

function parsedLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isEvent(value: unknown): boolean {
  const event = value as Partial<TimelineEvent> | null | undefined;
  const texts = [event?.type, event?.kind, event?.name, event?.uid];
  const numbers = [event?.rv, event?.ms];
  return (
    texts.every((text) => typeof text === 'string') &&
    numbers.every((number) => Number.isFinite(number)) &&
    typeof event?.f === 'object' &&
    event.f !== null
  );
}

function isLogLine(value: unknown): boolean {
  const line = value as Partial<LogLine> | null | undefined;
  return Number.isFinite(line?.ms) && typeof line?.component === 'string' && typeof line.text === 'string';
}

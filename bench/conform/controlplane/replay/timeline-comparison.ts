/**
 * A replayed timeline held against its recording: the same answers, the same objects at the end, the same events by component and reason, conditions that
 * went through the same states, objects that went in the same way, pods and ReplicaSets that their owners made in the same order, and the times of all that.
 *
 * Left out: Event and Lease objects, the root certificate, and Endpoints, which nobody keeps here; beside them what `comparable` replaces.
 */
import type { Event } from '../../../../core/types/event.ts';
import { firstDifference } from '../../first-difference.ts';
import type { TimelineEvent } from '../recording.ts';
import { stepTimes } from '../step-times.ts';
import { type Difference, lineDifferences } from './line-difference.ts';
import { comparable, textOf } from './masked-object.ts';
import { type Line, type Lines, recordedLines, replayedLines } from './timeline-histories.ts';
import type { TimelineReplay } from './timeline-replay.ts';
import { compareTimes } from './transition-times.ts';
import type { Json } from './whole-recording.ts';

const KINDS_LEFT_OUT: ReadonlySet<string> = new Set(['Event', 'Lease', 'ConfigMap', 'Endpoints']);
/** A race in the allocation of node ranges, says the recordings' README. */
const UNSTABLE_REASON = 'CIDRAssignmentFailed';

/** How a replay differs from its recording. */
export interface Comparison {
  /** In order of time; those of the end come last. */
  readonly differences: readonly Difference[];
  /** Pauses of which the length was compared. */
  readonly pauses: number;
}

/** Holds a replay, which has run, against its recording. */
export function comparisonOf(replay: TimelineReplay): Comparison {
  const { recording, jury, startUs, namespaces, stepsMs } = replay;
  const { steps, events, repetitions, final = {} } = recording;
  const violations = jury.violations.map(({ predicate, timeUs, message }) => {
    return { ms: (timeUs - startUs) / 1000, what: 'rules', text: `${predicate}: ${message}` };
  });
  const replayed = { lines: replayedLines(replay, namespaces), stepsMs };
  const runs = [events, ...repetitions].map((each, index) => ({
    lines: recordedLines(each, namespaces),
    reasons: recordedReasons(each, namespaces),
    stepsMs: index === 0 ? steps.map(({ ms }) => ms) : stepTimes(steps, each),
  }));
  const [first, ...further] = runs as [(typeof runs)[0], ...typeof runs];
  const times = compareTimes(replayed, first, further, steps);
  const went = lineComparisons(
    withReasons(replayed.lines, replayedReasons(replay, namespaces)),
    runs.map(({ lines, reasons }) => withReasons(lines, reasons)),
  );
  const onTheWay = [...replay.surprises, ...violations, ...went, ...times.differences];
  const atTheEnd = Object.entries(final).flatMap(([kind, recorded]) =>
    KINDS_LEFT_OUT.has(kind) ? [] : finalDifferences(replay, kind, recorded, namespaces),
  );
  return { differences: [...onTheWay.sort((left, right) => left.ms - right.ms), ...atTheEnd], pauses: times.compared };
}

/** All differences of a replay, which has run, from its recording. */
export function differencesOf(replay: TimelineReplay): readonly Difference[] {
  return comparisonOf(replay).differences;
}

/** Short-lived states may be merged away, so lines of each sort are those of one of the recorded runs; the first is told of where none agrees. */
function lineComparisons(replayed: Lines, runs: readonly Lines[]): Difference[] {
  const sorts = new Set([replayed, ...runs].flatMap((lines) => [...lines.keys()]));
  return [...sorts].flatMap((what) => {
    const found = runs.map((lines) => lineDifferences(what, replayed.get(what) ?? [], lines.get(what) ?? []));
    return found.some((differences) => differences.length === 0) ? [] : (found[0] ?? []);
  });
}

function withReasons(lines: Lines, reasons: readonly Line[]): Lines {
  return new Map([...lines, ['events', reasons]]);
}

/** How often each component gave each reason: new Event objects in the recording's namespaces. */
function recordedReasons(events: readonly TimelineEvent[], namespaces: ReadonlySet<string>): Line[] {
  return events.flatMap(({ ms, kind, type, ns = '', f }) => {
    if (kind !== 'Event' || type !== 'ADDED' || !namespaces.has(ns) || f['reason'] === UNSTABLE_REASON) return [];
    return [{ about: `Event ${f['reportingComponent']}`, states: [{ text: String(f['reason']), ms }] }];
  });
}

function replayedReasons({ commits, startUs }: TimelineReplay, namespaces: ReadonlySet<string>): Line[] {
  return commits.flatMap(({ kind, previous, object, timeUs }) => {
    const { metadata, reason, reportingComponent } = (object ?? {}) as Event & { reportingComponent?: string };
    if (kind !== 'Event' || previous !== null || !namespaces.has(metadata?.namespace ?? '')) return [];
    const state = { text: String(reason), ms: (timeUs - startUs) / 1000 };
    return [{ about: `Event ${reportingComponent}`, states: [state] }];
  });
}

function finalDifferences(
  replay: TimelineReplay,
  kind: string,
  recorded: readonly Json[],
  namespaces: ReadonlySet<string>,
): Difference[] {
  const wanted = recorded.map((object) => comparable(kind, object, (text) => text));
  const replayed = replay
    .objects(kind)
    .filter(({ metadata }) => metadata.namespace === undefined || namespaces.has(metadata.namespace))
    .map((object) => comparable(kind, object, (text) => replay.names.text(text)));
  const left = new Map<string, Json[]>();
  for (const object of replayed) left.set(textOf(object), [...(left.get(textOf(object)) ?? []), object]);
  const missing = wanted.filter((object) => left.get(textOf(object))?.pop() === undefined);
  const surplus = [...left.values()].flat();
  const ms = replay.endMs;
  const name = (object: Json): string => `${kind} ${String((object['metadata'] as Json)['name'])} at the end`;
  const differing = missing.map((object) => {
    const index = surplus.findIndex((other) => name(other) === name(object));
    const [other] = index < 0 ? [] : surplus.splice(index, 1);
    const difference = other === undefined ? 'recorded, but not replayed' : firstDifference(object, other, '');
    return { ms, what: kind, text: `${name(object)}: ${difference}` };
  });
  const others = surplus.map((object) => ({ ms, what: kind, text: `${name(object)}: replayed, but not recorded` }));
  return [...differing, ...others];
}

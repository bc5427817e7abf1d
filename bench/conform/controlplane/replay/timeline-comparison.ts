/**
 * A replayed timeline held against its recording: the same answers, the same objects at the end, the same events by component and reason, conditions that
 * went through the same states, and pods and ReplicaSets that their owners made in the same order.
 *
 * Left out: Event and Lease objects, the root certificate, and Endpoints, which nobody keeps here; beside them what `comparable` replaces.
 */
import type { Event } from '../../../../core/types/event.ts';
import { firstDifference } from '../../first-difference.ts';
import type { TimelineEvent } from '../recording.ts';
import { type Difference, lineDifferences } from './line-difference.ts';
import { comparable, textOf } from './masked-object.ts';
import { type Line, type Lines, recordedLines, replayedLines } from './timeline-histories.ts';
import type { TimelineReplay } from './timeline-replay.ts';
import type { Json } from './whole-recording.ts';

const KINDS_LEFT_OUT: ReadonlySet<string> = new Set(['Event', 'Lease', 'ConfigMap', 'Endpoints']);
/** A race in the allocation of node ranges, says the recordings' README. */
const UNSTABLE_REASON = 'CIDRAssignmentFailed';

/** All differences of a replay, which has run, from its recording, in order of time; those of the end come last. */
export function differencesOf(replay: TimelineReplay): Difference[] {
  const { recording, jury, startUs } = replay;
  const violations = jury.violations.map(({ predicate, timeUs, message }) => {
    return { ms: (timeUs - startUs) / 1000, what: 'rules', text: `${predicate}: ${message}` };
  });
  const namespaces = new Set([...replay.namespaces]);
  const onTheWay = [...replay.surprises, ...violations, ...lineComparisons(replay, namespaces)];
  const atTheEnd = Object.entries(recording.final ?? {}).flatMap(([kind, recorded]) =>
    KINDS_LEFT_OUT.has(kind) ? [] : finalDifferences(replay, kind, recorded, namespaces),
  );
  return [...onTheWay.sort((left, right) => left.ms - right.ms), ...atTheEnd];
}

/** Short-lived states may be merged away, so lines of each sort are those of one of the recorded runs; the first is told of where none agrees. */
function lineComparisons(replay: TimelineReplay, namespaces: ReadonlySet<string>): Difference[] {
  const { events, repetitions } = replay.recording;
  const replayed = withReasons(replayedLines(replay, namespaces), replayedReasons(replay, namespaces));
  const runs = [events, ...repetitions].map((recorded) =>
    withReasons(recordedLines(recorded, namespaces), recordedReasons(recorded, namespaces)),
  );
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

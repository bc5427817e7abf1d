/**
 * A replayed timeline held against its recording: the same answers, the same objects at the end, the same events by component and reason, conditions that
 * went through the same states, and pods and ReplicaSets that their owners made in the same order.
 *
 * Beside what `masked` replaces, the recordings call unstable which of several equal pods goes and which node a pod gets; so pods are
 * compared without their numbers. Left out: Event and Lease objects, the root certificate, and Endpoints, which nobody keeps here.
 */
import { expect } from 'vitest';
import type { Event } from '../../core/types/event.ts';
import type { TimelineReplay } from './recorded-timeline.ts';
import { type Json, masked, type TimelineEvent } from './recording.ts';
import { linesIn, recordedHistories, simulatedHistories } from './timeline-histories.ts';

const KINDS_LEFT_OUT: ReadonlySet<string> = new Set(['Event', 'Lease', 'ConfigMap', 'Endpoints']);
/** A race in the allocation of node ranges, says the recordings' README. */
const UNSTABLE_REASON = 'CIDRAssignmentFailed';
const UID = /^(uid-\d+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/** Uids in labels, numbers of equal pods, nodes that a pod is pinned to. */
function plainText(text: string): string {
  return text
    .replace(UID, '<uid>')
    .replace(/-pod\d+/g, '-pod')
    .replace(/^node-\d+$/, '<node>');
}

function comparable(kind: string, object: unknown, name: (text: string) => string): Json {
  const json = masked(object, kind === 'Node' ? name : (text) => plainText(name(text)));
  if (kind === 'Node') {
    // Address and port belong to the recorder's fake kubelets, which differ from recording to recording.
    const { addresses, daemonEndpoints, ...status } = json['status'] as Json;
    return { ...json, status };
  }
  if (kind !== 'EndpointSlice') return json;
  // How many changes a write holds is not stable, nor is the order in which pods became ready.
  const { generation, ...metadata } = json['metadata'] as Json;
  // Ports stand in the order of their hashes (endpointslice util NewPortMapKey); none are null.
  const [endpoints, ports] = ['endpoints', 'ports'].map((field) => sortedByText((json[field] as Json[] | null) ?? []));
  return { ...json, metadata, endpoints, ports };
}

function sortedByText<T>(values: readonly T[]): T[] {
  const text = (value: T): string => JSON.stringify(withSortedKeys(value));
  return [...values].sort((left, right) => (text(left) < text(right) ? -1 : 1));
}

function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, withSortedKeys(inner)]));
}

/** How often each component gave each reason: new Event objects in the recording's namespaces. */
function recordedReasons(events: readonly TimelineEvent[]): string[] {
  return events
    .filter(
      ({ kind, type, ns, f }) =>
        kind === 'Event' && type === 'ADDED' && ns === 'demo' && f['reason'] !== UNSTABLE_REASON,
    )
    .map(({ f }) => `${f['reportingComponent']} ${f['reason']}`)
    .sort();
}

function simulatedReasons(replay: TimelineReplay): string[] {
  return replay.commits
    .filter(
      ({ kind, previous, object }) => kind === 'Event' && previous === null && object?.metadata.namespace === 'demo',
    )
    .map(({ object }) => {
      const { reason, reportingComponent } = object as Event & { reportingComponent?: string };
      return `${reportingComponent} ${reason}`;
    })
    .sort();
}

/** Fails where the replay, which has run, differs from its recording. */
export function expectAsRecorded(replay: TimelineReplay): void {
  expect(replay.surprises).toEqual([]);
  expect(replay.jury.violations).toEqual([]);
  for (const { what, mine, wanted } of comparisons(replay)) expect(mine, what).toEqual(wanted);
}

/** What is compared at the end: objects by kind, then the events. */
export function* comparisons(replay: TimelineReplay): Generator<{ what: string; mine: unknown[]; wanted: unknown[] }> {
  const { recording } = replay;
  for (const [kind, recorded] of Object.entries(recording.final)) {
    if (KINDS_LEFT_OUT.has(kind)) continue;
    const mine = replay
      .objects(kind)
      .filter(({ metadata }) => (metadata.namespace ?? 'demo') === 'demo')
      .filter(({ metadata }) => kind !== 'Namespace' || metadata.name === 'demo')
      .map((object) => comparable(kind, object, (text) => replay.names.text(text)));
    const wanted = recorded.map((object) => comparable(kind, object, (text) => text));
    yield { what: kind, mine: sortedByText(mine), wanted: sortedByText(wanted) };
  }
  yield { what: 'events', mine: simulatedReasons(replay), wanted: recordedReasons(recording.events) };
  yield* historyComparisons(replay);
}

/** Short-lived states may be merged away, so each kind's histories are those of one of the recorded runs; the first is held against them where none agrees. */
function* historyComparisons(replay: TimelineReplay): Generator<{ what: string; mine: unknown[]; wanted: unknown[] }> {
  const { events, secondEvents = events } = replay.recording;
  const mine = linesIn(simulatedHistories(replay.commits, (text) => replay.names.text(text)));
  const runs = [events, secondEvents].map((recorded) => linesIn(recordedHistories(recorded)));
  for (const what of new Set([mine, ...runs].flatMap((lines) => [...lines.keys()]))) {
    const own = [...(mine.get(what) ?? [])];
    const [first = [], second = []] = runs.map((lines) => [...(lines.get(what) ?? [])]);
    yield { what, mine: own, wanted: own.join('\n') === second.join('\n') ? second : first };
  }
}

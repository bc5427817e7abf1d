/**
 * The recorded creation of a Deployment, replayed with the recording's requests and fake kubelets: the same objects at the end, the same
 * events, and pods that turn Ready about as fast.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { TimelineEvent } from '../../bench/conform/controlplane/recording.ts';
import { comparable } from '../../bench/conform/controlplane/replay/masked-object.ts';
import { TimelineReplay } from '../../bench/conform/controlplane/replay/timeline-replay.ts';
import type { Json } from '../../bench/conform/controlplane/replay/whole-recording.ts';
import type { Event } from '../../core/types/event.ts';
import type { Pod } from '../../core/types/pod.ts';
import { isPodReady } from '../../core/types/pod-conditions.ts';
import { lacksData } from '../support/needs.ts';
import { median, readRecording } from '../support/recording.ts';

const SCENARIO = 'deployment-create';

/** Milliseconds from each pod's ADDED to its first Ready, as recorded. */
function recordedReadyMs(events: readonly TimelineEvent[]): number[] {
  const added = new Map<string, number>();
  const ready = new Map<string, number>();
  for (const { kind, type, name, ms, f } of events) {
    if (kind !== 'Pod') continue;
    if (type === 'ADDED') added.set(name, ms);
    const conditions = (f['conditions'] ?? []) as { type: string; status: string }[];
    const isReady = conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');
    if (isReady && !ready.has(name)) ready.set(name, ms);
  }
  return [...ready].map(([name, ms]) => ms - (added.get(name) ?? Number.NaN));
}

/** The same of a replay, in virtual time. */
function simulatedReadyMs(replay: TimelineReplay): number[] {
  const added = new Map<number, number>();
  const times: number[] = [];
  for (const { kind, keyId, object, previous, timeUs } of replay.commits) {
    if (kind !== 'Pod' || object === null) continue;
    if (previous === null) added.set(keyId, timeUs);
    if (isPodReady(object as Pod) && (previous === null || !isPodReady(previous as Pod)))
      times.push((timeUs - (added.get(keyId) ?? Number.NaN)) / 1000);
  }
  return times;
}

/** `source reason: text` of the events about objects of the namespace. */
function recordedEventTexts(events: readonly TimelineEvent[]): string[] {
  return events
    .filter(({ kind, ns, type }) => kind === 'Event' && ns === 'demo' && type === 'ADDED')
    .map(({ f }) => `${f['reportingComponent']} ${f['reason']}: ${unplaced(String(f['message']))}`)
    .sort();
}

function simulatedEventTexts(replay: TimelineReplay): string[] {
  return replay.commits
    .filter(
      ({ kind, object, previous }) => kind === 'Event' && object?.metadata.namespace === 'demo' && previous === null,
    )
    .map(({ object }) => {
      const { reportingComponent, reason, message } = object as Event & { reportingComponent?: string };
      return `${reportingComponent} ${reason}: ${unplaced(replay.names.text(message ?? ''))}`;
    })
    .sort();
}

/** Which node a pod gets is not part of the comparison. */
function unplaced(message: string): string {
  return message.replace(/ to node-\d$/, ' to <node>');
}

describe.skipIf(lacksData(`controlplane/${SCENARIO}`))('recorded creation of a Deployment', () => {
  let replay: TimelineReplay;
  beforeAll(() => {
    replay = new TimelineReplay(readRecording(SCENARIO), 1);
    replay.run();
  });

  /** Our objects of a kind, masked, in order of their normalised names. */
  const ours = (kind: string): Json[] =>
    replay
      .objects(kind)
      .filter(({ metadata }) => metadata.namespace === undefined || metadata.namespace === 'demo')
      .map((object) => comparable(kind, object, (text) => replay.names.text(text)))
      .sort(byName);
  const recorded = (kind: string): Json[] =>
    (replay.recording.final?.[kind] ?? []).map((object) => comparable(kind, object, (text) => text)).sort(byName);

  for (const kind of ['Deployment', 'ReplicaSet', 'Pod']) {
    test(`the same ${kind}`, () => {
      expect(recorded(kind)).toHaveLength(kind === 'Pod' ? 3 : 1);
      expect(ours(kind)).toEqual(recorded(kind));
    });
  }

  test('nodes carry what the recorded ones do', () => {
    expect(ours('Node')).toEqual(recorded('Node'));
  });

  test('the same events of the controllers and the scheduler', () => {
    expect(simulatedEventTexts(replay)).toEqual(recordedEventTexts(replay.recording.events));
  });

  test('pods turn Ready within a factor of 2 of the recorded median', () => {
    const { events, repetitions } = replay.recording;
    const wanted = median([events, ...repetitions].flatMap(recordedReadyMs));
    expect(Math.floor(wanted)).toBe(35);
    const times = simulatedReadyMs(replay);
    expect(times).toHaveLength(3);
    expect(median(times)).toBeGreaterThan(wanted / 2);
    expect(median(times)).toBeLessThan(wanted * 2);
  });

  test('all answers have the recorded codes and no predicate is broken', () => {
    expect(replay.surprises).toEqual([]);
    expect(replay.jury.violations).toEqual([]);
  });
});

function byName(left: Json, right: Json): number {
  const name = (object: Json): string => (object['metadata'] as { name: string }).name;
  return name(left) < name(right) ? -1 : 1;
}

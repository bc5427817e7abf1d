/**
 * Recorded timelines of the scheduler's queue and of preemption: attempts, nominations, victims and bindings of each pod, in
 * virtual time.
 *
 * Attempts and bindings agree within 100 ms or 10 % of the time since the pod's creation; with the gate SchedulerPopFromBackoffQ off an
 * attempt may be a whole flush (1 s) early or late, since the recorded ticker drifts past ends of back-off by chance.
 */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { TimelineReplay } from '../../bench/conform/controlplane/replay/timeline-replay.ts';
import { type Nominated, POINT_NOMINATE, POINT_UNSCHEDULABLE, type Unplaced } from '../../core/scheduler/points.ts';
import type { Pod } from '../../core/types/pod.ts';
import { lacksData, SHARED_DIR } from '../support/needs.ts';
import { readRecording } from '../support/recording.ts';

interface QueueLine {
  readonly ms: number;
  readonly what: string;
  readonly pod?: string;
  readonly node?: string;
}

interface PodStory {
  createdMs: number;
  readonly attemptsMs: number[];
  readonly nominatedMs: number[];
}

const TOLERANCE_MS = 100;
const FLUSH_MS = 1_000;

const SCENARIOS = [
  'queue-backoff',
  'queue-backoff-strict',
  'queue-hints-interpod',
  'queue-hints-resources',
  'queue-node-added',
  'queue-node-added-strict',
  'queue-priority-order',
  'preemption-timeline',
  'preemption-timeline-strict',
  'preemption-overtaken-full',
] as const;

function storyOf(stories: Map<string, PodStory>, pod: string): PodStory {
  let story = stories.get(pod);
  if (story === undefined) {
    story = { createdMs: 0, attemptsMs: [], nominatedMs: [] };
    stories.set(pod, story);
  }
  return story;
}

function recordedStories(scenario: string): Map<string, PodStory> {
  const stories = new Map<string, PodStory>();
  const text = readFileSync(path.join(SHARED_DIR, 'controlplane', scenario, 'queue.jsonl'), 'utf8');
  for (const line of text.trim().split('\n')) {
    const { ms, what, pod = '' } = JSON.parse(line) as QueueLine;
    if (what === 'Attempting to schedule pod') storyOf(stories, pod).attemptsMs.push(ms);
    if (what === 'the target node for the preemption is determined') storyOf(stories, pod).nominatedMs.push(ms);
  }
  for (const { kind, type, name, ms } of readRecording(scenario).events) {
    if (kind === 'Pod' && type === 'ADDED') storyOf(stories, name).createdMs = ms;
  }
  return stories;
}

/** The recording replayed; times in ms since its first step. */
function replayedStories(scenario: string): { stories: Map<string, PodStory>; replay: TimelineReplay } {
  const replay = new TimelineReplay(readRecording(scenario), 1);
  const stories = new Map<string, PodStory>();
  const { sim } = replay.cluster;
  const at = () => (sim.now - replay.startUs) / 1000;
  sim.observation.listen(POINT_UNSCHEDULABLE, (_pid, subject) => {
    storyOf(stories, (subject as Unplaced).pod.metadata.name).attemptsMs.push(at());
  });
  sim.observation.listen(POINT_NOMINATE, (_pid, subject) => {
    storyOf(stories, (subject as Nominated).pod.metadata.name).nominatedMs.push(at());
  });
  replay.run();
  for (const { kind, object, previous, timeUs } of replay.commits) {
    if (kind !== 'Pod' || object === null) continue;
    const pod = object as Pod;
    if (previous === null) storyOf(stories, pod.metadata.name).createdMs = (timeUs - replay.startUs) / 1000;
    if (pod.spec.nodeName && !(previous as Pod | null)?.spec.nodeName) {
      storyOf(stories, pod.metadata.name).attemptsMs.push((timeUs - replay.startUs) / 1000);
    }
  }
  return { stories, replay };
}

/** Times since the pod's creation. */
function sinceCreation({ createdMs }: PodStory, times: readonly number[]): readonly number[] {
  return times.map((ms) => ms - createdMs);
}

function expectClose(actual: readonly number[], recorded: readonly number[], what: string): void {
  expect(actual.length, `${what}: ${actual.map(Math.round)}, recorded ${recorded.map(Math.round)}`).toBe(
    recorded.length,
  );
  for (const [i, ms] of recorded.entries()) {
    const distance = Math.abs((actual[i] as number) - ms);
    expect(distance, `${what} ${i}: ${actual[i]} ms, recorded ${ms} ms`).toBeLessThanOrEqual(
      Math.max(TOLERANCE_MS, ms / 10),
    );
  }
}

/** With a ticker of unknown phase each pause may be a flush longer or shorter, and the last attempt fall behind the end. */
function expectPauses(actual: readonly number[], recorded: readonly number[], what: string): void {
  expect(Math.abs(actual.length - recorded.length), what).toBeLessThanOrEqual(1);
  for (let i = 1; i < Math.min(actual.length, recorded.length); i++) {
    const pause = (times: readonly number[]) => (times[i] as number) - (times[i - 1] as number);
    expect(Math.abs(pause(actual) - pause(recorded)), `${what} ${i}`).toBeLessThanOrEqual(FLUSH_MS + TOLERANCE_MS);
  }
}

describe.skipIf(lacksData('controlplane'))('recorded queue and preemption', () => {
  test.each(SCENARIOS)('%s', (scenario) => {
    const recorded = recordedStories(scenario);
    const { stories, replay } = replayedStories(scenario);
    expect(replay.surprises).toEqual([]);
    expect([...stories.keys()].sort()).toEqual([...recorded.keys()].sort());
    for (const [pod, story] of stories) {
      const expected = recorded.get(pod) as PodStory;
      const compare = scenario.endsWith('-strict') ? expectPauses : expectClose;
      compare(sinceCreation(story, story.attemptsMs), sinceCreation(expected, expected.attemptsMs), `${pod} attempt`);
      const nominated = sinceCreation(story, story.nominatedMs);
      expectClose(nominated, sinceCreation(expected, expected.nominatedMs), `${pod} nomination`);
    }
  });
});

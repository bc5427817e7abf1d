/**
 * Timelines of a real control plane that test/record made (test/data/controlplane): judged, and those with their final objects replayed, as the
 * shared ones are.
 */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { judgeRecording } from '../../bench/conform/controlplane/judge-recording.ts';
import { type RecordedRun, readRun, type TimelineEvent } from '../../bench/conform/controlplane/recording.ts';
import { differencesOf } from '../../bench/conform/controlplane/replay/timeline-comparison.ts';
import { TimelineReplay } from '../../bench/conform/controlplane/replay/timeline-replay.ts';
import { readRecording } from '../support/recording.ts';

const ROOT = path.join(import.meta.dirname, '../data/controlplane');
const FOLDERS = readdirSync(ROOT).filter((name) => existsSync(path.join(ROOT, name, 'steps.json')));
const REPLAYED = FOLDERS.filter((name) => existsSync(path.join(ROOT, name, 'final.json')));

const recorded = (folder: string): RecordedRun => readRun(path.join(ROOT, folder, 'events.jsonl'));

/** What is missing at the end once `change` has gone over every event. */
function missingAfter(folder: string, change: (event: TimelineEvent) => TimelineEvent): string | undefined {
  const run = recorded(folder);
  return judgeRecording({ ...run, events: run.events.map(change) }).missing?.predicate.id;
}

/** The event without the annotation of a fake kubelet. */
function without(event: TimelineEvent, annotation: string): TimelineEvent {
  const { [`reference.example/${annotation}`]: _gone, ...annotations } = (event.f['annotations'] ?? {}) as object & {
    readonly [name: string]: string;
  };
  return { ...event, f: { ...event.f, annotations } };
}

describe('fresh timelines', () => {
  test.each(FOLDERS)('every predicate holds over %s', (folder) => {
    const { violations, missing } = judgeRecording(recorded(folder));
    expect([...violations, missing?.what ?? null]).toEqual([null]);
  });

  test.each(REPLAYED)('%s is replayed', (folder) => {
    const replay = new TimelineReplay(readRecording(folder, ROOT), 1);
    replay.run();
    expect(differencesOf(replay)).toEqual([]);
  });
});

describe('a replay differs from a recording', () => {
  /** What the comparison of a replay with the recording finds once `change` has gone over every event. */
  function differing(folder: string, change: (event: TimelineEvent) => TimelineEvent): string[] {
    const recording = readRecording(folder, ROOT);
    const replay = new TimelineReplay({ ...recording, events: recording.events.map(change) }, 1);
    replay.run();
    return [...new Set(differencesOf(replay).map(({ what }) => what))];
  }

  const rewritten = (event: TimelineEvent, from: string, to: string): TimelineEvent =>
    JSON.parse(JSON.stringify(event).replaceAll(from, to)) as TimelineEvent;

  test('whose conditions had another reason on the way', () => {
    const change = (event: TimelineEvent): TimelineEvent =>
      event.kind === 'Job' ? rewritten(event, '"reason":"SuccessPolicy"', '"reason":"CompletionsReached"') : event;
    expect(differing('job-success-policy', change)).toEqual(['conditions of Job']);
  });

  test('whose pods came in another order', () => {
    const swapped = { 'db-0': 'db-1', 'db-1': 'db-0' } as Record<string, string>;
    const change = (event: TimelineEvent): TimelineEvent =>
      event.kind === 'Pod' ? { ...event, name: swapped[event.name] ?? event.name } : event;
    expect(differing('stateful-on-delete', change)).toContain('creations');
  });
});

describe('what excuses the end of a timeline', () => {
  test('pods of a Job that never end', () => {
    expect(missingAfter('job-indexed-elastic', (event) => without(event, 'exit'))).toBe('X1');
  });

  test('a component of which no instance runs', () => {
    const run = recorded('ends-without-manager');
    const alive = run.steps.map((step) =>
      step.instance === 'instance-2' ? { ...step, do: 'process', action: 'start' } : step,
    );
    expect(judgeRecording({ ...run, steps: alive }).missing?.predicate.id).toBe('RS1');
  });

  test('pods that still stop', () => {
    expect(missingAfter('ends-stopping', (event) => without(without(event, 'stop-after'), 'run-for'))).toBeDefined();
  });

  test('a ReplicaSet whose creations were refused', () => {
    const accepted = (event: TimelineEvent): TimelineEvent => {
      const { conditions: _gone, ...status } = (event.f['status'] ?? {}) as { readonly conditions?: unknown };
      return event.kind === 'ReplicaSet' ? { ...event, f: { ...event.f, status } } : event;
    };
    expect(missingAfter('rollout-quota', accepted)).toBe('RS1');
  });
});

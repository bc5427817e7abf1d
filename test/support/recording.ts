/**
 * The folders of recorded timelines that tests replay, by name.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Recording, readRecordingOf } from '../../bench/conform/controlplane/replay/whole-recording.ts';
import { SHARED_DIR } from './needs.ts';

const SHARED_ROOT = path.join(SHARED_DIR, 'controlplane');

/** The JSON file of a shared folder. */
export function readRecordedJson(scenario: string, file: string): unknown {
  return JSON.parse(readFileSync(path.join(SHARED_ROOT, scenario, file), 'utf8'));
}

/** The first run of a folder below `root`, which is that of the shared ones where none is given. */
export function readRecording(scenario: string, root = SHARED_ROOT): Recording {
  return readRecordingOf(path.join(root, scenario, 'events.jsonl'));
}

/** The middle value; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

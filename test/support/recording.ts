/**
 * One folder of the recorded timelines (data/controlplane): its steps, watch events and final objects, and the masks for a comparison.
 *
 * The folder's README says what the fields mean. Nothing is changed when it is read.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readEvents, type Step, type TimelineEvent } from '../../bench/conform/controlplane/recording.ts';
import { SHARED_DIR } from './needs.ts';

export type { Step, TimelineEvent, WaitCondition } from '../../bench/conform/controlplane/recording.ts';

/** An object as plain JSON. */
export type Json = Readonly<Record<string, unknown>>;

export interface Recording {
  readonly scenario: string;
  readonly steps: readonly Step[];
  readonly events: readonly TimelineEvent[];
  /** Those of a second run of the same steps, where there is one. */
  readonly secondEvents?: readonly TimelineEvent[];
  /** Objects at the end by kind. */
  readonly final: Readonly<Record<string, readonly Json[]>>;
}

const SHARED_ROOT = path.join(SHARED_DIR, 'controlplane');

function readText(scenario: string, file: string, root = SHARED_ROOT): string {
  return readFileSync(path.join(root, scenario, file), 'utf8');
}

/** The folder's JSON file. */
export function readRecordedJson(scenario: string, file: string, root = SHARED_ROOT): unknown {
  return JSON.parse(readText(scenario, file, root));
}

/** The watch events of one run; `events-2.jsonl` is the second one. */
export function readTimelineEvents(
  scenario: string,
  file = 'events.jsonl',
  root = SHARED_ROOT,
): readonly TimelineEvent[] {
  return readEvents(path.join(root, scenario, file));
}

/** The recording of a folder below `root`, which is that of the shared ones where none is given. */
export function readRecording(scenario: string, root = SHARED_ROOT): Recording {
  const { steps } = readRecordedJson(scenario, 'steps.json', root) as { steps: Step[] };
  const final = readRecordedJson(scenario, 'final.json', root) as Recording['final'];
  const events = readTimelineEvents(scenario, 'events.jsonl', root);
  const second = 'events-2.jsonl';
  if (!existsSync(path.join(root, scenario, second))) return { scenario, steps, events, final };
  return { scenario, steps, events, secondEvents: readTimelineEvents(scenario, second, root), final };
}

const TIME = /^(\d{4}-\d\d-\d\dT[\d:.]+Z|t[+-][\d.]+s)$/;
const IP_KEYS: ReadonlySet<string> = new Set(['podIP', 'hostIP', 'ip', 'podCIDR', 'clusterIP', 'address']);
const IP_LISTS: ReadonlySet<string> = new Set(['podCIDRs', 'clusterIPs', 'addresses']);
const TOKEN_VOLUME = 'kube-api-access';

/**
 * A copy of `object` in which what differs from run to run is replaced: uids, times, addresses, a pod's node; the volume of the service
 * account and its mount are left out, resourceVersion and managedFields too. `name` gives the normalised form of a text.
 */
export function masked(object: unknown, name: (text: string) => string = (text) => text): Json {
  return maskValue(JSON.parse(JSON.stringify(object)), '', name) as Json;
}

function maskValue(value: unknown, key: string, name: (text: string) => string): unknown {
  if (typeof value === 'string') return maskText(value, key, name);
  if (Array.isArray(value)) return maskList(value, key, name);
  if (value === null || typeof value !== 'object') return value;
  const result: Record<string, unknown> = {};
  for (const [field, inner] of Object.entries(value)) {
    if (field === 'resourceVersion' || field === 'managedFields') continue;
    const next = maskValue(inner, field, name);
    if ((field === 'volumes' || field === 'volumeMounts') && Array.isArray(next) && next.length === 0) continue;
    result[name(field)] = next;
  }
  return result;
}

function maskList(value: readonly unknown[], key: string, name: (text: string) => string): unknown[] {
  const isToken = (item: unknown): boolean =>
    key.startsWith('volume') && String((item as { name?: unknown } | null)?.name).startsWith(TOKEN_VOLUME);
  const itemKey = IP_LISTS.has(key) ? 'ip' : '';
  return value.filter((item) => !isToken(item)).map((item) => maskValue(item, itemKey, name));
}

function maskText(value: string, key: string, name: (text: string) => string): string {
  if (key === 'uid') return '<uid>';
  if (key === 'nodeName') return '<node>';
  if (IP_KEYS.has(key)) return '<ip>';
  if (TIME.test(value)) return '<time>';
  return name(value);
}

/** The middle value; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

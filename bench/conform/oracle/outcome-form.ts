/**
 * The form in which the oracle records what one sync came to: instants as `@seconds` before now, hashes of templates by one name, nothing that
 * is zero or empty, and in order what has none. It is told in `test/oracle/outcome.go`, which does the same.
 */
import { parseTime } from '../../../core/types/time.ts';
import type { OneSync, Write } from './one-sync.ts';

const S = 1_000_000;
const HASH_LABELS = ['pod-template-hash', 'controller-revision-hash', 'controller.kubernetes.io/hash'];

type Json = Record<string, unknown>;

/** How a subject's outcomes are recorded. */
export interface OutcomeForm {
  /** Instants and waits are rounded to so many seconds: the real controller's clock went on while it ran. */
  readonly stepSeconds: number;
  /** The writes have an order; runs of patches never do. */
  readonly isOrdered?: boolean;
  /** Events are compared; some controllers tell theirs through a recorder of their own. */
  readonly hasEvents?: boolean;
}

/** The recorded form of one sync. */
export function outcomeForm(sync: OneSync, { stepSeconds, isOrdered, hasEvents }: OutcomeForm): Json {
  const round = (seconds: number): number => Math.floor(seconds / stepSeconds + 0.5) * stepSeconds;
  const { writes, events, again, error, wallUs } = sync;
  const kept = writes.map((write) => prune({ ...write, object: contentOf(write) }) as Json);
  for (const { object } of kept) sortUncounted(object);
  const text = withoutHashes(JSON.stringify({ writes: kept, events }), writes).replace(
    /"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)"/g,
    (_, time: string) => `"@${round((wallUs - parseTime(time)) / S)}"`,
  );
  const told = JSON.parse(text) as { writes: Json[]; events: string[] };
  return compact({
    writes: sortedWrites(
      told.writes.map((write) => prune(write) as Json),
      isOrdered === true,
    ),
    events: hasEvents === false ? [] : told.events.sort(),
    again: again.map(round).sort((a, b) => a - b),
    failed: error === '' ? [] : true,
  });
}

/** A Job's lists of pods that are being counted are sets. */
function sortUncounted(object: unknown): void {
  const { status } = (object ?? {}) as { status?: { uncountedTerminatedPods?: Record<string, string[]> } };
  for (const uids of Object.values(status?.uncountedTerminatedPods ?? {})) uids.sort();
}

/** Outcomes as maps, so that a difference names the write it is in. */
export function byWrite(outcome: Json): Json {
  const writes = ((outcome['writes'] ?? []) as Json[]).map((write, i) => [
    `${i} ${write['verb']} ${write['resource']} ${write['name'] ?? ''}`.trim(),
    write['object'] ?? '',
  ]);
  return { ...outcome, writes: Object.fromEntries(writes) };
}

/** What a write says besides what kind of object it is of; the rest of the object goes along with an update of its status unread. */
function contentOf({ verb, resource, object }: Write): unknown {
  if (verb !== 'update' && verb !== 'create') return object;
  const { apiVersion: _group, kind: _kind, ...whole } = object as { metadata: Json; status?: unknown } & Json;
  if (resource.endsWith('/status')) return { annotations: whole.metadata['annotations'], status: whole['status'] };
  const { namespace: _namespace, resourceVersion: _version, ...metadata } = whole.metadata;
  return { ...whole, metadata };
}

function withoutHashes(text: string, writes: readonly Write[]): string {
  for (const { verb, resource, object } of writes) {
    if (verb !== 'create' || resource === 'pods') continue;
    const { labels } = (object as { metadata: { labels?: Record<string, string> } }).metadata;
    for (const label of HASH_LABELS) if (labels?.[label] !== undefined) text = text.replaceAll(labels[label], 'HASH');
  }
  return text;
}

function sortedWrites(writes: Json[], isOrdered: boolean): Json[] {
  const keyed = writes.map((write) => ({ write, text: sortedText(write) }));
  const sorted: Json[] = [];
  for (let first = 0; first < keyed.length; ) {
    let end = first + 1;
    const isRun = (at: number): boolean =>
      !isOrdered || (writes[first]?.['verb'] === 'patch' && writes[at]?.['verb'] === 'patch');
    while (end < keyed.length && isRun(end)) end++;
    const run = keyed.slice(first, end).sort((a, b) => (a.text < b.text ? -1 : Number(a.text > b.text)));
    sorted.push(...run.map(({ write }) => write));
    first = end;
  }
  return sorted;
}

/** JSON with sorted keys, as Go writes a map. */
function sortedText(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    each !== null && typeof each === 'object' && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

function compact(outcome: Record<string, unknown[] | boolean>): Json {
  return Object.fromEntries(Object.entries(outcome).filter(([, value]) => !Array.isArray(value) || value.length > 0));
}

/** Without what is absent to a reader: null, zero, an empty text, list or map. */
export function prune(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((each) => prune(each) ?? null);
  if (value !== null && typeof value === 'object') {
    const kept = Object.entries(value).map(([key, each]) => [key, prune(each)] as const);
    const entries = kept.filter(([, each]) => each !== undefined);
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  }
  return value === null || value === 0 || value === '' || value === false ? undefined : value;
}

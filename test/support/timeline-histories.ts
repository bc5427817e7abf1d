/**
 * What happened to the objects of a timeline on the way, of a replay and of a recording alike: the states each object's conditions went through, and the
 * order in which each owner made what it owns.
 *
 * Histories are lines of text without times. Equal pods have no numbers, and each kind's lines are sorted: which of several equal pods goes is not stable.
 */
import type { Commit } from '../../core/chaos/world.ts';
import type { KubeObject } from '../../core/types/object.ts';
import type { Json, TimelineEvent } from './recording.ts';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** A change of one object, as both a commit and a recorded event show it. */
interface Change {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  /** Kind and name of the controlling owner; '' = none. */
  readonly owner: string;
  readonly conditions: readonly Condition[];
}

/** Kinds whose conditions a controller or kubelet of the simulation writes. */
const WITH_CONDITIONS: ReadonlySet<string> = new Set([
  ...['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'Pod', 'Node', 'PodDisruptionBudget', 'Namespace'],
]);
/** Kinds of which the recordings' events keep no condition messages; those of their final objects are compared anyway. */
const WITHOUT_MESSAGES: ReadonlySet<string> = new Set(['Pod', 'Node']);
const OWNED: ReadonlySet<string> = new Set(['ReplicaSet', 'Pod']);

/** Histories of one run. */
export interface Histories {
  /** Kind → one line for each object and type of condition: `name type: status reason message, …`. */
  readonly conditions: ReadonlyMap<string, readonly string[]>;
  /** One line for each owner: `Kind name: what it made, …` in order; a Job creates the pods of a batch at once, so in no order (job_controller.go manageJob). */
  readonly creations: readonly string[];
}

/** The histories of a recording's events. */
export function recordedHistories(events: readonly TimelineEvent[]): Histories {
  return historiesOf(
    events.flatMap(({ type, kind, ns = '', name, uid, f }) => {
      if (type === 'DELETED' || !isCompared(kind, ns, name)) return [];
      const owners = (f['owners'] ?? []) as { kind: string; name: string; controller?: boolean }[];
      const owner = owners.find(({ controller }) => controller);
      const status = (f['status'] ?? {}) as Json;
      const conditions = conditionsIn(f['conditions'] ?? status['conditions']);
      return [{ kind, name, uid, owner: owner === undefined ? '' : `${owner.kind} ${owner.name}`, conditions }];
    }),
    (text) => text,
  );
}

/** The histories of what a replay committed; `name` gives the recording's form of a name. */
export function simulatedHistories(commits: readonly Commit[], name: (text: string) => string): Histories {
  return historiesOf(
    commits.flatMap(({ kind, object }) => {
      if (object === null || !isCompared(kind, object.metadata.namespace ?? '', object.metadata.name)) return [];
      const { metadata, status } = object as KubeObject & { status?: Json };
      const owner = metadata.ownerReferences?.find(({ controller }) => controller);
      return [
        {
          kind,
          name: name(metadata.name),
          uid: metadata.uid ?? '',
          owner: owner === undefined ? '' : `${owner.kind} ${name(owner.name)}`,
          conditions: conditionsIn(status?.['conditions']),
        },
      ];
    }),
    name,
  );
}

/** The recordings' own objects: those of their namespace, that namespace and the nodes. */
function isCompared(kind: string, namespace: string, name: string): boolean {
  if (!WITH_CONDITIONS.has(kind)) return false;
  return kind === 'Node' || namespace === 'demo' || (kind === 'Namespace' && name === 'demo');
}

function conditionsIn(value: unknown): readonly Condition[] {
  return (value ?? []) as readonly Condition[];
}

function historiesOf(changes: readonly Change[], normal: (text: string) => string): Histories {
  const states = new Map<string, Map<string, string[]>>();
  const made = new Map<string, string[]>();
  const seen = new Set<string>();
  for (const change of changes) {
    const { kind, name, uid, owner } = change;
    if (!seen.has(uid)) {
      seen.add(uid);
      if (owner !== '' && OWNED.has(kind)) listIn(made, owner).push(plainName(name));
    }
    for (const { type, status, reason = '', message = '' } of change.conditions) {
      const ofKind = states.get(kind) ?? new Map<string, string[]>();
      states.set(kind, ofKind);
      const history = listIn(ofKind, `${uid} ${plainName(name)} ${type}`);
      const told = WITHOUT_MESSAGES.has(kind) ? '' : plainName(normal(message));
      const state = `${status} ${reason} ${told}`.trim();
      if (history.at(-1) !== state) history.push(state);
    }
  }
  for (const [owner, names] of made) if (owner.startsWith('Job ')) names.sort();
  return {
    conditions: new Map(
      [...states].map(([kind, ofKind]) => [kind, linesOf(ofKind, (key) => key.replace(/^\S+ /, ''))]),
    ),
    creations: linesOf(made, plainName),
  };
}

function listIn(map: Map<string, string[]>, key: string): string[] {
  const list = map.get(key) ?? [];
  map.set(key, list);
  return list;
}

function linesOf(lists: ReadonlyMap<string, readonly string[]>, name: (key: string) => string): string[] {
  return [...lists].map(([key, list]) => `${name(key)}: ${list.join(', ')}`).sort();
}

function plainName(name: string): string {
  return name.replace(/-pod\d+/g, '-pod');
}

/** The histories' lines by what they are about. */
export function linesIn({ conditions, creations }: Histories): ReadonlyMap<string, readonly string[]> {
  const lines = [...conditions].map(([kind, list]) => [`conditions of ${kind}`, list] as const);
  return new Map([...lines, ['creations', creations]]);
}

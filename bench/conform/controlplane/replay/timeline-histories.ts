/**
 * What happened to the objects of a timeline on the way, of a replay and of a recording alike: the states each object's conditions went through, whether its
 * deletion was asked for and when it was gone, and the order in which each owner made what it owns.
 *
 * Equal pods have no numbers: which of them goes is not stable.
 */
import type { KubeObject } from '../../../../core/types/object.ts';
import type { TimelineEvent } from '../recording.ts';
import { plainName } from './masked-object.ts';
import type { TimelineReplay } from './timeline-replay.ts';
import type { Json } from './whole-recording.ts';

/** One state that something came to. */
export interface State {
  readonly text: string;
  /** Since the first step. */
  readonly ms: number;
}

/** What one object, or one owner, went through. */
export interface Line {
  /** Whose line it is, without what differs from run to run: several lines may have the same. */
  readonly about: string;
  readonly states: readonly State[];
  /** When the object was first seen. */
  readonly bornMs?: number;
}

/** Lines by what they tell: `conditions of Job`, `creations`. */
export type Lines = ReadonlyMap<string, readonly Line[]>;

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** A change of one object, as both a commit and a recorded event show it. */
interface Change {
  readonly ms: number;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  /** Kind and name of the controlling owner; '' = none. */
  readonly owner: string;
  readonly conditions: readonly Condition[];
  readonly life: '' | 'deletion asked' | 'gone';
}

/** Kinds whose conditions a controller or kubelet of the simulation writes. */
const WITH_CONDITIONS: ReadonlySet<string> = new Set([
  ...['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'Pod', 'Node', 'PodDisruptionBudget', 'Namespace'],
]);
/** Kinds of which the recordings' events keep no condition messages; those of their final objects are compared anyway. */
const WITHOUT_MESSAGES: ReadonlySet<string> = new Set(['Pod', 'Node']);
const OWNED: ReadonlySet<string> = new Set(['ReplicaSet', 'Pod']);

/** The lines of a recording's events about objects in these namespaces, the namespaces and nodes. */
export function recordedLines(events: readonly TimelineEvent[], namespaces: ReadonlySet<string>): Lines {
  const changes = events.flatMap(({ ms, type, kind, ns = '', name, uid, f }): Change[] => {
    if (!isCompared(kind, ns, name, namespaces)) return [];
    const owners = (f['owners'] ?? []) as { kind: string; name: string; controller?: boolean }[];
    const owner = owners.find(({ controller }) => controller);
    const status = (f['status'] ?? {}) as Json;
    const conditions = conditionsIn(f['conditions'] ?? status['conditions']);
    const life = type === 'DELETED' ? 'gone' : f['deletionTimestamp'] === undefined ? '' : 'deletion asked';
    return [{ ms, kind, name, uid, owner: owner === undefined ? '' : `${owner.kind} ${owner.name}`, conditions, life }];
  });
  return linesOf(changes, (text) => text);
}

/** The lines of what a replay committed. */
export function replayedLines({ commits, names, startUs }: TimelineReplay, namespaces: ReadonlySet<string>): Lines {
  const name = (text: string): string => names.text(text);
  const changes = commits.flatMap(({ kind, object, previous, timeUs }): Change[] => {
    const { metadata, status } = (object ?? previous) as KubeObject & { status?: Json };
    if (!isCompared(kind, metadata.namespace ?? '', metadata.name, namespaces)) return [];
    const owner = metadata.ownerReferences?.find(({ controller }) => controller);
    return [
      {
        ms: (timeUs - startUs) / 1000,
        kind,
        name: name(metadata.name),
        uid: metadata.uid ?? '',
        owner: owner === undefined ? '' : `${owner.kind} ${name(owner.name)}`,
        conditions: conditionsIn(status?.['conditions']),
        life: object === null ? 'gone' : metadata.deletionTimestamp === undefined ? '' : 'deletion asked',
      },
    ];
  });
  return linesOf(changes, name);
}

/** The recordings' own objects: those of their namespaces, these and the nodes. */
function isCompared(kind: string, namespace: string, name: string, namespaces: ReadonlySet<string>): boolean {
  if (!WITH_CONDITIONS.has(kind)) return false;
  return kind === 'Node' || namespaces.has(kind === 'Namespace' ? name : namespace);
}

function conditionsIn(value: unknown): readonly Condition[] {
  return (value ?? []) as readonly Condition[];
}

function linesOf(changes: readonly Change[], normal: (text: string) => string): Lines {
  const lines = new LineTable();
  const born = new Map<string, number>();
  for (const { ms, kind, name, uid, owner, conditions, life } of changes) {
    const bornMs = born.get(uid) ?? ms;
    if (!born.has(uid) && owner !== '' && OWNED.has(kind))
      lines.of('creations', owner, owner, ms).push({ text: plainName(name), ms });
    born.set(uid, bornMs);
    if (life !== '') append(lines.of(`ends of ${kind}`, uid, `${kind} ${name}`, bornMs), life, ms);
    if (life === 'gone') continue;
    for (const { type, status, reason = '', message = '' } of conditions) {
      const states = lines.of(`conditions of ${kind}`, `${uid} ${type}`, `${kind} ${name} ${type}`, bornMs);
      const told = WITHOUT_MESSAGES.has(kind) ? '' : plainName(normal(message));
      append(states, `${status} ${reason} ${told}`.trim(), ms);
    }
  }
  return lines.all();
}

function append(states: State[], text: string, ms: number): void {
  if (states.at(-1)?.text !== text) states.push({ text, ms });
}

/** Lines that grow. */
class LineTable {
  readonly #lines = new Map<string, Map<string, { about: string; bornMs: number; states: State[] }>>();

  /** The states of a line so far. */
  of(what: string, key: string, about: string, bornMs: number): State[] {
    const ofWhat = this.#lines.get(what) ?? new Map<string, { about: string; bornMs: number; states: State[] }>();
    this.#lines.set(what, ofWhat);
    const line = ofWhat.get(key) ?? { about: plainName(about), bornMs, states: [] };
    ofWhat.set(key, line);
    return line.states;
  }

  all(): Lines {
    return new Map([...this.#lines].map(([what, ofWhat]) => [what, [...ofWhat.values()].map(settled)]));
  }
}

/** A Job creates the pods of a batch at once, so in no order (job_controller.go manageJob). */
function settled(line: Line): Line {
  if (!line.about.startsWith('Job ') || line.about.split(' ').length > 2) return line;
  return { ...line, states: [...line.states].sort((left, right) => (left.text < right.text ? -1 : 1)) };
}

/**
 * Somebody changes one field of an object, and nothing else: by hand, by mistake, or as a flipped bit would. What it becomes has the type that it had.
 *
 * At the end the field is what it was, unless somebody else has changed it since: controllers mend what is theirs. Source: the fault model of Mutiny (DSN 2024): bit flips
 * and swapped values of single fields.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import { type ChangeState, type FieldChange, type PatchStep, valueAt } from '../../cluster/others.ts';
import type { Pid } from '../../sim/process.ts';
import { type KubeObject, uidOf } from '../../types/object.ts';
import { parseTime } from '../../types/time.ts';
import type { FaultEffect } from '../fault-effect.ts';
import type { FieldValue } from '../plan.ts';
import type { Commit, World } from '../world.ts';
import { ownerOf } from './field-owners.ts';

/** Which field of which objects. */
export interface ChangedField {
  /** `Kind/namespace/name` or `Kind/name`; a star at its end stands for whatever comes there. */
  readonly object: string;
  /** Dotted path. */
  readonly field: string;
  /** Absent: a bit of it is flipped, or a letter swapped. */
  readonly value?: FieldValue;
}

/** The field is changed by any of the servers. */
export function changedField(servers: readonly Pid[], world: World, changed: ChangedField): FaultEffect {
  let made: readonly { readonly change: PlacedChange; readonly state: ChangeState }[] = [];
  return {
    begin(cluster) {
      made = changesOf(cluster, world, changed).map((change) => ({
        change,
        state: cluster.user.others.change(servers, change),
      }));
    },
    end() {
      for (const { state } of made) state.isOver = true;
    },
    done() {
      const count = made.filter(({ state }) => state.isMade).length;
      const refusals = made.flatMap(({ state }) => state.refusal ?? []);
      const refused = refusals[0] === undefined ? {} : { refused: { count: refusals.length, message: refusals[0] } };
      return { count, what: 'fields changed', ...refused };
    },
    left: () =>
      made
        .map(({ change, state }) => (state.isMade && !state.isUndone ? leftText(world, change) : ''))
        .filter((text) => text !== ''),
    wrote: (commit) => made.some(({ change, state }) => state.sent !== null && isWrite(commit, change, state.sent)),
  };
}

/** A change with the object whose field it is. */
interface PlacedChange extends FieldChange {
  /** Of the object in the store. */
  readonly key: number;
  readonly uid: string;
}

/** Whether a commit gives the change's field the value that is asked for, and did not find it there. */
function isWrite({ kind, object, previous }: Commit, change: PlacedChange, sent: readonly PatchStep[]): boolean {
  if (kind !== change.type.kind || object === null || previous === null) return false;
  const { name, namespace = '' } = object.metadata;
  if (name !== change.name || namespace !== change.namespace) return false;
  const value = sent.at(-1)?.value;
  return valueAt(object, change.parts) === value && valueAt(previous, change.parts) !== value;
}

/** What is said of a change where the same object still has the value that it gave; '' where it has not. */
function leftText(world: World, { key, uid, type, namespace, name, parts, make }: PlacedChange): string {
  const object = world.of(type.kind).get(key);
  const value = make.at(-1)?.value;
  if (object === undefined || uidOf(object) !== uid || valueAt(object, parts) !== value) return '';
  const field = parts.join('.');
  const owner = ownerOf(type.kind, field);
  const rest = owner === null ? 'nobody writes it again' : `${owner.who} writes it again ${owner.when}`;
  return `${type.kind} ${namespace === '' ? '' : `${namespace}/`}${name}: ${field} is ${value} since somebody changed it; ${rest}`;
}

function changesOf(cluster: Cluster, world: World, { object, field, value }: ChangedField): PlacedChange[] {
  const [kind = '', ...place] = object.split('/');
  const pattern = place.pop() ?? '';
  const type = cluster.names.types.all.find((one) => one.kind === kind);
  if (type === undefined) return [];
  const changes: PlacedChange[] = [];
  for (const [key, each] of world.of(kind)) {
    const { name, namespace = '' } = each.metadata;
    if (namespace !== (place[0] ?? '') || !isNamed(name, pattern)) continue;
    const steps = stepsOf(each, field, value);
    if (steps === null) continue;
    const isStatus = type.hasStatus && (field === 'status' || field.startsWith('status.'));
    changes.push({ key, uid: uidOf(each), type, namespace, name, isStatus, ...steps });
  }
  return changes;
}

function isNamed(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** The patch and the one that takes it back; null where the object has no such field, or it has that value already. */
export function stepsOf(
  object: KubeObject,
  field: string,
  value: FieldValue | undefined,
): Pick<PlacedChange, 'parts' | 'before' | 'make' | 'undo'> | null {
  const parts = partsOf(object, field);
  if (parts === null) return null;
  const path = parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  const before = valueAt(object, parts);
  const after = value ?? flipped(before);
  if (after === null || after === before || (typeof before === 'object' && before !== null)) return null;
  const isThere = before !== undefined && before !== null;
  const made: PatchStep = { op: 'test', path, value: after };
  if (!isThere)
    return { parts, before, make: [{ op: 'add', path, value: after }], undo: [made, { op: 'remove', path }] };
  return {
    parts,
    before,
    make: [
      { op: 'test', path, value: before },
      { op: 'replace', path, value: after },
    ],
    undo: [made, { op: 'replace', path, value: before }],
  };
}

/** The keys of a dotted path, where keys with dots of their own are found by what the object has; null where its parent is not there. */
function partsOf(object: KubeObject, field: string): readonly string[] | null {
  const parts: string[] = [];
  let at: unknown = object;
  let rest = field;
  while (rest !== '') {
    if (typeof at !== 'object' || at === null) return null;
    const keys = Object.keys(at).filter((key) => rest === key || rest.startsWith(`${key}.`));
    const key = keys.reduce((longest, each) => (each.length > longest.length ? each : longest), '');
    // A field of a kind that the object has and that is not set: only at the end of the path.
    if (key === '') return rest.includes('.') ? null : [...parts, rest];
    parts.push(key);
    at = (at as Record<string, unknown>)[key];
    rest = rest.slice(key.length + 1);
  }
  return parts;
}

/** The value with its lowest bit flipped, of a text the last letter or digit, of a time the last digit: `a` for `b`, `8` for `9`; null for what has no bit. */
export function flipped(value: unknown): FieldValue | null {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value + (value % 2 === 0 ? 1 : -1) : null;
  if (typeof value !== 'string') return null;
  const isTime = !Number.isNaN(parseTime(value));
  for (let at = value.length - 1; at >= 0; at--) {
    const letter = value[at] as string;
    const base = /\d/.test(letter) ? 48 : isTime ? -1 : /[a-z]/.test(letter) ? 97 : /[A-Z]/.test(letter) ? 65 : -1;
    if (base < 0) continue;
    const other = String.fromCharCode(base + ((value.charCodeAt(at) - base) ^ 1));
    return value.slice(0, at) + other + value.slice(at + 1);
  }
  return null;
}

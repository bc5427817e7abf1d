/**
 * Strategic merge patch: a merge patch that knows which lists have merge keys.
 *
 * Directives: `$patch: delete | replace | merge`, `$deleteFromPrimitiveList/<field>`, `$setElementOrder/<field>`,
 * `$retainKeys`. Parts that the patch does not change are shared with the target; a patch without effect returns the
 * target itself. Source: Kubernetes 1.34, apimachinery util/strategicpatch.
 */
import { goText, goTypeOf } from './go-text.ts';
import {
  checkDepth,
  copyOf,
  fieldOf,
  isRecord,
  type JsonRecord,
  jsonEqual,
  jsonTypeOf,
  setField,
  withoutField,
} from './json-value.ts';
import { type FieldRule, type PatchSchema, patchSchemaOf } from './patch-schema.ts';
import type { ResourceType } from './resource-type.ts';
import { StatusError } from './status-error.ts';

const DIRECTIVE = '$patch';
const RETAIN_KEYS = '$retainKeys';
const DELETE_FROM_LIST = '$deleteFromPrimitiveList/';
const ELEMENT_ORDER = '$setElementOrder/';

const NO_RULES: PatchSchema = {};

function ruleOf(schema: PatchSchema, field: string): FieldRule | undefined {
  return Object.hasOwn(schema, field) ? schema[field] : undefined;
}

/** Whether something says of itself what is to be done with it. */
function isSpecial(value: unknown): boolean {
  return isRecord(value) && value[DIRECTIVE] !== undefined;
}

/** A patch that a client cannot have meant so; the real server has no better answer either. */
function senseless(message: string): StatusError {
  return new StatusError(500, '', message);
}

/** A patch's value where the target has none: without nulls, directives and what carries one. */
function plain(value: unknown, depth: number): unknown {
  checkDepth(depth);
  if (Array.isArray(value)) {
    return value.filter((item) => !isSpecial(item)).map((item) => plain(item, depth + 1));
  }
  if (!isRecord(value)) return value;
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (member === null || member === undefined || key.startsWith('$') || isSpecial(member)) continue;
    setField(result, key, plain(member, depth + 1));
  }
  return result;
}

/** A new item of a list: as {@link plain}, but with the nulls that its rules keep; itself when there is nothing to leave out. */
function plainItem(item: JsonRecord, schema: PatchSchema, depth: number): unknown {
  let flat = true;
  let kept: Record<string, unknown> | null = null;
  for (const key of Object.keys(item)) {
    const member = item[key];
    if (member === null && ruleOf(schema, key)?.nullable === true) {
      kept ??= {};
      kept[key] = null;
    } else if (typeof member === 'object' || key.startsWith('$')) flat = false;
  }
  if (flat) return item;
  return kept === null ? plain(item, depth) : { ...(plain(item, depth) as JsonRecord), ...kept };
}

/** A new list: without items that carry a directive. */
function newItems(items: readonly unknown[], rule: FieldRule | undefined, depth: number): readonly unknown[] {
  const schema = rule?.of ?? NO_RULES;
  const kept = items.some(isSpecial) ? items.filter((item) => !isSpecial(item)) : items;
  return kept.map((item) => (isRecord(item) ? plainItem(item, schema, depth) : plain(item, depth + 1)));
}

function mergeRecord(target: JsonRecord, patch: JsonRecord, schema: PatchSchema, depth: number): unknown {
  checkDepth(depth);
  const keys = Object.keys(patch);
  if (keys.some(isDirective)) return mergeDirected(target, patch, keys, schema, depth);
  let result: Record<string, unknown> | null = null;
  for (let i = 0; i < keys.length; i++) {
    const field = keys[i] as string;
    const current = fieldOf(target, field);
    const merged = mergeField(current, fieldOf(patch, field), null, ruleOf(schema, field), depth);
    if (merged !== current) result = withMerged(target, result, field, merged);
  }
  return result ?? target;
}

/** `result`, the copy of `target` so far, with what a field was merged to; undefined takes the field away. */
function withMerged(
  target: JsonRecord,
  result: Record<string, unknown> | null,
  field: string,
  merged: unknown,
): Record<string, unknown> {
  if (merged === undefined) return withoutField(result ?? target, field);
  const next = result ?? copyOf(target);
  setField(next, field, merged);
  return next;
}

function isDirective(key: string): boolean {
  return key.charCodeAt(0) === 0x24;
}

/** {@link mergeRecord} for a patch with directives among its `keys`. */
function mergeDirected(
  target: JsonRecord,
  patch: JsonRecord,
  keys: readonly string[],
  schema: PatchSchema,
  depth: number,
): unknown {
  const directive = patch[DIRECTIVE];
  if (directive === 'replace') return plain(patch, depth);
  if (directive === 'delete') return {};
  if (directive !== undefined) throw unknownDirective(patch);
  let result: Record<string, unknown> | null = null;
  const retained = patch[RETAIN_KEYS];
  if (retained !== undefined) {
    const keep = retainedKeys(patch, retained);
    for (const key of Object.keys(target)) {
      if (keep.has(key)) continue;
      result ??= copyOf(target);
      delete result[key];
    }
  }
  const lists = listDirectives(patch, keys);
  for (const key of keys) {
    const field = isDirective(key) ? fieldOfDirective(key) : key;
    if (field === '' || (field !== key && Object.hasOwn(patch, field))) continue;
    const current = fieldOf(result ?? target, field);
    const merged = mergeField(current, fieldOf(patch, field), lists?.get(field) ?? null, ruleOf(schema, field), depth);
    if (merged !== current) result = withMerged(target, result, field, merged);
  }
  return result ?? target;
}

function unknownDirective(patch: JsonRecord): StatusError {
  return senseless(`unknown patch type: ${goText(patch[DIRECTIVE])} in map: ${goText(patch)}`);
}

function retainedKeys(patch: JsonRecord, retained: unknown): ReadonlySet<unknown> {
  if (!Array.isArray(retained)) throw StatusError.badRequest('invalid patch format of retainKeys');
  const keep = new Set<unknown>(retained);
  for (const key of Object.keys(patch)) {
    if (!key.startsWith('$') && patch[key] !== null && !keep.has(key)) {
      throw StatusError.badRequest('invalid patch format of retainKeys');
    }
  }
  return keep;
}

/** The field that a list directive belongs to, `''` for other directives. */
function fieldOfDirective(key: string): string {
  if (key.startsWith(DELETE_FROM_LIST)) return key.slice(DELETE_FROM_LIST.length);
  if (key.startsWith(ELEMENT_ORDER)) return key.slice(ELEMENT_ORDER.length);
  return '';
}

/** What a patch says about one list beside its items. */
interface ListDirectives {
  deletions: readonly unknown[] | undefined;
  order: readonly unknown[] | undefined;
}

/** The list directives of a patch by field, null without any. Few patches have one, and then one: names are not built to be looked up. */
function listDirectives(patch: JsonRecord, keys: readonly string[]): ReadonlyMap<string, ListDirectives> | null {
  let found: Map<string, ListDirectives> | null = null;
  for (const key of keys) {
    if (!isDirective(key)) continue;
    const field = fieldOfDirective(key);
    const value = patch[key];
    if (field === '' || value === undefined || value === null) continue;
    const orders = key.startsWith(ELEMENT_ORDER);
    if (!Array.isArray(value)) {
      if (!orders) continue;
      throw notAList(value);
    }
    found ??= new Map();
    const lists: ListDirectives = found.get(field) ?? { deletions: undefined, order: undefined };
    if (orders) lists.order = value;
    else lists.deletions = value;
    found.set(field, lists);
  }
  return found;
}

/** `directives`: what the patch says about the field's list, null when that is nothing. */
function mergeField(
  current: unknown,
  change: unknown,
  directives: ListDirectives | null,
  rule: FieldRule | undefined,
  depth: number,
): unknown {
  const deletions = directives?.deletions;
  const order = directives?.order;
  if (change === null) return rule?.nullable === true ? null : undefined;
  // What the target shares with the patch has been through the API: it holds neither nulls nor directives.
  if (change === current && order === undefined && deletions === undefined) return current;
  const isList = Array.isArray(change) || change === undefined;
  if (order !== undefined) {
    if (!isList) throw notAList(change);
    if (current !== undefined && !Array.isArray(current)) throw notAList(current);
  }
  if (isList && (Array.isArray(current) || current === undefined)) {
    return mergeLists(current, change as readonly unknown[] | undefined, directives, rule, depth + 1);
  }
  if (change === undefined) return current;
  if (isRecord(change)) {
    if (rule?.replace === true || !isRecord(current)) {
      const next = isSpecial(change) ? undefined : plain(change, depth + 1);
      return jsonEqual(current, next) ? current : next;
    }
    return mergeRecord(current, change, rule?.of ?? NO_RULES, depth + 1);
  }
  const next = plain(change, depth + 1);
  return jsonEqual(current, next) ? current : next;
}

function notAList(value: unknown): StatusError {
  return senseless(`expected a []interface {}, but received a ${goTypeOf(value)}`);
}

/**
 * What a patch makes of a list: its items, then their order, then what is deleted. A patch without an order of its own wants its items in the
 * order in which it names them, and before those that only the server has and that do not stand before one of its own.
 */
function mergeLists(
  current: readonly unknown[] | undefined,
  change: readonly unknown[] | undefined,
  directives: ListDirectives | null,
  rule: FieldRule | undefined,
  depth: number,
): readonly unknown[] | undefined {
  const mergeKey = rule?.mergeKey;
  const order = directives?.order;
  if (order !== undefined) checkOrder(current, change, order, mergeKey);
  let items = current;
  let before = current ?? [];
  let wanted = order;
  if (change !== undefined) {
    if (current === undefined || (mergeKey === undefined && rule?.set !== true) || change.some(isReplacement)) {
      items = newItems(change, rule, depth);
      if (jsonEqual(current, items)) items = current as readonly unknown[];
    } else if (mergeKey === undefined) {
      items = [...new Set([...current, ...change])];
      wanted ??= change;
    } else {
      const kept = withoutDeleted(current, change, mergeKey);
      items = mergeItems(kept, change, rule as FieldRule, depth);
      // Deletions and additions share one piece of the server's memory, in which an order of the patch's own is looked up.
      before = items.slice(0, order === undefined ? kept.length : current.length);
      wanted ??= change.filter((item) => !isSpecial(item));
    }
  }
  if (items === undefined) return undefined;
  if (wanted !== undefined) items = inOrder(items, before, keysOf(wanted, mergeKey), mergeKey);
  if (directives?.deletions !== undefined) items = withoutScalars(items, directives.deletions, mergeKey);
  return current !== undefined && sameItems(current, items) ? current : items;
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a === b) return true;
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

/** The items that are no objects of the patch's `$setElementOrder` must be its own, in its order. Throws StatusError (500). */
function checkOrder(
  current: readonly unknown[] | undefined,
  change: readonly unknown[] | undefined,
  order: readonly unknown[],
  mergeKey: string | undefined,
): void {
  const items = change ?? [];
  if (items.length === 0) {
    const isFound = current !== undefined || change !== undefined;
    if (isFound && (current ?? []).length === 0) throw senseless('no elements in any of the given slices');
    return;
  }
  const keys = keysOf(order, mergeKey);
  if (keys.length === 0) return;
  let at = 0;
  for (const item of items) {
    if (isSpecial(item)) continue;
    at = keys.indexOf(keyOf(item, mergeKey), at) + 1;
    if (at > 0) continue;
    throw senseless(
      `The order in patch list:\n${goText(items)}\n doesn't match $setElementOrder list:\n${goText(order)}\n`,
    );
  }
}

/** `items` without the scalars `deletions`. Throws StatusError (500). */
function withoutScalars(
  items: readonly unknown[],
  deletions: readonly unknown[],
  mergeKey: string | undefined,
): readonly unknown[] {
  const [first] = items.length === 0 ? deletions : items;
  if (!deletions.every((deletion) => typeof deletion === typeof first)) {
    throw senseless(`list element types are not identical: ${goText([items, deletions])}`);
  }
  if (isRecord(first) && mergeKey === undefined) throw senseless('cannot merge lists without merge key for struct');
  const deleted = new Set(deletions);
  return items.filter((item) => !deleted.has(item));
}

/** What tells an item of a list from the others: its merge key's value, a scalar itself. Throws StatusError (500). */
function keyOf(item: unknown, mergeKey: string | undefined): unknown {
  if (mergeKey === undefined) return item;
  if (!isRecord(item)) throw senseless(`expected a map[string]interface {}, but received a ${goTypeOf(item)}`);
  const key = fieldOf(item, mergeKey);
  if (key === undefined) {
    throw senseless(`map: ${goText(item)} does not contain declared merge key: ${mergeKey}`);
  }
  return key;
}

function keysOf(items: readonly unknown[], mergeKey: string | undefined): readonly unknown[] {
  return mergeKey === undefined ? items : items.map((item) => keyOf(item, mergeKey));
}

function isReplacement(item: unknown): boolean {
  return isRecord(item) && item[DIRECTIVE] === 'replace';
}

/** Index of the first item with this merge key, −1 for none. */
function indexByKey(items: readonly unknown[], mergeKey: string, key: unknown): number {
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (isRecord(item) && fieldOf(item, mergeKey) === key) return i;
  }
  return -1;
}

/** The target's items that the patch does not delete. Throws StatusError (500). */
function withoutDeleted(current: readonly unknown[], change: readonly unknown[], mergeKey: string): readonly unknown[] {
  let kept = current;
  for (const item of change) {
    if (!isSpecial(item)) continue;
    const special = item as JsonRecord;
    if (special[DIRECTIVE] === 'merge') throw senseless('merging lists cannot yet be specified in the patch');
    if (special[DIRECTIVE] !== 'delete') throw unknownDirective(special);
    const deleted = keyOf(special, mergeKey);
    kept = kept.filter((other) => !isRecord(other) || fieldOf(other, mergeKey) !== deleted);
  }
  return kept;
}

/** The items of `kept` with what the patch says of them, then those that only the patch has. */
function mergeItems(kept: readonly unknown[], change: readonly unknown[], rule: FieldRule, depth: number): unknown[] {
  const mergeKey = rule.mergeKey as string;
  const schema = rule.of ?? NO_RULES;
  const merged: unknown[] = [...kept];
  for (const item of change) {
    if (isSpecial(item)) continue;
    const at = indexByKey(merged, mergeKey, keyOf(item, mergeKey));
    if (at < 0) merged.push(plainItem(item as JsonRecord, schema, depth));
    else merged[at] = mergeRecord(merged[at] as JsonRecord, item as JsonRecord, schema, depth);
  }
  return merged;
}

/** Whether the items are exactly those named in `order`, in that order, each once. */
function isInOrder(items: readonly unknown[], order: readonly unknown[], mergeKey: string | undefined): boolean {
  if (items.length !== order.length) return false;
  for (let i = 0; i < items.length; i++) {
    if (keyOf(items[i], mergeKey) !== order[i] || order.indexOf(order[i]) !== i) return false;
  }
  return true;
}

/**
 * Puts the items named in `order` into that order and lets the others (which only the server has) keep their place
 * relative to the order `before`. Lists are kept in great numbers: the result has no room to grow.
 */
function inOrder(
  merged: readonly unknown[],
  before: readonly unknown[],
  order: readonly unknown[],
  mergeKey: string | undefined,
): readonly unknown[] {
  if (isInOrder(merged, order, mergeKey)) return merged.slice();
  const placeOf = (item: unknown): number => order.indexOf(keyOf(item, mergeKey));
  const named = merged.filter((item) => placeOf(item) >= 0).toSorted((a, b) => placeOf(a) - placeOf(b));
  const others = merged.filter((item) => placeOf(item) < 0);
  const position = new Map<unknown, number>();
  before.forEach((item, i) => {
    const key = keyOf(item, mergeKey);
    if (!position.has(key)) position.set(key, i);
  });
  const result: unknown[] = [];
  let i = 0;
  let j = 0;
  while (i < others.length || j < named.length) {
    if (i >= others.length) result.push(named[j++]);
    else if (j >= named.length) result.push(others[i++]);
    else {
      const left = position.get(keyOf(others[i], mergeKey));
      const right = position.get(keyOf(named[j], mergeKey));
      result.push(left !== undefined && right !== undefined && left < right ? others[i++] : named[j++]);
    }
  }
  return result.slice();
}

/**
 * The target after the patch; neither is mutated. Throws StatusError: 415 for custom resources, 400 or 422 for patches
 * that make no sense.
 */
export function applyStrategicMergePatch(type: ResourceType, target: unknown, patch: unknown): unknown {
  const schema = patchSchemaOf(type);
  if (schema === null) {
    throw StatusError.unsupportedMediaType(
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, ' +
        'application/merge-patch+json, application/apply-patch+yaml',
    );
  }
  if (patch === null) return target;
  if (!isRecord(patch)) {
    throw StatusError.badRequest(
      `json: cannot unmarshal ${jsonTypeOf(patch)} into Go value of type map[string]interface {}`,
    );
  }
  if (!isRecord(target)) throw StatusError.badRequest('strategic merge patch must be an object');
  return mergeRecord(target, patch, schema, 0);
}

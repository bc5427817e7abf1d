/**
 * Strategic merge patch: a merge patch that knows which lists have merge keys.
 *
 * Directives: `$patch: delete | replace | merge`, `$deleteFromPrimitiveList/<field>`, `$setElementOrder/<field>`,
 * `$retainKeys`. Parts that the patch does not change are shared with the target; a patch without effect returns the
 * target itself. Source: Kubernetes 1.34, apimachinery util/strategicpatch.
 */
import {
  checkDepth,
  copyOf,
  fieldOf,
  isRecord,
  type JsonRecord,
  jsonEqual,
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

/** A patch's value where the target has none: without nulls, directives and deleted items. */
function plain(value: unknown, depth: number): unknown {
  checkDepth(depth);
  if (Array.isArray(value)) {
    const items = value.filter(
      (item) => !(isRecord(item) && item[DIRECTIVE] !== undefined && item[DIRECTIVE] !== 'merge'),
    );
    return items.map((item) => plain(item, depth + 1));
  }
  if (!isRecord(value)) return value;
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (member === null || member === undefined || key.startsWith('$')) continue;
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

function mergeRecord(target: JsonRecord, patch: JsonRecord, schema: PatchSchema, depth: number): unknown {
  checkDepth(depth);
  const keys = Object.keys(patch);
  if (keys.some(isDirective)) return mergeDirected(target, patch, keys, schema, depth);
  let result: Record<string, unknown> | null = null;
  for (let i = 0; i < keys.length; i++) {
    const field = keys[i] as string;
    const current = fieldOf(target, field);
    const merged = mergeField(current, fieldOf(patch, field), null, ruleOf(schema, field), depth);
    if (merged === current) continue;
    if (merged === undefined) {
      result = withoutField(result ?? target, field);
      continue;
    }
    result ??= copyOf(target);
    setField(result, field, merged);
  }
  return result ?? target;
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
  if (directive !== undefined && directive !== 'merge') {
    throw StatusError.badRequest(`Unknown patch type found: ${String(directive)}`);
  }
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
    if (merged === current) continue;
    if (merged === undefined) {
      result = withoutField(result ?? target, field);
      continue;
    }
    result ??= copyOf(target);
    setField(result, field, merged);
  }
  return result ?? target;
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
      throw StatusError.badRequest(`invalid patch format of ${orders ? 'setElementOrder list' : 'primitive list'}`);
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
  if (change === undefined && !Array.isArray(current)) return current;
  const isList = Array.isArray(change) || change === undefined;
  if (isList && (Array.isArray(current) || current === undefined)) {
    const target: readonly unknown[] = current ?? [];
    if (rule?.mergeKey !== undefined) {
      if (deletions !== undefined) checkDeletions(target, deletions);
      const merged = mergeList(target, (change as readonly unknown[] | undefined) ?? [], rule, order, depth + 1);
      return sameItems(target, merged) ? current : merged;
    }
    if (rule?.set === true || directives !== null) {
      const wanted = change === undefined ? target : (plain(change, depth + 1) as readonly unknown[]);
      const joined = rule?.set === true && wanted !== target ? [...new Set([...target, ...wanted])] : wanted;
      const merged = mergeScalars(target, joined, deletions, order);
      return sameItems(target, merged) ? current : merged;
    }
  }
  if (change === undefined) return current;
  if (isRecord(change)) {
    if (rule?.replace === true || !isRecord(current)) {
      const next = change[DIRECTIVE] === 'delete' ? undefined : plain(change, depth + 1);
      return jsonEqual(current, next) ? current : next;
    }
    if (change[DIRECTIVE] === 'delete') return undefined;
    return mergeRecord(current, change, rule?.of ?? NO_RULES, depth + 1);
  }
  const next = plain(change, depth + 1);
  return jsonEqual(current, next) ? current : next;
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

/** A copy without room to grow: lists are kept in great numbers. */
function exact(items: readonly unknown[]): readonly unknown[] {
  return items.slice();
}

/** Deletions are scalars of the list's own type. Throws StatusError. */
function checkDeletions(items: readonly unknown[], deletions: readonly unknown[]): void {
  const [first] = items;
  if (first === undefined || deletions.every((deletion) => typeof deletion === typeof first)) return;
  throw StatusError.internalError('list element types are not identical');
}

/** `items` without the deleted ones and in the wanted order: whether a list is a set or atomic, directives mean the same. Throws StatusError. */
function mergeScalars(
  target: readonly unknown[],
  items: readonly unknown[],
  deletions: readonly unknown[] | undefined,
  order: readonly unknown[] | undefined,
): readonly unknown[] {
  let merged = items;
  if (deletions !== undefined) {
    checkDeletions(items, deletions);
    if (isRecord(items[0])) throw StatusError.internalError('cannot merge lists without merge key for struct');
    const deleted = new Set(deletions);
    merged = items.filter((item) => !deleted.has(item));
  }
  return order === undefined ? exact(merged) : inOrder(merged, target, order, (item) => item);
}

function mergeKeyOf(item: unknown, mergeKey: string): unknown {
  if (!isRecord(item)) throw StatusError.badRequest('invalid patch format of a list with a merge key');
  const key = fieldOf(item, mergeKey);
  if (key === undefined) {
    throw StatusError.unprocessable(`map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`);
  }
  return key;
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

function mergeList(
  target: readonly unknown[],
  patch: readonly unknown[],
  rule: FieldRule,
  order: readonly unknown[] | undefined,
  depth: number,
): readonly unknown[] {
  const mergeKey = rule.mergeKey as string;
  if (patch.some(isReplacement)) return plain(patch, depth) as unknown[];
  const merged: unknown[] = [...target];
  const keyOf = (item: unknown): unknown => (isRecord(item) ? fieldOf(item, mergeKey) : undefined);
  for (const item of patch) {
    const key = mergeKeyOf(item, mergeKey);
    const change = item as JsonRecord;
    const at = indexByKey(merged, mergeKey, key);
    if (change[DIRECTIVE] === 'delete') {
      for (let i = merged.length - 1; i >= 0; i--) if (keyOf(merged[i]) === key) merged.splice(i, 1);
    } else if (at < 0) {
      merged.push(plainItem(change, rule.of ?? NO_RULES, depth));
    } else {
      merged[at] = mergeRecord(merged[at] as JsonRecord, change, rule.of ?? NO_RULES, depth);
    }
  }
  if (order === undefined) return exact(merged);
  return inOrder(
    merged,
    target,
    order.map((item) => mergeKeyOf(item, mergeKey)),
    keyOf,
  );
}

/** Whether the items are exactly those named in `order`, in that order, each once. */
function isInOrder(items: readonly unknown[], order: readonly unknown[], keyOf: (item: unknown) => unknown): boolean {
  if (items.length !== order.length) return false;
  for (let i = 0; i < items.length; i++) {
    if (keyOf(items[i]) !== order[i] || order.indexOf(order[i]) !== i) return false;
  }
  return true;
}

/**
 * Puts the items named in `order` into that order and lets the others (which only the server has) keep their place
 * relative to the target's order.
 */
function inOrder(
  merged: readonly unknown[],
  target: readonly unknown[],
  order: readonly unknown[],
  keyOf: (item: unknown) => unknown,
): readonly unknown[] {
  if (isInOrder(merged, order, keyOf)) return exact(merged);
  const named = merged
    .filter((item) => order.includes(keyOf(item)))
    .toSorted((a, b) => order.indexOf(keyOf(a)) - order.indexOf(keyOf(b)));
  const others = merged.filter((item) => !order.includes(keyOf(item)));
  const position = new Map<unknown, number>(target.map((item, i) => [keyOf(item), i]));
  const result: unknown[] = [];
  let i = 0;
  let j = 0;
  while (i < others.length || j < named.length) {
    if (i >= others.length) result.push(named[j++]);
    else if (j >= named.length) result.push(others[i++]);
    else {
      const left = position.get(keyOf(others[i]));
      const right = position.get(keyOf(named[j]));
      result.push(left !== undefined && right !== undefined && left < right ? others[i++] : named[j++]);
    }
  }
  return exact(result);
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
  if (!isRecord(patch) || !isRecord(target)) throw StatusError.badRequest('strategic merge patch must be an object');
  return mergeRecord(target, patch, schema, 0);
}

/**
 * JSON merge patch (RFC 7386): objects merge, `null` removes, everything else replaces.
 *
 * Parts of the target that the patch does not change are shared; a patch without effect returns the target itself.
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

/** Drops the nulls of a patch that has nothing to merge with. */
function withoutNulls(patch: JsonRecord, depth: number): JsonRecord {
  checkDepth(depth);
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    if (value === null || value === undefined) continue;
    setField(result, key, isRecord(value) ? withoutNulls(value, depth + 1) : value);
  }
  return result;
}

function merge(target: unknown, patch: unknown, depth: number): unknown {
  checkDepth(depth);
  if (!isRecord(patch)) return jsonEqual(target, patch) ? target : patch;
  if (!isRecord(target)) return withoutNulls(patch, depth);
  let result: Record<string, unknown> | null = null;
  for (const key of Object.keys(patch)) {
    const change = patch[key];
    if (change === undefined) continue;
    const current = fieldOf(target, key);
    if (change === null) {
      if (current === undefined) continue;
      result = withoutField(result ?? target, key);
      continue;
    }
    const merged = merge(current, change, depth + 1);
    if (merged === current) continue;
    result ??= copyOf(target);
    setField(result, key, merged);
  }
  return result ?? target;
}

/** The target after the patch. Mutates neither. Throws StatusError (400) for patches nested beyond the limit. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  return merge(target, patch, 0);
}

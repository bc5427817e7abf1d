/**
 * Names of fields as the API has them. Go's decoder takes them in any case, and published templates make use of it
 * (`NodeTaintsPolicy`); names inside of maps (labels, amounts of resources) are data and stay.
 */

/** Fields that are maps. */
const MAPS: ReadonlySet<string> = new Set([
  'labels',
  'annotations',
  'matchLabels',
  'nodeSelector',
  'selector',
  'requests',
  'limits',
  'capacity',
  'allocatable',
  'overhead',
  'data',
  'stringData',
  'binaryData',
  'parameters',
  'attributes',
  'volumeAttributes',
]);

/** The name of a field of `parent` (the field that holds the object, '' at the top). */
export function fieldName(parent: string, name: string): string {
  const first = name.charCodeAt(0);
  if (first < 65 || first > 90 || MAPS.has(parent)) return name;
  return (name[0] as string).toLowerCase() + name.slice(1);
}

/** The value with all its fields named so; itself where nothing changes. */
export function withFieldNames<T>(value: T, parent: string): T {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => withFieldNames(item, parent));
    return items.some((item, index) => item !== value[index]) ? (items as T) : value;
  }
  let changed = false;
  const named: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const name = fieldName(parent, key);
    named[name] = withFieldNames(item as unknown, name);
    if (name !== key || named[name] !== item) changed = true;
  }
  return changed ? (named as T) : value;
}

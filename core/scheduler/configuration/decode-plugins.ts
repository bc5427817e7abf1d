/**
 * Which plugins a profile runs at each extension point: defaults, overrides, `disabled: "*"` and multiPoint.
 *
 * Order at a point: plugins that the point itself names and multiPoint has too, then the rest of multiPoint, then what only
 * the point names. Naming a default plugin again under multiPoint keeps its place; without a weight its weight is then 1.
 * Source: Kubernetes 1.34, apis/config/v1 mergePluginSet and framework/runtime expandMultiPointPlugins.
 */
import { byPoint, type EnabledPlugins } from './configuration.ts';
import {
  EXTENSION_POINTS,
  type ExtensionPoint,
  type PluginEntry,
  pluginsOfVersion,
  type SchedulerVersion,
} from './default-plugins.ts';
import { closest, type FieldReader } from './field-reader.ts';
import type { FieldPath } from './problem.ts';

/** Largest weight: scores are summed in 32 bits here, in 64 upstream. */
const MAX_WEIGHT = 1_000_000;
const EVERYTHING = '*';

interface Enabled {
  readonly name: string;
  readonly weight: number;
}

interface PluginSet {
  readonly enabled: readonly Enabled[];
  readonly disabled: readonly string[];
}

/** Plugins by point with the weights of those that score. */
export interface DecodedPlugins {
  readonly plugins: EnabledPlugins;
  readonly weights: ReadonlyMap<string, number>;
}

/** Decodes the `plugins` field of a profile (undefined = defaults). */
export function decodePlugins(
  reader: FieldReader,
  value: unknown,
  path: FieldPath,
  version: SchedulerVersion,
): DecodedPlugins {
  const entries = pluginsOfVersion(version);
  const fields = reader.fields(value, path, [...EXTENSION_POINTS, 'multiPoint']);
  const sets = new Map<string, PluginSet>();
  for (const point of [...EXTENSION_POINTS, 'multiPoint'] as const) {
    sets.set(point, decodeSet(reader, fields[point], [...path, point], point, entries));
  }
  const multiPoint = mergeDefaults(entries, sets.get('multiPoint') as PluginSet);
  const plugins = byPoint((point) => expand(sets.get(point) as PluginSet, multiPoint, point, entries));
  checkSingletons(reader, plugins, path, fields);
  return { plugins, weights: weightsOf((sets.get('score') as PluginSet).enabled, multiPoint, entries) };
}

function decodeSet(
  reader: FieldReader,
  value: unknown,
  path: FieldPath,
  point: ExtensionPoint | 'multiPoint',
  entries: readonly PluginEntry[],
): PluginSet {
  const fields = reader.fields(value, path, ['enabled', 'disabled']);
  const enabled: Enabled[] = [];
  for (const [i, item] of reader.list(fields['enabled'], [...path, 'enabled']).entries()) {
    const at = [...path, 'enabled', i];
    const entry = reader.fields(item, at, ['name', 'weight']);
    const name = knownName(reader, entry['name'], [...at, 'name'], entries, point);
    const weight = reader.integer(entry['weight'], [...at, 'weight'], 0, 0, MAX_WEIGHT);
    if (enabled.some((other) => other.name === name))
      reader.problem([...at, 'name'], `plugin "${name}" is enabled twice`);
    else if (name !== '') enabled.push({ name, weight });
  }
  const disabled: string[] = [];
  for (const [i, item] of reader.list(fields['disabled'], [...path, 'disabled']).entries()) {
    const at = [...path, 'disabled', i];
    const { name } = reader.fields(item, at, ['name', 'weight']);
    disabled.push(name === EVERYTHING ? EVERYTHING : knownName(reader, name, [...at, 'name'], entries, 'multiPoint'));
  }
  return { enabled, disabled };
}

function knownName(
  reader: FieldReader,
  value: unknown,
  path: FieldPath,
  entries: readonly PluginEntry[],
  point: ExtensionPoint | 'multiPoint',
): string {
  const name = reader.name(value, path, "the plugin's name");
  if (name === '') return '';
  const entry = entries.find((known) => known.name === name);
  if (entry === undefined) {
    const close = closest(
      name,
      entries.map((known) => known.name),
    );
    reader.problem(path, `unknown plugin "${name}"`, close === '' ? '' : `did you mean "${close}"?`);
    return '';
  }
  if (point !== 'multiPoint' && !entry.points.includes(point)) {
    reader.problem(path, `plugin "${name}" does not extend ${point}`, `it extends ${entry.points.join(', ')}`);
    return '';
  }
  return name;
}

/** multiPoint with the default plugins: overridden in place, disabled ones left out, others behind them. */
function mergeDefaults(entries: readonly PluginEntry[], custom: PluginSet): readonly Enabled[] {
  const merged: Enabled[] = [];
  if (!custom.disabled.includes(EVERYTHING)) {
    for (const { name, weight, enabledByDefault } of entries) {
      if (!enabledByDefault || custom.disabled.includes(name)) continue;
      merged.push(custom.enabled.find((own) => own.name === name) ?? { name, weight });
    }
  }
  for (const own of custom.enabled) if (!merged.some(({ name }) => name === own.name)) merged.push(own);
  return merged;
}

function expand(
  own: PluginSet,
  multiPoint: readonly Enabled[],
  point: ExtensionPoint,
  entries: readonly PluginEntry[],
): readonly string[] {
  const named = own.enabled.map(({ name }) => name);
  if (own.disabled.includes(EVERYTHING)) return named;
  const extending = multiPoint
    .map(({ name }) => name)
    .filter((name) => entries.find((entry) => entry.name === name)?.points.includes(point) === true)
    .filter((name) => !own.disabled.includes(name) || named.includes(name));
  const overriding = named.filter((name) => extending.includes(name) && !own.disabled.includes(name));
  const rest = extending.filter((name) => !named.includes(name));
  return [...overriding, ...rest, ...named.filter((name) => !overriding.includes(name))];
}

function checkSingletons(reader: FieldReader, plugins: EnabledPlugins, path: FieldPath, fields: object): void {
  // A name that nobody knows is missing here only because it is wrong there.
  const isSound = (point: ExtensionPoint): boolean =>
    [point, 'multiPoint'].every((each) => reader.isSound([...path, each]));
  if (plugins.queueSort.length !== 1 && isSound('queueSort')) {
    const at = Object.hasOwn(fields, 'queueSort') ? [...path, 'queueSort'] : path;
    reader.problem(at, `exactly one queue-sort plugin is needed, not ${plugins.queueSort.length}`);
  }
  if (plugins.bind.length === 0 && isSound('bind')) {
    reader.problem(Object.hasOwn(fields, 'bind') ? [...path, 'bind'] : path, 'at least one bind plugin is needed');
  }
}

/** A weight at the score point wins over multiPoint's; none means 1. */
function weightsOf(
  score: readonly Enabled[],
  multiPoint: readonly Enabled[],
  entries: readonly PluginEntry[],
): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const { name, weight } of [...score, ...multiPoint]) {
    const scores = entries.find((entry) => entry.name === name)?.points.includes('score') === true;
    if (scores && !weights.has(name)) weights.set(name, weight || 1);
  }
  return weights;
}

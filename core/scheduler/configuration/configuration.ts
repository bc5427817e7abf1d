/** A decoded KubeSchedulerConfiguration: what is enabled where, with which weight and arguments. */
import {
  EXTENSION_POINTS,
  type ExtensionPoint,
  type PluginEntry,
  pluginsOfVersion,
  type SchedulerVersion,
} from './default-plugins.ts';
import { DEFAULT_ARGUMENTS, type PluginArguments } from './plugin-arguments.ts';

/** Names of the enabled plugins by extension point, in the order in which they run. */
export type EnabledPlugins = Readonly<Record<ExtensionPoint, readonly string[]>>;

/** One profile; pods choose it by `spec.schedulerName`. */
export interface ProfileConfiguration {
  readonly schedulerName: string;
  /** 1 … 100; 0 = adaptive; undefined = what the configuration says. */
  readonly percentageOfNodesToScore: number | undefined;
  readonly plugins: EnabledPlugins;
  /** Weight of each plugin that scores. */
  readonly weights: ReadonlyMap<string, number>;
  readonly args: PluginArguments;
}

/** A whole configuration. */
export interface SchedulerConfiguration {
  readonly version: SchedulerVersion;
  readonly percentageOfNodesToScore: number;
  readonly podInitialBackoffSeconds: number;
  readonly podMaxBackoffSeconds: number;
  readonly profiles: readonly [ProfileConfiguration, ...ProfileConfiguration[]];
  /** Fields that are accepted and have no effect here, as texts of their paths. */
  readonly withoutEffect: readonly string[];
}

export const CONFIGURATION_API_VERSION = 'kubescheduler.config.k8s.io/v1';
export const DEFAULT_SCHEDULER_NAME = 'default-scheduler';

/** The profile that kube-scheduler has without a configuration. */
export function defaultProfile(version: SchedulerVersion): ProfileConfiguration {
  const enabled = pluginsOfVersion(version).filter(({ enabledByDefault }) => enabledByDefault);
  const weights = new Map<string, number>();
  for (const { name, points, weight } of enabled) if (points.includes('score')) weights.set(name, weight || 1);
  return {
    schedulerName: DEFAULT_SCHEDULER_NAME,
    percentageOfNodesToScore: undefined,
    plugins: byPoint((point) => namesAt(enabled, point)),
    weights,
    args: DEFAULT_ARGUMENTS,
  };
}

/** kube-scheduler's configuration without a file. */
export function defaultConfiguration(version: SchedulerVersion): SchedulerConfiguration {
  return {
    version,
    percentageOfNodesToScore: 0,
    podInitialBackoffSeconds: 1,
    podMaxBackoffSeconds: 10,
    profiles: [defaultProfile(version)],
    withoutEffect: [],
  };
}

/** A record over all extension points. */
export function byPoint(names: (point: ExtensionPoint) => readonly string[]): EnabledPlugins {
  return Object.fromEntries(EXTENSION_POINTS.map((point) => [point, names(point)])) as unknown as EnabledPlugins;
}

function namesAt(entries: readonly PluginEntry[], point: ExtensionPoint): readonly string[] {
  return entries.filter(({ points }) => points.includes(point)).map(({ name }) => name);
}

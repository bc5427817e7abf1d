/**
 * What a scheduling core keeps for each of its profiles: the three paths to a node, the rejections of its shapes and who chooses
 * devices. Paths are made when they are first asked for: a standby never chooses a node, and few pods need the framework of readable plugins.
 */

import type { ProfileConfiguration } from '../configuration/configuration.ts';
import { type PluginEntry, pluginsOfVersion, type SchedulerVersion } from '../configuration/default-plugins.ts';
import { configurationOf, type Profile, versionOf } from '../configuration/profile.ts';
import type { ClaimOutlooks } from '../devices/claim-outlooks.ts';
import { Framework } from '../framework/framework.ts';
import { type PluginSet, pluginsOf } from '../plugins/index.ts';
import type { Snapshot } from '../plugins/plugin.ts';
import { type DeviceChooser, TightestDevices } from '../policies/device-choice.ts';
import { IndexCache } from '../totals/index-cache.ts';
import { VOLUME_PLUGINS } from '../volumes/settled-volumes.ts';
import { CachedPath } from './cached-path.ts';
import { ChoiceJudge } from './choice-judge.ts';
import type { Diagnosis } from './diagnosis.ts';
import { PlainPath } from './plain-path.ts';
import { ReferencePath } from './reference-path.ts';
import type { RejectionIndex } from './rejection-index.ts';
import type { Draws } from './selection.ts';
import type { TableView } from './table-view.ts';

/** Shapes whose rejections are kept; about 10 bytes a node each. */
const MAX_REJECTION_INDEXES = 64;

/** One profile's share of a core. */
export interface ProfilePaths {
  readonly profile: Profile;
  readonly plugins: PluginSet;
  readonly plain: () => PlainPath;
  readonly cached: () => CachedPath;
  readonly judge: () => ChoiceJudge;
  /** By shape: why nodes reject it. */
  readonly rejections: IndexCache<RejectionIndex>;
  readonly chooser: DeviceChooser;
  readonly configuration: ProfileConfiguration;
  readonly framework: () => Framework;
  /** The framework of another configuration, for questions. */
  readonly frameworkOf: (configuration: ProfileConfiguration) => Framework;
  readonly reference: () => ReferencePath;
  /** Whether claims for devices keep pods off nodes as DynamicResources has it, and do no more: since 1.36 it scores them, too. */
  readonly looksAtClaims: boolean;
  /** Whether the profile takes a plugin apart, so that only the reference path knows what is left of it. */
  readonly isTakenApart: boolean;
  /** Names of all filters; those that the columns know come first. */
  readonly names: readonly string[];
}

/** What all profiles of a core share. */
export interface SharedParts {
  readonly snapshot: Snapshot;
  readonly draws: Draws;
  /** Of the plain and the reference path. */
  readonly diagnosis: Diagnosis;
  /** Whether plugins on volumes and devices have anything to look at. */
  readonly volumes: boolean;
  readonly claims: ClaimOutlooks;
  readonly view: () => TableView;
}

/** Makes the paths of a profile. */
export function makeProfilePaths(
  profile: Profile,
  { snapshot, draws, diagnosis, volumes, claims, view }: SharedParts,
): ProfilePaths {
  const policy = profile.policy?.(snapshot.nodes, draws) ?? null;
  const plugins = pluginsOf(profile, policy);
  const configuration = configurationOf(profile);
  const own = plugins.filters.map(({ name }) => name);
  const names = [...own, ...configuration.plugins.filter.filter((name) => !own.includes(name))];
  const frameworkOf = (other: ProfileConfiguration) => makeFramework(other, versionOf(profile), volumes);
  const framework = lazily(() => frameworkOf(configuration));
  return {
    profile,
    plugins,
    plain: lazily(() => new PlainPath(snapshot, plugins, profile, draws, diagnosis)),
    cached: lazily(() => new CachedPath(snapshot, plugins, profile, draws, volumes ? claims : null)),
    judge: lazily(() => new ChoiceJudge(snapshot, plugins, profile)),
    rejections: new IndexCache(MAX_REJECTION_INDEXES),
    chooser: policy?.chooser ?? new TightestDevices(snapshot.nodes.gpus),
    configuration,
    framework,
    frameworkOf,
    reference: lazily(() => {
      const parts = { snapshot, profile, policy, draws, diagnosis, pluginNames: names };
      return new ReferencePath({ ...parts, framework: framework(), view: view() });
    }),
    looksAtClaims: looksAtClaims(configuration),
    isTakenApart: isTakenApart(configuration, versionOf(profile)),
    names,
  };
}

function looksAtClaims({ plugins: { preFilter, filter, score } }: ProfileConfiguration): boolean {
  const isAt = (names: readonly string[]): boolean => names.includes('DynamicResources');
  return isAt(preFilter) && isAt(filter) && !isAt(score);
}

/** Whether a plugin is asked without having prepared itself, or NodeAffinity, whose PreFilter narrows the search, is not whole. */
function isTakenApart({ plugins }: ProfileConfiguration, version: SchedulerVersion): boolean {
  const { preFilter, filter, preScore, score } = plugins;
  if (!preFilter.includes('NodeAffinity') || !filter.includes('NodeAffinity')) return true;
  if (score.includes('DynamicResources') && !preFilter.includes('DynamicResources')) return true;
  const unprepared = ({ name, points }: PluginEntry) =>
    (points.includes('preFilter') && filter.includes(name) && !preFilter.includes(name)) ||
    (points.includes('preScore') && score.includes(name) && !preScore.includes(name));
  return pluginsOfVersion(version).some(unprepared);
}

/** `make` once, when it is first asked for. */
function lazily<T extends object>(make: () => T): () => T {
  let made: T | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

function makeFramework(configuration: ProfileConfiguration, version: SchedulerVersion, volumes: boolean): Framework {
  const { plugins } = configuration;
  const looksAt = (name: string) => volumes || !VOLUME_PLUGINS.includes(name);
  const prepares = (name: string) => looksAt(name) || (name === 'DynamicResources' && plugins.score.includes(name));
  const kept = { preFilter: plugins.preFilter.filter(prepares), filter: plugins.filter.filter(looksAt) };
  return new Framework({ ...configuration, plugins: { ...plugins, ...kept } }, version);
}

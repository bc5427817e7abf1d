/**
 * Decodes a KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1) from plain data, strictly: all problems at once,
 * each with the path of its field. What cannot have an effect in a simulation (addresses, profiling, client connection) is
 * accepted and listed; extenders are refused, since their answers would be missing.
 */
import { isRecord } from '../../types/json-value.ts';
import {
  CONFIGURATION_API_VERSION,
  DEFAULT_SCHEDULER_NAME,
  defaultProfile,
  type ProfileConfiguration,
  type SchedulerConfiguration,
} from './configuration.ts';
import { decodeArguments } from './decode-arguments.ts';
import { checkClientConnection, checkLeaderElection } from './decode-connection.ts';
import { decodePlugins } from './decode-plugins.ts';
import { pluginsOfVersion, type SchedulerVersion } from './default-plugins.ts';
import { FieldReader, type Fields } from './field-reader.ts';
import { type ConfigurationProblem, type FieldPath, pathText } from './problem.ts';

export const CONFIGURATION_KIND = 'KubeSchedulerConfiguration';

const WITHOUT_EFFECT: readonly string[] = [
  'parallelism',
  'leaderElection',
  'clientConnection',
  'enableProfiling',
  'enableContentionProfiling',
  'delayCacheUntilActive',
];
const FIELDS: readonly string[] = [
  'apiVersion',
  'kind',
  'percentageOfNodesToScore',
  'podInitialBackoffSeconds',
  'podMaxBackoffSeconds',
  'profiles',
  'extenders',
  ...WITHOUT_EFFECT,
];
const MAX_BACKOFF_SECONDS = 86_400;
const MAX_INT32 = 2 ** 31 - 1;

/** Result of decoding: the configuration counts only when there is no problem. */
export interface DecodedConfiguration {
  readonly configuration: SchedulerConfiguration;
  readonly problems: readonly ConfigurationProblem[];
}

/** Decodes a whole document with apiVersion and kind. */
export function decodeSchedulerConfiguration(data: unknown, version: SchedulerVersion = '1.34'): DecodedConfiguration {
  const reader = new FieldReader();
  const { kind } = Object(data) as Fields;
  if (data === null || data === undefined) reader.problem([], 'the document is empty');
  else if (kind !== undefined && kind !== CONFIGURATION_KIND) {
    reader.problem(['kind'], `must be "${CONFIGURATION_KIND}"`);
  }
  // Of what is something else nothing more can be said.
  const fields = reader.isSound([]) ? reader.fields(data, [], FIELDS) : {};
  if (!isRecord(data) || !reader.isSound(['kind'])) {
    return { configuration: decodeBody(new FieldReader(), {}, version), problems: reader.problems };
  }
  if (fields['apiVersion'] !== CONFIGURATION_API_VERSION) {
    reader.problem(['apiVersion'], `must be "${CONFIGURATION_API_VERSION}"`);
  }
  if (fields['kind'] !== CONFIGURATION_KIND) reader.problem(['kind'], `must be "${CONFIGURATION_KIND}"`);
  return { configuration: decodeBody(reader, fields, version), problems: reader.problems };
}

/** Decodes the body of a configuration, as recorded cases have it; `null` is the default configuration. */
export function decodeConfigurationBody(data: unknown, version: SchedulerVersion): DecodedConfiguration {
  const reader = new FieldReader();
  const configuration = decodeBody(reader, reader.fields(data, [], FIELDS), version);
  return { configuration, problems: reader.problems };
}

function decodeBody(reader: FieldReader, fields: Fields, version: SchedulerVersion): SchedulerConfiguration {
  const initial = reader.integer(
    fields['podInitialBackoffSeconds'],
    ['podInitialBackoffSeconds'],
    1,
    1,
    MAX_BACKOFF_SECONDS,
  );
  const max = reader.integer(fields['podMaxBackoffSeconds'], ['podMaxBackoffSeconds'], 10, 1, MAX_BACKOFF_SECONDS);
  const backoffs = [['podInitialBackoffSeconds'], ['podMaxBackoffSeconds']];
  if (max < initial && backoffs.every((at) => reader.isSound(at)))
    reader.problem(['podMaxBackoffSeconds'], 'must not be less than podInitialBackoffSeconds');
  reader.integer(fields['parallelism'], ['parallelism'], 16, 1, MAX_INT32);
  for (const name of ['enableProfiling', 'enableContentionProfiling', 'delayCacheUntilActive']) {
    reader.flag(fields[name], [name], false);
  }
  checkLeaderElection(reader, fields['leaderElection']);
  checkClientConnection(reader, fields['clientConnection']);
  if (reader.list(fields['extenders'], ['extenders']).length > 0) {
    reader.problem(['extenders'], 'extenders are not simulated', 'leave them out, or write a policy module');
  }
  return {
    version,
    percentageOfNodesToScore: percentage(reader, fields, []) ?? 0,
    podInitialBackoffSeconds: initial,
    podMaxBackoffSeconds: max,
    profiles: decodeProfiles(reader, fields['profiles'], version),
    withoutEffect: WITHOUT_EFFECT.filter((name) => fields[name] !== undefined),
  };
}

function decodeProfiles(
  reader: FieldReader,
  value: unknown,
  version: SchedulerVersion,
): readonly [ProfileConfiguration, ...ProfileConfiguration[]] {
  const items = reader.list(value, ['profiles']);
  const profiles = items.map((item, i) => decodeProfile(reader, item, ['profiles', i], version, items.length));
  const [first, ...rest] = profiles;
  if (first === undefined) return [defaultProfile(version)];
  for (const [i, profile] of rest.entries()) {
    const own: FieldPath = ['profiles', i + 1];
    if (!isMapping(items[i + 1])) continue;
    const at: FieldPath = [...own, 'schedulerName'];
    const same = profiles.findIndex(({ schedulerName }) => schedulerName === profile.schedulerName);
    if (same <= i && reader.isSound(at))
      reader.problem(at, `profile "${profile.schedulerName}" exists already (${pathText(['profiles', same])})`);
    const sortAt: FieldPath = [...own, 'plugins', 'queueSort'];
    const areSound = reader.isSound(sortAt) && reader.isSound(['profiles', 0, 'plugins', 'queueSort']);
    if (areSound && queueSortText(items[i + 1]) !== queueSortText(items[0])) {
      reader.problem(
        sortAt,
        'must be the same for all profiles',
        'repeat what profiles[0] says, or leave it out everywhere',
      );
    }
  }
  return [first, ...rest];
}

/** What a profile says of queue sorting; upstream compares the words, not what they come to (validateCommonQueueSort). */
function queueSortText(profile: unknown): string {
  const { enabled, disabled } = Object(Object(Object(profile).plugins).queueSort) as Fields;
  const names = (list: unknown) =>
    (Array.isArray(list) ? list : []).map((entry) => [Object(entry).name, Object(entry).weight ?? 0]);
  return JSON.stringify([names(enabled), names(disabled).map(([name]) => name)]);
}

/** A mapping, which may be empty and then says nothing. */
function isMapping(value: unknown): boolean {
  return value === null || isRecord(value);
}

function decodeProfile(
  reader: FieldReader,
  value: unknown,
  path: FieldPath,
  version: SchedulerVersion,
  profileCount: number,
): ProfileConfiguration {
  const fields = reader.fields(value, path, ['schedulerName', 'percentageOfNodesToScore', 'plugins', 'pluginConfig']);
  const schedulerName = reader.text(fields['schedulerName'], [...path, 'schedulerName'], DEFAULT_SCHEDULER_NAME);
  if (isMapping(value) && (schedulerName === '' || (fields['schedulerName'] === undefined && profileCount > 1))) {
    reader.problem([...path, 'schedulerName'], 'schedulerName is missing');
  }
  const names = pluginsOfVersion(version).map(({ name }) => name);
  return {
    schedulerName,
    percentageOfNodesToScore: percentage(reader, fields, path),
    ...decodePlugins(reader, fields['plugins'], [...path, 'plugins'], version),
    args: decodeArguments(reader, fields['pluginConfig'], [...path, 'pluginConfig'], names),
  };
}

function percentage(reader: FieldReader, fields: Fields, path: FieldPath): number | undefined {
  const value = fields['percentageOfNodesToScore'];
  if (value === undefined || value === null) return undefined;
  return reader.integer(value, [...path, 'percentageOfNodesToScore'], 0, 0, 100);
}

/**
 * Reads what a trial is about: folders and files of ordinary Kubernetes YAML, or standard input.
 *
 * Always: every problem of every file is reported at once (exit code 2) and nothing is written before the input was found valid.
 * The same object given twice is an error, as two files that fight over one name are. Nulls are left out, as an API server does.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Heeded } from '../../core/cluster/claimed.ts';
import { listYamlFiles, readManifestTexts } from '../../scenarios/files.ts';
import { checkManifest } from '../../scenarios/manifest-checks.ts';
import { type ManifestObject, type ManifestText, readManifests, reportDoubles } from '../../scenarios/manifests.ts';
import { ProblemList } from '../../scenarios/problem.ts';
import { STDIN_NAME } from '../cli/standard-input.ts';
import { CLI_CODES } from '../cli/user-error.ts';
import { absurdRequests, absurdVolumes } from './request-limits.ts';
import { templateOf } from './templates.ts';

/** The objects of a trial in the order in which they were given. */
export interface TrialInput {
  /** Names the run: the last part of the first path, or `stdin`. */
  readonly subject: string;
  readonly paths: readonly string[];
  readonly objects: readonly ManifestObject[];
  /** What came from standard input; null if nothing did. */
  readonly stdinText: string | null;
}

/**
 * Reads all paths; `-` is standard input, read by `readStdin`; `gates`: feature gates of devices that are on.
 * What is wrong goes to `problems`; the result is then not to be used.
 */
export function readTrialInput(
  paths: readonly string[],
  readStdin: () => string,
  problems: ProblemList,
  gates: Heeded['deviceGates'] = [],
): TrialInput {
  const texts: ManifestText[] = [];
  let stdinText: string | null = null;
  for (const each of new Set(paths)) {
    if (each === '-') {
      stdinText = readStdin();
      texts.push({ file: STDIN_NAME, text: stdinText });
    } else if (!isSource(each, problems)) texts.push(...readManifestTexts([each], problems));
  }
  const objects = namedObjects(readManifests(texts, problems));
  reportDoubles(objects, problems);
  const sound = objects.map((each) => ({
    ...each,
    object: checkManifest(each.object, each.placeOf, problems, gates),
  }));
  for (const each of sound) reportAbsurd(each, problems);
  if (objects.length === 0 && problems.errorCount === 0) {
    problems.error({}, CLI_CODES.noInput, `no Kubernetes objects in ${paths.join(', ')}`);
  }
  return { subject: subjectOf(paths), paths, objects: sound, stdinText };
}

/** Objects with `generateName` get their number for an ending: a card has to name them. */
function namedObjects(objects: readonly ManifestObject[]): ManifestObject[] {
  let count = 0;
  return objects.map((each) => {
    const { generateName, ...metadata } = each.object.metadata;
    if (metadata.name !== undefined || generateName === undefined) return each;
    return { ...each, object: { ...each.object, metadata: { ...metadata, name: `${generateName}${++count}` } } };
  });
}

const KUSTOMIZATIONS: readonly string[] = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** true, with a problem, for a folder that is the source of manifests and not a set of them. */
function isSource(folder: string, problems: ProblemList): boolean {
  if (existsSync(path.join(folder, 'Chart.yaml'))) {
    const hint = `helm template ${folder} | seatrial trial -`;
    problems.error({ file: folder }, 'MAN-005', 'this is a Helm chart, whose templates are not rendered', { hint });
    return true;
  }
  const name = KUSTOMIZATIONS.find((each) => existsSync(path.join(folder, each)));
  if (name === undefined) return false;
  const hint = `kubectl kustomize ${folder} | seatrial trial -`;
  const place = { file: path.join(folder, name) };
  const message = 'this is a kustomization, not a set of objects';
  const alone = listYamlFiles(folder, new ProblemList(), '').every(isKustomization);
  if (alone) problems.error(place, 'MAN-007', message, { hint });
  // readManifests says so of those whose names end as those of manifests do.
  else if (name === 'Kustomization') problems.warning(place, 'MAN-007', `left out: ${message}`, { hint });
  return alone;
}

function isKustomization(file: string): boolean {
  return KUSTOMIZATIONS.includes(path.basename(file));
}

/** A pod that asks for more than any node has would only find a cluster of the same size, a claim a volume of it. */
function reportAbsurd({ object, placeOf }: ManifestObject, problems: ProblemList): void {
  for (const { path: below, message } of absurdVolumes(object)) {
    problems.error(placeOf(below), 'MAN-011', `${object.kind} ${object.metadata.name}: ${message}`);
  }
  const template = templateOf(object);
  if (template === null) return;
  const above = object.kind === 'Pod' ? ['spec'] : ['spec', 'template', 'spec'];
  const prefix = object.kind === 'CronJob' ? ['spec', 'jobTemplate', ...above] : above;
  for (const { path: below, message } of absurdRequests(template.spec)) {
    problems.error(placeOf([...prefix, ...below]), 'MAN-011', `${object.kind} ${object.metadata.name}: ${message}`);
  }
}

function subjectOf(paths: readonly string[]): string {
  const first = paths[0] ?? '';
  return first === '-' ? 'stdin' : path.basename(path.resolve(first));
}

/**
 * Reads ordinary Kubernetes YAML: what `kubectl apply -f` or `helm template` takes.
 *
 * Multi-document files, `List` objects and folders (sorted by name, one level and deeper) are taken apart into objects in the order in which they stand.
 * Everything wrong is collected: broken YAML, binary and empty files, documents that are no Kubernetes objects, templates that nobody rendered.
 */
import { withDistinctKind } from '../core/types/foreign-kind.ts';
import type { KubeObject } from '../core/types/object.ts';
import { inStoredVersion } from './device-versions.ts';
import { type Place, type Problem, ProblemList } from './problem.ts';
import { readYaml, type YamlDocument } from './yaml-source.ts';

/** One object with where it stands. */
export interface ManifestObject {
  readonly object: KubeObject;
  readonly place: Place;
  /** Where a field of the object stands; the nearest enclosing one if it is absent. */
  readonly placeOf: (path: readonly (string | number)[]) => Place;
}

/** Text with the name that messages use. */
export interface ManifestText {
  readonly file: string;
  readonly text: string;
  /** The folder in which it was found; absent for a file that was named itself. */
  readonly folder?: string;
}

/** What a folder may hold beside its manifests: empty files, kustomizations, and scenarios and suites of seatrial. */
const LEFT_OUT: readonly string[] = ['MAN-004', 'MAN-007', 'MAN-024'];

/** How the files that seatrial itself defines are run. */
const OWN_KINDS: Readonly<Record<string, string>> = { Scenario: 'seatrial run', Suite: 'seatrial bench run' };

const NO_OBJECT = 'MAN-006';
/** Of a file of something else beside manifests. */
const BESIDE_MANIFESTS =
  'a folder is read whole, as by kubectl apply -R: name the files and folders of the manifests alone';

/** All objects of the texts, in order. Problems have codes MAN-nnn; {@link LEFT_OUT} is a warning in a folder that also holds objects. */
export function readManifests(texts: readonly ManifestText[], problems: ProblemList): ManifestObject[] {
  const objects: ManifestObject[] = [];
  const first = problems.problems.length;
  const holding = new Set<string>();
  const folders = new Map<string, string>();
  for (const { file, text, folder } of texts) {
    const before = objects.length;
    readText(file, text, problems, objects);
    if (folder === undefined) continue;
    folders.set(file, folder);
    if (objects.length > before) holding.add(folder);
  }
  for (let index = first; index < problems.problems.length; index++) {
    const problem = problems.problems[index] as Problem;
    if (!holding.has(folders.get(problem.file ?? '') ?? '')) continue;
    if (LEFT_OUT.includes(problem.code)) {
      problems.problems[index] = { ...problem, severity: 'warning', message: `left out: ${problem.message}` };
    } else if (problem.code === NO_OBJECT) problems.problems[index] = { hint: BESIDE_MANIFESTS, ...problem };
  }
  return objects;
}

function readText(file: string, text: string, problems: ProblemList, objects: ManifestObject[]): void {
  if (text.trim() === '') {
    problems.error({ file, line: 1, column: 1 }, 'MAN-004', 'the file is empty, expected Kubernetes objects');
    return;
  }
  const found = new ProblemList();
  const documents = readYaml(file, text, found, 'MAN');
  const template = templateAt(text);
  const isText = found.problems.every(({ code }) => code !== 'MAN-001');
  if (template !== null && isText && (found.errorCount > 0 || documents.some(({ value }) => hasTemplateKey(value)))) {
    problems.error({ file, ...template }, 'MAN-005', 'this is a template that was not rendered', {
      hint: 'helm template CHART | seatrial trial -',
    });
    return;
  }
  problems.problems.push(...found.problems);
  for (const document of documents) collect(document.value, document, [], file, problems, objects);
}

/** Where the first `{{` stands that is not in a comment line; null without one. */
function templateAt(text: string): { line: number; column: number } | null {
  if (!text.includes('{{')) return null;
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as string;
    const column = line.indexOf('{{');
    if (column >= 0 && !/^\s*#/.test(line)) return { line: index + 1, column: column + 1 };
  }
  return null;
}

/** `replicas: {{ .Values.replicas }}` is legal YAML: a map whose key is a map. In quotes and blocks `{{` is ordinary text. */
function hasTemplateKey(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false;
  for (const [key, field] of Object.entries(value)) {
    if ((field === null && /^\{ .* \}$/.test(key)) || hasTemplateKey(field)) return true;
  }
  return false;
}

function collect(
  value: unknown,
  document: YamlDocument,
  path: readonly (string | number)[],
  file: string,
  problems: ProblemList,
  objects: ManifestObject[],
): void {
  const place = document.place(path);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    problems.error(place, NO_OBJECT, 'expected a Kubernetes object with apiVersion and kind');
    return;
  }
  const object = value as Partial<KubeObject> & { readonly items?: unknown };
  if (isKustomization(object) || /(^|\/)kustomization\.ya?ml$/.test(file)) {
    problems.error(place, 'MAN-007', 'this is a kustomization, not a set of objects', {
      hint: `kubectl kustomize ${file.slice(0, Math.max(0, file.lastIndexOf('/'))) || '.'} | seatrial trial -`,
    });
    return;
  }
  if (typeof object.apiVersion !== 'string' || typeof object.kind !== 'string') {
    problems.error(place, NO_OBJECT, 'expected a Kubernetes object with apiVersion and kind');
    return;
  }
  const command = object.apiVersion === 'seatrial/v1' ? OWN_KINDS[object.kind] : undefined;
  if (command !== undefined) {
    const message = `this is a ${object.kind} of seatrial, not a manifest`;
    problems.error(place, 'MAN-024', message, { hint: `${command} FILE` });
    return;
  }
  if (object.kind.endsWith('List') && (Array.isArray(object.items) || object.kind === 'List')) {
    const { apiVersion, kind } = object;
    const items = object.items ?? [];
    if (!Array.isArray(items)) {
      problems.error(document.place([...path, 'items']), NO_OBJECT, 'items: expected a list of Kubernetes objects');
      return;
    }
    items.forEach((item: unknown, index) => {
      const typed = kind === 'List' ? item : withKind(item, apiVersion, kind.slice(0, -'List'.length));
      collect(typed, document, [...path, 'items', index], file, problems, objects);
    });
    return;
  }
  const metadata = object.metadata as { readonly name?: unknown; readonly generateName?: unknown } | undefined;
  if (
    metadata === null ||
    typeof metadata !== 'object' ||
    (typeof metadata.name !== 'string' && typeof metadata.generateName !== 'string')
  ) {
    const message = `${object.kind}: metadata.name is required`;
    const isBoolean = typeof metadata?.name === 'boolean';
    const hint = 'kubectl reads y, n, yes, no, on and off without quotes as true or false: quote the name';
    problems.error(document.place([...path, 'metadata']), 'MAN-008', message, isBoolean ? { hint } : {});
    return;
  }
  const placeOf: ManifestObject['placeOf'] = (inner) => document.place([...path, ...inner]);
  objects.push(asStored({ object: object as KubeObject, place, placeOf }, problems));
}

/** The object as an API server stores it, under the distinct name of its kind; problems as of {@link inStoredVersion}. */
export function asStored(given: ManifestObject, problems: ProblemList): ManifestObject {
  return inStoredVersion({ ...given, object: withDistinctKind(given.object) }, problems);
}

/** What kustomize reads; Flux has objects of that kind as well. */
function isKustomization({ apiVersion, kind }: Partial<KubeObject>): boolean {
  return (
    kind === 'Kustomization' && (typeof apiVersion !== 'string' || apiVersion.startsWith('kustomize.config.k8s.io/'))
  );
}

/** The items of a typed list (`PodList`) leave out what the list says. */
function withKind(item: unknown, apiVersion: string, kind: string): unknown {
  return item === null || typeof item !== 'object' || Array.isArray(item) ? item : { apiVersion, kind, ...item };
}

/** Reports each object that stands there a second time, by group, kind, namespace and name. */
export function reportDoubles(objects: readonly ManifestObject[], problems: ProblemList): void {
  const seen = new Map<string, ManifestObject>();
  for (const each of objects) {
    const { apiVersion, kind, metadata } = each.object;
    if (metadata.name === undefined) continue;
    const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
    const id = [group, kind, appliedNamespace(metadata), metadata.name].join('/');
    const first = seen.get(id);
    if (first === undefined) seen.set(id, each);
    else {
      const where = `${first.place.file ?? ''}:${first.place.line ?? 0}`;
      problems.error(each.place, 'MAN-010', `${kind} ${metadata.name} is given twice, first in ${where}`);
    }
  }
}

/** The namespace in which kubectl creates an object that names none: `default`. */
export function appliedNamespace({ namespace = 'default' }: KubeObject['metadata']): string {
  return namespace;
}

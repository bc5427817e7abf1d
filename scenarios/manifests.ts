/**
 * Reads ordinary Kubernetes YAML: what `kubectl apply -f` or `helm template` takes.
 *
 * Multi-document files, `List` objects and folders (sorted by name, one level and deeper) are taken apart into objects in the order in which they stand.
 * Everything wrong is collected: broken YAML, binary and empty files, documents that are no Kubernetes objects, templates that nobody rendered.
 */
import type { KubeObject } from '../core/types/object.ts';
import type { Place, ProblemList } from './problem.ts';
import { readYaml, type YamlDocument } from './yaml-source.ts';

/** One object with where it stands. */
export interface ManifestObject {
  readonly object: KubeObject;
  readonly place: Place;
}

/** Text with the name that messages use. */
export interface ManifestText {
  readonly file: string;
  readonly text: string;
}

/** All objects of the texts, in order. Problems have codes MAN-nnn. */
export function readManifests(texts: readonly ManifestText[], problems: ProblemList): ManifestObject[] {
  const objects: ManifestObject[] = [];
  for (const { file, text } of texts) readText(file, text, problems, objects);
  return objects;
}

function readText(file: string, text: string, problems: ProblemList, objects: ManifestObject[]): void {
  if (text.trim() === '') {
    problems.error({ file, line: 1, column: 1 }, 'MAN-004', 'the file is empty, expected Kubernetes objects');
    return;
  }
  const template = /^.*?\{\{/m.exec(text);
  if (template !== null && !/^\s*#/.test(template[0])) {
    const line = text.slice(0, template.index + template[0].length).split('\n').length;
    problems.error(
      { file, line, column: template[0].length - 1 },
      'MAN-005',
      'this is a template that was not rendered',
      {
        hint: 'helm template CHART | seatrial trial -',
      },
    );
    return;
  }
  for (const document of readYaml(file, text, problems, 'MAN'))
    collect(document.value, document, [], file, problems, objects);
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
    problems.error(place, 'MAN-006', 'expected a Kubernetes object with apiVersion and kind');
    return;
  }
  const object = value as Partial<KubeObject> & { readonly items?: unknown };
  if (object.kind === 'Kustomization' || /(^|\/)kustomization\.ya?ml$/.test(file)) {
    problems.error(place, 'MAN-007', 'this is a kustomization, not a set of objects', {
      hint: 'kubectl kustomize DIR | seatrial trial -',
    });
    return;
  }
  if (typeof object.apiVersion !== 'string' || typeof object.kind !== 'string') {
    problems.error(place, 'MAN-006', 'expected a Kubernetes object with apiVersion and kind');
    return;
  }
  if (object.kind.endsWith('List') && Array.isArray(object.items)) {
    object.items.forEach((item, index) => {
      collect(item, document, [...path, 'items', index], file, problems, objects);
    });
    return;
  }
  const metadata = object.metadata as { readonly name?: unknown; readonly generateName?: unknown } | undefined;
  if (
    metadata === null ||
    typeof metadata !== 'object' ||
    (typeof metadata.name !== 'string' && typeof metadata.generateName !== 'string')
  ) {
    problems.error(document.place([...path, 'metadata']), 'MAN-008', `${object.kind}: metadata.name is required`);
    return;
  }
  objects.push({ object: object as KubeObject, place });
}

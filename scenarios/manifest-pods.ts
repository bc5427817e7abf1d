/**
 * The pods that objects of manifests are or make, as they are written, and where they stand.
 */
import { isRecord } from '../core/types/json-value.ts';
import { compileSelector } from '../core/types/label-selector.ts';
import type { KubeObject, LabelSelector } from '../core/types/object.ts';
import type { FieldPath } from './manifest-fields.ts';
import { appliedNamespace } from './manifests.ts';

/** Where the metadata of pods stand: in the object itself, or in its template. */
export const METADATA_PATHS: readonly FieldPath[] = [
  ['metadata'],
  ['spec', 'template', 'metadata'],
  ['spec', 'jobTemplate', 'spec', 'template', 'metadata'],
];

/** Pods of one template, or one pod. */
export interface Pods {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>> | undefined;
  /** Where their spec stands in the object, and what it is. */
  readonly specPath: FieldPath;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** The pods that an object is, or makes. */
export function podsOf(object: KubeObject): Pods[] {
  const namespace = appliedNamespace(object.metadata);
  return METADATA_PATHS.flatMap((path) => {
    const specPath = [...path.slice(0, -1), 'spec'];
    const spec = valueAt(object, specPath);
    if (!isRecord(spec) || (path.length === 1 && object.kind !== 'Pod')) return [];
    return [{ namespace, labels: valueAt(object, [...path, 'labels']) as Pods['labels'], specPath, spec }];
  });
}

/** The pods that a written selector matches. @throws on a malformed one. */
export function selected(selector: LabelSelector, pods: readonly Pods[]): Pods[] {
  const compiled = compileSelector(selector);
  return pods.filter(({ labels }) => compiled.matches(labels));
}

/**
 * What a Service selects pods by, a map of labels; null for one that selects none: without labels it has endpoints by hand, of an external name it has none.
 * Source: Kubernetes 1.34, core/v1 ServiceSpec.
 */
export function serviceSelector(service: KubeObject): LabelSelector | null {
  const matchLabels = valueAt(service, ['spec', 'selector']);
  if (!isRecord(matchLabels) || Object.keys(matchLabels).length === 0) return null;
  return valueAt(service, ['spec', 'type']) === 'ExternalName' ? null : ({ matchLabels } as LabelSelector);
}

/** The value at a path of an object, undefined where there is none. */
export function valueAt(value: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>((found, part) => (isRecord(found) ? found[part] : undefined), value);
}

/** The list at a path, empty where there is none. */
export function listAt(object: unknown, path: FieldPath): readonly unknown[] {
  const list = valueAt(object, path);
  return Array.isArray(list) ? list : [];
}

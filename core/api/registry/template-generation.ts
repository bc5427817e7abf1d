/**
 * The number that a DaemonSet's template has had since it was made, which apps/v1 shows as an annotation.
 *
 * It is 1 at creation, one more with each change of the template, and nobody else can set it. The controller labels pods with it.
 * Source: Kubernetes 1.34, registry/apps/daemonset strategy.go and apis/apps/v1 conversion.go.
 */

import type { DaemonSet } from '../../types/daemon-set.ts';
import { jsonEqual } from '../../types/json-value.ts';
import type { KubeObject } from '../../types/object.ts';
import { changedMeta, withMetadata } from '../metadata.ts';

const ANNOTATION = 'deprecated.daemonset.template.generation';

/** `next` with its template's generation; `old` is the version before, null for a new object. */
export function withTemplateGeneration(next: KubeObject, old: KubeObject | null): KubeObject {
  const generation = old === null ? '1' : generationAfter(next as DaemonSet, old as DaemonSet);
  const { annotations } = next.metadata;
  if (annotations?.[ANNOTATION] === generation) return next;
  return withMetadata(next, changedMeta(next.metadata, { annotations: { ...annotations, [ANNOTATION]: generation } }));
}

function generationAfter(next: DaemonSet, old: DaemonSet): string {
  const before = Number(old.metadata.annotations?.[ANNOTATION] ?? '1');
  return String(jsonEqual(next.spec.template, old.spec.template) ? before : before + 1);
}

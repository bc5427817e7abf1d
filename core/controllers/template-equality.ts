/**
 * Whether two pod templates are the same. Empty maps count as absent, as they are left out in the API's encoding. Source: Kubernetes
 * 1.34 deployment_util.go (EqualIgnoreHash), controller_history.go (EqualRevision).
 */
import { jsonEqual } from '../types/json-value.ts';
import type { StringMap, TemplateMeta } from '../types/object.ts';
import type { PodTemplateSpec } from '../types/pod.ts';

const NONE: StringMap = Object.freeze({});
const NO_META: TemplateMeta = Object.freeze({});

/** Compares two templates; `ignoredLabel` does not count. Parts that are shared by identity are not walked. */
export function isSameTemplate(a: PodTemplateSpec, b: PodTemplateSpec, ignoredLabel = ''): boolean {
  if (a === b) return true;
  if (!jsonEqual(a.spec, b.spec)) return false;
  const { labels: labelsA = NONE, annotations: annotationsA = NONE, ...restA } = a.metadata ?? NO_META;
  const { labels: labelsB = NONE, annotations: annotationsB = NONE, ...restB } = b.metadata ?? NO_META;
  return sameLabels(labelsA, labelsB, ignoredLabel) && jsonEqual(annotationsA, annotationsB) && jsonEqual(restA, restB);
}

function sameLabels(a: StringMap, b: StringMap, ignored: string): boolean {
  if (a === b) return true;
  for (const key in a) if (key !== ignored && a[key] !== b[key]) return false;
  for (const key in b) if (key !== ignored && a[key] === undefined) return false;
  return true;
}

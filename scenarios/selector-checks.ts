/**
 * Selectors that match no pod: a budget that protects nothing, a Service that leads nowhere, a term that keeps nothing apart. Each is legal and, nearly
 * always, a slip in a label.
 *
 * A selector is judged by the labels of pods and templates as they are written; one that names a label which controllers add is left alone. What an operator
 * makes of a custom resource is not known: where there is one, that is said.
 */
import { isRecord } from '../core/types/json-value.ts';
import type { KubeObject } from '../core/types/object.ts';
import { fieldText } from './manifest-checks.ts';
import type { FieldPath } from './manifest-fields.ts';
import { listAt, METADATA_PATHS, type Pods, podsOf, selected, serviceSelector, valueAt } from './manifest-pods.ts';
import { appliedNamespace, type ManifestObject } from './manifests.ts';
import type { ProblemList } from './problem.ts';

const CODE = 'MAN-019';
/** Labels that controllers give to pods, or a part of their names. Source: Kubernetes 1.34, apps/v1 and batch/v1. */
const ADDED_LABELS =
  /pod-template-hash|controller-revision-hash|pod-template-generation|controller-uid|job-name|job-completion-index|pod-index|statefulset\.kubernetes\.io/;

/** Groups of Kubernetes itself have no dot or end like this; those of its special interest groups (x-k8s.io) are not built in. */
const OWN_GROUP = /^[^.]*\/|^[^.]*$|^([^/]*\.)?k8s\.io\//;

/** Kinds of an operator that are named. */
const KINDS_SHOWN_MAX = 4;

/** A selector with where it stands and what it is for. */
interface Found {
  readonly path: FieldPath;
  readonly selector: unknown;
  /** null = in any namespace. */
  readonly namespaces: readonly string[] | null;
  readonly effect: string;
}

/** Warns of budgets, Services, anti-affinity terms and spread constraints of `manifests` that match none of the pods that `objects` make. */
export function warnIdleSelectors(
  manifests: readonly ManifestObject[],
  objects: readonly KubeObject[],
  problems: ProblemList,
): void {
  const pods = objects.flatMap(podsOf);
  const custom = customKinds(manifests);
  const unless = custom === '' ? '' : `unless an operator makes such pods (of ${custom}), `;
  for (const { object, placeOf } of manifests) {
    for (const { path, selector, namespaces, effect } of selectorsOf(object)) {
      const inReach = pods.filter(({ namespace }) => namespaces === null || namespaces.includes(namespace));
      if (!isIdle(selector, inReach)) continue;
      const message = `${object.kind} ${object.metadata.name}: ${fieldText(path)}: it matches no pod here: ${unless}${effect}`;
      problems.warning(placeOf(path), CODE, message);
    }
  }
}

/** Kinds of custom objects, or where there is none of those that are defined: an operator that defines some is at work, too. '' for none. */
function customKinds(manifests: readonly ManifestObject[]): string {
  const objects = manifests.filter(({ object }) => !OWN_GROUP.test(object.apiVersion)).map(({ object }) => object.kind);
  const defined = manifests
    .filter(({ object }) => object.kind === 'CustomResourceDefinition')
    .map(({ object }) => String(valueAt(object, ['spec', 'names', 'kind'])));
  const kinds = [...new Set(objects.length > 0 ? objects : defined)];
  return `${kinds.slice(0, KINDS_SHOWN_MAX).join(', ')}${kinds.length > KINDS_SHOWN_MAX ? ' …' : ''}`;
}

function selectorsOf(object: KubeObject): Found[] {
  const namespace = appliedNamespace(object.metadata);
  if (object.kind === 'PodDisruptionBudget') {
    const path = ['spec', 'selector'];
    return [{ path, selector: valueAt(object, path), namespaces: [namespace], effect: 'it protects nothing' }];
  }
  if (object.kind === 'Service') {
    const selector = serviceSelector(object);
    const path = ['spec', 'selector'];
    return selector === null ? [] : [{ path, selector, namespaces: [namespace], effect: 'nothing answers behind it' }];
  }
  return METADATA_PATHS.flatMap((metadata) => {
    const spec = [...metadata.slice(0, -1), 'spec'];
    const antiAffinity = [...spec, 'affinity', 'podAntiAffinity'];
    return [
      ...termsAt(object, [...antiAffinity, 'requiredDuringSchedulingIgnoredDuringExecution'], []),
      ...termsAt(object, [...antiAffinity, 'preferredDuringSchedulingIgnoredDuringExecution'], ['podAffinityTerm']),
      ...listAt(object, [...spec, 'topologySpreadConstraints']).map((constraint, index) => ({
        path: [...spec, 'topologySpreadConstraints', index, 'labelSelector'],
        selector: valueAt(constraint, ['labelSelector']),
        namespaces: [namespace],
        effect: 'nothing is counted, so nothing is spread',
      })),
    ];
  });
}

/** The terms of a list of anti-affinity; each stands `below` its item. */
function termsAt(object: KubeObject, list: FieldPath, below: FieldPath): Found[] {
  return listAt(object, list).map((item, index) => {
    const term = valueAt(item, below);
    const listed = valueAt(term, ['namespaces']);
    const own = Array.isArray(listed) && listed.length > 0 ? (listed as string[]) : [appliedNamespace(object.metadata)];
    return {
      path: [...list, index, ...below, 'labelSelector'],
      selector: valueAt(term, ['labelSelector']),
      namespaces: isRecord(valueAt(term, ['namespaceSelector'])) ? null : own,
      effect: 'it keeps nothing apart',
    };
  });
}

/** Whether a written selector matches nobody; one that is malformed is told elsewhere. */
function isIdle(selector: unknown, pods: readonly Pods[]): boolean {
  if (!isRecord(selector) || ADDED_LABELS.test(JSON.stringify(selector))) return false;
  try {
    return selected(selector, pods).length === 0;
  } catch {
    return false;
  }
}

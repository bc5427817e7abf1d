/**
 * Service accounts and priority classes that pods name and nobody creates: an API server refuses such pods. Source: Kubernetes 1.34, admission plug-ins
 * ServiceAccount and Priority.
 */
import type { KubeObject } from '../core/types/object.ts';
import { SYSTEM_PRIORITIES } from '../core/types/priority-class.ts';
import { fieldText } from './manifest-checks.ts';
import type { FieldPath } from './manifest-fields.ts';
import { podsOf, valueAt } from './manifest-pods.ts';
import { appliedNamespace, type ManifestObject } from './manifests.ts';
import type { ProblemList } from './problem.ts';
import { nearestName } from './suggest.ts';

const CODE = 'MAN-022';
/** Kinds of Kubernetes' own with a scale; what another one's operator makes is not known. Source: Kubernetes 1.34, autoscaling/v1 Scale. */
const SCALED_KINDS: readonly string[] = ['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController'];

/** Kinds of what a pod may name. */
export type ReferenceKind = 'PriorityClass' | 'ServiceAccount';

/** A name in a pod's spec. */
interface Reference {
  readonly kind: ReferenceKind;
  readonly path: FieldPath;
  readonly name: string;
}

/**
 * Warns, once a name, of accounts and classes that pods of `manifests` name and that are not among `objects`, nor in every cluster. `kinds`: those without
 * which this cluster refuses a pod.
 */
export function warnMissingReferences(
  manifests: readonly ManifestObject[],
  objects: readonly KubeObject[],
  kinds: readonly ReferenceKind[],
  problems: ProblemList,
): void {
  const known = new Set(objects.map(({ kind, metadata }) => idOf(kind, metadata.namespace, metadata.name)));
  for (const name of Object.keys(SYSTEM_PRIORITIES)) known.add(idOf('PriorityClass', undefined, name));
  for (const { object, placeOf } of manifests) {
    for (const { kind, path, name } of referencesOf(object)) {
      const id = idOf(kind, object.metadata.namespace, name);
      if (!kinds.includes(kind) || known.has(id) || (kind === 'ServiceAccount' && name === 'default')) continue;
      known.add(id);
      const what = `${object.kind} ${object.metadata.name}: ${fieldText(path)}`;
      const message = `${what}: ${kind} ${name} is not among the manifests: pods that name it are refused`;
      problems.warning(placeOf(path), CODE, message, { hint: `add its manifest: ${hintOf(kind, object, name)}` });
    }
  }
}

/** Warns of autoscalers among `manifests` whose workload is not among `objects`: they scale nothing, and minReplicas is nobody's. */
export function warnIdleScalers(
  manifests: readonly ManifestObject[],
  objects: readonly KubeObject[],
  problems: ProblemList,
): void {
  for (const { object, placeOf } of manifests) {
    const path = ['spec', 'scaleTargetRef', 'name'];
    const name = valueAt(object, path);
    const kind = valueAt(object, ['spec', 'scaleTargetRef', 'kind']);
    if (object.kind !== 'HorizontalPodAutoscaler' || typeof name !== 'string' || typeof kind !== 'string') continue;
    const near = objects.filter(
      (each) =>
        appliedNamespace(each.metadata) === appliedNamespace(object.metadata) && SCALED_KINDS.includes(each.kind),
    );
    const names = near.filter((each) => each.kind === kind).map(({ metadata }) => metadata.name);
    if (!SCALED_KINDS.includes(kind) || names.includes(name)) continue;
    const other = near.find(({ metadata }) => metadata.name === name);
    const hint = other === undefined ? undefined : `there is a ${other.kind} ${name}`;
    const message = `${object.kind} ${object.metadata.name}: ${fieldText(path)}: ${kind} ${name} is not among the manifests: nothing is scaled`;
    problems.warning(placeOf(path), CODE, message, { nearest: nearestName(name, names), hint });
  }
}

function hintOf(kind: ReferenceKind, { metadata }: KubeObject, name: string): string {
  return kind === 'PriorityClass'
    ? `kubectl get priorityclass ${name} -o yaml`
    : `kubectl get serviceaccount ${name} -n ${appliedNamespace(metadata)} -o yaml`;
}

function referencesOf(object: KubeObject): Reference[] {
  return podsOf(object).flatMap(({ spec, specPath }) => {
    const named = (kind: ReferenceKind, field: string): Reference[] => {
      const name = spec[field];
      return typeof name === 'string' && name !== '' ? [{ kind, path: [...specPath, field], name }] : [];
    };
    const accounts = named('ServiceAccount', 'serviceAccountName');
    return [
      ...(accounts.length > 0 ? accounts : named('ServiceAccount', 'serviceAccount')),
      ...named('PriorityClass', 'priorityClassName'),
    ];
  });
}

/** Namespace and name; priority classes are in none. */
function idOf(kind: string, namespace: string | undefined, name: string): string {
  return kind === 'PriorityClass' ? `${kind}/${name}` : `${kind}/${namespace ?? 'default'}/${name}`;
}

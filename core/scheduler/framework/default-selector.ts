/**
 * The selector of a pod that has no spread constraints of its own: its Services and its owner, together.
 * Source: Kubernetes 1.34, plugins/helper DefaultSelector.
 */
import { compileSelector, type Selector } from '../../types/label-selector.ts';
import type { KubeObject, LabelSelector, LabelSelectorRequirement, StringMap } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import type { ClusterObjects } from './cluster-objects.ts';

/** Empty when nothing serves or owns the pod. */
export function defaultSelector(pod: Pod, objects: ClusterObjects): Selector {
  const namespace = pod.metadata.namespace ?? '';
  let labels: StringMap = {};
  for (const service of objects.list('Service')) {
    const selector = (service.spec as { readonly selector?: StringMap | undefined } | undefined)?.selector;
    if (service.metadata.namespace !== namespace || selector === undefined) continue;
    if (compileSelector({ matchLabels: selector }).matches(pod.metadata.labels)) labels = { ...labels, ...selector };
  }
  const expressions: LabelSelectorRequirement[] = [];
  const owner = controllerOf(pod);
  if (owner !== undefined) {
    const kind = `${owner.apiVersion}/${owner.kind}`;
    const object = objects.get<KubeObject>(owner.kind, namespace, owner.name);
    if (kind === 'v1/ReplicationController') labels = { ...labels, ...mapSelector(object) };
    else if (kind === 'apps/v1/ReplicaSet' || kind === 'apps/v1/StatefulSet') {
      const selector = (object?.spec as { readonly selector?: LabelSelector | undefined } | undefined)?.selector;
      for (const [key, value] of Object.entries(selector?.matchLabels ?? {})) {
        expressions.push({ key, operator: 'In', values: [value] });
      }
      expressions.push(...(selector?.matchExpressions ?? []));
    }
  }
  return compileSelector({ matchLabels: labels, matchExpressions: expressions });
}

function mapSelector(object: KubeObject | undefined): StringMap {
  return (object?.spec as { readonly selector?: StringMap | undefined } | undefined)?.selector ?? {};
}

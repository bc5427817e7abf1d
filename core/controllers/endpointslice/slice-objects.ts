/**
 * EndpointSlice objects as the controller writes them: names, labels, owner, annotation. Pure.
 * Source: Kubernetes 1.34 staging/src/k8s.io/endpointslice/utils.go.
 */
import type { EndpointSlice } from '../../types/endpoint-slice.ts';
import { jsonEqual } from '../../types/json-value.ts';
import type { KubeObject, StringMap } from '../../types/object.ts';
import { controllerReference } from '../../types/owner-references.ts';
import type { Service } from '../../types/service.ts';
import type { Family } from './pod-endpoint.ts';
import type { WantedSlice } from './slice-set.ts';

export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
export const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
export const MANAGED_BY = 'endpointslice-controller.k8s.io';
const HEADLESS_LABEL = 'service.kubernetes.io/headless';
const TRIGGER_ANNOTATION = 'endpoints.kubernetes.io/last-change-trigger-time';

/** Labels of a service's slices: the service's own, and three that the controller owns. */
export function sliceLabels(service: Service): StringMap {
  const labels = ownLabels(service);
  if (service.spec.clusterIP === 'None') labels[HEADLESS_LABEL] = '';
  labels[MANAGED_BY_LABEL] = MANAGED_BY;
  labels[SERVICE_NAME_LABEL] = service.metadata.name;
  return labels;
}

/** The labels of an object without those three. */
function ownLabels({ metadata }: KubeObject): Record<string, string> {
  const labels: Record<string, string> = {};
  const own = metadata.labels ?? {};
  for (const key in own) {
    if (key !== SERVICE_NAME_LABEL && key !== MANAGED_BY_LABEL && key !== HEADLESS_LABEL)
      labels[key] = own[key] as string;
  }
  return labels;
}

/** Whether a stored slice carries the service's own labels; the other three alone make no update (setEndpointSliceLabels). */
export function hasRightLabels(slice: EndpointSlice, service: Service): boolean {
  return jsonEqual(ownLabels(slice), ownLabels(service));
}

/** Whether a stored slice is this service's; those of a service of its name that is gone are deleted (ownedBy). */
export function isOwned({ metadata }: EndpointSlice, service: Service): boolean {
  return metadata.ownerReferences?.some(({ uid }) => uid === service.metadata.uid) ?? false;
}

/** The object to create or update for a wanted slice; `triggerTime` '' removes the annotation. */
export function sliceObject(
  slice: WantedSlice,
  service: Service,
  family: Family,
  labels: StringMap,
  triggerTime: string,
): EndpointSlice {
  const { name, namespace } = service.metadata;
  const ownerReferences = [controllerReference(service)];
  const { object } = slice;
  const others = { ...object?.metadata.annotations };
  delete others[TRIGGER_ANNOTATION];
  const annotations = triggerTime === '' ? others : { ...others, [TRIGGER_ANNOTATION]: triggerTime };
  const meta = {
    labels,
    annotations: Object.keys(annotations).length === 0 ? undefined : annotations,
    ownerReferences,
  };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata:
      object === null ? { name: '', generateName: `${name}-`, namespace, ...meta } : { ...object.metadata, ...meta },
    addressType: family,
    endpoints: slice.endpoints,
    ports: slice.ports.length === 0 ? undefined : slice.ports,
  };
}

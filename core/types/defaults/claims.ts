/**
 * Defaults of volumes, storage classes and claims for devices. Source: Kubernetes 1.34, pkg/apis/core/v1, storage/v1 and resource/v1
 * defaults.go.
 */
import type { DeviceRequest, ExactDeviceRequest, ResourceClaimSpec } from '../device.ts';
import type { KubeObject } from '../object.ts';
import { withDefaults } from './fields.ts';
import { withoutNulls } from './without-nulls.ts';

type Change = (object: KubeObject) => KubeObject;

const BY_KIND: Readonly<Record<string, Change>> = {
  PersistentVolume: (object) => withSpec(object, { volumeMode: 'Filesystem', persistentVolumeReclaimPolicy: 'Retain' }),
  PersistentVolumeClaim: (object) => withSpec(object, { volumeMode: 'Filesystem' }),
  StorageClass: (object) =>
    withDefaults(object as object, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }) as KubeObject,
  ResourceClaim: (object) => ({ ...object, spec: withCounts(object.spec as ResourceClaimSpec | undefined) }),
  ResourceClaimTemplate: (object) => {
    const template = (object.spec ?? {}) as { readonly spec?: ResourceClaimSpec };
    return { ...object, spec: { ...template, spec: withCounts(template.spec) } };
  },
};

/** A volume or claim of any kind with its defaults and without nulls at any depth. */
export function defaultClaimObject(object: KubeObject): KubeObject {
  const clean = withoutNulls(object);
  return Object.hasOwn(BY_KIND, clean.kind) ? (BY_KIND[clean.kind] as Change)(clean) : clean;
}

function withSpec(object: KubeObject, defaults: object): KubeObject {
  return { ...object, spec: withDefaults((object.spec ?? {}) as object, defaults) };
}

function withCounts(spec: ResourceClaimSpec | undefined): ResourceClaimSpec {
  const requests = spec?.devices?.requests;
  if (requests === undefined) return spec ?? {};
  return { ...spec, devices: { ...spec?.devices, requests: requests.map(withCount) } };
}

function withCount(request: DeviceRequest): DeviceRequest {
  const { exactly, firstAvailable } = request;
  if (exactly !== undefined) return { ...request, exactly: exactDefaults(exactly) };
  return firstAvailable === undefined ? request : { ...request, firstAvailable: firstAvailable.map(exactDefaults) };
}

function exactDefaults(request: ExactDeviceRequest): ExactDeviceRequest {
  const withMode = withDefaults(request, { allocationMode: 'ExactCount' });
  return withMode.allocationMode === 'ExactCount' ? withDefaults(withMode, { count: 1 }) : withMode;
}

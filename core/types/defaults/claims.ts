/**
 * Defaults of volumes, storage classes and claims for devices. Source: Kubernetes 1.34, pkg/apis/core/v1, storage/v1 and resource/v1
 * defaults.go.
 */
import type { DeviceRequest, ExactDeviceRequest, ResourceClaimSpec } from '../device.ts';
import type { KubeObject } from '../object.ts';
import type { VolumeClaimSpec, VolumeSpec } from '../storage.ts';
import { defaultClaimSpec } from './container.ts';
import { canonicalList, mapShared, withDefaults, withField, withPointerDefaults } from './fields.ts';
import { withoutNulls } from './without-nulls.ts';

type Change = (object: KubeObject) => KubeObject;

const BY_KIND: Readonly<Record<string, Change>> = {
  PersistentVolume: (object) => {
    const spec = withDefaults((object.spec ?? {}) as VolumeSpec, { persistentVolumeReclaimPolicy: 'Retain' });
    const capacity = spec.capacity === undefined ? spec : withField(spec, 'capacity', canonicalList(spec.capacity));
    return withField(object, 'spec', withPointerDefaults(capacity, { volumeMode: 'Filesystem' }));
  },
  PersistentVolumeClaim: (object) =>
    withField(object, 'spec', defaultClaimSpec((object.spec ?? {}) as VolumeClaimSpec)),
  StorageClass: (object) =>
    withPointerDefaults(object as object, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }) as KubeObject,
  ResourceClaim: (object) => withField(object, 'spec', withCounts(object.spec as ResourceClaimSpec | undefined)),
  ResourceClaimTemplate: (object) => {
    const template = (object.spec ?? {}) as { readonly spec?: ResourceClaimSpec };
    return withField(object, 'spec', withField(template, 'spec', withCounts(template.spec)));
  },
};

/**
 * A volume or claim of any kind with its defaults and without nulls at any depth. Parts that lack nothing keep their identity: claims of one
 * template share its spec.
 */
export function defaultClaimObject(object: KubeObject): KubeObject {
  const clean = withoutNulls(object);
  return Object.hasOwn(BY_KIND, clean.kind) ? (BY_KIND[clean.kind] as Change)(clean) : clean;
}

function withCounts(spec: ResourceClaimSpec = {}): ResourceClaimSpec {
  const { devices } = spec;
  if (devices?.requests === undefined) return spec;
  return withField(spec, 'devices', withField(devices, 'requests', mapShared(devices.requests, withCount)));
}

function withCount(request: DeviceRequest): DeviceRequest {
  const { exactly, firstAvailable } = request;
  if (exactly !== undefined) return withField(request, 'exactly', exactDefaults(exactly));
  if (firstAvailable === undefined) return request;
  return withField(request, 'firstAvailable', mapShared(firstAvailable, exactDefaults));
}

function exactDefaults(request: ExactDeviceRequest): ExactDeviceRequest {
  const withMode = withDefaults(request, { allocationMode: 'ExactCount' });
  return withMode.allocationMode === 'ExactCount' ? withDefaults(withMode, { count: 1 }) : withMode;
}

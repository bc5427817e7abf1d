/**
 * The part of the API's vocabulary that lies open to those outside the core: what readers of manifests and reports need to know about objects.
 *
 * Names only, no behaviour of its own; outside the core nobody reaches below `cluster` for them.
 */
export { costTable } from '../base/costs.ts';
export { Sfc32, seedOf } from '../base/random.ts';
export { objectSources } from '../node/object-sources.ts';
export { ANNOTATION_PREFIX, describePodDefaults, podDefaultsInShort } from '../node/options.ts';
export { SELECTOR_NOT_READ } from '../scheduler/framework/devices/device-claims.ts';
export { isDeviceTaintRule } from '../types/claim-types.ts';
export type { ResourceClaimSpec } from '../types/device.ts';
export { EXTENDED_CLAIM_ANNOTATION } from '../types/device.ts';
export { DEVICE_GATES, type DeviceGate } from '../types/device-gates.ts';
export type { EndpointSlice } from '../types/endpoint-slice.ts';
export { scaledValue, surgeOf, unavailableOf } from '../types/int-or-percent.ts';
export { isManagedElsewhere, type Job } from '../types/job.ts';
export { compileSelector } from '../types/label-selector.ts';
export type { Node } from '../types/node.ts';
export type { KubeObject, LabelSelector, OwnerReference } from '../types/object.ts';
export { controllerOf } from '../types/owner-references.ts';
export type {
  Container,
  ContainerStatus,
  NodeSelectorTerm,
  Pod,
  PodAffinityTerm,
  PodSpec,
  PodTemplateSpec,
  Volume,
} from '../types/pod.ts';
export { findCondition, isConditionTrue, isPodReady, isPodTerminal } from '../types/pod-conditions.ts';
export type { PodDisruptionBudget } from '../types/pod-disruption-budget.ts';
export {
  goesWhole,
  isPlacedWhole,
  isPodGroup,
  minCountOf,
  type PodGroup,
  topologyKeyOf,
} from '../types/pod-group.ts';
export { podRequests } from '../types/pod-requests.ts';
export { type GivenPriority, type PriorityClass, priorityOf, SYSTEM_PRIORITIES } from '../types/priority-class.ts';
export { amountOf } from '../types/quantity.ts';
export { BUILT_IN_TYPES, ownKind, ResourceTypes } from '../types/resource-type.ts';
export type { Service } from '../types/service.ts';
export { storageClassNameOf } from '../types/storage-class-name.ts';
export { selectorNotUnderstood } from '../types/validation/device-selector.ts';
export { annotatedPodUs, annotatedWorkloadUs } from './annotated-times.ts';
export { gatedDeviceFields } from './gated-device-fields.ts';

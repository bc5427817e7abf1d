/**
 * All controllers of the controller manager, in the order they start. Adding one is a line here and its own file or folder.
 */
import type { Controller } from './controller.ts';
import { DAEMONSET_CONTROLLER } from './daemonset/controller.ts';
import { DEPLOYMENT_CONTROLLER } from './deployment/controller.ts';
import { deviceTaintEvictionController } from './device-taint-eviction-controller.ts';
import { disruptionController } from './disruption/disruption-controller.ts';
import { endpointSliceController } from './endpointslice/endpointslice-controller.ts';
import { garbageCollector } from './garbage-collector/garbage-collector.ts';
import { JOB_CONTROLLER } from './job/controller.ts';
import { namespaceController } from './namespace/namespace-controller.ts';
import { nodeIpamController } from './node-ipam-controller.ts';
import { nodeLifecycleController } from './node-lifecycle/node-lifecycle-controller.ts';
import { podGarbageCollector } from './pod-garbage-collector.ts';
import { REPLICASET_CONTROLLER } from './replicaset/controller.ts';
import { resourceClaimController } from './resourceclaim/resource-claim-controller.ts';
import { rootCaCertificatePublisher } from './root-ca-certificate-publisher.ts';
import { serviceAccountController } from './service-account-controller.ts';
import { STATEFULSET_CONTROLLER } from './statefulset/controller.ts';
import { taintEvictionController } from './taint-eviction-controller.ts';
import { TTL_AFTER_FINISHED_CONTROLLER } from './ttl-after-finished.ts';
import { ttlController } from './ttl-controller.ts';
import { ephemeralVolumeController } from './volume/ephemeral-volume-controller.ts';
import { volumeBinderController } from './volume/volume-binder-controller.ts';
import { volumeProvisioner } from './volume/volume-provisioner.ts';

export const CONTROLLERS: readonly Controller[] = [
  DEPLOYMENT_CONTROLLER,
  REPLICASET_CONTROLLER,
  STATEFULSET_CONTROLLER,
  DAEMONSET_CONTROLLER,
  JOB_CONTROLLER,
  TTL_AFTER_FINISHED_CONTROLLER,
  nodeLifecycleController,
  taintEvictionController,
  endpointSliceController,
  disruptionController,
  podGarbageCollector,
  garbageCollector,
  namespaceController,
  nodeIpamController,
  ttlController,
  serviceAccountController,
  rootCaCertificatePublisher,
];

/** Controllers of volumes and devices, for clusters in which these are claimed. */
export const CLAIM_CONTROLLERS: readonly Controller[] = [
  volumeBinderController,
  volumeProvisioner,
  ephemeralVolumeController,
  resourceClaimController,
];

/** Those beside these where the gate DRADeviceTaints is on. */
export const DEVICE_TAINT_CONTROLLERS: readonly Controller[] = [deviceTaintEvictionController];

/**
 * Sound plans of what several have in common: pods that start together and share a device, agents of one name in two namespaces, pods that wait behind a gate.
 */
import type { KubeObject } from '../../types/object.ts';
import { DEVICE_CLAIMS, DEVICES, withDevice } from './claim-bugs.ts';
import { daemonSet, deployment, pod, replicaSet, type Situation, scale, withPodSpec, withSpec } from './situation.ts';
import { apply, image, lag, remove } from './sound-steps.ts';

const GROUPS = 'scheduling.k8s.io/v1beta1';

function groupOf(minCount: number): KubeObject {
  return {
    apiVersion: GROUPS,
    kind: 'PodGroup',
    metadata: { name: 'together', namespace: 'demo' },
    spec: { schedulingPolicy: { gang: { minCount } }, resourceClaims: DEVICE_CLAIMS },
  } as KubeObject;
}

/** The workload, whose pods start together and share the claims of their group. */
function together(object: KubeObject): KubeObject {
  return withPodSpec(object, { resourceClaims: DEVICE_CLAIMS, schedulingGroup: { podGroupName: 'together' } });
}

/** The devices, of which the driver says that nobody may stay on them. */
function broken(slice: KubeObject): KubeObject {
  const { devices, ...spec } = slice.spec as { readonly devices: readonly object[] };
  const taints = [{ key: 'example.com/broken', effect: 'NoExecute' }];
  return { ...slice, spec: { ...spec, devices: devices.map((one) => ({ ...one, taints })) } } as KubeObject;
}

function elsewhere(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, namespace: 'other' } };
}

/** The pod, which is not ready before somebody says so. */
function gated(object: KubeObject): KubeObject {
  const readinessGates = [{ conditionType: 'example.com/open' }];
  return withSpec(object, { readinessGates });
}

const OTHER: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } };

export const GROUP_SITUATIONS: Readonly<Record<string, Situation>> = {
  /** The group goes and comes again. */
  'groups-with-devices': {
    nodes: 2,
    settings: {
      deviceGates: ['DRAWorkloadResourceClaims'],
      podGroups: GROUPS,
      schedulerConfiguration: {
        apiVersion: 'kubescheduler.config.k8s.io/v1',
        kind: 'KubeSchedulerConfiguration',
        profiles: [{ plugins: { multiPoint: { enabled: [{ name: 'GangScheduling' }] } } }],
      },
    },
    workload: [...DEVICES, groupOf(2), together(deployment(3))],
    operations: [
      scale(20, 4),
      remove(60, 'Deployment/demo/web'),
      remove(62, 'PodGroup/demo/together'),
      apply(75, groupOf(2), together(deployment(2))),
    ],
    safetyS: 110,
  },
  /** Their driver says of two devices that they are broken, and later that they are not. */
  'devices-that-break': {
    nodes: 1,
    settings: { deviceGates: ['DRADeviceTaints'] },
    workload: [...DEVICES, withDevice(deployment(2))],
    operations: [
      apply(20, broken(DEVICES[0] as KubeObject)),
      scale(30, 1),
      apply(40, DEVICES[0] as KubeObject),
      scale(50, 2),
    ],
    safetyS: 70,
  },
  /** Two sets of one name in two namespaces leave their pods behind and take them in again; a set finds more pods than it wants. */
  'namesakes-apart': {
    workload: [
      OTHER,
      daemonSet('agent'),
      elsewhere(daemonSet('agent')),
      pod('first'),
      pod('second'),
      gated(pod('gated')),
    ],
    operations: [
      image(15, 'DaemonSet/other/agent'),
      remove(20, 'DaemonSet/demo/agent', 'orphan'),
      remove(20, 'DaemonSet/other/agent', 'orphan'),
      apply(25, daemonSet('agent'), elsewhere(daemonSet('agent'))),
      apply(30, replicaSet(1)),
      remove(50, 'Pod/demo/gated'),
    ],
    faults: [lag(300_000)],
    safetyS: 90,
  },
};

/** One core whose plugins all rejected a pod, and which of them an event wakes it for. */
import { Sfc32 } from '../../../core/base/random.ts';
import type { ClusterEvent } from '../../../core/scheduler/cluster-event.ts';
import { DEFAULT_PROFILE } from '../../../core/scheduler/profile.ts';
import { listeners, shouldQueue } from '../../../core/scheduler/queueing-hints.ts';
import { SchedulingCore } from '../../../core/scheduler/scheduling-core.ts';
import type { DeviceGate } from '../../../core/types/device-gates.ts';
import type { Pod } from '../../../core/types/pod.ts';

export const NAMES = [
  'NodeUnschedulable',
  'NodeName',
  'TaintToleration',
  'NodeAffinity',
  'NodePorts',
  'NodeResourcesFit',
  'VolumeRestrictions',
  'NodeVolumeLimits',
  'VolumeBinding',
  'VolumeZone',
  'PodTopologySpread',
  'InterPodAffinity',
  'DynamicResources',
  'ThirdParty',
] as const;
export type Name = (typeof NAMES)[number];

export const core = new SchedulingCore([DEFAULT_PROFILE], new Sfc32(1, 2, 3), { volumes: true });
core.putNamespace('default', { team: 'a' });
core.putNamespace('other', { team: 'b' });

/** The plugins of `names` that wake the pod they all rejected. */
export function wokenBy(pod: Pod, event: ClusterEvent, gates: readonly DeviceGate[] = []): readonly Name[] {
  const changes = event.kind === 'node' ? event.changes : 0;
  const listening = listeners(NAMES, event.kind, new Set(gates), changes);
  const rejected = { pod, podClass: core.classOf(pod), snapshot: core.snapshot };
  return NAMES.filter((_name, i) => (listening & (1 << i)) !== 0 && shouldQueue(1 << i, NAMES, rejected, event));
}

/** One core whose plugins all rejected a pod, and which of them an event wakes it for. */
import { Sfc32 } from '../../../../core/base/random.ts';
import { SchedulingCore } from '../../../../core/scheduler/choice/scheduling-core.ts';
import { DEFAULT_PROFILE } from '../../../../core/scheduler/configuration/profile.ts';
import { ClusterObjects } from '../../../../core/scheduler/framework/cluster-objects.ts';
import type { ClusterEvent } from '../../../../core/scheduler/queue/cluster-event.ts';
import { listeners, type Rejected, shouldQueue } from '../../../../core/scheduler/queue/queueing-hints.ts';
import type { DeviceGate } from '../../../../core/types/device-gates.ts';
import type { Pod } from '../../../../core/types/pod.ts';

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

/** The core of one test. */
export class HintBench {
  readonly core = new SchedulingCore([DEFAULT_PROFILE], new Sfc32(1, 2, 3), { volumes: true });

  constructor() {
    this.core.putNamespace('default', { team: 'a' });
    this.core.putNamespace('other', { team: 'b' });
  }

  /** A pod that was rejected. */
  rejected(pod: Pod, gates: readonly DeviceGate[] = []): Rejected {
    const { core } = this;
    const objects = gates.length === 0 ? core.objects : new ClusterObjects(gates);
    return { pod, podClass: core.classOf(pod), snapshot: core.snapshot, objects };
  }

  /** Whether an event wakes a pod that the plugins `by` of the first profile rejected, where other profiles number their plugins otherwise. */
  wakes(
    profiles: readonly (readonly Name[])[],
    by: readonly Name[],
    pod: Pod,
    event: ClusterEvent,
    gates: readonly DeviceGate[] = [],
  ): boolean {
    const changes = event.kind === 'node' ? event.changes : 0;
    const rejected = this.rejected(pod, gates);
    const listening = profiles.reduce(
      (mask, names) => mask | listeners(names, event.kind, rejected.objects.deviceGates, changes),
      0,
    );
    const [names = []] = profiles;
    const rejectors = by.reduce((mask, name) => mask | (1 << names.indexOf(name)), 0);
    return (listening & rejectors) !== 0 && shouldQueue(rejectors, names, rejected, event);
  }

  /** Of all plugins those that, having rejected the pod alone, let the event wake it. */
  wokenBy(pod: Pod, event: ClusterEvent, gates: readonly DeviceGate[] = []): readonly Name[] {
    return NAMES.filter((name) => this.wakes([NAMES], [name], pod, event, gates));
  }
}

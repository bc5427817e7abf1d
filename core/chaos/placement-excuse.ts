/**
 * Whether committed objects leave a pending pod any node, asked of the filters themselves: affinity to other pods, spread, host ports, volumes and
 * devices are too much to write down a second time.
 *
 * Always: what a controller still owes the pod (a claim of a template, a claim of an ephemeral volume) is no excuse, nor is a place
 * that preemption can make. No scheduler of the run is asked, so that a mistake planted in one excuses nothing.
 */
import { defaultConfiguration, type SchedulerConfiguration } from '../scheduler/configuration/configuration.ts';
import { decide } from '../scheduler/framework/decide.ts';
import { Framework } from '../scheduler/framework/framework.ts';
import { PlainCluster } from '../scheduler/framework/plain-cluster.ts';
import { podInfoOf } from '../scheduler/framework/pod-info.ts';
import { heedsGroups } from '../scheduler/groups/gangs.ts';
import type { DeviceGate } from '../types/device-gates.ts';
import type { Pod } from '../types/pod.ts';
import { keyOf } from './predicate.ts';
import type { World } from './world.ts';

const DEFAULT_CONFIGURATION = defaultConfiguration('1.34');
const DEFAULT_SCHEDULER = 'default-scheduler';

/** What the schedulers of a cluster go by; what is left out is as by default. */
export interface SchedulingTerms {
  readonly configuration?: SchedulerConfiguration | undefined;
  /** Feature gates of devices that are on. */
  readonly deviceGates?: readonly DeviceGate[] | undefined;
}

/** Answers for one moment of a run. */
export class PlacementExcuse {
  readonly #world: World;
  readonly #configuration: SchedulerConfiguration;
  readonly #deviceGates: readonly DeviceGate[] | undefined;
  #cluster: PlainCluster | null = null;

  constructor(world: World, { configuration = DEFAULT_CONFIGURATION, deviceGates }: SchedulingTerms = {}) {
    this.#world = world;
    this.#configuration = configuration;
    this.#deviceGates = deviceGates;
  }

  /** Why no node is possible for a pod without one, in kube-scheduler's words; `''` where one is, or where nobody can say. */
  reasonFor(pod: Pod): string {
    const { version } = this.#configuration;
    const profile = this.#profileOf(pod);
    if (profile === undefined || isOwed(this.#world, pod)) return '';
    this.#cluster ??= clusterOf(this.#world, this.#deviceGates);
    const { failure, preemption } = decide(new Framework(profile, version), podInfoOf(pod), this.#cluster, {
      postFilter: true,
      limits: null,
    });
    return failure === null || (preemption?.best.length ?? 0) > 0 ? '' : failure.message;
  }

  /** Whether the pod's scheduler binds the pods of a group together or not at all. */
  startsTogether(pod: Pod): boolean {
    const profile = this.#profileOf(pod);
    return profile !== undefined && heedsGroups(profile);
  }

  #profileOf({ spec }: Pod): SchedulerConfiguration['profiles'][number] | undefined {
    const wanted = spec.schedulerName ?? DEFAULT_SCHEDULER;
    return this.#configuration.profiles.find(({ schedulerName }) => schedulerName === wanted);
  }
}

function clusterOf(world: World, gates: readonly DeviceGate[] | undefined): PlainCluster {
  const cluster = new PlainCluster(gates);
  // A node that is there first takes its pods as they come.
  for (const node of world.of('Node').values()) cluster.put(node);
  for (const kind of world.kinds) {
    if (kind !== 'Node') for (const object of world.of(kind).values()) cluster.put(object);
  }
  return cluster;
}

/** Whether a controller has yet to make a claim that the pod waits for. */
function isOwed(world: World, { metadata, spec, status }: Pod): boolean {
  const has = (kind: string, name: string): boolean =>
    [...world.of(kind).values()].some((each) => keyOf(each) === `${metadata.namespace}/${name}`);
  const made = status?.resourceClaimStatuses?.map(({ name }) => name) ?? [];
  const devices = (spec.resourceClaims ?? []).some(({ name, resourceClaimTemplateName: template }) => {
    return template !== undefined && !made.includes(name) && has('ResourceClaimTemplate', template);
  });
  const volumes = (spec.volumes ?? []).some(({ name, ephemeral }) => {
    return ephemeral !== undefined && !has('PersistentVolumeClaim', `${metadata.name}-${name}`);
  });
  return devices || volumes;
}

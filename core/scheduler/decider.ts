/**
 * What only a scheduler that decides has: core, queue, cycle, and handlers that feed them from the informers.
 *
 * Made when the scheduler begins to lead, from what its informers know by then, pods and nodes in the order in which they came. The real
 * standby keeps all this from its start; a queue from which nothing is taken holds what the informer holds, in order of arrival. Limit: a pod
 * whose gates opened before that stands where it arrived, not where its gates opened.
 */
import type { Client } from '../client/client.ts';
import type { Informer } from '../client/informer.ts';
import type { SeriesRecorder } from '../client/series-recorder.ts';
import type { Context } from '../sim/context.ts';
import type { DeviceGate } from '../types/device-gates.ts';
import type { Namespace } from '../types/namespace.ts';
import type { Node } from '../types/node.ts';
import type { KubeObject } from '../types/object.ts';
import { controllerOf } from '../types/owner-references.ts';
import type { Pod } from '../types/pod.ts';
import { minCountOf, POD_GROUP_KIND, type PodGroup } from '../types/pod-group.ts';
import type { ResourceType } from '../types/resource-type.ts';
import { SchedulingCore } from './choice/scheduling-core.ts';
import { configurationOf, DEFAULT_PROFILE, type Profile } from './configuration/profile.ts';
import { EventHandlers } from './cycle/event-handlers.ts';
import { Lookups } from './cycle/lookups.ts';
import type { Reserver } from './cycle/reserver.ts';
import { SchedulingCycle } from './cycle/scheduling-cycle.ts';
import { ClaimReservations } from './devices/claim-reservations.ts';
import { missingClaims } from './framework/plugins/dynamic-resources.ts';
import { GANG_MASK, Gangs, heedsGroups, podGroupKey } from './groups/gangs.ts';
import { PlacedPods } from './pods/placed-pods.ts';
import { BUG_IGNORES_TAINTS } from './points.ts';
import { type BackoffOptions, SchedulingQueue } from './queue/scheduling-queue.ts';
import { WakeUps } from './queue/wake-ups.ts';
import { VolumeReservations } from './volumes/volume-reservations.ts';

/** What a decider is told and fed by. */
export interface DeciderParts {
  /** The scheduler instance, as observers know it. */
  readonly scheduler: object;
  readonly client: Client;
  readonly recorder: SeriesRecorder;
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly namespaces: Informer<Namespace>;
  /** Of what plugins look up. */
  readonly others: readonly Informer<KubeObject>[];
  readonly profiles?: readonly [Profile, ...Profile[]] | undefined;
  readonly backoff?: Partial<BackoffOptions> | undefined;
  readonly volumes?: readonly ResourceType[] | undefined;
  readonly deviceGates?: readonly DeviceGate[] | undefined;
}

/** All that one scheduler decides with. */
export class Decider {
  readonly core: SchedulingCore;
  readonly queue: SchedulingQueue;
  readonly placed: PlacedPods;
  readonly cycle: SchedulingCycle;
  /** `null` unless a profile enables GangScheduling. */
  readonly gangs: Gangs | null;
  readonly #ctx: Context;
  readonly #pods: Informer<Pod>;

  constructor(ctx: Context, parts: DeciderParts) {
    const { scheduler, client, recorder, pods } = parts;
    const profiles = parts.profiles ?? [DEFAULT_PROFILE];
    const [first, ...rest] = ctx.bug(BUG_IGNORES_TAINTS) ? profiles.map(withoutTaints) : profiles;
    const volumes = parts.volumes !== undefined;
    const core = new SchedulingCore([first as Profile, ...rest], ctx.random('tie-break'), {
      volumes,
      deviceGates: parts.deviceGates,
      keepsObjects: true,
    });
    // PreEnqueue: pods are not tried before their claims for devices are there.
    const holds = (pod: Pod) =>
      volumes && pod.spec.resourceClaims !== undefined && missingClaims(pod, core.objects) !== '';
    const queue = new SchedulingQueue(parts.backoff, holds);
    const gangs = profiles.some((profile) => heedsGroups(configurationOf(profile)));
    this.#ctx = ctx;
    this.#pods = pods;
    this.core = core;
    this.queue = queue;
    this.placed = new PlacedPods(core);
    this.gangs = gangs ? new Gangs((namespace, name) => minCountIn(core, namespace, name)) : null;
    const wakeUps = new WakeUps(ctx, core, queue);
    const lookups = new Lookups(core, parts.others, parts.volumes ?? [], (event) => {
      if (wakeUps.awaited('volume')) wakeUps.happened(event);
      if (event.object.kind === 'ResourceClaim' && event.old === undefined) this.#claimCame(event.object);
    });
    const shared = { core, queue, placed: this.placed, gangs: this.gangs };
    const handlers = new EventHandlers(ctx, { wakeUps, ...shared });
    const held = reserversOf(ctx, core, lookups, profiles[0], parts);
    this.cycle = new SchedulingCycle(ctx, { scheduler, handlers, client, recorder, pods, ...held, ...shared });
    lookups.listen();
    this.#listenToGroups(parts.others);
    handlers.register(pods, parts.nodes, parts.namespaces);
  }

  /** A PodGroup came or changed: pods that name it are tried. */
  #listenToGroups(others: readonly Informer<KubeObject>[]): void {
    const { gangs, queue } = this;
    const informer = others.find(({ type }) => type.kind === POD_GROUP_KIND);
    if (gangs === null || informer === undefined) return;
    const came = ({ metadata }: KubeObject) => {
      const key = podGroupKey(metadata.namespace ?? '', metadata.name);
      queue.move(GANG_MASK, this.#ctx.now(), ({ pod }) => gangs.keyOf(pod) === key);
    };
    informer.addHandler({ onAdd: (_id, group) => came(group), onUpdate: (_id, _old, group) => came(group) });
  }

  /** A claim is there that pods may have waited for: one made for a pod concerns nobody else. */
  #claimCame(claim: KubeObject): void {
    const { metadata } = claim;
    const owner = controllerOf(claim);
    const nowUs = this.#ctx.now();
    if (owner?.kind !== 'Pod') this.queue.openGates((pod) => pod.metadata.namespace === metadata.namespace, nowUs);
    else this.queue.openGate(this.#pods.keys.find(metadata.namespace ?? '', owner.name), nowUs);
  }
}

/** What a PodGroup asks for; `null` when it is not known. */
function minCountIn(core: SchedulingCore, namespace: string, name: string): number | null {
  const group = core.objects.get<PodGroup>(POD_GROUP_KIND, namespace, name);
  return group === undefined ? null : minCountOf(group);
}

/** Who holds volumes and devices for pods; nobody where these are not watched. */
function reserversOf(
  ctx: Context,
  core: SchedulingCore,
  lookups: Lookups,
  profile: Profile,
  parts: Pick<DeciderParts, 'client' | 'recorder' | 'volumes' | 'pods'>,
): { claims: ClaimReservations | null; reservers: readonly Reserver[] } {
  const typeOf = (kind: string) => (parts.volumes ?? []).find((type) => type.kind === kind);
  const [volumes, volumeClaims, resourceClaims] = ['PersistentVolume', 'PersistentVolumeClaim', 'ResourceClaim'].map(
    typeOf,
  );
  if (volumes === undefined || volumeClaims === undefined || resourceClaims === undefined) {
    return { claims: null, reservers: [] };
  }
  const { volumeBinding, dynamicResources } = configurationOf(profile).args;
  const shared = { client: parts.client, core, lookups };
  const exists = ({ metadata }: Pod) => parts.pods.find(metadata.namespace ?? '', metadata.name) !== undefined;
  const ofVolumes = { ...shared, volumes, claims: volumeClaims, exists, ...volumeBinding };
  const ofDevices = { ...shared, recorder: parts.recorder, claims: resourceClaims, ...dynamicResources };
  const claims = new ClaimReservations(ctx, ofDevices);
  return { claims, reservers: [new VolumeReservations(ctx, ofVolumes), claims] };
}

/** The planted bug: the profile without its filter on taints. */
function withoutTaints(profile: Profile): Profile {
  const base = configurationOf(profile);
  const filter = base.plugins.filter.filter((name) => name !== 'TaintToleration');
  return { ...profile, base: { ...base, plugins: { ...base.plugins, filter } } };
}

/**
 * What the parts of the fleet share: columns, settings, the simulation.
 */
import { hashString } from '../base/content-hash.ts';
import { drawUint32, scaleDraw } from '../base/random.ts';
import type { ConnectionClient } from '../client/connection-client.ts';
import { EventRecorder, type EventType, type InvolvedObject } from '../client/event-recorder.ts';
import type { Context } from '../sim/context.ts';
import type { Simulation } from '../sim/simulation.ts';
import type { ResourceKeys } from '../types/names.ts';
import { PODS } from '../types/resource-type.ts';
import { PodAddresses } from './addresses.ts';
import { NodeImages } from './images.ts';
import { NodeColumns } from './node-columns.ts';
import { NodeObjects } from './node-object.ts';
import { type FleetOptions, type PodDefaults, podDefaults } from './options.ts';
import { PodScripts } from './pod-script.ts';
import { PodStatuses } from './pod-status.ts';
import { PodTable } from './pod-table.ts';
import { RuntimeStalls } from './runtime-stalls.ts';

/** Registration index (`b`) of a kubelet's timers of the client library. */
export const INDEX_CLIENT = 0;
export const INDEX_PODS = 1;
export const INDEX_NODE = 2;
export const INDEX_RECORDER = 3;

export class FleetState {
  readonly sim: Simulation;
  readonly options: FleetOptions;
  readonly recorded: boolean;
  readonly defaults: PodDefaults;
  readonly nodes: NodeColumns;
  readonly pods: PodTable;
  readonly images: NodeImages;
  readonly addresses: PodAddresses;
  readonly scripts: PodScripts;
  readonly statuses: PodStatuses;
  readonly objects: NodeObjects;
  readonly podKeys: ResourceKeys;
  readonly stalls = new RuntimeStalls();
  /** The fleet's own process. */
  ownPid = -1;
  readonly #recorderSettings: { readonly component: string; readonly enabled: boolean };

  constructor(sim: Simulation, options: FleetOptions) {
    this.sim = sim;
    this.options = options;
    this.recorded = options.mode === 'recorded';
    this.defaults = podDefaults(sim.costs);
    this.nodes = new NodeColumns(options.nodes);
    this.pods = new PodTable(options.nodes.length);
    this.images = new NodeImages(options.nodes.length, options.unpullableImages ?? []);
    let podsMax = 0;
    for (const max of this.nodes.podsMax) podsMax = Math.max(podsMax, max);
    this.addresses = new PodAddresses(options.nodes.length, podsMax);
    this.scripts = new PodScripts(this.images, this.defaults, options.annotationPrefix ?? '', this.recorded);
    this.statuses = new PodStatuses(this.pods, this.recorded);
    this.objects = new NodeObjects(this.recorded, options.cloudProvider === true, options.region ?? 'region-1');
    this.podKeys = options.names.keys(PODS);
    this.#recorderSettings = { component: 'kubelet', enabled: options.events !== false && !this.recorded };
  }

  contextOf(node: number): Context {
    return this.sim.contextOf(this.nodes.pid[node] as number);
  }

  clientOf(node: number): ConnectionClient {
    return this.nodes.client[node] as ConnectionClient;
  }

  /** A draw below `bound` for an object and a purpose. */
  draw(objectKey: string, purpose: number, bound: number): number {
    return bound <= 0 ? 0 : scaleDraw(drawUint32(this.sim.seed, hashString(objectKey), purpose), bound);
  }

  /** Reports an event of `node`'s kubelet, if events are on. */
  event(node: number, involved: InvolvedObject, type: EventType, reason: string, message: string): void {
    if (!this.#recorderSettings.enabled) return;
    let recorder = this.nodes.recorder[node] as EventRecorder | null;
    if (recorder === null) {
      recorder = new EventRecorder(
        this.clientOf(node),
        this.#recorderSettings,
        null,
        this.nodes.nameOf(node),
        INDEX_RECORDER,
      );
      this.nodes.recorder[node] = recorder;
    }
    recorder.event(involved, type, reason, message);
  }
}

/**
 * Informers of what plugins look up beside pods, nodes and namespaces: services and owners (default spreading), budgets
 * (preemption), and where it is asked for volumes and claims. Without, pods are placed as if their claims were satisfied:
 * nobody binds volumes in a simulated cluster.
 */
import type { Client } from '../client/client.ts';
import { Informer } from '../client/informer.ts';
import type { KubeObject } from '../types/object.ts';
import {
  PODDISRUPTIONBUDGETS,
  REPLICASETS,
  type ResourceType,
  SERVICES,
  STATEFULSETS,
} from '../types/resource-type.ts';
import type { SchedulingCore } from './scheduling-core.ts';

const TYPES = [SERVICES, REPLICASETS, STATEFULSETS, PODDISRUPTIONBUDGETS];

/** The informers of one scheduler. */
export class Lookups {
  readonly informers: readonly Informer<KubeObject>[];
  readonly #core: SchedulingCore;
  readonly #volumes: readonly ResourceType[];
  readonly #onVolume: (object: KubeObject) => void;

  /** `volumes`: the types of volumes and claims. `onVolume` hears of each that came or changed. */
  constructor(
    client: Client,
    core: SchedulingCore,
    volumes: readonly ResourceType[],
    onVolume: (object: KubeObject) => void,
  ) {
    this.#core = core;
    this.#volumes = volumes;
    this.#onVolume = onVolume;
    this.informers = [...TYPES, ...volumes].map((type) => new Informer<KubeObject>(client, type));
  }

  /** Whether all have seen the whole cluster once. */
  get synced(): boolean {
    for (const informer of this.informers) if (!informer.synced) return false;
    return true;
  }

  start(): void {
    for (const informer of this.informers) {
      informer.addHandler({
        onAdd: (_id, object) => this.#seen(informer.type, object),
        onUpdate: (_id, _old, object) => this.#seen(informer.type, object),
        onDelete: (_id, { kind, metadata }) => this.#core.deleteObject(kind, metadata.namespace ?? '', metadata.name),
      });
      informer.start();
    }
  }
  #seen(type: ResourceType, object: KubeObject): void {
    this.#core.putObject(object);
    if (this.#volumes.includes(type)) this.#onVolume(object);
  }
}

/**
 * Informers of what plugins look up beside pods, nodes and namespaces: services and owners (default spreading), budgets
 * (preemption). Volumes and devices are not watched: nobody binds them in a simulated cluster, so pods are placed as if
 * their claims were satisfied.
 */
import type { Client } from '../client/client.ts';
import { Informer } from '../client/informer.ts';
import type { KubeObject } from '../types/object.ts';
import { PODDISRUPTIONBUDGETS, REPLICASETS, SERVICES, STATEFULSETS } from '../types/resource-type.ts';
import type { SchedulingCore } from './scheduling-core.ts';

const TYPES = [SERVICES, REPLICASETS, STATEFULSETS, PODDISRUPTIONBUDGETS];

/** The informers of one scheduler. */
export class Lookups {
  readonly informers: readonly Informer<KubeObject>[];
  readonly #core: SchedulingCore;

  constructor(client: Client, core: SchedulingCore) {
    this.#core = core;
    this.informers = TYPES.map((type) => new Informer<KubeObject>(client, type));
  }

  /** Whether all have seen the whole cluster once. */
  get synced(): boolean {
    for (const informer of this.informers) if (!informer.synced) return false;
    return true;
  }

  start(): void {
    for (const informer of this.informers) {
      informer.addHandler({
        onAdd: (_id, object) => this.#core.putObject(object),
        onUpdate: (_id, _old, object) => this.#core.putObject(object),
        onDelete: (_id, { kind, metadata }) => this.#core.deleteObject(kind, metadata.namespace ?? '', metadata.name),
      });
      informer.start();
    }
  }
}

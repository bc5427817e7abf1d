/**
 * What plugins look up beside pods, nodes and namespaces: services and owners (default spreading), budgets
 * (preemption), and where it is asked for volumes, devices and their claims. Without, pods are placed as if their claims were satisfied.
 *
 * What the scheduler wrote itself counts at once ({@link Lookups.assume}), until its informer is as far.
 */
import type { Informer } from '../../client/informer.ts';
import type { KubeObject } from '../../types/object.ts';
import {
  PODDISRUPTIONBUDGETS,
  REPLICASETS,
  type ResourceType,
  SERVICES,
  STATEFULSETS,
} from '../../types/resource-type.ts';
import type { SchedulingCore } from '../choice/scheduling-core.ts';
import type { VolumeEvent } from '../queue/cluster-event.ts';

/** Kinds of volumes and devices that pods may gain by the end of. */
const TELLS_WHEN_GONE: readonly string[] = ['ResourceClaim', 'DeviceTaintRule', 'VolumeAttachment'];

/** What every scheduler looks up. */
export const LOOKED_UP: readonly ResourceType[] = [SERVICES, REPLICASETS, STATEFULSETS, PODDISRUPTIONBUDGETS];

/** What the informers of looked-up types say, put into the core. */
export class Lookups {
  readonly #informers: readonly Informer<KubeObject>[];
  readonly #core: SchedulingCore;
  readonly #volumes: readonly ResourceType[];
  readonly #onVolume: (event: VolumeEvent) => void;
  /** Versions that are newer than the informers' copies. */
  readonly #assumed = new Map<string, number>();

  /** `volumes`: the types of volumes, devices and claims. `onVolume` hears of each that came or changed, and of claims, rules and attachments that went. */
  constructor(
    core: SchedulingCore,
    informers: readonly Informer<KubeObject>[],
    volumes: readonly ResourceType[],
    onVolume: (event: VolumeEvent) => void,
  ) {
    this.#core = core;
    this.#informers = informers;
    this.#volumes = volumes;
    this.#onVolume = onVolume;
  }

  /** Takes what the informers know, and whatever they learn, into the core. */
  listen(): void {
    for (const informer of this.#informers) {
      informer.addHandler({
        onAdd: (_id, object) => this.#seen(informer.type, undefined, object),
        onUpdate: (_id, old, object) => this.#seen(informer.type, old, object),
        onDelete: (_id, object) => this.#gone(informer.type, object),
      });
    }
  }

  /** Takes the scheduler's own write for known. */
  assume(object: KubeObject): void {
    const { kind, metadata } = object;
    const known = this.#core.objects.get(kind, metadata.namespace ?? '', metadata.name);
    if (versionOf(known) >= versionOf(object)) return;
    this.#assumed.set(keyOf(object), versionOf(object));
    this.#core.putObject(object);
  }

  /** Takes an assumption back that was never written: the informer's copy counts again. */
  restore({ kind, metadata }: KubeObject): void {
    const informer = this.#informers.find(({ type }) => type.kind === kind);
    const copy = informer?.find(metadata.namespace ?? '', metadata.name);
    if (copy === undefined) this.#core.deleteObject(kind, metadata.namespace ?? '', metadata.name);
    else this.#core.putObject(copy);
  }

  #seen(type: ResourceType, old: KubeObject | undefined, object: KubeObject): void {
    const assumed = this.#assumed.size === 0 ? undefined : this.#assumed.get(keyOf(object));
    if (assumed !== undefined && versionOf(object) < assumed) return;
    if (assumed !== undefined) this.#assumed.delete(keyOf(object));
    this.#core.putObject(object);
    if (this.#volumes.includes(type)) this.#onVolume({ kind: 'volume', object, old, gone: false });
  }

  #gone(type: ResourceType, object: KubeObject): void {
    const { kind, metadata } = object;
    this.#assumed.delete(keyOf(object));
    this.#core.deleteObject(kind, metadata.namespace ?? '', metadata.name);
    if (TELLS_WHEN_GONE.includes(kind) && this.#volumes.includes(type))
      this.#onVolume({ kind: 'volume', object, old: object, gone: true });
  }
}

function keyOf({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}

function versionOf(object: KubeObject | undefined): number {
  return Number(object?.metadata.resourceVersion ?? 0);
}

/**
 * The pods that there were: when each came and went, and what it belongs to, so that a pod can be asked for by its workload.
 *
 * Always: a name counts as one pod, whatever objects had it one after the other.
 */
import type { KubeObject } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import { waitsForNode } from '../../types/pod-conditions.ts';
import { keyOf } from '../predicate.ts';

/** A pod that is not there at an instant; times in µs, −1 for never. */
export interface Absence {
  /** When it was last deleted before. */
  readonly deletedUs: number;
  /** When it is created next. */
  readonly createdUs: number;
}

interface Life {
  /** As it was last seen. */
  pod: Pod;
  readonly createdUs: number[];
  readonly deletedUs: number[];
}

/** Collects objects as they come and go, in the order of time. */
export class PodLives {
  readonly #lives = new Map<string, Life>();
  /** `Kind/namespace/name` of each object's controller, by the same of the object. */
  readonly #controllers = new Map<string, string>();

  /** An object was created or changed. */
  put(object: KubeObject, timeUs: number): void {
    const { kind, metadata } = object;
    const owner = controllerOf(object);
    const key = keyOf(object);
    if (owner !== undefined)
      this.#controllers.set(`${kind}/${key}`, `${owner.kind}/${metadata.namespace ?? ''}/${owner.name}`);
    if (kind !== 'Pod') return;
    const pod = object as Pod;
    const life = this.#lives.get(key);
    if (life === undefined) this.#lives.set(key, { pod, createdUs: [timeUs], deletedUs: [] });
    else {
      if (!isAlive(life)) life.createdUs.push(timeUs);
      life.pod = pod;
    }
  }

  /** An object was deleted. */
  remove(object: KubeObject, timeUs: number): void {
    if (object.kind === 'Pod') this.#lives.get(keyOf(object))?.deletedUs.push(timeUs);
  }

  /** `namespace/name` of all, sorted. */
  names(): readonly string[] {
    return [...this.#lives.keys()].sort();
  }

  /**
   * The pod of that name; or of the workload: of `Kind/namespace/name`, with as much left out in front as one likes, the first by name that has no node,
   * else the one that came last. null for an unknown name.
   */
  podOf(asked: string): string | null {
    if (this.#lives.has(asked)) return asked;
    const names = this.names().filter((name) => this.#belongsTo(`Pod/${name}`, asked));
    const there = names.filter((name) => this.isThere(name));
    const pending = there.find((name) => waitsForNode((this.#lives.get(name) as Life).pod));
    const cameAt = (name: string): number => this.#lives.get(name)?.createdUs.at(-1) as number;
    const byComing = (there.length > 0 ? there : names).sort((a, b) => cameAt(a) - cameAt(b));
    return pending ?? byComing.at(-1) ?? null;
  }

  /** Whether a pod has the name now. */
  isThere(name: string): boolean {
    const life = this.#lives.get(name);
    return life !== undefined && isAlive(life);
  }

  /** When a known pod that is not there at an instant was there; null where it is, or nobody ever had the name. */
  absenceOf(name: string, timeUs: number): Absence | null {
    const life = this.#lives.get(name);
    if (life === undefined) return null;
    const created = life.createdUs.filter((each) => each <= timeUs).length;
    const deleted = life.deletedUs.filter((each) => each <= timeUs).length;
    if (created > deleted) return null;
    return { deletedUs: life.deletedUs[deleted - 1] ?? -1, createdUs: life.createdUs[created] ?? -1 };
  }

  #belongsTo(key: string, asked: string): boolean {
    for (let each: string | undefined = key; each !== undefined; each = this.#controllers.get(each)) {
      if (each === asked || each.endsWith(`/${asked}`)) return true;
    }
    return false;
  }
}

function isAlive({ createdUs, deletedUs }: Life): boolean {
  return createdUs.length > deletedUs.length;
}

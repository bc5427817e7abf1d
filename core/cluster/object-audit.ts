/**
 * Nobody may change an object that others hold: at each checkpoint a drawn sample of the committed objects is hashed again and compared with the
 * hash that the store took of it.
 *
 * Listens at the store's commit point and keeps one reference a key. One object is looked at for every 2,048 events of the run (a hash costs a
 * few events), so the audit stays below 1 % of a run whatever its size. Draws depend on the master seed only and take part in no digest.
 */
import { assert } from '../base/assert.ts';
import { hashJson } from '../base/content-hash.ts';
import { drawUint32, scaleDraw } from '../base/random.ts';
import { findPoint } from '../sim/registry.ts';
import type { Simulation } from '../sim/simulation.ts';
import type { KubeObject } from '../types/object.ts';

/** One object is audited for so many events. */
export const EVENTS_PER_AUDIT = 2048;
/** How often an empty place is drawn again. */
const DRAWS_MAX = 4;
const DRAW_AUDIT = 0xa0d17;

/** The parts of a store value that are read here. */
interface AuditedValue {
  readonly hash: number;
  readonly object?: unknown;
}

export class ObjectAudit {
  /** Objects looked at so far. */
  audited = 0;
  readonly #sim: Simulation;
  /** Committed values by store key; null where there is none. */
  readonly #values: (AuditedValue | null)[] = [];
  #auditedEvents = 0;
  #draws = 0;

  /** Listens to the commits of `sim` and audits at its checkpoints. */
  constructor(sim: Simulation) {
    this.#sim = sim;
    const point = findPoint('store.commit');
    assert(point !== undefined, 'object audit: there is no store');
    sim.observation.listen(point, (_pid, subject) => {
      const { keyId, value } = subject as { readonly keyId: number; readonly value: AuditedValue | null };
      while (this.#values.length <= keyId) this.#values.push(null);
      this.#values[keyId] = value;
    });
    sim.onCheckpoint.push(() => this.#checkpoint());
  }

  /** Looks at every object; throws AssertionError naming the first that was changed in place. */
  auditAll(): void {
    for (const value of this.#values) if (value !== null) this.#audit(value);
  }

  #checkpoint(): void {
    while (this.#sim.eventCount - this.#auditedEvents >= EVENTS_PER_AUDIT) {
      this.#auditedEvents += EVENTS_PER_AUDIT;
      const value = this.#draw();
      if (value !== null) this.#audit(value);
    }
  }

  #draw(): AuditedValue | null {
    const count = this.#values.length;
    for (let i = 0; i < DRAWS_MAX && count > 0; i++) {
      const value = this.#values[scaleDraw(drawUint32(this.#sim.seed, this.#draws++, DRAW_AUDIT), count)] ?? null;
      if (value !== null) return value;
    }
    return null;
  }

  #audit(value: AuditedValue): void {
    const object = value.object as KubeObject | null | undefined;
    if (object === null || typeof object !== 'object' || typeof object.metadata !== 'object') return;
    this.audited++;
    // The stored encoding has no resourceVersion: the commit sets it.
    const found = hashJson({ ...object, metadata: { ...object.metadata, resourceVersion: undefined } });
    if (found === value.hash) return;
    const { namespace = '', name, resourceVersion } = object.metadata;
    const key = namespace === '' ? name : `${namespace}/${name}`;
    assert(
      false,
      `object audit: ${object.kind} ${key} was changed in place after its commit at revision ${resourceVersion}`,
    );
  }
}

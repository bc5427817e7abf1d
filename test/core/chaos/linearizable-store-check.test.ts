import { describe, expect, test } from 'vitest';
import { POINT_STORE_ANSWER, POINT_STORE_CALL } from '../../../core/api/declarations.ts';
import type { Judge } from '../../../core/chaos/predicate.ts';
import { linearizableStore } from '../../../core/chaos/predicates/linearizable-store-check.ts';
import { World } from '../../../core/chaos/world.ts';
import { Simulation } from '../../../core/sim/simulation.ts';
import { POINT_STORE_COMMIT } from '../../../core/store/member-names.ts';

/** A history made by hand: what the predicate says of it. */
class History {
  readonly #sim = new Simulation({ seed: 1 });
  readonly #violations: string[] = [];
  readonly #predicate = linearizableStore(this.#judge());
  #sequence = 0;

  #judge(): Judge {
    const violations = this.#violations;
    return { sim: this.#sim, world: new World(), calmSinceUs: 0, violate: (_, message) => violations.push(message) };
  }

  #tick(): void {
    this.#sim.run(this.#sim.now + 10);
  }

  call(payload: object, pid = 0): number {
    this.#tick();
    this.#sim.observation.observe(POINT_STORE_CALL, pid, { sequence: ++this.#sequence, payload });
    return this.#sequence;
  }

  answer(sequence: number, answer: object | null, pid = 0): void {
    this.#tick();
    this.#sim.observation.observe(POINT_STORE_ANSWER, pid, { sequence, answer });
  }

  /** The next call has number 1 again. */
  restart(): void {
    this.#sequence = 0;
  }

  commit(revision: number, value: object | null, previous: object | null = null): void {
    this.#sim.observation.observe(POINT_STORE_COMMIT, 9, { keyId: 1, revision, value, previous });
  }

  put(expected: number, revision: number): void {
    const value = {};
    const id = this.call({ keyId: 1, expected, value });
    this.commit(revision, value);
    this.answer(id, { succeeded: true, revision, current: null, deleted: 0 });
  }

  delete(expected: number, revision: number): void {
    const id = this.call({ keyId: 1, expected, value: null });
    this.commit(revision, null);
    this.answer(id, { succeeded: true, revision, current: null, deleted: 1 });
  }

  read(modRevision: number): void {
    this.answer(this.call({ keyId: 1, revision: 0 }), { keyValues: modRevision === 0 ? [] : [{ modRevision }] });
  }

  verdict(): string {
    this.#predicate.conclude?.();
    return this.#violations.join('; ');
  }
}

describe('S5', () => {
  test('of deletions of one version the one that was answered is done, not one that was lost before it', () => {
    const history = new History();
    history.put(0, 2);
    for (let i = 0; i < 2; i++) history.answer(history.call({ keyId: 1, expected: 2, value: null }), null);
    history.delete(2, 3);
    history.put(0, 4);
    expect(history.verdict()).toBe('');
  });

  test('a deletion that was lost is done after all when the one that came later is refused', () => {
    const history = new History();
    history.put(0, 2);
    history.answer(history.call({ keyId: 1, expected: 2, value: null }), null);
    const later = history.call({ keyId: 1, expected: 2, value: null });
    history.commit(3, null);
    history.answer(later, { succeeded: false, revision: 3, current: null, deleted: 0 });
    history.put(0, 4);
    expect(history.verdict()).toBe('');
  });

  test('a plain life of a key is explained, however long', () => {
    const history = new History();
    let revision = 1;
    let last = 0;
    for (let i = 0; i < 300; i++) {
      if (i % 7 === 6) {
        history.delete(last, ++revision);
        last = 0;
      } else {
        history.put(last, ++revision);
        last = revision;
      }
      history.read(last);
    }
    expect(history.verdict()).toBe('');
  });

  test('a stale read, a lost update, a condition that was ignored', () => {
    const stale = new History();
    stale.put(0, 2);
    stale.put(2, 3);
    stale.read(2);
    expect(stale.verdict()).toMatch(/key 1 is not linearizable: .* read → 2 fits no order/);
    const lost = new History();
    lost.put(0, 2);
    lost.read(0);
    expect(lost.verdict()).toContain('read → absent fits no order');
    const ignored = new History();
    ignored.put(0, 2);
    ignored.put(2, 3);
    ignored.put(2, 4);
    expect(ignored.verdict()).toContain('put if 2 → 4 fits no order');
  });

  test('an Event whose lease has ended is gone though nobody deleted it, and nothing else is', () => {
    for (const [apiVersion, verdict] of [
      ['v1', ''],
      ['events.example/v1', 'read → absent fits no order'],
    ] as const) {
      const history = new History();
      history.put(0, 2);
      const read = history.call({ keyId: 1, revision: 0 });
      history.commit(3, null, { object: { apiVersion, kind: 'Event' } });
      history.answer(read, { keyValues: [] });
      history.read(0);
      history.put(0, 4);
      history.commit(5, null, { object: { apiVersion, kind: 'Event' } });
      history.put(0, 6);
      if (verdict === '') expect(history.verdict()).toBe('');
      else expect(history.verdict()).toContain(verdict);
    }
  });

  test('a refusal must show what was there', () => {
    const right = new History();
    right.put(0, 2);
    right.answer(right.call({ keyId: 1, expected: 0, value: {} }), {
      succeeded: false,
      revision: 2,
      current: { modRevision: 2 },
    });
    expect(right.verdict()).toBe('');
    const wrong = new History();
    wrong.put(0, 2);
    wrong.answer(wrong.call({ keyId: 1, expected: 2, value: {} }), {
      succeeded: false,
      revision: 2,
      current: { modRevision: 2 },
    });
    expect(wrong.verdict()).toContain('refused');
  });

  test('a lost answer counts as done when the history shows the very change, at once or later', () => {
    for (const isDone of [true, false]) {
      const history = new History();
      const value = {};
      const id = history.call({ keyId: 1, expected: 0, value });
      history.answer(id, null);
      history.read(0);
      if (isDone) history.commit(2, value);
      history.read(isDone ? 2 : 0);
      history.put(isDone ? 2 : 0, 3);
      expect(history.verdict()).toBe('');
    }
    const both = new History();
    const value = {};
    both.answer(both.call({ keyId: 1, expected: 0, value }), null);
    both.commit(2, value);
    both.read(0);
    expect(both.verdict()).toContain('read → absent');
  });

  test('a server that died amid a write and counts from one again', () => {
    const history = new History();
    history.put(0, 2);
    const value = {};
    history.call({ keyId: 1, expected: 2, value });
    history.commit(3, value);
    history.restart();
    history.read(3);
    history.put(3, 4);
    expect(history.verdict()).toBe('');
  });

  test('keys that are written in batches are left out', () => {
    const history = new History();
    history.put(0, 2);
    history.call({ keyIds: [1], expected: [2], values: [{}] });
    history.read(7);
    expect(history.verdict()).toBe('');
  });
});

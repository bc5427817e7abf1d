import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionError } from '../../../core/base/assert.ts';
import { Disk, DiskFailure, type DiskRecord } from '../../../core/sim/disk.ts';
import type { UnsyncedFate } from '../../../core/sim/process.ts';
import { MS, Probe, quietSimulation, S, Text } from '../../support/probe.ts';

const OP = 40;
const FSYNC = 1_000;

const texts = (records: readonly DiskRecord[]): string[] =>
  records.map(({ data, checksum }) => `${(data as Text).text}${checksum === data.contentHash() ? '' : '!'}`);

/** Writes 1…3, syncs, writes 4…6 and crashes before their sync is done; returns what the next instance reads. */
function afterCrash(unsynced: UnsyncedFate, seed = 1): string[] {
  const sim = quietSimulation({ seed });
  const read: string[][] = [];
  const probe = new Probe(sim, 'a', {
    onStart(ctx, self) {
      read.push(texts(ctx.disk.read('log')));
      if (self.starts > 1) return;
      for (const name of ['1', '2', '3']) ctx.disk.append('log', new Text(name), 8);
      ctx.disk.sync('log', OP, 1);
      for (const name of ['4', '5', '6']) ctx.disk.append('log', new Text(name), 8);
    },
    onEvent(ctx, event) {
      if (event.a === 1) ctx.disk.sync('log', OP, 2);
    },
  });
  sim.at(FSYNC + 500, 'crash', () => sim.crash(probe.pid, { unsynced }));
  sim.at(5 * MS, 'restart', () => sim.restart(probe.pid));
  sim.run(S);
  expect(probe.values(OP)).toEqual([1]);
  return read[1] as string[];
}

describe('disk', () => {
  it('keeps what a sync covered that began after it, and nothing else, when the tail is lost', () => {
    expect(afterCrash('lost')).toEqual(['1', '2', '3']);
  });

  it('keeps everything when the tail survives', () => {
    expect(afterCrash('kept')).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('keeps a prefix and one broken record when the tail is torn, drawn from the seed', () => {
    const outcomes = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const left = afterCrash('torn', seed);
      expect(left.slice(0, 3)).toEqual(['1', '2', '3']);
      expect(left.at(-1)).toMatch(/!$/);
      expect(left.slice(3, -1)).toEqual(['4', '5'].slice(0, left.length - 4));
      outcomes.add(left.join(''));
    }
    expect(outcomes.size).toBe(3);
    expect(afterCrash('torn', 5)).toEqual(afterCrash('torn', 5));
  });

  it('runs one sync at a time', () => {
    const sim = quietSimulation();
    const probe = new Probe(sim, 'a', {
      onStart(ctx) {
        ctx.disk.append('x', new Text('1'), 8);
        ctx.disk.sync('x', OP, 1);
        ctx.disk.sync('y', OP, 2);
      },
    });
    sim.run(S);
    expect(probe.times(OP)).toEqual([FSYNC, 2 * FSYNC]);
  });

  it('is slowed, filled and broken by faults; a failed sync makes nothing durable', () => {
    const sim = quietSimulation();
    const probe = new Probe(sim, 'a');
    sim.run(MS);
    const disk = probe.ctx.disk;
    disk.conditions.extraSyncUs = 9 * MS;
    disk.append('log', new Text('1'), 8);
    disk.sync('log', OP, 1);
    sim.run(20 * MS);
    expect(probe.times(OP)).toEqual([11 * MS]);
    Object.assign(disk.conditions, { extraSyncUs: 0, failing: true });
    disk.append('log', new Text('2'), 8);
    disk.sync('log', OP, 2);
    sim.run(30 * MS);
    Object.assign(disk.conditions, { failing: false, full: true });
    disk.sync('log', OP, 3);
    sim.run(40 * MS);
    sim.crash(probe.pid);
    expect(texts(disk.read('log'))).toEqual(['1']);
    expect(new DiskFailure('io-error').contentHash()).not.toBe(new DiskFailure('no-space').contentHash());
  });

  it('tells of an untold sync only when it fails, and knows what is durable', () => {
    const sim = quietSimulation();
    const probe = new Probe(sim, 'a');
    sim.run(MS);
    const { disk } = probe.ctx;
    disk.append('log', new Text('1'), 8);
    disk.syncUntold('log', OP);
    expect(disk.durableCount('log')).toBe(0);
    sim.run(10 * MS);
    expect(disk.durableCount('log')).toBe(1);
    expect(probe.times(OP)).toEqual([]);
    disk.conditions.failing = true;
    disk.append('log', new Text('2'), 8);
    disk.syncUntold('log', OP);
    sim.run(20 * MS);
    expect(disk.durableCount('log')).toBe(1);
    expect(probe.times(OP)).toEqual([10 * MS + FSYNC]);
  });

  it('shows a flipped bit in the checksum, or hides it in a mutated copy', () => {
    const disk = new Disk({ now: 0, isUp: () => true, postOwn() {} }, 0, FSYNC);
    disk.append('log', new Text('1'), 8);
    disk.append('log', new Text('2'), 8);
    disk.corrupt('log', 0, null);
    disk.corrupt('log', 1, new Text('two'));
    expect(texts(disk.read('log'))).toEqual(['1!', 'two']);
    expect(() => disk.corrupt('log', 2, null)).toThrow(AssertionError);
    expect(disk.read('absent')).toEqual([]);
  });

  it('never loses a synced record nor keeps a later one without its predecessors, whatever is done', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('append' as const) }),
      fc.record({ kind: fc.constant('sync' as const) }),
      fc.record({ kind: fc.constant('replace' as const) }),
      fc.record({ kind: fc.constant('truncate' as const), count: fc.nat(3) }),
      fc.record({ kind: fc.constant('wait' as const), us: fc.nat(3000) }),
      fc.record({ kind: fc.constant('crash' as const), fate: fc.constantFrom<UnsyncedFate[]>('lost', 'kept', 'torn') }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let next = 0;
        let completions: { at: number; upTo: number }[] = [];
        let durable = -1;
        const host = {
          now: 0,
          isUp: () => true,
          postOwn: (_pid: number, at: number) => void completions.push({ at, upTo: next - 1 }),
        };
        const disk = new Disk(host, 0, FSYNC);
        const settle = (): void => {
          for (const { at, upTo } of completions) if (at <= host.now) durable = Math.max(durable, upTo);
          completions = completions.filter(({ at }) => at > host.now);
        };
        let written: number[] = [];
        for (const s of steps) {
          settle();
          if (s.kind === 'append') {
            written.push(next);
            disk.append('log', new Text(String(next++)), 8);
          } else if (s.kind === 'sync') disk.sync('log', OP);
          else if (s.kind === 'replace') {
            written = [next];
            durable = Math.max(durable, next);
            disk.replace('log', new Text(String(next++)), 8);
          } else if (s.kind === 'truncate') {
            written = written.slice(s.count);
            disk.truncateBefore('log', s.count);
          } else if (s.kind === 'wait') host.now += s.us;
          else {
            disk.crash(s.fate, (unsynced) => unsynced >> 1);
            completions = [];
            const left = texts(disk.read('log'));
            const whole = left.filter((text) => !text.endsWith('!')).map(Number);
            expect(whole).toEqual(written.slice(0, whole.length));
            expect(left.length - whole.length).toBeLessThanOrEqual(s.fate === 'torn' ? 1 : 0);
            const must = written.filter((id) => id <= durable);
            expect(whole.length).toBeGreaterThanOrEqual(must.length);
            if (s.fate === 'lost') expect(whole).toEqual(must);
            if (s.fate === 'kept') expect(whole).toEqual(written);
            if (left.length > whole.length) return;
            written = whole;
            durable = Math.max(durable, ...whole);
          }
        }
      }),
      { seed: 11, numRuns: 500 },
    );
  });

  it('cuts a torn tail off, tells torn from flipped, and puts back what a fault damaged', () => {
    const disk = new Disk({ now: 0, isUp: () => true, postOwn() {} }, 0, FSYNC);
    for (const name of ['1', '2', '3']) disk.append('log', new Text(name), 8);
    const mend = disk.corrupt('log', 1, null);
    expect(texts(disk.read('log'))).toEqual(['1', '2!', '3']);
    expect(disk.read('log')[1]?.torn).toBeUndefined();
    mend();
    mend();
    expect(texts(disk.read('log'))).toEqual(['1', '2', '3']);
    disk.crash('torn', () => 1);
    expect(texts(disk.read('log'))).toEqual(['1', '2!']);
    expect(disk.read('log')[1]?.torn).toBe(true);
    disk.truncateAfter('log', 1);
    disk.append('log', new Text('4'), 8);
    disk.crash('lost', () => 0);
    expect(texts(disk.read('log'))).toEqual(['1']);
  });
});

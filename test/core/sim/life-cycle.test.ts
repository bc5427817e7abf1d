import { describe, expect, it } from 'vitest';
import { AssertionError } from '../../../core/base/assert.ts';
import { defineBug, defineMark, definePoint } from '../../../core/sim/registry.ts';
import { WAIT, type Wait } from '../../../core/sim/task.ts';
import { MS, Probe, quietSimulation, S, Text } from '../../support/probe.ts';

const OP = 40;
const OP_DONE = 41;
const POINT = definePoint('test.life-cycle-point', 'something happened');
const MARK = defineMark('test.life-cycle-mark', 'a rare path');
const BUG = defineBug('test.life-cycle-bug', 'weakens nothing');

describe('crash and restart', () => {
  it('drops timers, sleeping tasks and the rest of half-done work', () => {
    const sim = quietSimulation();
    const trail: string[] = [];
    const probe = new Probe(sim, 'a', {
      onStart(ctx) {
        ctx.setTimer(10 * MS, OP, ctx.sim.now);
        const body = function* () {
          try {
            yield* ctx.sleep(10 * MS);
            trail.push('woke');
          } finally {
            trail.push('finally');
          }
        };
        ctx.startTask('nap', '', body());
      },
    });
    sim.at(5 * MS, 'crash', () => sim.crash(probe.pid));
    sim.at(7 * MS, 'restart', () => sim.restart(probe.pid));
    sim.run(16 * MS);
    expect(probe.starts).toBe(2);
    expect(probe.log).toEqual([]);
    expect(trail).toEqual([]);
    sim.run(20 * MS);
    expect(probe.times(OP)).toEqual([17 * MS]);
    expect(trail).toEqual(['woke', 'finally']);
  });

  it('lets nothing out of an instance that crashed in the middle of an event', () => {
    const sim = quietSimulation();
    const other = new Probe(sim, 'other');
    const probe = new Probe(sim, 'a', {
      onStart: (ctx, self) => self.starts === 1 && ctx.setTimer(MS, OP),
      onEvent(ctx) {
        ctx.sim.crash(ctx.pid);
        expect(ctx.alive).toBe(false);
        ctx.send(other.pid, OP, 1, 0, null);
        expect(ctx.connect(other.pid)).toBe(-1);
        expect(ctx.sendOn(-1, OP, 1, 0, null)).toBe(false);
        expect(ctx.setTimer(0, OP)).toBe(-1);
        expect(ctx.cancelTimer(-1)).toBe(false);
        const ran = ctx.startTask('t', '', (function* () {})());
        expect(ran.done).toBe(true);
        ctx.disk.append('log', new Text('ghost'), 8);
        ctx.disk.sync('log', OP_DONE);
        ctx.spend(S);
        ctx.exit(1);
      },
    });
    let exits = 0;
    sim.onExit = () => exits++;
    sim.at(2 * MS, 'restart', () => sim.restart(probe.pid));
    sim.run(S);
    expect(other.log).toEqual([]);
    expect(exits).toBe(0);
    expect(probe.times(OP_DONE)).toEqual([]);
    expect(probe.ctx.disk.read('log')).toEqual([]);
  });

  it('does not start a process that was taken down before its start came', () => {
    const sim = quietSimulation();
    const probe = new Probe(sim, 'a');
    sim.crash(probe.pid);
    sim.run(S);
    expect(probe.starts).toBe(0);
    sim.restart(probe.pid);
    sim.crash(probe.pid);
    sim.run(2 * S);
    expect(probe.starts).toBe(0);
    sim.restart(probe.pid);
    sim.restart(probe.pid);
    sim.run(3 * S);
    expect(probe.starts).toBe(1);
    expect(() => sim.restart(probe.pid)).toThrow(AssertionError);
  });

  it('hands exits to whoever supervises, once', () => {
    const sim = quietSimulation();
    const exits: [number, number, number][] = [];
    sim.onExit = (pid, code) => exits.push([pid, code, sim.now]);
    const probe = new Probe(sim, 'a', {
      onStart: (ctx) => void ctx.setTimer(3 * MS, OP),
      onEvent(ctx) {
        ctx.exit(1);
        ctx.exit(2);
      },
    });
    sim.run(S);
    expect(exits).toEqual([[probe.pid, 1, 3 * MS]]);
    expect(sim.isRunning(probe.pid)).toBe(false);
  });

  it('does not deliver what was waiting for the old instance', () => {
    const sim = quietSimulation();
    const probe = new Probe(sim, 'a', { onStart: (ctx) => ctx.spend(ctx.sim.now === 0 ? 10 * MS : 0) });
    const sender = new Probe(sim, 'b', { onStart: (ctx) => ctx.send(probe.pid, OP, 1, 0, null) });
    sim.at(5 * MS, 'crash', () => sim.crash(probe.pid));
    sim.at(6 * MS, 'restart', () => sim.restart(probe.pid));
    sim.at(7 * MS, 'again', () => sender.ctx.send(probe.pid, OP, 2, 0, null));
    sim.run(S);
    expect(probe.values(OP)).toEqual([2]);
  });
});

describe('pause and resume', () => {
  it('keeps everything in order and delivers it at once on resume', () => {
    const sim = quietSimulation();
    const probe = new Probe(sim, 'a', { onStart: (ctx) => void ctx.setTimer(3 * MS, OP, 100) });
    const sender = new Probe(sim, 'b');
    for (let i = 0; i < 5; i++) sim.at((i + 1) * MS, `send ${i}`, () => sender.ctx.send(probe.pid, OP, i, 0, null));
    sim.at(MS + 500, 'pause', () => sim.pause(probe.pid));
    sim.at(10 * MS, 'resume', () => sim.resume(probe.pid));
    sim.run(9 * MS);
    expect(probe.values(OP)).toEqual([0]);
    sim.run(S);
    expect(probe.values(OP)).toEqual([0, 1, 100, 2, 3, 4]);
    expect(probe.times(OP).slice(1)).toEqual([10 * MS, 10 * MS, 10 * MS, 10 * MS, 10 * MS]);
  });

  it('lets clocks go on while paused, and keeps busy time', () => {
    const sim = quietSimulation();
    const probe = new Probe(sim, 'a', { onEvent: (ctx) => ctx.spend(4 * MS) });
    const sender = new Probe(sim, 'b');
    sim.at(MS, 'send', () => {
      for (let i = 0; i < 3; i++) sender.ctx.send(probe.pid, OP, i, 0, null);
    });
    sim.at(2 * MS, 'pause', () => sim.pause(probe.pid));
    sim.at(3 * MS, 'resume', () => sim.resume(probe.pid));
    sim.run(S);
    expect(probe.times(OP)).toEqual([1200, 5200, 9200]);
    expect(probe.ctx.now()).toBe(S);
  });

  it('ignores pause and resume of a process that is down', () => {
    const sim = quietSimulation();
    const probe = new Probe(sim, 'a');
    sim.run(MS);
    sim.crash(probe.pid);
    sim.pause(probe.pid);
    sim.resume(probe.pid);
    sim.run(2 * MS);
    expect(probe.starts).toBe(1);
    expect(sim.isRunning(probe.pid)).toBe(false);
  });
});

describe('spend', () => {
  it('queues what arrives meanwhile, in order, and counts how long it waited', () => {
    const sim = quietSimulation();
    const probe = new Probe(sim, 'a', { onEvent: (ctx) => ctx.spend(300) });
    const sender = new Probe(sim, 'b');
    sim.at(MS, 'burst', () => {
      for (let i = 0; i < 4; i++) sender.ctx.send(probe.pid, OP, i, 0, null);
    });
    sim.run(S);
    expect(probe.values(OP)).toEqual([0, 1, 2, 3]);
    expect(probe.times(OP)).toEqual([1200, 1500, 1800, 2100]);
    expect(sim.processes.waits[probe.pid]).toBe(3);
    expect(sim.processes.waitedUs[probe.pid]).toBe(300 + 600 + 900);
  });

  it('adds up within one event', () => {
    const sim = quietSimulation();
    const probe = new Probe(sim, 'a', {
      onEvent(ctx) {
        ctx.spend(100);
        ctx.spend(50);
        ctx.spend(-5);
      },
    });
    const sender = new Probe(sim, 'b');
    sim.at(MS, 'two', () => {
      sender.ctx.send(probe.pid, OP, 0, 0, null);
      sender.ctx.send(probe.pid, OP, 1, 0, null);
    });
    sim.run(S);
    expect(probe.times(OP)).toEqual([1200, 1350]);
  });
});

describe('clocks', () => {
  it('runs a fast clock ahead and fires its timers early; pending ones keep their instant', () => {
    const sim = quietSimulation();
    const probe = new Probe(sim, 'a', {
      onStart: (ctx) => void ctx.setTimer(10 * S, OP, 1),
      onEvent: (ctx, event) => void (event.a === 2 && ctx.setTimer(4 * S, OP, 3)),
    });
    sim.at(2 * S, 'rate', () => {
      sim.clocks.setRate(probe.pid, 2);
      probe.ctx.setTimer(4 * S, OP, 2);
    });
    sim.run(5 * S);
    expect(probe.ctx.now()).toBe(2 * S + 6 * S);
    expect(probe.log.map(({ a, time }) => [a, time])).toEqual([[2, 4 * S]]);
    sim.clocks.setRate(probe.pid, 0.5);
    sim.run(20 * S);
    expect(probe.log.map(({ a, time }) => [a, time])).toEqual([
      [2, 4 * S],
      [3, 6 * S],
      [1, 10 * S],
    ]);
    expect(probe.ctx.now()).toBe(8 * S + 7.5 * S);
    expect(() => sim.clocks.setRate(probe.pid, 0)).toThrow(AssertionError);
  });

  it('shifts the wall clock only', () => {
    const sim = quietSimulation();
    const probe = new Probe(sim, 'a');
    sim.run(3 * S);
    expect(probe.ctx.wallUs()).toBe(Date.UTC(2025, 0, 1) * 1000 + 3 * S);
    sim.clocks.setWallOffset(probe.pid, -60 * S);
    expect(probe.ctx.wallUs()).toBe(Date.UTC(2025, 0, 1) * 1000 - 57 * S);
    expect(probe.ctx.now()).toBe(3 * S);
  });
});

describe('timers', () => {
  it('cancels before, not after, and never another timer in the same slot', () => {
    const sim = quietSimulation();
    const probe = new Probe(sim, 'a');
    sim.run(MS);
    const first = probe.ctx.setTimer(MS, OP, 1);
    const second = probe.ctx.setTimer(MS, OP, 2);
    expect(probe.ctx.cancelTimer(first)).toBe(true);
    expect(probe.ctx.cancelTimer(first)).toBe(false);
    const third = probe.ctx.setTimer(MS, OP, 3);
    expect(third).not.toBe(first);
    expect(probe.ctx.cancelTimer(first)).toBe(false);
    sim.run(S);
    expect(probe.values(OP)).toEqual([2, 3]);
    expect(probe.ctx.cancelTimer(second)).toBe(false);
    probe.ctx.setTimer(MS, OP, 4);
    probe.ctx.setTimer(MS, OP, 5);
    expect(probe.ctx.cancelTimer(second)).toBe(false);
    expect(probe.ctx.cancelTimer(third)).toBe(false);
    sim.run(2 * S);
    expect(probe.values(OP)).toEqual([2, 3, 4, 5]);
  });

  it('fires a negative delay now and refuses one that is no time', () => {
    const sim = quietSimulation();
    const probe = new Probe(sim, 'a');
    sim.run(MS);
    probe.ctx.setTimer(-5, OP, 1);
    sim.run(MS);
    expect(probe.times(OP)).toEqual([MS]);
    expect(() => probe.ctx.setTimer(Number.NaN, OP)).toThrow(AssertionError);
    expect(() => probe.ctx.setTimer(Number.POSITIVE_INFINITY, OP)).toThrow(AssertionError);
  });
});

describe('the run', () => {
  it('ends by time, by running dry, by the event budget and by stop', () => {
    const sim = quietSimulation({ eventsMax: 50 });
    const probe = new Probe(sim, 'a', {
      onStart: (ctx) => void ctx.setTimer(MS, OP),
      onEvent(ctx, _event, self) {
        if (self.log.length === 5) ctx.sim.stop();
        ctx.setTimer(MS, OP);
      },
    });
    expect(sim.run(3 * MS)).toBe('until');
    expect(sim.now).toBe(3 * MS);
    expect(sim.run(S)).toBe('stopped');
    expect(sim.run(S)).toBe('events-budget');
    expect(sim.eventCount).toBe(50);
    expect(sim.run(S)).toBe('events-budget');
    expect(sim.now).toBeLessThan(S);
    expect(probe.log.length).toBeGreaterThan(40);
    const empty = quietSimulation();
    expect(empty.run(2 * S)).toBe('idle');
    expect(empty.now).toBe(2 * S);
    expect(empty.run(Number.POSITIVE_INFINITY)).toBe('idle');
  });

  it('refuses actions in the past, double names and unknown names', () => {
    const sim = quietSimulation();
    new Probe(sim, 'a');
    sim.run(5);
    expect(() => sim.at(4, 'late', () => {})).toThrow(/"late" lies in the past/);
    expect(() => new Probe(sim, 'a')).toThrow(/exists already/);
    expect(() => sim.pidOf('b')).toThrow(/no process is named "b"/);
    expect(() => quietSimulation({ bugs: ['nope'] })).toThrow(/no bug switch is named "nope"/);
    expect(() => quietSimulation({ seed: -1 })).toThrow(/seed/);
    expect(() => quietSimulation({ seed: 1.5 })).toThrow(/seed/);
  });

  it('has points, marks and bug switches that are declared once', () => {
    expect(() => definePoint('test.life-cycle-point', '')).toThrow(/declared twice/);
    expect(() => defineBug('test.life-cycle-bug', '')).toThrow(/declared twice/);
    expect(() => defineMark('test.life-cycle-mark', '')).toThrow(/declared twice/);
    const sim = quietSimulation({ bugs: ['test.life-cycle-bug'] });
    const plain = quietSimulation();
    const seen: unknown[] = [];
    expect(sim.observation.isObserved(POINT)).toBe(false);
    sim.observation.listen(POINT, (pid, subject) => seen.push([pid, subject]));
    const probe = new Probe(sim, 'a', {
      onStart(ctx) {
        ctx.observe(POINT, 'hello');
        ctx.mark(MARK);
        ctx.mark(MARK);
        expect(ctx.bug(BUG)).toBe(true);
        expect(ctx.intercept(POINT, 1)).toBeUndefined();
      },
    });
    sim.run(S);
    expect(seen).toEqual([[probe.pid, 'hello']]);
    expect(sim.observation.marks[MARK]).toBe(2);
    expect(plain.observation.bugs[BUG]).toBe(0);
    sim.observation.setInterceptor(POINT, (_pid, subject) => `no to ${subject}`);
    expect(probe.ctx.intercept(POINT, 'x')).toBe('no to x');
    sim.observation.setInterceptor(POINT, null);
    expect(probe.ctx.intercept(POINT, 'x')).toBeUndefined();
  });

  it('holds at most so many deliveries for a process that does not take them', () => {
    const sim = quietSimulation();
    const probe = new Probe(sim, 'a');
    const inbox = sim.processes.extrasOf(probe.pid).inbox;
    for (let i = 0; i < 2 ** 20; i++) inbox.push(0);
    expect(() => inbox.push(0)).toThrow(/inbox of a: more than 1048576/);
  });

  it('asks for the current task only inside one', () => {
    const sim = quietSimulation();
    const probe = new Probe(sim, 'a');
    expect(() => probe.ctx.currentTask).toThrow(AssertionError);
    sim.run(MS);
    const task = probe.ctx.startTask(
      't',
      'k',
      (function* (): Generator<Wait, void, unknown> {
        expect(probe.ctx.currentTask.label).toBe('t');
        yield WAIT;
      })(),
    );
    expect(task.suspended).toBe(true);
    expect(() => probe.ctx.currentTask).toThrow(AssertionError);
  });
});

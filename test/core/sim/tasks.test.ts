import { describe, expect, it } from 'vitest';
import { AssertionError } from '../../../core/base/assert.ts';
import type { Context } from '../../../core/sim/context.ts';
import type { PointAction, Task, Wait } from '../../../core/sim/task.ts';
import { WAIT } from '../../../core/sim/task.ts';
import { MS, Probe, quietSimulation, S } from '../../support/probe.ts';

const OP = 40;

/** One process and a task of three points: two sleeps and an answer from outside. */
function rig() {
  const sim = quietSimulation();
  const trail: [string, number][] = [];
  let waiting: Task | null = null;
  const note = (what: string): void => void trail.push([what, sim.now]);
  function* body(ctx: Context): Generator<Wait, void, unknown> {
    try {
      note('begin');
      yield* ctx.sleep(10 * MS);
      note('slept');
      waiting = ctx.currentTask;
      const answer = (yield WAIT) as string;
      note(`answer ${answer}`);
      yield* ctx.sleep(10 * MS);
      note('end');
    } catch (error) {
      note(`caught ${error}`);
    }
  }
  const tasks: Task[] = [];
  const probe = new Probe(sim, 'a', {
    onStart: (ctx) => void tasks.push(ctx.startTask('demo', 'ns/x', body(ctx), 1)),
  });
  sim.at(20 * MS, 'answer', () => {
    if (waiting !== null) probe.ctx.resume(waiting, 'yes');
  });
  return { sim, probe, trail, tasks };
}

/** Does `action` when the demo task is at that point and phase, once. */
function hookAt(point: number, phase: string, action: PointAction) {
  let used = false;
  return (task: Task, at: 'yielded' | 'resuming'): PointAction | null => {
    if (used || task.label !== 'demo' || task.point !== point || at !== phase) return null;
    used = true;
    return action;
  };
}

describe('tasks', () => {
  it('runs to its first yield at once, then step by step; yields are numbered', () => {
    const { sim, trail, tasks } = rig();
    const points: [string, number][] = [];
    sim.tasks.hook = (task, phase) => {
      points.push([phase, task.point]);
      return null;
    };
    sim.run(S);
    expect(trail).toEqual([
      ['begin', 0],
      ['slept', 10 * MS],
      ['answer yes', 20 * MS],
      ['end', 30 * MS],
    ]);
    expect(points).toEqual([
      ['yielded', 1],
      ['resuming', 1],
      ['yielded', 2],
      ['resuming', 2],
      ['yielded', 3],
      ['resuming', 3],
    ]);
    expect(tasks[0]).toMatchObject({ label: 'demo', key: 'ns/x', ordinal: 1, point: 3, done: true, suspended: false });
  });

  it('passes an error in, which the task may catch', () => {
    const { sim, probe, trail, tasks } = rig();
    sim.at(15 * MS, 'fail', () => probe.ctx.fail(tasks[0] as Task, 'refused'));
    sim.run(19 * MS);
    expect(trail.at(-1)).toEqual(['caught refused', 15 * MS]);
    expect(tasks[0]?.done).toBe(true);
  });

  it('takes a second answer for a bug', () => {
    const { sim, probe, tasks } = rig();
    sim.run(40 * MS);
    expect(() => probe.ctx.resume(tasks[0] as Task, 'again')).toThrow(AssertionError);
  });

  it('resumes no task of a crashed instance, not even after the restart', () => {
    const { sim, probe, trail, tasks } = rig();
    sim.at(12 * MS, 'crash', () => sim.crash(probe.pid));
    sim.at(13 * MS, 'restart', () => sim.restart(probe.pid));
    sim.run(14 * MS);
    probe.ctx.resume(tasks[0] as Task, 'late');
    probe.ctx.fail(tasks[0] as Task, 'late');
    expect(trail.map(([what]) => what)).toEqual(['begin', 'slept', 'begin']);
  });

  it('keeps tasks of a paused process waiting', () => {
    const { sim, probe, trail } = rig();
    sim.at(5 * MS, 'pause', () => sim.pause(probe.pid));
    sim.at(15 * MS, 'resume', () => sim.resume(probe.pid));
    sim.run(16 * MS);
    expect(trail.at(-1)).toEqual(['slept', 15 * MS]);
  });

  it('lets a fault crash the process when the effects are out and the answer is not there', () => {
    const { sim, probe, trail } = rig();
    sim.tasks.hook = hookAt(2, 'yielded', { kind: 'crash', silent: false });
    sim.run(S);
    expect(trail.map(([what]) => what)).toEqual(['begin', 'slept']);
    expect(sim.isRunning(probe.pid)).toBe(false);
  });

  it('lets a fault crash the process before the code after the answer runs', () => {
    const { sim, probe, trail } = rig();
    sim.tasks.hook = hookAt(1, 'resuming', { kind: 'crash', silent: true });
    sim.run(S);
    expect(trail.map(([what]) => what)).toEqual(['begin']);
    expect(sim.isRunning(probe.pid)).toBe(false);
  });

  it('lets a fault delay the answer; nobody may answer meanwhile', () => {
    const { sim, probe, trail, tasks } = rig();
    sim.tasks.hook = hookAt(2, 'resuming', { kind: 'delay', delayUs: 7 * MS });
    sim.at(22 * MS, 'second answer', () => {
      expect(() => probe.ctx.resume(tasks[0] as Task, 'no')).toThrow(AssertionError);
    });
    sim.run(S);
    expect(trail.slice(2)).toEqual([
      ['answer yes', 27 * MS],
      ['end', 37 * MS],
    ]);
  });

  it('drops a delayed answer with the process', () => {
    const { sim, probe, trail } = rig();
    sim.tasks.hook = hookAt(2, 'resuming', { kind: 'delay', delayUs: 7 * MS });
    sim.at(22 * MS, 'crash', () => sim.crash(probe.pid));
    sim.at(23 * MS, 'restart', () => sim.restart(probe.pid));
    sim.run(28 * MS);
    expect(trail.map(([what]) => what)).toEqual(['begin', 'slept', 'begin']);
  });

  it('lets a fault turn the answer into an error', () => {
    const { sim, trail } = rig();
    sim.tasks.hook = hookAt(2, 'resuming', { kind: 'fail', error: 'injected' });
    sim.run(S);
    expect(trail.at(-1)).toEqual(['caught injected', 20 * MS]);
  });

  it('keeps the outer task current while a task starts another', () => {
    const sim = quietSimulation();
    const seen: string[] = [];
    new Probe(sim, 'a', {
      onStart(ctx) {
        const inner = function* () {
          seen.push(ctx.currentTask.label);
          yield* ctx.sleep(1);
          seen.push(ctx.currentTask.label);
        };
        const outer = function* () {
          ctx.startTask('inner', '', inner());
          seen.push(ctx.currentTask.label);
          yield* ctx.sleep(1);
          seen.push(ctx.currentTask.label);
        };
        ctx.startTask('outer', '', outer());
      },
    });
    sim.run(S);
    expect(seen).toEqual(['inner', 'outer', 'inner', 'outer']);
  });

  it('lets an uncaught error of a task end the run, and the kernel stays usable', () => {
    const sim = quietSimulation();
    const probe = new Probe(sim, 'a', { onStart: (ctx) => void ctx.setTimer(2 * MS, OP) });
    sim.at(MS, 'start', () => {
      const body = function* (): Generator<Wait, void, unknown> {
        yield* probe.ctx.sleep(0);
        throw new Error('broken');
      };
      probe.ctx.startTask('t', '', body());
    });
    expect(() => sim.run(S)).toThrow('broken');
    expect(() => probe.ctx.currentTask).toThrow(AssertionError);
    sim.run(S);
    expect(probe.values(OP)).toEqual([0]);
  });
});

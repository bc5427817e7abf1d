import { describe, expect, it } from 'vitest';
import { Expectations, TrackedExpectations } from '../../../core/client/expectations.ts';
import { MARK_EXPECTATION_EXPIRED } from '../../../core/client/marks.ts';
import { runParallel, slowStart } from '../../../core/client/slow-start.ts';
import type { Context } from '../../../core/sim/context.ts';
import type { Wait } from '../../../core/sim/task.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import { ClientBench } from '../../support/client-bench.ts';

function process(): { bench: ClientBench; ctx: Context } {
  const bench = new ClientBench(0);
  let ctx: Context | undefined;
  bench.add('controller', (library) => {
    ctx = library.ctx;
  });
  bench.run(1);
  return { bench, ctx: ctx as Context };
}

describe('Expectations', () => {
  it('are satisfied when everything was seen', () => {
    const expectations = new Expectations(process().ctx);
    expect(expectations.satisfied(1)).toBe(true);
    expectations.expectCreations(1, 2);
    expectations.creationObserved(1);
    expect(expectations.satisfied(1)).toBe(false);
    expect(expectations.satisfied(2)).toBe(true);
    expect(expectations.openCount()).toBe(1);
    expectations.creationObserved(1);
    expect(expectations.satisfied(1)).toBe(true);
  });

  it('expire after five minutes', () => {
    const { bench, ctx } = process();
    const expectations = new Expectations(ctx);
    expectations.expectDeletions(1, 1);
    bench.run(300_000_000);
    expect(expectations.satisfied(1)).toBe(false);
    bench.run(1);
    expect(expectations.satisfied(1)).toBe(true);
    expect(bench.sim.observation.marks[MARK_EXPECTATION_EXPIRED]).toBe(1);
  });

  it('count a deletion that shows twice once', () => {
    const expectations = new TrackedExpectations(process().ctx);
    expectations.expectDeletionsOf(1, [10, 11]);
    expectations.deletionObservedOf(1, 10);
    expectations.deletionObservedOf(1, 10);
    expectations.deletionObservedOf(1, 99);
    expect(expectations.satisfied(1)).toBe(false);
    expectations.deletionObservedOf(1, 11);
    expect(expectations.satisfied(1)).toBe(true);
  });
});

describe('slowStart', () => {
  it('sends 1, 2, 4, … at a time', () => {
    const { bench, ctx } = process();
    const starts: number[] = [];
    let result: unknown;
    function* send(): Generator<Wait, void, unknown> {
      starts.push(bench.sim.now);
      yield* ctx.sleep(1000);
    }
    function* body(): Generator<Wait, void, unknown> {
      result = yield* slowStart(ctx, 10, send);
    }
    ctx.startTask('t', 'k', body());
    bench.run(100_000);
    expect(starts.map((time) => Math.round((time - 1) / 1000))).toEqual([0, 1, 1, 2, 2, 2, 2, 3, 3, 3]);
    expect(result).toEqual({ successes: 10, skipped: 0, error: null });
  });

  it('stops after the batch with the first error', () => {
    const { bench, ctx } = process();
    let result: unknown;
    const error = StatusError.internalError('quota');
    function* send(index: number): Generator<Wait, void, unknown> {
      if (index === 5) throw error;
      yield* ctx.sleep(1000);
      if (index === 4) throw StatusError.internalError('first by index');
    }
    function* body(): Generator<Wait, void, unknown> {
      result = yield* slowStart(ctx, 100, send);
    }
    ctx.startTask('t', 'k', body());
    bench.run(100_000);
    expect(result).toMatchObject({
      successes: 5,
      skipped: 93,
      error: { message: 'Internal error occurred: first by index' },
    });
  });

  it('needs no wait when no member waits', () => {
    const { ctx } = process();
    let result: unknown;
    function* send(): Generator<Wait, void, unknown> {}
    function* body(): Generator<Wait, void, unknown> {
      result = yield* runParallel(ctx, 0, 3, send);
    }
    ctx.startTask('t', 'k', body());
    expect(result).toMatchObject({ successes: 3, error: null });
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../../core/sim/event-queue.ts';

/** The heap against a sorted list: pushes, pops and cancels in any order. */
describe('event queue', () => {
  it('pops in the order of (time, order), cancelled events excepted', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('push' as const), time: fc.nat(20) }),
      fc.record({ kind: fc.constant('pop' as const) }),
      fc.record({ kind: fc.constant('cancel' as const), index: fc.nat(50) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const queue = new EventQueue(2);
        let model: { slot: number; handle: number; time: number; order: number }[] = [];
        const gone: number[] = [];
        let order = 0;
        for (const s of steps) {
          if (s.kind === 'push') {
            const slot = queue.allocate();
            queue.push(slot, s.time, order);
            model.push({ slot, handle: queue.handleOf(slot), time: s.time, order: order++ });
            model.sort((l, r) => l.time - r.time || l.order - r.order);
          } else if (s.kind === 'pop' && model.length > 0) {
            expect(queue.peekTime()).toBe(model[0]?.time);
            const slot = queue.pop();
            expect(slot).toBe(model[0]?.slot);
            queue.free(slot);
            gone.push(model[0]?.handle as number);
            model = model.slice(1);
          } else if (s.kind === 'cancel' && model.length > 0) {
            const [victim] = model.splice(s.index % model.length, 1);
            expect(queue.cancel(victim?.handle as number)).toBe(true);
            gone.push(victim?.handle as number);
          }
          for (const handle of gone.slice(-3)) expect(queue.cancel(handle), 'a handle of the past').toBe(false);
          expect(queue.size).toBe(model.length);
        }
      }),
      { seed: 4, numRuns: 200 },
    );
  });
});

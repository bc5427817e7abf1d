import { describe, expect, test } from 'vitest';
import { POINT_WRITE } from '../../../core/api/declarations.ts';
import type { Judge } from '../../../core/chaos/predicate.ts';
import { knownOutcome } from '../../../core/chaos/predicates/known-outcome-check.ts';
import { World } from '../../../core/chaos/world.ts';
import { POINT_CALL_ENDED } from '../../../core/client/points.ts';
import { Simulation } from '../../../core/sim/simulation.ts';
import { VERB } from '../../../core/types/wire.ts';

const REFUSED = { outcomeUnknown: false, message: 'no' };
const UNKNOWN = { outcomeUnknown: true, message: 'nobody knows' };

/** Writes and answers made by hand, and what A11 says of them. */
function history() {
  const sim = new Simulation({ seed: 1 });
  const found: string[] = [];
  const judge: Judge = { sim, world: new World(), calmSinceUs: 0, violate: (_, message) => found.push(message) };
  knownOutcome(judge);
  const request = (name: string) => ({ verb: VERB.update, type: { kind: 'Widget' }, name });
  const after = { kind: 'Widget', metadata: { name: 'w' } };
  const take = (sent: object): void =>
    sim.observation.observe(POINT_WRITE, 0, { op: { request: sent }, before: null, after });
  const end = (sent: object, error: object | null, response: object | null = null, retries = 0): void =>
    sim.observation.observe(POINT_CALL_ENDED, 0, { request: sent, response, error, retries });
  return { found, request, take, end };
}

describe('A11', () => {
  test('who is told that a write was refused that the store took is lied to, once', () => {
    const { found, request, take, end } = history();
    const [lied, done, lost, never] = ['lied', 'done', 'lost', 'never'].map(request) as [
      object,
      object,
      object,
      object,
    ];
    for (const sent of [lied, done, lost]) take(sent);
    end(done, null);
    end(lost, UNKNOWN);
    for (const sent of [lied, lost, never, lied]) end(sent, REFUSED);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('Widget lied');
  });

  test.each([
    ['refused', 409, {}, 0, 1],
    ['timed out', 504, {}, 0, 0],
    ['not answered', 409, null, 0, 0],
    ['refused the second time', 409, {}, 1, 0],
  ])('the outcome of a write that was %s may be unknown', (name, code, response, retries, count) => {
    const { found, request, end } = history();
    end(request(name), { ...UNKNOWN, code }, response, retries);
    expect(found).toHaveLength(count);
  });
});

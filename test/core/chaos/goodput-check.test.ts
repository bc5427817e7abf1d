/** X6: requests that come to nothing while others of the same client are served; who is cut off is not blamed. */
import { expect, test } from 'vitest';
import type { Judge } from '../../../core/chaos/predicate.ts';
import { goodput } from '../../../core/chaos/predicates/goodput-check.ts';
import { World } from '../../../core/chaos/world.ts';
import { POINT_CALL_ENDED } from '../../../core/client/points.ts';
import { Simulation } from '../../../core/sim/simulation.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import { VERB } from '../../../core/types/wire.ts';

const S = 1_000_000;
const REFUSED = StatusError.serviceUnavailable('injected failure');

/** What X6 says at 110 s of updates lost every 30 s from 10 s on, with these updates (or `other` requests) served at these seconds, and how often it judged. */
function judged(losses: number, served: readonly (readonly [kind: string, seconds: number, other?: object])[]) {
  const sim = new Simulation({ seed: 1 });
  const pid = sim.addProcess('kubelet-0', 'node-0', () => ({ start() {}, receive() {} }));
  const judge: Judge = { sim, world: new World(), calmSinceUs: 0, violate() {} };
  const predicate = goodput(judge);
  const ended = (kind: string, seconds: number, error: StatusError | null, other = {}): void => {
    const request = { verb: VERB.update, type: { kind }, subresource: '', ...other };
    sim.at(seconds * S, 'ended', () => sim.observation.observe(POINT_CALL_ENDED, pid, { request, error }));
  };
  for (let loss = 0; loss < losses; loss++) ended('Node', 10 + 30 * loss, REFUSED);
  for (const [kind, seconds, other] of served) ended(kind, seconds, null, other);
  let said: string | null = null;
  sim.at(110 * S, 'look', () => {
    said = predicate.missing?.() ?? null;
  });
  sim.run(120 * S);
  return [said, predicate.evaluations];
}

test.each([
  ['nothing is lost', 0, [['Pod', 20]], null, 0],
  ['never served', 4, [], null, 0],
  ['served before, and not since', 4, [['Pod', 5]], null, 0],
  [
    'others are served',
    4,
    [['Pod', 50]],
    'Node update: 4 requests of kubelet-0 came to nothing, one after the other',
    1,
  ],
  [
    'another verb and another subresource are served',
    4,
    [
      ['Node', 104, { verb: VERB.get }],
      ['Node', 105, { subresource: 'status' }],
    ],
    'Node update: 4 requests of kubelet-0 came to nothing, one after the other',
    1,
  ],
  ['it gets through', 4, [['Node', 105]], null, 1],
  ['too few', 2, [['Pod', 50]], null, 1],
] as const)('%s', (_, losses, served, said, evaluations) => {
  expect(judged(losses, served)).toEqual([said, evaluations]);
});

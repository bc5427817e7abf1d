import { describe, expect, test } from 'vitest';
import type { Judge } from '../../../core/chaos/predicate.ts';
import { conflictStreaks } from '../../../core/chaos/predicates/conflict-streak-check.ts';
import { World } from '../../../core/chaos/world.ts';
import { POINT_CALL_ENDED } from '../../../core/client/points.ts';
import { Simulation } from '../../../core/sim/simulation.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { VERB } from '../../../core/types/wire.ts';

const object = (kind: string, name: string, resourceVersion: string): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, uid: name, resourceVersion },
});

/**
 * What X11 says of `conflicts` conflicts in a row on one object, with a commit of `kind` before each, and a success after every `successEach`. `later`: what
 * is stored of the object after the first one, null for nothing.
 */
function findings(
  kind: string | null,
  conflicts: number,
  successEach = Number.POSITIVE_INFINITY,
  later?: KubeObject | null,
): string[] {
  const sim = new Simulation({ seed: 1 });
  const world = new World();
  const found: string[] = [];
  const judge: Judge = { sim, world, calmSinceUs: 0, violate: (_, message) => found.push(message) };
  conflictStreaks(judge);
  let revision = 0;
  const commit = (what: KubeObject, keyId: number): void => {
    world.apply({ timeUs: 0, revision: ++revision, keyId, kind: what.kind, object: what, previous: null });
  };
  commit(object('Widget', 'w', '2'), 1);
  const ended = (error: { isConflict: boolean } | null): void => {
    const request = { verb: VERB.update, type: { kind: 'Widget' }, object: object('Widget', 'w', '1') };
    sim.observation.observe(POINT_CALL_ENDED, 0, { request, error });
  };
  for (let count = 1; count <= conflicts; count++) {
    if (kind !== null) commit(object(kind, 'other', '7'), 2);
    ended({ isConflict: true });
    if (count === 1 && later !== undefined) {
      world.apply({ timeUs: 0, revision: ++revision, keyId: 1, kind: 'Widget', object: later, previous: null });
    }
    if (count % successEach === 0) ended(null);
  }
  return found;
}

describe('X11', () => {
  test.each([
    ['forty conflicts', null, 40, 0],
    ['one more', null, 41, 1],
    ['each may come of a change elsewhere', 'Pod', 200, 0],
    ['renewals make none', 'Lease', 200, 4],
    ['Events make none', 'Event', 200, 4],
  ] as const)('%s', (_, kind, conflicts, count) => {
    expect(findings(kind, conflicts)).toHaveLength(count);
  });

  test.each([
    ['what is gone', null, 100, 2],
    [
      'another one of the name',
      { ...object('Widget', 'w', '1'), metadata: { name: 'w', uid: 'v', resourceVersion: '1' } },
      100,
      2,
    ],
    ['the version that was sent: the conflict is not true', object('Widget', 'w', '1'), 100, 0],
  ] as const)('on %s', (_, later, conflicts, count) => {
    expect(findings(null, conflicts, Number.POSITIVE_INFINITY, later)).toHaveLength(count);
  });

  test('a write that gets through ends the row', () => {
    expect(findings(null, 200, 40)).toEqual([]);
  });
});

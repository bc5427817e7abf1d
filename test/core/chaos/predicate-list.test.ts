import { describe, expect, it } from 'vitest';
import type { Judge, Predicate } from '../../../core/chaos/predicate.ts';
import { ALWAYS, LIVENESS, predicateIds, predicateList } from '../../../core/chaos/predicates/index.ts';
import { World } from '../../../core/chaos/world.ts';
import { Simulation } from '../../../core/sim/simulation.ts';

function made(): Predicate[] {
  const judge: Judge = { sim: new Simulation({ seed: 1 }), world: new World(), calmSinceUs: 0, violate() {} };
  return [...ALWAYS, ...LIVENESS].map((make) => make(judge));
}

describe('list of predicates', () => {
  it('has each id once, and ids look like those of the catalogue', () => {
    expect(new Set(predicateIds()).size).toBe(predicateList().length);
    for (const [id, about] of predicateList()) {
      expect(id).toMatch(/^[A-Z]{1,2}\d+'?$/);
      expect(about).not.toMatch(/\.$/);
    }
  });

  it('starts every predicate without an evaluation, and liveness ones can be asked', () => {
    for (const predicate of made()) expect(predicate.evaluations).toBe(0);
    const judge: Judge = { sim: new Simulation({ seed: 1 }), world: new World(), calmSinceUs: 0, violate() {} };
    for (const make of LIVENESS) expect(make(judge).missing).toBeDefined();
  });
});

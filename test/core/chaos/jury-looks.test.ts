/** In which order and how often the jury asks liveness predicates: first what lacked before, nothing while nothing can have changed. */
import { describe, expect, test } from 'vitest';
import { Jury } from '../../../core/chaos/jury.ts';
import { Simulation } from '../../../core/sim/simulation.ts';
import { POINT_STORE_COMMIT } from '../../../core/store/member-names.ts';

const LOOK_AGAIN_US = 5_000_000;

/** A jury of three; `look` = what is missing, as `lacks` says, and who was asked for it. */
function looking() {
  const sim = new Simulation({ seed: 1 });
  const jury = new Jury(sim, ['S13', 'RS1', 'X2']);
  const lacks = new Map<string, string>();
  let asked: string[] = [];
  for (const predicate of jury.liveness) {
    predicate.missing = () => {
      asked.push(predicate.id);
      return lacks.get(predicate.id) ?? null;
    };
  }
  let revision = 1;
  const commit = (kind: string): void => {
    const value = { object: { kind, metadata: { name: 'a' } } };
    sim.observation.observe(POINT_STORE_COMMIT, 0, { keyId: 1, revision: ++revision, value, previous: null });
  };
  const look = () => {
    asked = [];
    const missing = jury.missingSince();
    return [missing === null ? null : `${missing.predicate.id}: ${missing.what}`, ...asked];
  };
  return { sim, jury, lacks, commit, look };
}

describe('looks of the jury', () => {
  test('what lacked before is asked first, and alone while it lacks something', () => {
    const { lacks, look } = looking();
    lacks.set('RS1', 'two pods');
    expect(look()).toEqual(['RS1: two pods', 'S13', 'RS1']);
    lacks.set('RS1', 'one pod');
    expect(look()).toEqual(['RS1: one pod', 'RS1']);
    // One that comes before it and lacks something too is named when this one has all.
    lacks.set('S13', 'writes');
    expect(look()).toEqual(['RS1: one pod', 'RS1']);
    lacks.delete('RS1');
    expect(look()).toEqual(['S13: writes', 'RS1', 'S13']);
  });

  test('all are asked before it is said that all hold', () => {
    const { lacks, look } = looking();
    lacks.set('X2', 'rest');
    look();
    lacks.delete('X2');
    expect(look()).toEqual([null, 'X2', 'S13', 'RS1', 'X2']);
  });

  test('where all held, nobody is asked until work is committed or a while is over', () => {
    const { sim, commit, look } = looking();
    const all = [null, 'S13', 'RS1', 'X2'];
    expect(look()).toEqual(all);
    expect(look()).toEqual([null]);
    commit('Lease');
    expect(look()).toEqual([null]);
    commit('Pod');
    expect(look()).toEqual(all);
    expect(look()).toEqual([null]);
    sim.run(LOOK_AGAIN_US);
    expect(look()).toEqual(all);
  });

  test('a look at everything asks all in their order, whatever lacked before', () => {
    const { jury, lacks, look } = looking();
    lacks.set('X2', 'rest');
    look();
    lacks.set('S13', 'writes');
    expect(jury.missing()?.predicate.id).toBe('S13');
  });
});

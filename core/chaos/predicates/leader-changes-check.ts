/**
 * S14: the store's leadership is steady: it does not change over and over.
 *
 * A crash or a partition of the leader changes it once. What changes it again and again is a member that cannot hear the leader and is heard by others: without
 * pre-vote and check-quorum it takes the leadership back and forth (Cloudflare, 2 November 2020). Judged as a rate.
 */
import { type Judge, listen, type Predicate } from '../predicate.ts';

/** Leaders within a minute that faults may explain: more than a few crashes in a row. */
const CHANGES_MAX = 10;
const WINDOW_US = 60_000_000;

export function steadyLeader(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'S14',
    about: `the store has no more than ${CHANGES_MAX} new leaders within a minute`,
    evaluations: 0,
  };
  /** Of the last elections, the newest last, µs. */
  const elections: number[] = [];
  let told = false;
  listen(judge, 'store.leader', (pid) => {
    predicate.evaluations++;
    const { now } = judge.sim;
    elections.push(now);
    if (elections.length > CHANGES_MAX + 1) elections.shift();
    if (told || elections.length <= CHANGES_MAX || now - (elections[0] as number) > WINDOW_US) return;
    told = true;
    const name = judge.sim.processes.names[pid];
    judge.violate(predicate, `${name} is leader number ${elections.length} of the store within a minute`);
  });
  return predicate;
}

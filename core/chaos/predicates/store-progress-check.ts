/**
 * S13, S15: when nothing disturbs the store it takes writes, and its watches keep up.
 *
 * Something is always written: electors renew their leases every 2 s, kubelets every 10 s. Both are asked after the heal point while no fault acts; an election and the
 * first writes after it take a few seconds. Source: etcd 3.6, heartbeat 100 ms and election 1 s; watches are unsynced for 100 ms at a time.
 */
import { PROCESS_RUNNING } from '../../sim/process.ts';
import { type Judge, listen, type Predicate } from '../predicate.ts';
import { StoreStreams } from './store-watch-check.ts';

const IDLE_US_MAX = 15_000_000;
const NO_SPACE = 'etcdserver: mvcc: database space exceeded';
const LAG_US_MAX = 5_000_000;

const isCalm = (judge: Judge): boolean => judge.calmSinceUs <= judge.sim.now;

/** S13. */
export function storeProgresses(judge: Judge): Predicate {
  /** When it last said that it has no space: that is an answer as well. */
  let fullUs = Number.NEGATIVE_INFINITY;
  const predicate: Predicate = {
    id: 'S13',
    about: 'an undisturbed store takes writes',
    evaluations: 0,
    missing() {
      const lastUs = judge.world.lastUs('Lease');
      if (lastUs === 0 || !isCalm(judge)) return null;
      predicate.evaluations++;
      const idleUs = judge.sim.now - Math.max(lastUs, fullUs);
      return idleUs <= IDLE_US_MAX ? null : `no lease was written for ${Math.round(idleUs / 1_000_000)} s`;
    },
  };
  listen(judge, 'api.store-refused', (_pid, subject) => {
    if ((subject as { readonly message: string }).message === NO_SPACE) fullUs = judge.sim.now;
  });
  return predicate;
}

/** S15. */
export function watchesKeepUp(judge: Judge): Predicate {
  const { processes } = judge.sim;
  const streams = StoreStreams.of(judge);
  /** What had been committed at an instant. */
  let mark = { timeUs: 0, revision: 0 };
  const predicate: Predicate = {
    id: 'S15',
    about: `every API server’s watch of an undisturbed store is given what was committed ${LAG_US_MAX / 1_000_000} s before`,
    evaluations: 0,
    missing() {
      const { now } = judge.sim;
      if (!isCalm(judge)) mark = { timeUs: 0, revision: 0 };
      if (mark.revision > 0 && now - mark.timeUs >= LAG_US_MAX) {
        for (const [pid, revision] of streams.newest.entries()) {
          if (revision < 0 || processes.state[pid] !== PROCESS_RUNNING) continue;
          predicate.evaluations++;
          if (revision >= mark.revision) continue;
          return `${processes.names[pid]} was given revision ${revision}, ${mark.revision} was there ${Math.round((now - mark.timeUs) / 1_000_000)} s ago`;
        }
        mark = { timeUs: 0, revision: 0 };
      }
      if (mark.revision === 0) mark = { timeUs: now, revision: judge.world.revision };
      return null;
    },
  };
  return predicate;
}

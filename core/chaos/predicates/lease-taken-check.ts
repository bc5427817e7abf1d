/**
 * LE3: who can lead does: a Lease of an election is renewed or taken over in the end.
 *
 * Judged while others write Leases: where nobody can, nobody can lead. A candidate waits 15 s from the renewal that it has seen last, with up to 4.4 s of lag before and after; half a minute without a write to the Lease of a component of
 * which an instance has run all that time is too long. Source: client-go 1.34 tools/leaderelection.
 */
import { PROCESS_RUNNING } from '../../sim/process.ts';
import type { Lease } from '../../types/lease.ts';
import { type Judge, keyOf, lacks, type Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';

const UNRENEWED_US_MAX = 30_000_000;
/** Components that elect a leader, by the name of their Lease. */
const COMPONENTS: Readonly<Record<string, string>> = {
  'kube-scheduler': 'scheduler',
  'kube-controller-manager': 'controller-manager',
  'cloud-controller-manager': 'cloud-controller-manager',
};

export function leasesTaken(judge: Judge): Predicate {
  /** When each Lease was last written, and which, by store key. */
  const written = new Map<number, { readonly lease: Lease; timeUs: number }>();
  const predicate: Predicate = {
    id: 'LE3',
    about: 'a component of which an instance runs has a leader that renews its lease',
    evaluations: 0,
    commitKinds: ['Lease'],
    onCommit({ keyId, object, timeUs }: Commit) {
      if (object === null || object.metadata.namespace !== 'kube-system') return;
      const known = written.get(keyId);
      if (known === undefined) written.set(keyId, { lease: object as Lease, timeUs });
      else known.timeUs = timeUs;
    },
    missing() {
      if (judge.sim.now - judge.world.lastUs('Lease') > UNRENEWED_US_MAX / 2) return null;
      for (const { lease, timeUs } of written.values()) {
        const component = COMPONENTS[lease.metadata.name];
        const sinceUs = component === undefined ? Number.POSITIVE_INFINITY : runsSince(judge, component);
        if (sinceUs > judge.sim.now) continue;
        predicate.evaluations++;
        const ageUs = judge.sim.now - timeUs;
        if (Math.min(ageUs, judge.sim.now - sinceUs) > UNRENEWED_US_MAX) {
          const ago = `was last written ${Math.round(ageUs / 1_000_000)} s ago`;
          return lacks(predicate, 'Lease', lease, `Lease ${keyOf(lease)} ${ago}, and a ${component} runs`);
        }
      }
      return null;
    },
  };
  return predicate;
}

/** Since when the instance runs that has run longest without a break, µs; infinity where none runs. */
function runsSince({ sim }: Judge, component: string): number {
  const { names, state, startedAt, resumedAt, count } = sim.processes;
  let sinceUs = Number.POSITIVE_INFINITY;
  for (let pid = 0; pid < count; pid++) {
    if (state[pid] !== PROCESS_RUNNING || names[pid]?.startsWith(`${component}-`) !== true) continue;
    sinceUs = Math.min(sinceUs, Math.max(startedAt[pid] as number, resumedAt[pid] as number));
  }
  return sinceUs;
}

/**
 * LE1: a Lease of an election passes to another holder only when it was released or has run out, and each time, and then alone, counts as a transition.
 *
 * Nobody can have seen a record change before it was stored, so whoever waits for its whole duration takes it later than that. Half of the time is
 * enough here, because a candidate's clock may run at another rate. Source: client-go 1.34 tools/leaderelection.
 */
import type { Lease } from '../../types/lease.ts';
import { type Judge, keyOf, type Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';

const CLOCK_SLACK = 0.5;

export function leaseHolders(judge: Judge): Predicate {
  /** When each Lease was last written, µs. */
  const writtenUs = new Map<number, number>();
  const predicate: Predicate = {
    id: 'LE1',
    about: 'a lease passes to another holder only when it was released or has run out, and counts its transitions',
    evaluations: 0,
    commitKinds: ['Lease'],
    onCommit({ keyId, object, previous, timeUs }: Commit) {
      if (object === null || object.metadata.namespace !== 'kube-system') return;
      const sinceUs = timeUs - (writtenUs.get(keyId) ?? Number.NEGATIVE_INFINITY);
      writtenUs.set(keyId, timeUs);
      const [before, after] = [(previous as Lease | null)?.spec, (object as Lease).spec];
      const [from, to] = [before?.holderIdentity ?? '', after?.holderIdentity ?? ''];
      if (from === '' || to === '') return;
      predicate.evaluations++;
      if (from === to) {
        if (before?.leaseTransitions !== after?.leaseTransitions)
          judge.violate(predicate, `Lease ${keyOf(object)}: ${to} counts a transition though it had it before`);
        return;
      }
      const durationUs = (before?.leaseDurationSeconds ?? 0) * 1_000_000;
      if (sinceUs < durationUs * CLOCK_SLACK) {
        const late = `${Math.round(sinceUs / 100_000) / 10} s after its last renewal`;
        judge.violate(predicate, `Lease ${keyOf(object)}: ${to} takes it from ${from} ${late}`);
      } else if ((after?.leaseTransitions ?? 0) <= (before?.leaseTransitions ?? 0)) {
        judge.violate(predicate, `Lease ${keyOf(object)}: ${to} takes it from ${from} without counting a transition`);
      }
    },
  };
  return predicate;
}

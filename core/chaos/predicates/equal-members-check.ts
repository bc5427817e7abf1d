/**
 * S4: store members that have applied the log up to the same entry hold the same state, whatever crashes and snapshots lie behind them.
 *
 * One word an entry: the first member to apply it says what its state must be.
 */
import { growInt32, growUint8 } from '../../base/grow.ts';
import { type Judge, listen, type Predicate } from '../predicate.ts';

/** The parts of a member's state that are read here. */
interface AppliedState {
  readonly appliedIndex: number;
  readonly stateHash: number;
}

export function equalMembers(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'S4',
    about: 'store members with equal applied index hold the same state',
    evaluations: 0,
  };
  let hashes = new Int32Array(256);
  let known = new Uint8Array(256);
  listen(judge, 'store.applied', (pid, subject) => {
    const { appliedIndex, stateHash } = subject as AppliedState;
    if (appliedIndex >= hashes.length) {
      hashes = growInt32(hashes, appliedIndex * 2);
      known = growUint8(known, appliedIndex * 2);
    }
    if (known[appliedIndex] === 0) {
      known[appliedIndex] = 1;
      hashes[appliedIndex] = stateHash;
      return;
    }
    predicate.evaluations++;
    if (hashes[appliedIndex] === stateHash) return;
    const name = judge.sim.processes.names[pid];
    judge.violate(
      predicate,
      `${name} holds another state after entry ${appliedIndex} than the first member that applied it`,
    );
  });
  return predicate;
}

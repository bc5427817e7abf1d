/**
 * S3: what a member has applied, and so shown to watchers and acknowledged, is in every later state: no revision is ever given to another change.
 *
 * Two words a revision. Members that apply the same entries, and a member that applies them again after a restart, must show the same.
 */
import { growInt32 } from '../../base/grow.ts';
import { type Judge, listen, type Predicate } from '../predicate.ts';

/** The parts of a store event that are read here. */
interface Change {
  readonly keyId: number;
  readonly revision: number;
  readonly value: { readonly hash: number } | null;
}

/** Marks a revision with more than one change: only its existence is known. */
const SEVERAL = -2;
const NONE = -1;

export function durableCommits(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'S3',
    about: 'no revision of the store is ever given to another change',
    evaluations: 0,
  };
  let keyIds = new Int32Array(256).fill(NONE);
  let hashes = new Int32Array(256);
  let newest = 0;
  listen(judge, 'store.apply', (pid, subject) => {
    const { keyId, revision, value } = subject as Change;
    const hash = value === null ? 0 : value.hash;
    predicate.evaluations++;
    if (revision > newest) {
      newest = revision;
      if (revision >= keyIds.length) {
        const from = keyIds.length;
        keyIds = growInt32(keyIds, revision * 2).fill(NONE, from);
        hashes = growInt32(hashes, revision * 2);
      }
      keyIds[revision] = keyId;
      hashes[revision] = hash;
      return;
    }
    const known = keyIds[revision] as number;
    if (known === SEVERAL || known === NONE) return;
    if (known === keyId && hashes[revision] === hash) return;
    if (revision === newest && known !== keyId) {
      keyIds[revision] = SEVERAL;
      return;
    }
    const name = judge.sim.processes.names[pid];
    judge.violate(predicate, `${name} gave revision ${revision} to another change: what it had shown before is lost`);
  });
  return predicate;
}

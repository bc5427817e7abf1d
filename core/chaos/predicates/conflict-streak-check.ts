/**
 * X11: no writer meets conflicts on one object over and over: whoever writes to an object that others write to as well gets through in the end.
 *
 * Only conflicts that are true count: what was sent is older than what is stored. (A fault may answer with a conflict where there is none.) While its cache
 * lags, each change of what a controller watches may wake it once more, and the write of a status is tried twice: so many more conflicts are its due. What it watches is not asked; but renewals,
 * node status and Events, which go on for ever, wake nobody to write to something else.
 */
import type { Pid } from '../../sim/process.ts';
import { CALL_FAILED, CALL_WRITE } from '../../types/call-outcome.ts';
import type { KubeObject } from '../../types/object.ts';
import { type Judge, keyOf, listen, listenLater, type Predicate } from '../predicate.ts';
import type { World } from '../world.ts';

/**
 * Conflicts in a row that a writer may meet on one object, besides two for each change but heartbeats that was committed meanwhile: more
 * than its back-off allows while a cache lags for seconds.
 */
const CONFLICTS_MAX = 40;

/** Conflicts on one object without a success between them. */
interface Streak {
  /** Where the object is stored, so that it is looked for once; −1 for one that was gone at the first conflict, which none of its uid follows. */
  readonly keyId: number;
  count: number;
  /** The world's work count at the first one. */
  readonly fromWorkCount: number;
}

interface CallEnd {
  readonly request: { readonly object: KubeObject | null };
  readonly error: { readonly isConflict: boolean } | null;
}

export function conflictStreaks(judge: Judge): Predicate {
  /** Conflicts since the last success, by writer and uid: of writers that have any. */
  const streaks: (Map<string, Streak> | undefined)[] = [];
  const predicate: Predicate = {
    id: 'X11',
    about: `no writer meets more than ${CONFLICTS_MAX} conflicts in a row on one object, and two for each change but heartbeats meanwhile`,
    evaluations: 0,
  };
  const succeeded = (pid: Pid, { object }: CallEnd['request']): void => {
    const ofWriter = streaks[pid];
    if (ofWriter === undefined || (object?.metadata.resourceVersion ?? '') === '') return;
    if (ofWriter.delete(object?.metadata.uid ?? '') && ofWriter.size === 0) streaks[pid] = undefined;
  };
  const listenToSuccesses = listenLater(
    judge,
    'client.call-ended',
    (pid, subject) => succeeded(pid, (subject as CallEnd).request),
    undefined,
    CALL_WRITE,
  );
  const failed = (pid: Pid, { request, error }: CallEnd): void => {
    const sent = request.object;
    const version = sent?.metadata.resourceVersion ?? '';
    const uid = sent?.metadata.uid ?? '';
    if (sent === null || version === '' || uid === '') return;
    if (error?.isConflict !== true) return;
    let streak = streaks[pid]?.get(uid);
    const keyId = streak === undefined ? keyIdOf(judge.world, sent.kind, uid) : streak.keyId;
    const stored = judge.world.of(sent.kind).get(keyId)?.metadata;
    // What is gone is another version, too.
    if (stored?.uid === uid && stored.resourceVersion === version) return;
    predicate.evaluations++;
    listenToSuccesses();
    streaks[pid] ??= new Map();
    const ofWriter = streaks[pid];
    if (streak === undefined) {
      streak = { keyId, count: 0, fromWorkCount: judge.world.workCount };
      ofWriter.set(uid, streak);
    }
    const count = ++streak.count;
    if (count <= CONFLICTS_MAX + 2 * (judge.world.workCount - streak.fromWorkCount)) return;
    ofWriter.delete(uid);
    const writer = judge.sim.processes.names[pid];
    judge.violate(predicate, `${sent.kind} ${keyOf(sent)}: ${writer} met ${count} conflicts in a row`);
  };
  listen(judge, 'client.call-ended', (pid, subject) => failed(pid, subject as CallEnd), undefined, CALL_FAILED);
  return predicate;
}

/** The store's key of the object with a uid, −1 when it is gone. */
function keyIdOf(world: World, kind: string, uid: string): number {
  for (const [keyId, { metadata }] of world.of(kind)) if (metadata.uid === uid) return keyId;
  return -1;
}

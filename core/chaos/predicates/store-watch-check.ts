/**
 * S7: the store's watch that feeds its caches gives every API server each committed change exactly once, in order, whole revisions at a time, from where the watch
 * began, with what the change replaced; and a progress revision comes only when all up to it was given (etcd's watch guarantees: ordered,
 * unique, atomic, reliable, resumable, bookmarkable, filter, create flag, previous value).
 *
 * That watch has everything but the kind without a cache, so a stream must be the rest of the committed history itself, event by event. The watches
 * that clients have of that kind (Events) are not judged.
 */
import { EVENTS } from '../../types/resource-type.ts';
import { type Judge, listen, type Predicate } from '../predicate.ts';

/** The parts of a change that are compared. Values are compared by identity: the store hands on the object it was given. */
interface Change {
  readonly keyId: number;
  readonly revision: number;
  readonly createRevision: number;
  readonly version: number;
  readonly value: object | null;
  /** null also where the value before is compacted away. */
  readonly previous: object | null;
}

/** What a stream got: batches of events, or none for a progress notice. */
interface Given {
  readonly revision: number;
  readonly batches?: readonly Batch[];
}

interface Batch {
  readonly events: readonly Change[];
}

const NO_BATCHES: readonly Batch[] = [];
const NO_VALUE = {};

/** Commits kept: far more than a watch can be behind. */
const COMMITS_KEPT = 1 << 17;

export function storeWatches(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'S7',
    about:
      'the watch that feeds an API server shows each committed change (Events apart) once, in order, with whole revisions and what was before',
    evaluations: 0,
  };
  StoreStreams.of(judge).judgeFor(predicate);
  return predicate;
}

/** What the API servers' watches of the store were given: judged for S7, and how far each is. */
export class StoreStreams {
  readonly #judge: Judge;
  #predicate: Predicate | null = null;
  /** By API server: the newest revision that it has been given, −1 where it has none. */
  readonly newest: number[] = [];
  /** Committed changes in order; the first one has number {@link #base}. */
  #commits: Change[] = [];
  #base = 0;
  /** Revision of the last one. */
  #committedRevision = 0;
  /** By API server: number of the next change it must get, −1 after a violation until the next watch. */
  readonly #next: number[] = [];

  /** Those of a run, for all predicates that ask. */
  static of(judge: Judge): StoreStreams {
    return judge.sim.observation.shared(StoreStreams, () => new StoreStreams(judge));
  }

  private constructor(judge: Judge) {
    this.#judge = judge;
    listen(judge, 'api.store-watch', (pid, subject) =>
      this.#begun(pid, (subject as { startRevision: number }).startRevision),
    );
    listen(judge, 'api.store-events', (pid, subject) => this.#given(pid, subject as Given));
  }

  /** From now on they are compared with what is committed. */
  judgeFor(predicate: Predicate): void {
    this.#predicate = predicate;
    listen(this.#judge, 'store.commit', (_pid, subject) => this.#committed(subject as Change));
  }

  #committed(change: Change): void {
    // A revision that goes back is S3's finding.
    if (change.revision < this.#committedRevision) return;
    this.#committedRevision = change.revision;
    const { object } = (change.value ?? change.previous ?? NO_VALUE) as {
      readonly object?: { readonly apiVersion?: string; readonly kind?: string };
    };
    if (object?.kind === EVENTS.kind && object.apiVersion === EVENTS.apiVersion) return;
    this.#commits.push(change);
    if (this.#commits.length < 2 * COMMITS_KEPT) return;
    this.#commits = this.#commits.slice(COMMITS_KEPT);
    this.#base += COMMITS_KEPT;
  }

  /** A watch from `startRevision` on. */
  #begun(pid: number, startRevision: number): void {
    let from = 0;
    let to = this.#commits.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#commits[middle] as Change).revision < startRevision) from = middle + 1;
      else to = middle;
    }
    while (this.#next.length <= pid) {
      this.#next.push(-1);
      this.newest.push(-1);
    }
    this.newest[pid] = startRevision - 1;
    this.#next[pid] = this.#base + from;
  }

  #given(pid: number, { revision, batches = NO_BATCHES }: Given): void {
    if (pid < this.newest.length) this.newest[pid] = revision;
    const predicate = this.#predicate;
    let next = this.#next[pid] ?? -1;
    if (predicate === null || next < this.#base) return;
    for (let i = 0; i < batches.length; i++) {
      const { events } = batches[i] as Batch;
      for (let j = 0; j < events.length; j++) {
        const event = events[j] as Change;
        predicate.evaluations++;
        const wrong = this.#difference(event, this.#commits[next - this.#base]);
        if (wrong !== null) return this.#violate(pid, wrong);
        next++;
      }
    }
    if (next - this.#base < this.#commits.length) this.#judgeEnd(pid, next, revision, batches.length > 0);
    else this.#next[pid] = next;
  }

  /** A stream that has been told of `revision` has all up to it, `next` is the first change that it has not. */
  #judgeEnd(pid: number, next: number, revision: number, isChange: boolean): void {
    const after = this.#commits[next - this.#base] as Change;
    if (after.revision <= revision) {
      const last = this.#commits[next - 1 - this.#base];
      const isSplit = last?.revision === after.revision && isChange;
      return this.#violate(
        pid,
        isSplit
          ? `revision ${after.revision} came in two parts`
          : `was told of progress to revision ${revision} without the change at ${after.revision}`,
      );
    }
    this.#next[pid] = next;
  }

  /** What is wrong with an event in the place of a committed change, or null. */
  #difference(event: Change, commit: Change | undefined): string | null {
    if (commit === undefined) return `got a change at revision ${event.revision} that was never committed`;
    if (event.revision !== commit.revision || event.keyId !== commit.keyId) {
      return `got key ${event.keyId} at revision ${event.revision} where key ${commit.keyId} at ${commit.revision} comes next`;
    }
    if (event.value !== commit.value) return `got another value at revision ${event.revision} than was committed`;
    if (event.createRevision !== commit.createRevision || event.version !== commit.version) {
      return `got version ${event.version} at revision ${event.revision} where it is ${commit.version}`;
    }
    if (event.previous === null || event.previous === commit.previous) return null;
    return `got another value before revision ${event.revision} than there was`;
  }

  #violate(pid: number, what: string): void {
    this.#next[pid] = -1;
    const name = this.#judge.sim.processes.names[pid] ?? `process ${pid}`;
    if (this.#predicate !== null) this.#judge.violate(this.#predicate, `${name} ${what}`);
  }
}

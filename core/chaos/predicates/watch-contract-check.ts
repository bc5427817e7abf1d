/**
 * A7 (with S8): what a watcher of a whole kind gets is ordered, unique and complete: exactly the committed changes of that kind after its start, none
 * left out, none twice, none out of order.
 *
 * Watchers with a selector are checked for order and uniqueness only. One that begins with the present state gets that in any order first. Kinds without a watch cache
 * (Events), whose watches the store serves, are judged alike.
 */
import { type Judge, listen, type Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';

/** The parts of the API server's delivery that are read here. */
interface Delivery {
  readonly watcher: {
    readonly type: { readonly kind: string; readonly apiVersion: string };
    readonly foundBy: number;
    readonly startRevision: number;
    readonly afterRevision: number;
  };
  readonly events: readonly { readonly type: number; readonly revision: number }[];
}

const FOUND_ALWAYS = 0;
/** ADDED, MODIFIED, DELETED; bookmarks and errors come after. */
const LAST_CHANGE_TYPE = 3;

interface Progress {
  /** Revisions at which something of the watched kind was committed. */
  readonly commits: readonly number[];
  lastRevision: number;
  /** Index of the next commit of the kind that must come; −1 before the first delivery. */
  next: number;
}

export function watchContract(judge: Judge): Predicate {
  /** Revisions of commits, by number of the kind. */
  const commits: (number[] | undefined)[] = [];
  const commitsOf = (kind: number): number[] => {
    commits[kind] ??= [];
    return commits[kind];
  };
  /** By watcher, until its watch ends; those of API servers that crashed stay to the end of the run. */
  const progress = new Map<object, Progress>();
  const predicate: Predicate = {
    id: 'A7',
    about: 'watch events are ordered, unique and complete',
    evaluations: 0,
    onCommit({ revision }: Commit, kind: number) {
      commitsOf(kind).push(revision);
    },
  };
  listen(judge, 'api.watch-delivery', (_pid, subject) => {
    const delivery = subject as Delivery;
    let state = progress.get(delivery.watcher);
    if (state === undefined) {
      const kind = judge.sim.observation.kinds.of(delivery.watcher.type.kind);
      state = { commits: commitsOf(kind), lastRevision: 0, next: -1 };
      progress.set(delivery.watcher, state);
    }
    predicate.evaluations++;
    const fault = broken(delivery, state);
    if (fault !== null) judge.violate(predicate, `watch of ${delivery.watcher.type.kind}: ${fault}`);
  });
  listen(judge, 'api.watch-end', (_pid, subject) => progress.delete(subject as object));
  return predicate;
}

function broken(delivery: Delivery, state: Progress): string | null {
  const { commits } = state;
  for (const event of delivery.events) {
    if (event.type > LAST_CHANGE_TYPE) continue;
    if (delivery.watcher.startRevision < 0 && event.revision <= delivery.watcher.afterRevision) continue;
    if (event.revision <= state.lastRevision) return `revision ${event.revision} after ${state.lastRevision}`;
    const previous = state.lastRevision;
    state.lastRevision = event.revision;
    if (delivery.watcher.foundBy !== FOUND_ALWAYS) continue;
    if (state.next >= 0 && commits[state.next] === event.revision) {
      state.next++;
      continue;
    }
    const at = indexOf(commits, event.revision);
    if (at < 0) return `revision ${event.revision} was never committed`;
    const { startRevision, afterRevision } = delivery.watcher;
    const start = startRevision < 0 ? afterRevision : startRevision;
    const expected = state.next >= 0 ? state.next : firstAfter(commits, start);
    state.next = at + 1;
    if (at !== expected) return `revision ${commits[expected]} was left out between ${previous} and ${event.revision}`;
  }
  return null;
}

function firstAfter(sorted: readonly number[], revision: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= revision) low = middle + 1;
    else high = middle;
  }
  return low;
}

function indexOf(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const at = sorted[middle] as number;
    if (at === value) return middle;
    if (at < value) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

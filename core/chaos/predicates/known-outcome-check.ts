/**
 * A11: a client that is told that its write was refused can rely on it: what the store took is reported as done or as unknown.
 */
import { isMutating } from '../../types/wire.ts';
import { type Judge, listen, type Predicate } from '../predicate.ts';

interface Request {
  readonly verb: number;
  readonly type: { readonly kind: string };
  readonly name: string;
}

interface CallEnd {
  readonly request: Request;
  readonly error: { readonly outcomeUnknown: boolean; readonly message: string } | null;
}

/** Requests under way of which few are asked for late: more than these go into a set. */
const RECENT_MAX = 64;

/** Requests whose write the store took. They travel by reference: an answer belongs to the very object that was sent. */
class TakenRequests {
  readonly #recent: object[] = [];
  /** Those of clients that crashed stay to the end of the run. */
  readonly #older = new Set<object>();

  add(request: object): void {
    if (this.#recent.length === RECENT_MAX) for (const each of this.#recent.splice(0)) this.#older.add(each);
    this.#recent.push(request);
  }

  /** Takes it out; false if it was not there. */
  take(request: object): boolean {
    const recent = this.#recent;
    for (let i = recent.length - 1; i >= 0; i--) {
      if (recent[i] !== request) continue;
      recent[i] = recent.at(-1) as object;
      recent.pop();
      return true;
    }
    return this.#older.delete(request);
  }
}

export function knownOutcome(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'A11',
    about: 'no write that the store took is reported to its client as refused',
    evaluations: 0,
  };
  const { sim } = judge;
  const taken = new TakenRequests();
  listen(judge, 'api.write', (_pid, subject) => {
    taken.add((subject as { readonly op: { readonly request: object } }).op.request);
  });
  listen(judge, 'client.call-ended', (pid, subject) => {
    const { request, error } = subject as CallEnd;
    if (!isMutating(request.verb)) return;
    const isTaken = taken.take(request);
    if (error === null || error.outcomeUnknown) return;
    predicate.evaluations++;
    if (!isTaken) return;
    const process = sim.processes.names[pid] as string;
    const what = `${request.type.kind} ${request.name}`;
    judge.violate(predicate, `${what}: ${process} is told "${error.message}", but the store took its write`);
  });
  return predicate;
}

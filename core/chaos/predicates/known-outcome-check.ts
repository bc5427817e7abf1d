/**
 * A11: a client that is told that its write was refused can rely on it: what the store took is reported as done or as unknown. And so it can when it is told that an
 * object was deleted: that is gone, or marked to go. What the server refused it knows as refused.
 */
import type { Pid } from '../../sim/process.ts';
import { CALL_FAILED, CALL_WRITE } from '../../types/call-outcome.ts';
import type { KubeObject } from '../../types/object.ts';
import { isMutating, VERB } from '../../types/wire.ts';
import { type Judge, listen, type Predicate } from '../predicate.ts';
import type { World } from '../world.ts';

interface Request {
  readonly verb: number;
  readonly type: { readonly kind: string };
  readonly name: string;
  readonly options?: { readonly dryRun?: boolean | undefined };
}

interface CallEnd {
  readonly request: Request;
  readonly response?: { readonly object: KubeObject | null } | null;
  readonly error: { readonly code: number; readonly outcomeUnknown: boolean; readonly message: string } | null;
  readonly retries: number;
}

/** What a server answers that has looked at a request and has not done it. */
const REFUSALS: ReadonlySet<number> = new Set([400, 403, 404, 405, 409, 422]);

export function knownOutcome(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'A11',
    about: 'no write that the store took is reported to its client as refused, and no deletion as done that is not',
    evaluations: 0,
  };
  const { sim } = judge;
  /**
   * Requests whose write the store took, by reference: an answer belongs to the very object that was sent. Those of clients that crashed stay to
   * the end of the run.
   */
  const taken = new Set<object>();
  listen(judge, 'api.write', (_pid, subject) => {
    taken.add((subject as { readonly op: { readonly request: object } }).op.request);
  });
  const ended = (pid: Pid, { request, response, error, retries }: CallEnd): void => {
    if (!isMutating(request.verb)) return;
    const isTaken = taken.delete(request);
    const deleted = error === null && request.verb === VERB.delete ? (response?.object ?? null) : null;
    if (deleted !== null && stays(deleted, request, judge.world)) {
      predicate.evaluations++;
      judge.violate(predicate, `${request.type.kind} ${request.name}: reported as deleted, but it stays as it was`);
    }
    if (error === null) return;
    const process = sim.processes.names[pid] as string;
    const what = `${request.type.kind} ${request.name}`;
    if (error.outcomeUnknown) {
      // A request that was sent more than once may have been done the first time.
      if (retries > 0 || response == null || !REFUSALS.has(error.code)) return;
      predicate.evaluations++;
      judge.violate(predicate, `${what}: ${process} takes the refusal "${error.message}" for an unknown outcome`);
      return;
    }
    predicate.evaluations++;
    if (!isTaken) return;
    judge.violate(predicate, `${what}: ${process} is told "${error.message}", but the store took its write`);
  };
  const outcomes = CALL_WRITE | CALL_FAILED;
  listen(judge, 'client.call-ended', (pid, subject) => ended(pid, subject as CallEnd), undefined, outcomes);
  return predicate;
}

/** Whether an object that was reported as deleted is neither gone nor going; `deleted` is what was answered. */
function stays({ metadata }: KubeObject, { type, options }: Request, world: World): boolean {
  if (metadata.deletionTimestamp !== undefined || options?.dryRun === true) return false;
  for (const object of world.of(type.kind).values())
    if (object.metadata.uid === metadata.uid) return object.metadata.deletionTimestamp === undefined;
  return false;
}

/**
 * X7: components do not send writes that change nothing: an endless reconcile that the API server swallows is load all the same, and so is a write that is
 * refused again and again.
 *
 * Judged as a rate: a few such writes happen in any cluster. A write that follows a conflict on the same object is not counted: real controllers then
 * read the object anew and write what they had computed, changed or not.
 */
import type { Observer } from '../../sim/observation.ts';
import type { Pid } from '../../sim/process.ts';
import { CALL_FAILED, CALL_WRITE } from '../../types/call-outcome.ts';
import type { KubeObject } from '../../types/object.ts';
import { ADMIN_USER } from '../../types/user-names.ts';
import { isMutating } from '../../types/wire.ts';
import { type Judge, listen, type Predicate } from '../predicate.ts';

/** Idle writes of one process on one kind that are allowed within a window. */
const IDLE_MAX = 10;
/** Refused writes of one process to one object that are allowed within a window: more than any back-off sends. */
const REFUSED_MAX = 100;
const WINDOW_US = 60_000_000;
/** Each of a person's commands is tried once a second, and there may be several at one time. */

interface CallEnd {
  readonly request: {
    readonly object: KubeObject | null;
    readonly type: { readonly kind: string };
    readonly namespace: string;
    readonly name: string;
    readonly verb: number;
    readonly user: string;
  };
  readonly response: { readonly object: KubeObject | null } | null;
  readonly error: { readonly isConflict: boolean; readonly outcomeUnknown: boolean } | null;
}

/** What one process did in vain with one kind lately. */
interface Window {
  /** Which minute it is. */
  number: number;
  /** Objects on which its last write met a conflict. */
  readonly conflicted: Set<string>;
  /** Refused writes, by object. */
  readonly refused: Map<string, number>;
  idle: number;
  told: boolean;
}

/** By process and number of the kind. */
type Windows = ((Window | undefined)[] | undefined)[];

export function wastedWrites(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'X7',
    about: `no process sends more than ${IDLE_MAX} writes a minute of one kind that change nothing, or ${REFUSED_MAX} to one object that are refused`,
    evaluations: 0,
  };
  /** Of those that have done something in vain. */
  const windows: Windows = [];
  const refused = (pid: Pid, kind: number, request: CallEnd['request'], error: NonNullable<CallEnd['error']>): void => {
    if (error.isConflict || error.outcomeUnknown || request.user === ADMIN_USER) return;
    const window = windowOf(windows, pid, kind, judge.sim.now);
    const { name = '', generateName = '' } = request.object?.metadata ?? {};
    const key = `${request.namespace}/${request.name || name || generateName}`;
    const count = (window.refused.get(key) ?? 0) + 1;
    window.refused.set(key, count);
    predicate.evaluations++;
    if (count !== REFUSED_MAX + 1) return;
    const process = judge.sim.processes.names[pid] as string;
    judge.violate(
      predicate,
      `${request.type.kind} ${key}: ${process} sent ${count} writes within a minute that were refused`,
    );
  };
  const ended = (pid: Pid, kind: number, { request, response, error }: CallEnd): void => {
    if (error !== null && isMutating(request.verb)) refused(pid, kind, request, error);
    const sent = request.object;
    const before = sent?.metadata.resourceVersion ?? '';
    if (sent === null || before === '') return;
    const uid = sent.metadata.uid ?? '';
    if (error?.isConflict === true) windowOf(windows, pid, kind, judge.sim.now).conflicted.add(uid);
    const written = response?.object;
    if (error !== null || written === null || written === undefined) return;
    predicate.evaluations++;
    const again = windows[pid]?.[kind]?.conflicted.delete(uid) === true;
    if (again || written.metadata.resourceVersion !== before || written.kind !== sent.kind) return;
    const window = windowOf(windows, pid, kind, judge.sim.now);
    window.idle++;
    if (window.idle <= IDLE_MAX || window.told) return;
    window.told = true;
    const process = judge.sim.processes.names[pid] as string;
    judge.violate(
      predicate,
      `${request.type.kind}: ${process} sent ${window.idle} writes within a minute that change nothing`,
    );
  };
  const outcomes = CALL_WRITE | CALL_FAILED;
  const heard: Observer = (pid, subject, kind) => ended(pid, kind, subject as CallEnd);
  listen(judge, 'client.call-ended', heard, undefined, outcomes);
  return predicate;
}

function windowOf(windows: Windows, pid: Pid, kind: number, nowUs: number): Window {
  windows[pid] ??= [];
  const ofProcess = windows[pid];
  let window = ofProcess[kind];
  const number = Math.floor(nowUs / WINDOW_US);
  if (window === undefined) {
    window = { number, conflicted: new Set(), refused: new Map(), idle: 0, told: false };
    ofProcess[kind] = window;
  } else if (window.number !== number) {
    window.number = number;
    window.idle = 0;
    window.refused.clear();
  }
  return window;
}

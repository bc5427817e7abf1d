/**
 * X6: when faults are gone, requests get through again: nobody is kept in a loop of requests that come to nothing.
 *
 * Overload that feeds itself (metastable failure) shows as requests of one kind that a client sends again and again and that are given up or refused each time, long after
 * the trigger has gone, while its other requests are served. Conflicts and missing objects are answers like any other. A client none of whose requests is served is
 * cut off, which other predicates judge.
 */
import type { Pid } from '../../sim/process.ts';
import { CALL_FAILED, CALL_READ, CALL_WRITE } from '../../types/call-outcome.ts';
import { VERB } from '../../types/wire.ts';
import { type Judge, listen, listenLater, type Predicate } from '../predicate.ts';

/** A streak means something from so many losses on that lie so far apart, µs. */
const LOST_MIN = 3;
const LASTS_US = 60_000_000;
/** What was lost longer ago is no longer asked for; what was served longer ago says nothing, µs. */
const RECENT_US = 120_000_000;

const VERB_NAMES = new Map<number, string>(Object.entries(VERB).map(([name, verb]) => [verb, name]));

interface CallEnd {
  readonly request: { readonly verb: number; readonly type: { readonly kind: string }; readonly subresource: string };
  readonly error: { readonly code: number } | null;
}

/** Losses in a row of requests of one kind: of a verb, a kind of objects and a subresource. */
interface Streak {
  readonly request: CallEnd['request'];
  lost: number;
  sinceUs: number;
  lastUs: number;
}

export function goodput(judge: Judge): Predicate {
  const { sim } = judge;
  /** When each client that has lost requests was last served since its first loss, by process, µs; -∞: not since. */
  const servedUs: (number | undefined)[] = [];
  /** Streaks of clients that have any: a few each, which are looked through since a text for each answer would cost more. */
  const losing = new Map<Pid, Streak[]>();
  const predicate: Predicate = {
    id: 'X6',
    about: 'when faults are gone no client sends requests that are lost each time',
    evaluations: 0,
    missing() {
      for (const [pid, streaks] of losing) {
        if (sim.now - (servedUs[pid] as number) > RECENT_US) continue;
        predicate.evaluations++;
        for (const { request, lost, sinceUs, lastUs } of streaks) {
          if (lost < LOST_MIN || lastUs - sinceUs < LASTS_US || sim.now - lastUs > RECENT_US) continue;
          return `${nameOf(request)}: ${lost} requests of ${sim.processes.names[pid]} came to nothing, one after the other`;
        }
      }
      return null;
    },
  };
  const served = (pid: Pid, request: CallEnd['request']): void => {
    servedUs[pid] = sim.now;
    const streaks = losing.get(pid);
    const at = streaks === undefined ? -1 : indexOf(streaks, request);
    if (streaks === undefined || at < 0) return;
    predicate.evaluations++;
    streaks.splice(at, 1);
    if (streaks.length === 0) losing.delete(pid);
  };
  const lost = (pid: Pid, request: CallEnd['request']): void => {
    while (servedUs.length <= pid) servedUs.push(undefined);
    servedUs[pid] ??= Number.NEGATIVE_INFINITY;
    let streaks = losing.get(pid);
    if (streaks === undefined) {
      streaks = [];
      losing.set(pid, streaks);
    }
    const at = indexOf(streaks, request);
    const streak = streaks[at] ?? { request, lost: 0, sinceUs: sim.now, lastUs: sim.now };
    if (at < 0) streaks.push(streak);
    streak.lost++;
    streak.lastUs = sim.now;
  };
  // What is answered means nothing before something is lost.
  const listenToAnswers = listenLater(
    judge,
    'client.call-ended',
    (pid, subject) => {
      if (servedUs[pid] !== undefined) served(pid, (subject as CallEnd).request);
    },
    undefined,
    CALL_READ | CALL_WRITE,
  );
  const failed = (pid: Pid, { request, error }: CallEnd): void => {
    const code = error?.code ?? 0;
    if (code >= 500 || code === 429) {
      listenToAnswers();
      lost(pid, request);
    } else if (servedUs[pid] !== undefined) served(pid, request);
  };
  listen(judge, 'client.call-ended', (pid, subject) => failed(pid, subject as CallEnd), undefined, CALL_FAILED);
  return predicate;
}

/** Where the streak of such requests stands, −1 without one. */
function indexOf(streaks: readonly Streak[], { verb, type, subresource }: CallEnd['request']): number {
  for (let i = 0; i < streaks.length; i++) {
    const { request } = streaks[i] as Streak;
    if (request.verb === verb && request.type.kind === type.kind && request.subresource === subresource) return i;
  }
  return -1;
}

function nameOf({ verb, type, subresource }: CallEnd['request']): string {
  return `${type.kind} ${VERB_NAMES.get(verb)} ${subresource}`.trim();
}

/**
 * K4: what a kubelet reports was true: Ready never before readiness can have succeeded, and a pod that has ended stays ended.
 *
 * The rule of readiness is written a second time, plainly: no probe runs before `initialDelaySeconds` after the containers' start, or what an annotation says
 * instead, and nothing is ready that was never started. Half of that time is allowed, because a node's clock may run at another rate. A report that is late tells of
 * the run before, and carries that one's restartCount.
 */
import type { Pid } from '../../sim/process.ts';
import { PART_BIRTH, PART_END, PART_STATUS } from '../../types/changed-parts.ts';
import { parseGoDuration } from '../../types/go-duration.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodReady } from '../../types/pod-conditions.ts';
import { type Judge, keyOf, listen, type Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';

/** What a user says of the time, and whether it ever comes; instead of a probe's. */
const READY_AFTER = 'seatrial.dev/ready-after';
const NEVER_READY = 'seatrial.dev/never-ready';
/** Share of the delay that must have passed in true time. */
const CLOCK_SLACK = 0.5;
/** How long a report may be on its way: what it says was true of the run before, µs. */
const REPORT_US_MAX = 60_000_000;
const ENDED: ReadonlySet<string> = new Set(['Succeeded', 'Failed']);

/** One run of a pod's containers, µs. */
interface Run {
  readonly sinceUs: number;
  readonly restarts: number;
  /** −1 while they run. */
  endUs: number;
  /** The run before. */
  readonly former: { readonly sinceUs: number; readonly endUs: number } | null;
}

interface Running {
  readonly podUid: string;
  /** When its containers were started. */
  readonly sinceUs: number;
  /** How often they had been started before. */
  readonly restarts: number;
}

interface Probed {
  readonly readinessProbe?: { readonly initialDelaySeconds?: number };
  /** No other probe runs before it has succeeded. */
  readonly startupProbe?: { readonly initialDelaySeconds?: number };
}

export function honestStatus(judge: Judge): Predicate {
  const runs = new Map<string, Run>();
  /** A recording tells of no runs. */
  let hearsOfRuns = false;
  const predicate: Predicate = {
    id: 'K4',
    about: 'no pod is reported Ready before its readiness can have succeeded, and an ended pod stays ended',
    evaluations: 0,
    commitKinds: ['Pod'],
    commitParts: PART_STATUS | PART_BIRTH | PART_END,
    onCommit({ kind, object, previous }: Commit) {
      if (kind !== 'Pod') return;
      if (object === null) {
        runs.delete(previous?.metadata.uid ?? '');
        return;
      }
      const pod = object as Pod;
      const before = previous as Pod | null;
      const was = before?.status?.phase ?? '';
      if (ENDED.has(was)) {
        predicate.evaluations++;
        if (pod.status?.phase !== was)
          judge.violate(predicate, `pod ${keyOf(pod)} was ${was} and is ${pod.status?.phase ?? 'without a phase'}`);
      }
      if (!isPodReady(pod) || (before !== null && isPodReady(before))) return;
      const delayUs = longestDelayUs(pod);
      const run = runs.get(pod.metadata.uid ?? '');
      if (!hearsOfRuns || (delayUs === 0 && run !== undefined) || judge.isOfFault === true) return;
      predicate.evaluations++;
      if (run === undefined) {
        judge.violate(predicate, `pod ${keyOf(pod)} is reported Ready and has never been started`);
        return;
      }
      const { now } = judge.sim;
      const runningUs = now - run.sinceUs;
      if (runningUs >= delayUs * CLOCK_SLACK) return;
      const { former } = run;
      const wasReady = former !== null && former.endUs - former.sinceUs >= delayUs * CLOCK_SLACK;
      if (wasReady && restartCountOf(pod) < run.restarts && now - former.endUs <= REPORT_US_MAX) return;
      const what = `is reported Ready ${Math.round(runningUs / 1000)} ms after its start`;
      judge.violate(predicate, `pod ${keyOf(pod)} ${what}; it cannot be before ${delayUs / 1_000_000} s`);
    },
  };
  listen(judge, 'kubelet.run', (_pid: Pid, subject) => {
    const { podUid, sinceUs, restarts } = subject as Running;
    hearsOfRuns = true;
    const last = runs.get(podUid);
    const former = last === undefined ? null : { sinceUs: last.sinceUs, endUs: last.endUs < 0 ? sinceUs : last.endUs };
    runs.set(podUid, { sinceUs, restarts, endUs: -1, former });
  });
  listen(judge, 'kubelet.stop', (_pid: Pid, subject) => {
    const run = runs.get((subject as Running).podUid);
    if (run !== undefined) run.endUs = judge.sim.now;
  });
  return predicate;
}

/** The largest of its containers' counts. */
function restartCountOf({ status }: Pod): number {
  return Math.max(0, ...(status?.containerStatuses ?? []).map(({ restartCount }) => restartCount));
}

function longestDelayUs(pod: Pod): number {
  const { annotations } = pod.metadata;
  if (annotations?.[NEVER_READY] === 'true') return Number.MAX_SAFE_INTEGER;
  const saidUs = parseGoDuration(annotations?.[READY_AFTER] ?? '');
  if (saidUs !== undefined) return saidUs;
  let seconds = 0;
  for (const { readinessProbe, startupProbe } of pod.spec.containers as readonly Probed[]) {
    seconds = Math.max(seconds, readinessProbe?.initialDelaySeconds ?? 0, startupProbe?.initialDelaySeconds ?? 0);
  }
  return seconds * 1_000_000;
}

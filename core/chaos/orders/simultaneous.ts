/**
 * Which events of a run come at one instant from different senders, so that their order is nobody's law.
 *
 * Order matters only where they come to one process, or where the harness acts, which may touch any; others commute, because no process touches
 * another's state. What is found is what was sent: some of it is called off before its time.
 */
import type { Pid } from '../../sim/process.ts';
import type { ScenarioPlan } from '../plan.ts';
import { type RunResult, runPlan } from '../run-plan.ts';

/** Senders whose events meet at one instant. */
export interface Tie {
  /** Since the cluster was up, µs. */
  readonly atUs: number;
  /** By name, in the order of their ids. */
  readonly senders: readonly string[];
  /** By name, in the order in which they came. */
  readonly came: readonly string[];
}

/** Who sends what to whom at one instant: target, sender, target, sender … */
type Meeting = Pid[];

/** Runs `plan` and lists its ties from when the cluster was up until the heal point, in order of time. */
export function simultaneous(
  plan: ScenarioPlan,
  seed: number,
): { readonly result: RunResult; readonly ties: readonly Tie[] } {
  const meetings = new Map<number, Meeting>();
  const ranks = new Map<number, Map<Pid, number>>();
  let names: readonly string[] = [];
  let originUs = 0;
  const result = runPlan(plan, seed, {
    begin: ({ sim }) => {
      originUs = sim.now;
      names = sim.processes.names;
      const { order } = sim;
      const recorded = (sender: Pid, timeUs: number, target: Pid): number => {
        const meeting = meetings.get(timeUs);
        if (meeting === undefined) meetings.set(timeUs, [target, sender]);
        else meeting.push(target, sender);
        const rank = order === null ? sender : order(sender, timeUs, target);
        if (rank !== sender) ranks.set(timeUs, (ranks.get(timeUs) ?? new Map()).set(sender, rank));
        return rank;
      };
      sim.order = recorded;
    },
  });
  const healUs = originUs + plan.phases.warmUpUs + plan.phases.safetyUs;
  const ties: Tie[] = [];
  for (const [timeUs, meeting] of [...meetings].sort(([left], [right]) => left - right)) {
    const senders = timeUs < healUs ? tiedSenders(meeting) : [];
    if (senders.length < 2) continue;
    const rankOf = (pid: Pid): number => ranks.get(timeUs)?.get(pid) ?? pid;
    const came = [...senders].sort((left, right) => rankOf(left) - rankOf(right));
    const nameOf = (pid: Pid): string => names[pid] as string;
    ties.push({ atUs: timeUs - originUs, senders: senders.map(nameOf), came: came.map(nameOf) });
  }
  return { result, ties };
}

/** The harness is the process that was made first. */
const HARNESS: Pid = 0;

/** Those that share a target with another sender, by id; all of them where the harness acts. */
function tiedSenders(meeting: Meeting): Pid[] {
  const all = new Set<Pid>();
  const byTarget = new Map<Pid, Set<Pid>>();
  for (let i = 0; i < meeting.length; i += 2) {
    const [target, sender] = [meeting[i] as Pid, meeting[i + 1] as Pid];
    all.add(sender);
    const senders = byTarget.get(target);
    if (senders === undefined) byTarget.set(target, new Set([sender]));
    else senders.add(sender);
  }
  const tied = all.has(HARNESS)
    ? [...all]
    : [...byTarget.values()].flatMap((senders) => (senders.size > 1 ? [...senders] : []));
  return [...new Set(tied)].sort((left, right) => left - right);
}

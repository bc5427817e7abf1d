/**
 * What surrounds an explanation in a run: the decisions on the pod, which of them is explained, and how the pod waits.
 */
import type { PodDecision, PodState, RunExplanation } from '../../core/chaos/explain/pod-decisions.ts';
import type { Absence } from '../../core/chaos/explain/pod-lives.ts';
import { countOf } from '../report/counted.ts';
import { showInstant } from '../report/virtual-time.ts';

/** Decisions listed beside the explained one; the first ones are left out. */
const DECISIONS_MAX = 8;

/** The lines above the explanation. */
export function runText(found: RunExplanation): string {
  const { pod, decisions, decision, timeUs, scheduler, state, absence, explanation } = found;
  const chosen = decisions[decision];
  const head =
    decisions.length === 0
      ? 'no scheduler has looked for a node for it'
      : `${countOf(decisions.length, 'decision')} on it${decisions.length > 1 ? ' (--attempt N explains another)' : ''}`;
  const lines = [`pod ${pod}: ${head}`, ...decisionLines(decisions, decision)];
  if (chosen === undefined && absence !== null) {
    lines.push(`at ${showInstant(timeUs)} it is not there: ${absenceText(absence)}`);
  } else if (chosen === undefined) {
    const asked = scheduler === '' ? 'no scheduler runs' : `asked of ${scheduler}`;
    lines.push(`at ${showInstant(timeUs)}, ${asked}`, ...(state === null ? [] : [stateText(state, explanation)]));
  } else lines.push(...chosenLines(chosen, explanation));
  return `${lines.join('\n')}\n`;
}

/** When a pod that is not there was, and will be. */
function absenceText({ deletedUs, createdUs }: Absence): string {
  const was = deletedUs < 0 ? [] : [`it was deleted at ${showInstant(deletedUs)}`];
  const again = deletedUs < 0 ? '' : ' again';
  const willBe = createdUs < 0 ? [] : [`it is created${again} at ${showInstant(createdUs)}`];
  return [...was, ...willBe].join(', ');
}

/** How the decision came to be where it is not the plain choice of the best node. */
function chosenLines(
  { nodeName, examined, nodeCount }: PodDecision,
  explanation: RunExplanation['explanation'],
): string[] {
  const lines: string[] = [];
  if (nodeName !== '' && examined === 0)
    lines.push('the node that was kept for it was looked at alone; below all are judged');
  else if (examined === 0 && nodeCount > 0) {
    lines.push('it was rejected before any node was looked at');
  } else if (examined < nodeCount) {
    lines.push(`it looked at ${examined} of ${nodeCount} nodes (sampling); below all are judged`);
  }
  const { best = [] } = explanation ?? {};
  if (best.length > 1 && best.includes(nodeName)) lines.push(`${nodeName} is one of ${best.length} that are best`);
  return lines;
}

function decisionLines(decisions: readonly PodDecision[], explained: number): string[] {
  const first = Math.max(0, decisions.length - DECISIONS_MAX);
  const lineOf = (number: number): string => {
    const each = decisions[number] as PodDecision;
    const mark = number === explained ? '→' : ' ';
    const when = showInstant(each.timeUs).padStart(12);
    return `${mark} ${String(number + 1).padStart(3)}  ${when}  ${each.scheduler}  ${outcomeOf(each)}`;
  };
  const gap = (from: number, to: number): string[] =>
    to > from ? [from === 0 ? `  … ${countOf(to, 'earlier one')}` : `  … ${to - from} more`] : [];
  const last = decisions.map((_, number) => number).slice(first);
  if (explained < 0 || explained >= first) return [...gap(0, first), ...last.map(lineOf)];
  return [...gap(0, explained), lineOf(explained), ...gap(explained + 1, first), ...last.map(lineOf)];
}

function outcomeOf({ nodeName, nominatedNodeName }: PodDecision): string {
  if (nodeName !== '') return nodeName;
  return nominatedNodeName === '' ? 'no node fits' : `no node fits; preemption makes room on ${nominatedNodeName}`;
}

function stateText({ phase, queue }: PodState, explanation: RunExplanation['explanation']): string {
  if (phase === 'ended') return 'it has ended';
  if (phase === 'deleting') return 'it is being deleted';
  if (phase === 'assigned') {
    const { nodeName = '' } = explanation ?? {};
    return `it has a node${nodeName === '' ? '' : `, ${nodeName}`}; judged as if it were not there`;
  }
  if (queue === null) return 'it is pending, and this scheduler does not have it in its queue';
  const { where, attempts, rejectedBy } = queue;
  const waits = rejectedBy.length === 0 ? '' : `; what concerns ${rejectedBy.join(', ')} wakes it`;
  return `it is pending: ${where} after ${countOf(attempts, 'attempt')}${waits}`;
}

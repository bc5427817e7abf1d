/**
 * Pods that find no node, and why, in kube-scheduler's words.
 */
import { SELECTOR_NOT_READ } from '../../core/cluster/vocabulary.ts';
import { countOf } from '../report/counted.ts';
import type { PreparedRun } from './experiment-input.ts';
import type { KindFacts } from './kind-facts.ts';
import { gangNeed } from './pod-facts.ts';
import type { CompareWorkload } from './workload.ts';

/** Kinds that are named. */
const NAMED_MAX = 5;

/** `demo/web: 0/4 nodes are available: 4 Insufficient cpu`: why a pod of a kind was left, asked right after the placement that failed. */
export function whyLeft({ placement, workload }: PreparedRun, kind: number): string {
  const { namespace = 'default', name } = (workload.kinds[kind] as CompareWorkload['kinds'][number]).metadata;
  const refusal = placement.refusalOf(kind).replace(/\.$/, '');
  return `${namespace}/${name}: ${refusal || 'nodes would do, and the policy takes none'}`;
}

/** Which kinds have asked for a node in a run, and which have had one. */
export class KindsSeen {
  readonly #asked: Uint8Array;
  readonly #had: Uint8Array;

  constructor({ kinds }: CompareWorkload) {
    this.#asked = new Uint8Array(kinds.length);
    this.#had = new Uint8Array(kinds.length);
  }

  asked(kind: number): void {
    this.#asked[kind] = 1;
  }

  had(kind: number): void {
    this.#had[kind] = 1;
  }

  /** Kinds that asked in vain. */
  unplaced(): number[] {
    return [...this.#asked.keys()].filter((kind) => this.#asked[kind] === 1 && this.#had[kind] === 0);
  }
}

/**
 * Names kinds that have no node even with nothing placed but what is bound already: of those that asked in vain, and of all that no node could ever take;
 * then gangs of which too few pods have. '' = none.
 */
export type WhyNever = (unplaced: readonly number[]) => string;

/** `prepare` gives a run that has not begun. */
export function whyNever({ hosted }: KindFacts, prepare: () => PreparedRun): WhyNever {
  return (unplaced) => {
    const suspects = [...hosted.keys()].filter((kind) => hosted[kind] === 0 || unplaced.includes(kind));
    return suspects.length === 0 ? '' : neverFit(suspects, prepare());
  };
}

function neverFit(suspects: readonly number[], run: PreparedRun): string {
  const never = suspects.filter((kind) => {
    const row = run.placement.place(kind);
    if (row >= 0) run.placement.remove(row);
    return row < 0;
  });
  const reasons = never.map((kind) => whyLeft(run, kind));
  const gangs = gangsLeft(
    run,
    suspects.filter((kind) => !never.includes(kind)),
  );
  const unread = reasons.filter((reason) => reason.includes(SELECTOR_NOT_READ));
  const unfit = reasons.filter((reason) => !reason.includes(SELECTOR_NOT_READ));
  const beside = run.workload.bound.length > 0 ? 'beside what is bound already' : 'even with nothing else placed';
  const kinds = ({ length }: readonly string[], one: string, more: string) =>
    length === 1 ? `1 kind ${one}` : `${length} kinds ${more}`;
  return [
    listed(`${kinds(unfit, 'fits', 'fit')} no node, ${beside}`, unfit),
    listed(`${countOf(gangs.length, 'gang')} cannot start, ${beside}`, gangs),
    listed(`${kinds(unread, 'is', 'are')} undecided`, unread),
  ]
    .filter((text) => text !== '')
    .join('; ');
}

/** Gangs with a pod of these kinds that find too few nodes when all is free: what each lacks, and why its first pod without a node has none. */
function gangsLeft(run: PreparedRun, suspects: readonly number[]): string[] {
  const { workload, placement } = run;
  const { gangOf, kindOf } = workload;
  if (gangOf === null) return [];
  const members = new Map<number, number[]>();
  gangOf.forEach((gang, row) => {
    if (gang < 0) return;
    const kinds = members.get(gang);
    if (kinds === undefined) members.set(gang, [kindOf[row] as number]);
    else kinds.push(kindOf[row] as number);
  });
  const left: string[] = [];
  for (const kinds of members.values()) {
    if (!kinds.some((kind) => suspects.includes(kind))) continue;
    const needed = Math.min(kinds.length, gangNeed(workload, kinds[0] as number));
    const rows: number[] = [];
    let why = '';
    for (const kind of kinds) {
      const row = placement.place(kind);
      if (row >= 0) rows.push(row);
      else why ||= whyLeft(run, kind);
    }
    if (rows.length < needed) left.push(`${why} (${rows.length} of the ${needed} pods that it needs have a node)`);
    for (const row of rows.reverse()) placement.remove(row);
  }
  return left;
}

function listed(head: string, reasons: readonly string[]): string {
  if (reasons.length === 0) return '';
  const more = reasons.length > NAMED_MAX ? `; and ${reasons.length - NAMED_MAX} more` : '';
  return `${head}: ${reasons.slice(0, NAMED_MAX).join('; ')}${more}`;
}

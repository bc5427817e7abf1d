/**
 * Pods that find no node, and why, in kube-scheduler's words.
 */
import { type Pod, SELECTOR_NOT_READ } from '../../core/cluster/vocabulary.ts';
import { countOf } from '../report/counted.ts';
import { unitsOf } from './arrivals.ts';
import type { PreparedRun } from './experiment-input.ts';
import type { KindFacts } from './kind-facts.ts';
import { isComplete, placeGroup } from './place-all.ts';
import { type CompareWorkload, type GangRule, gangRuleOf } from './workload.ts';

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
  const left: string[] = [];
  for (const group of unitsOf(workload)) {
    if (gangRuleOf(workload, group[0] as number) === null) continue;
    if (!group.some((row) => suspects.includes(kindOf[row] as number))) continue;
    const together = placeGroup(run, group).filter((row) => row >= 0);
    for (const row of together.reverse()) placement.remove(row);
    if (!isComplete(run, group, together.length)) left.push(lackOf(run, group));
  }
  return left;
}

/** What a gang lacks that cannot start: asked for each of its pods by itself. */
function lackOf(run: PreparedRun, group: readonly number[]): string {
  const { workload, placement } = run;
  const { needed, topologyKey } = gangRuleOf(workload, group[0] as number) as GangRule;
  const { namespace = 'default', name } = (workload.kinds[workload.kindOf[group[0] as number] as number] as Pod)
    .metadata;
  if (group.length < needed) return `${namespace}/${name}: its gang needs ${needed} pods and has ${group.length}`;
  const rows: number[] = [];
  let why = '';
  for (const member of group) {
    const kind = workload.kindOf[member] as number;
    const row = placement.place(kind);
    if (row >= 0) rows.push(row);
    else why ||= whyLeft(run, kind);
  }
  for (const row of [...rows].reverse()) placement.remove(row);
  if (rows.length < needed) return `${why} (${rows.length} of the ${needed} pods that it needs have a node)`;
  return `${namespace}/${name}: the ${needed} pods that it needs find nodes, and not on nodes with the same ${topologyKey}`;
}

function listed(head: string, reasons: readonly string[]): string {
  if (reasons.length === 0) return '';
  const more = reasons.length > NAMED_MAX ? `; and ${reasons.length - NAMED_MAX} more` : '';
  return `${head}: ${reasons.slice(0, NAMED_MAX).join('; ')}${more}`;
}

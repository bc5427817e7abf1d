/**
 * The key instants of one run, in order: what a person needs to follow what happened.
 *
 * Always: taken from the run's result and from committed history; entries of the same text stem within one virtual second
 * are joined, so that fifty nodes that vanish together are one line.
 */
import type { Jury } from '../../core/chaos/jury.ts';
import type { RunObserver, RunResult } from '../../core/chaos/run-plan.ts';
import { holderOf } from '../../core/chaos/targets.ts';
import type { Commit } from '../../core/chaos/world.ts';
import { findCondition, type Node } from '../../core/cluster/vocabulary.ts';
import { isWorkload, readinessOf } from './workload-readiness.ts';

/** Most entries kept; a run that has more is told so. */
const ENTRIES_MAX = 400;
/** Names shown of a joined entry. */
const NAMES_SHOWN_MAX = 4;
const JOIN_US = 1_000_000;

/** One instant; µs since the cluster was up. */
export interface TimelineEntry {
  readonly timeUs: number;
  readonly what: string;
}

/** Something that happened to a named thing; joined with others of the same `what`. */
interface Happening {
  readonly timeUs: number;
  readonly name: string;
  /** `is not Ready`, `leads` … */
  readonly what: string;
}

/** Listens to one run. */
export class Timeline implements RunObserver {
  readonly #happenings: Happening[] = [];
  #originUs = 0;
  #dropped = 0;

  begin(cluster: { readonly sim: { readonly now: number } }, jury: Pick<Jury, 'onCommit'>): void {
    this.#originUs = cluster.sim.now;
    jury.onCommit.push((commit) => this.#commit(commit));
  }

  /** All entries of the run, by time. */
  entries(result: RunResult): TimelineEntry[] {
    const entries = [...joined(this.#happenings), ...resultEntries(result)];
    if (this.#dropped > 0)
      entries.push({ timeUs: result.times.endUs, what: `${this.#dropped} more changes are not shown` });
    return entries
      .map((entry, index) => ({ entry, index }))
      .sort(byTime)
      .map(({ entry }) => entry);
  }

  #commit(commit: Commit): void {
    const { kind, object, previous } = commit;
    if (kind === 'Node') this.#node(commit);
    else if (kind === 'Lease') this.#lease(commit);
    else if (isWorkload(commit)) {
      const { namespace, name } = (object ?? previous)?.metadata ?? {};
      const is = stateOf(object);
      if (is !== stateOf(previous) && is !== '') this.#add(commit, `${kind} ${namespace}/${name}`, is);
    }
  }

  #node(commit: Commit): void {
    const name = (commit.object ?? commit.previous)?.metadata.name ?? '';
    if (commit.object === null) this.#add(commit, name, 'removed');
    else if (commit.previous !== null) {
      const was = nodeReady(commit.previous as Node);
      const is = nodeReady(commit.object as Node);
      if (was !== is && is !== '') this.#add(commit, name, is === 'True' ? 'Ready' : `not Ready (${is})`);
    }
  }

  #lease(commit: Commit): void {
    if (commit.object === null || commit.object.metadata.namespace !== 'kube-system') return;
    const holder = holderOf(commit.object);
    if (holder !== '' && holder !== holderOf(commit.previous)) {
      this.#add(commit, holder, `leads (${commit.object.metadata.name})`);
    }
  }

  #add(commit: Commit, name: string, what: string): void {
    if (this.#happenings.length >= ENTRIES_MAX) this.#dropped++;
    else this.#happenings.push({ timeUs: commit.timeUs - this.#originUs, name, what });
  }
}

/** Status of a node's condition Ready; '' without one. */
function nodeReady(node: Node): string {
  return findCondition(node.status?.conditions, 'Ready')?.status ?? '';
}

/** `all 3 Ready`, `fewer than 3 Ready`, or '' when nothing is wanted; of one that goes, how many are Ready says nothing. */
function stateOf(object: Commit['object']): string {
  const readiness = readinessOf(object);
  if (object === null || readiness === null) return 'gone';
  if (object.metadata.deletionTimestamp !== undefined) return 'is being deleted';
  if (readiness.wanted === 0) return '';
  const { wanted, ready } = readiness;
  return ready >= wanted ? `all ${wanted} Ready` : `fewer than ${wanted} Ready`;
}

function joined(happenings: readonly Happening[]): TimelineEntry[] {
  const groups: { timeUs: number; what: string; names: string[] }[] = [];
  /** Place of the group that tells what a thing became last: nothing is joined to one before it, or a change in between would be lost. */
  const lastOf = new Map<string, number>();
  for (const { timeUs, name, what } of happenings) {
    let place = groups.findLastIndex((group) => group.what === what && timeUs - group.timeUs <= JOIN_US);
    if (place < (lastOf.get(name) ?? 0)) place = groups.push({ timeUs, what, names: [] }) - 1;
    const { names } = groups[place] as (typeof groups)[number];
    if (!names.includes(name)) names.push(name);
    lastOf.set(name, place);
  }
  return groups.map(({ timeUs, what, names }) => {
    const shown = names.slice(0, NAMES_SHOWN_MAX).join(', ');
    const more = names.length > NAMES_SHOWN_MAX ? ` and ${names.length - NAMES_SHOWN_MAX} more` : '';
    return { timeUs, what: `${shown}${more}: ${what}` };
  });
}

function resultEntries(result: RunResult): TimelineEntry[] {
  const { times, outcome } = result;
  const isUp = times.bootUs >= 0;
  // One that never comes up counts its times from its start.
  const originUs = Math.max(0, times.bootUs);
  const first = isUp
    ? 'cluster is up, workload is applied'
    : 'cluster starts, and never comes up: no workload is applied';
  const entries: TimelineEntry[] = [{ timeUs: 0, what: first }];
  const add = (timeUs: number, what: string) => {
    if (timeUs >= 0) entries.push({ timeUs, what });
  };
  for (const { id, kind, targets, beginUs, endUs } of result.faults) {
    add(
      beginUs,
      `fault ${id} begins: ${kind} on ${targets.length === 0 ? 'nothing' : targets.slice(0, NAMES_SHOWN_MAX).join(', ')}`,
    );
    if (endUs > beginUs) add(endUs, `fault ${id} ends`);
  }
  for (const { what, endUs, error } of result.operations) add(endUs, `${what}: ${error ?? 'done'}`);
  for (const { process, code, timeUs } of result.exits) add(timeUs, `${process} ended itself with code ${code}`);
  for (const { predicate, timeUs, message } of result.violations.slice(0, NAMES_SHOWN_MAX)) {
    add(timeUs - originUs, `violation of ${predicate}: ${message}`);
  }
  add(times.healUs, 'heal point');
  if (outcome.kind === 'pass') add(times.convergedUs, 'converged for good');
  add(times.endUs, 'end');
  return entries;
}

interface Placed {
  readonly entry: TimelineEntry;
  readonly index: number;
}

function byTime(left: Placed, right: Placed): number {
  return left.entry.timeUs - right.entry.timeUs || left.index - right.index;
}

/**
 * Lines of a replay held against those of a recording: which have no equal, and where the first of them parts from it.
 */
import type { Line, State } from './timeline-histories.ts';

/** A place where a replay differs from its recording. */
export interface Difference {
  /** Since the first step. */
  readonly ms: number;
  /** What is compared: `conditions of Job`. */
  readonly what: string;
  /** Object, what was recorded, what came. */
  readonly text: string;
}

/** Compares as multisets: lines about equal objects may come in any order. Empty where all agree. */
export function lineDifferences(what: string, replayed: readonly Line[], recorded: readonly Line[]): Difference[] {
  const surplus = new Map<string, Line[]>();
  for (const line of replayed) listIn(surplus, keyOf(line)).push(line);
  const missing = recorded.filter((line) => surplus.get(keyOf(line))?.pop() === undefined);
  const left = [...surplus.values()].flat();
  const differences = missing.map((line) => {
    const other = takeNearest(left, line);
    return differenceOf(what, other?.states ?? [], line.states, line.about);
  });
  return [...differences, ...left.map((line) => differenceOf(what, line.states, [], line.about))];
}

function keyOf({ about, states }: Line): string {
  return [about, ...states.map(({ text }) => text)].join('\n');
}

function listIn(map: Map<string, Line[]>, key: string): Line[] {
  const list = map.get(key) ?? [];
  map.set(key, list);
  return list;
}

/** Takes the line about an equal object that goes the longest way with this one. */
function takeNearest(lines: Line[], wanted: Line): Line | undefined {
  let found: Line | undefined;
  for (const line of lines) {
    if (line.about !== wanted.about) continue;
    if (found === undefined || partingOf(line.states, wanted.states) > partingOf(found.states, wanted.states))
      found = line;
  }
  if (found !== undefined) lines.splice(lines.indexOf(found), 1);
  return found;
}

function partingOf(left: readonly State[], right: readonly State[]): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) if (left[index]?.text !== right[index]?.text) return index;
  return length;
}

function differenceOf(what: string, replayed: readonly State[], recorded: readonly State[], about: string): Difference {
  const index = partingOf(replayed, recorded);
  const [came, wanted] = [replayed[index], recorded[index]];
  const text = `${about}: recorded ${shown(wanted)}, replayed ${shown(came)}`;
  return { ms: wanted?.ms ?? came?.ms ?? 0, what, text };
}

function shown(state: State | undefined): string {
  return state === undefined ? 'nothing' : `"${state.text}"`;
}

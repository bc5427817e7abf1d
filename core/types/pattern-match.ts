/**
 * Matching of RE2's regular expressions in time linear in the text: all ways through a pattern at once, never one after the other. Source: Thompson,
 * "Regular Expression Search Algorithm" (1968), as RE2 and Go's regexp have it.
 */
import { type PatternNode, parsePattern } from './pattern-syntax.ts';

/** A pattern whose repetitions, written out, are longer than this is refused, as RE2 refuses what does not fit its memory. */
const MAX_STEPS = 10_000;
const MAX_KEPT = 256;

type Step =
  | { readonly kind: 'char'; readonly test: (code: number) => boolean; readonly next: number }
  | { readonly kind: 'assert'; readonly holds: (before: number, after: number) => boolean; readonly next: number }
  | { readonly kind: 'fork'; nexts: readonly number[] }
  | { readonly kind: 'end' };

/** A pattern ready to be matched. */
export interface Pattern {
  readonly steps: readonly Step[];
  readonly start: number;
}

/** A pattern is larger than any engine would take. */
export class PatternTooLarge extends Error {}

const kept = new Map<string, Pattern>();

/** Compiles a pattern. @throws PatternError, PatternTooLarge */
export function compilePattern(text: string): Pattern {
  const before = kept.get(text);
  if (before !== undefined) return before;
  const steps: Step[] = [{ kind: 'end' }];
  const pattern = { steps, start: entryOf(parsePattern(text), 0, steps) };
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(text, pattern);
  return pattern;
}

/** Adds the steps of a part that goes on at `next`; returns its first. */
function entryOf(node: PatternNode, next: number, steps: Step[]): number {
  if (node.kind === 'char' || node.kind === 'assert') return added({ ...node, next }, steps);
  if (node.kind === 'all') return node.parts.reduceRight((entry, part) => entryOf(part, entry, steps), next);
  if (node.kind === 'any') {
    return added({ kind: 'fork', nexts: node.parts.map((part) => entryOf(part, next, steps)) }, steps);
  }
  const { of, least, most } = node;
  let entry = next;
  if (most === Number.POSITIVE_INFINITY) {
    const loop: { kind: 'fork'; nexts: readonly number[] } = { kind: 'fork', nexts: [] };
    entry = added(loop, steps);
    loop.nexts = [entryOf(of, entry, steps), next];
  } else {
    for (let i = least; i < most; i++) {
      entry = added({ kind: 'fork', nexts: [entryOf(of, entry, steps), next] }, steps);
    }
  }
  for (let i = 0; i < least; i++) entry = entryOf(of, entry, steps);
  return entry;
}

function added(step: Step, steps: Step[]): number {
  if (steps.length >= MAX_STEPS) throw new PatternTooLarge('expression too large');
  return steps.push(step) - 1;
}

/** Whether a pattern matches anywhere in a text. */
export function patternMatches({ steps, start }: Pattern, text: string): boolean {
  const seenAt = new Int32Array(steps.length).fill(-1);
  let now: number[] = [];
  let later: number[] = [];
  let before = -1;
  let position = 0;
  const codes = [...text].map((char) => char.codePointAt(0) as number);
  for (const after of [...codes, -1]) {
    now.push(start);
    later = [];
    while (now.length > 0) {
      const index = now.pop() as number;
      if (seenAt[index] === position) continue;
      seenAt[index] = position;
      const step = steps[index] as Step;
      if (step.kind === 'end') return true;
      if (step.kind === 'fork') now.push(...step.nexts);
      else if (step.kind === 'assert') {
        if (step.holds(before, after)) now.push(step.next);
      } else if (after >= 0 && step.test(after)) later.push(step.next);
    }
    now = later;
    before = after;
    position++;
  }
  return false;
}

/** What surrounds an explanation in a run: decisions, how far the search went, pods that are not there. */
import { expect, test } from 'vitest';
import { runText } from '../../../bench/explain/run-text.ts';
import type { PodDecision, RunExplanation } from '../../../core/chaos/explain/pod-decisions.ts';

const decision = (changes: Partial<PodDecision> = {}): PodDecision => ({
  timeUs: 1_000_000,
  event: 1,
  scheduler: 'scheduler-0',
  uid: 'u',
  nodeName: '',
  message: '',
  nominatedNodeName: '',
  victims: [],
  examined: 4,
  nodeCount: 4,
  ...changes,
});
const found = (changes: Partial<RunExplanation>): RunExplanation => ({
  pod: 'demo/web-0',
  decisions: [],
  decision: -1,
  timeUs: 90_000_000,
  scheduler: 'scheduler-0',
  reached: true,
  state: null,
  absence: null,
  explanation: null,
  pods: [],
  ...changes,
});
const numbersListed = (text: string): string[] =>
  [...text.matchAll(/^(?:(→| ) +(\d+) | {2}… (.*)$)/gm)].map(
    ([, mark, number, gap]) => gap ?? `${mark}${number}`.trim(),
  );

test.each([
  [12, 11, ['4 earlier ones', '5', '6', '7', '8', '9', '10', '11', '→12']],
  [12, 0, ['→1', '3 more', '5', '6', '7', '8', '9', '10', '11', '12']],
  [12, 2, ['2 earlier ones', '→3', '1 more', '5', '6', '7', '8', '9', '10', '11', '12']],
  [12, 3, ['3 earlier ones', '→4', '5', '6', '7', '8', '9', '10', '11', '12']],
  [2, 0, ['→1', '2']],
])('of %i decisions the explained one (%i) is always listed', (count, explained, listed) => {
  const decisions = Array.from({ length: count }, () => decision());
  expect(numbersListed(runText(found({ decisions, decision: explained })))).toEqual(listed);
});

test.each([
  ['a search cut short', { nodeName: 'n', examined: 2 }, /^it looked at 2 of 4 nodes \(sampling\)/m],
  ['PreFilter', { examined: 0 }, /^it was rejected before any node was looked at$/m],
  ['a nominated node', { nodeName: 'n', examined: 0 }, /^the node that was kept for it was looked at alone/m],
])('%s', (_what, changes, line) => {
  expect(runText(found({ decisions: [decision(changes)], decision: 0 }))).toMatch(line);
});

test.each([
  [{ deletedUs: 80_400_000, createdUs: -1 }, 'it was deleted at +80.400 s'],
  [{ deletedUs: -1, createdUs: 95_000_000 }, 'it is created at +95.000 s'],
  [{ deletedUs: 80_400_000, createdUs: 95_000_000 }, 'it was deleted at +80.400 s, it is created again at +95.000 s'],
])('a pod that is not there: %o', (absence, text) => {
  expect(runText(found({ absence }))).toMatch(`at +90.000 s it is not there: ${text}\n`);
});

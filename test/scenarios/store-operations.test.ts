import { expect, test } from 'vitest';
import { loadScenarioText } from '../../scenarios/load.ts';
import { formatProblem, ProblemList } from '../../scenarios/problem.ts';

/** What a person reads about operations on a store of `members`. */
function problemsOf(members: number, ...operations: string[]): string[] {
  const problems = new ProblemList();
  const text = `apiVersion: seatrial/v1
kind: Scenario
metadata: {name: test}
about: A test.
cluster: {nodes: {count: 3}, controlPlane: {storeMembers: ${members}}}
${operations[0]?.includes('target') ? 'faults' : 'operations'}: [${operations.join(', ')}]
`;
  loadScenarioText('s.yaml', text, problems);
  return problems.problems.map(formatProblem);
}

const ADDED = '{kind: store-member-add, at: 70s}';

test('a group is there, and a member when it is promoted or removed', () => {
  expect(problemsOf(3, ADDED, '{kind: store-member-promote, at: 80s, instance: 3}')).toEqual([]);
  expect(problemsOf(3, '{kind: store-member-remove, at: 80s, instance: 2}')).toEqual([]);
  expect(problemsOf(1, ADDED)).toEqual([expect.stringMatching(/SCN-024: store-member-add needs a group/)]);
  expect(problemsOf(3, ADDED, '{kind: store-member-promote, at: 60s, instance: 3}')).toEqual([
    expect.stringMatching(/^s\.yaml:6:\d+ .*SCN-024: instance 3 does not exist at 1m: there are 3 members and 0 added/),
  ]);
  expect(problemsOf(3, '{kind: store-member-promote, at: 60s, instance: 1}')).toEqual([
    expect.stringMatching(/SCN-024: etcd-1 is a voter from the beginning/),
  ]);
});

test('faults inside a store member hit a store member, and a storm needs a period', () => {
  expect(problemsOf(3, '{kind: slow-apply, target: {component: etcd}, at: 70s, latency: 1s}')).toEqual([]);
  expect(problemsOf(3, '{kind: crash-in-apply, target: {component: scheduler}, at: 70s}')).toEqual([
    expect.stringMatching(/SCN-022: crash-in-apply needs a target with component: etcd/),
  ]);
  expect(problemsOf(3, '{kind: compaction-storm, target: {component: etcd}, at: 70s, every: 0s}')).toEqual([
    expect.stringMatching(/expected at least 1ms/),
  ]);
});

test('a defragmentation and taking alarms back need no group; a member that is named is there', () => {
  expect(problemsOf(1, '{kind: store-defragment, at: 70s}', '{kind: store-alarm-disarm, at: 80s}')).toEqual([]);
  expect(problemsOf(3, '{kind: store-defragment, at: 70s, instance: 2}')).toEqual([]);
  expect(problemsOf(1, '{kind: store-defragment, at: 70s, instance: 1}')).toEqual([
    expect.stringMatching(/SCN-024: instance 1 does not exist/),
  ]);
});

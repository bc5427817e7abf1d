/**
 * Latency from creation to Ready, from a hand-written history of commits.
 */
import { expect, test } from 'vitest';
import { PodLatency } from '../../../bench/campaign/pod-latency.ts';
import type { Commit } from '../../../core/chaos/world.ts';

const pod = (ready: boolean) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});

function history(...commits: readonly Partial<Commit>[]): number[] {
  const latencies: number[] = [];
  const observer = new PodLatency((latencyUs) => latencies.push(latencyUs));
  const jury = { onCommit: [] as ((commit: Commit) => void)[] };
  observer.begin(undefined, jury);
  for (const commit of commits) {
    const full: Commit = { timeUs: 0, revision: 1, keyId: 1, kind: 'Pod', object: null, previous: null, ...commit };
    for (const listener of jury.onCommit) listener(full);
  }
  return latencies;
}

test('counts from creation to the first Ready, once', () => {
  const latencies = history(
    { timeUs: 100, object: pod(false) },
    { timeUs: 150, object: pod(false), previous: pod(false) },
    { timeUs: 400, object: pod(true), previous: pod(false) },
    { timeUs: 500, object: pod(false), previous: pod(true) },
    { timeUs: 900, object: pod(true), previous: pod(false) },
  );
  expect(latencies).toEqual([300]);
});

test('a pod deleted before it is Ready does not count; its successor of the same name does', () => {
  const latencies = history(
    { timeUs: 100, object: pod(false) },
    { timeUs: 200, object: null, previous: pod(false) },
    { timeUs: 1000, object: pod(false) },
    { timeUs: 1007, object: pod(true), previous: pod(false) },
  );
  expect(latencies).toEqual([7]);
});

test('other kinds, and pods that were there before, do not count', () => {
  const latencies = history(
    { timeUs: 1, kind: 'Node', object: pod(false) },
    { timeUs: 2, kind: 'Node', object: pod(true), previous: pod(false) },
    { timeUs: 3, keyId: 9, object: pod(true), previous: pod(false) },
  );
  expect(latencies).toEqual([]);
});

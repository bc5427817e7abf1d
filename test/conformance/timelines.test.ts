/**
 * Recorded timelines replayed on a whole cluster and held against their recordings.
 */
import { describe, expect, test } from 'vitest';
import { replayRecording } from '../../bench/conform/controlplane/replay/replay-verdict.ts';
import { differencesOf } from '../../bench/conform/controlplane/replay/timeline-comparison.ts';
import { TimelineReplay } from '../../bench/conform/controlplane/replay/timeline-replay.ts';
import type { Node } from '../../core/types/node.ts';
import { findCondition } from '../../core/types/pod-conditions.ts';
import { lacksData } from '../support/needs.ts';
import { readRecording } from '../support/recording.ts';

const SCENARIOS = [
  'cordon-drain',
  'daemonset-nodes',
  'daemonset-rolling',
  'deployment-history-limit',
  'deployment-min-ready-seconds',
  'deployment-paused',
  'deployment-pod-killed',
  'deployment-progress-deadline',
  'deployment-proportional-scaling',
  'deployment-recreate',
  'deployment-rollback',
  'deployment-rolling-default',
  'deployment-rolling-surge0',
  'deployment-scale',
  'finalizers',
  'gc-foreground',
  'gc-orphan',
  'job-backoff-limit',
  'job-completions',
  'job-indexed',
  'job-suspend',
  'job-ttl',
  'namespace-delete',
  'node-delete-podgc',
  'node-unreachable-evict',
  'pdb-eviction',
  'pod-deletion-grace',
  'preemption-overtaken-full',
  'queue-backoff',
  'queue-backoff-strict',
  'queue-hints-interpod',
  'queue-hints-resources',
  'queue-node-added',
  'queue-node-added-strict',
  'queue-priority-order',
  'replicaset-adopt-release',
  'scheduling-gates',
  'service-endpointslices',
  'statefulset-broken-rollout',
  'statefulset-create-ordered',
  'statefulset-parallel',
  'statefulset-rolling',
  'statefulset-scale',
  'taint-noexecute',
  'topology-spread',
  'unschedulable-node-added',
] as const;

const BY_CHANCE = ['preemption', 'preemption-timeline', 'preemption-timeline-strict'] as const;

/** Whether the node monitor found all silent nodes in one of its rounds, which are 5 s apart. */
function foundSilentAtOnce(replay: TimelineReplay): boolean {
  const times = replay.commits.flatMap(({ kind, object, previous, timeUs }) => {
    if (kind !== 'Node' || !isSilent(object as Node | null) || isSilent(previous as Node | null)) return [];
    return [timeUs];
  });
  return times.length > 1 && Math.max(...times) - Math.min(...times) < 1_000_000;
}

function isSilent(node: Node | null): boolean {
  return findCondition(node?.status?.conditions, 'Ready')?.status === 'Unknown';
}

describe('recorded timelines', () => {
  for (const scenario of SCENARIOS) {
    test.skipIf(lacksData(`controlplane/${scenario}`))(scenario, () => {
      const replay = new TimelineReplay(readRecording(scenario), 1);
      replay.run();
      expect(differencesOf(replay)).toEqual([]);
    });
  }

  // Which node a pod gets by chance decides which of several pods is preempted, and each has a name of its own.
  test.each(BY_CHANCE)('%s, with one of the seeds', (scenario) => {
    if (lacksData(`controlplane/${scenario}`)) return;
    expect(replayRecording(readRecording(scenario)).difference).toBeNull();
  });

  // Three of five nodes fall silent: nobody is evicted if one round finds them all, as in the recording; else the first one's pods are.
  test.skipIf(lacksData('controlplane/node-partial-disruption'))('node-partial-disruption', () => {
    const recording = readRecording('node-partial-disruption');
    const replays = [1, 2, 3, 4, 5, 6].map((seed) => new TimelineReplay(recording, seed));
    for (const replay of replays) replay.run();
    const alike = replays.filter(foundSilentAtOnce);
    expect(alike.length).toBeGreaterThan(0);
    for (const replay of alike) expect(differencesOf(replay)).toEqual([]);
  });
});

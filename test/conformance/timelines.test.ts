/**
 * Recorded timelines replayed on a whole cluster: the same answers, the same objects at the end, the same events by component and reason.
 *
 * Beside what `masked` replaces, the recordings call unstable which of several equal pods goes and which node a pod gets; so pods are
 * compared without their numbers. Left out: Event and Lease objects, the root certificate, and Endpoints, which nobody keeps here.
 */
import { describe, expect, test } from 'vitest';
import type { Event } from '../../core/types/event.ts';
import type { Node } from '../../core/types/node.ts';
import { findCondition } from '../../core/types/pod-conditions.ts';
import { lacksData } from '../support/needs.ts';
import { TimelineReplay } from '../support/recorded-timeline.ts';
import { type Json, masked, readRecording, type TimelineEvent } from '../support/recording.ts';

const SCENARIOS = [
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
] as const;

const KINDS_LEFT_OUT: ReadonlySet<string> = new Set(['Event', 'Lease', 'ConfigMap', 'Endpoints']);
/** A race in the allocation of node ranges, says the recordings' README. */
const UNSTABLE_REASON = 'CIDRAssignmentFailed';
const UID = /^(uid-\d+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/** Uids in labels, numbers of equal pods, nodes that a pod is pinned to. */
function plainText(text: string): string {
  return text
    .replace(UID, '<uid>')
    .replace(/-pod\d+/g, '-pod')
    .replace(/^node-\d+$/, '<node>');
}

function comparable(kind: string, object: unknown, name: (text: string) => string): Json {
  const json = masked(object, kind === 'Node' ? name : (text) => plainText(name(text)));
  if (kind === 'Node') {
    // Address and port belong to the recorder's fake kubelets, which differ from recording to recording.
    const { addresses, daemonEndpoints, ...status } = json['status'] as Json;
    return { ...json, status };
  }
  if (kind !== 'EndpointSlice') return json;
  // How many changes a write holds is not stable, nor is the order in which pods became ready.
  const { generation, ...metadata } = json['metadata'] as Json;
  return { ...json, metadata, endpoints: sortedByText((json['endpoints'] as Json[] | null) ?? []) };
}

function sortedByText<T>(values: readonly T[]): T[] {
  const text = (value: T): string => JSON.stringify(withSortedKeys(value));
  return [...values].sort((left, right) => (text(left) < text(right) ? -1 : 1));
}

function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, withSortedKeys(inner)]));
}

/** How often each component gave each reason: new Event objects in the recording's namespaces. */
function recordedReasons(events: readonly TimelineEvent[]): string[] {
  return events
    .filter(
      ({ kind, type, ns, f }) =>
        kind === 'Event' && type === 'ADDED' && ns === 'demo' && f['reason'] !== UNSTABLE_REASON,
    )
    .map(({ f }) => `${f['reportingComponent']} ${f['reason']}`)
    .sort();
}

function simulatedReasons(replay: TimelineReplay): string[] {
  return replay.commits
    .filter(
      ({ kind, previous, object }) => kind === 'Event' && previous === null && object?.metadata.namespace === 'demo',
    )
    .map(({ object }) => {
      const { reason, reportingComponent } = object as Event & { reportingComponent?: string };
      return `${reportingComponent} ${reason}`;
    })
    .sort();
}

function expectAsRecorded(replay: TimelineReplay): void {
  const { recording } = replay;
  expect(replay.surprises).toEqual([]);
  expect(replay.jury.violations).toEqual([]);
  for (const [kind, recorded] of Object.entries(recording.final)) {
    if (KINDS_LEFT_OUT.has(kind)) continue;
    const mine = replay
      .objects(kind)
      .filter(({ metadata }) => (metadata.namespace ?? 'demo') === 'demo')
      .filter(({ metadata }) => kind !== 'Namespace' || metadata.name === 'demo')
      .map((object) => comparable(kind, object, (text) => replay.names.text(text)));
    const wanted = recorded.map((object) => comparable(kind, object, (text) => text));
    expect(sortedByText(mine), kind).toEqual(sortedByText(wanted));
  }
  expect(simulatedReasons(replay)).toEqual(recordedReasons(recording.events));
}

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
      expectAsRecorded(replay);
    });
  }

  // Three of five nodes fall silent: nobody is evicted if one round finds them all, as in the recording; else the first one's pods are.
  test.skipIf(lacksData('controlplane/node-partial-disruption'))('node-partial-disruption', () => {
    const recording = readRecording('node-partial-disruption');
    const replays = [1, 2, 3, 4, 5, 6].map((seed) => new TimelineReplay(recording, seed));
    for (const replay of replays) replay.run();
    const alike = replays.filter(foundSilentAtOnce);
    expect(alike.length).toBeGreaterThan(0);
    for (const replay of alike) expectAsRecorded(replay);
  });
});

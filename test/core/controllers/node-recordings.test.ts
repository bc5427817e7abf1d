/** Timelines of a real control plane against ours: who does what after a NoExecute taint, a node's silence, its deletion. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { endpointSliceController } from '../../../core/controllers/endpointslice/endpointslice-controller.ts';
import { nodeLifecycleController } from '../../../core/controllers/node-lifecycle/node-lifecycle-controller.ts';
import { podGarbageCollector } from '../../../core/controllers/pod-garbage-collector.ts';
import { taintEvictionController } from '../../../core/controllers/taint-eviction-controller.ts';
import type { EndpointSlice } from '../../../core/types/endpoint-slice.ts';
import type { Condition } from '../../../core/types/object.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { findCondition } from '../../../core/types/pod-conditions.ts';
import { ENDPOINTSLICES, NODES, PODS, SERVICES } from '../../../core/types/resource-type.ts';
import type { WatchEvent } from '../../../core/types/wire.ts';
import { DELETED } from '../../../core/types/wire.ts';
import { lacksData, SHARED_DIR } from '../../support/needs.ts';
import { NodeCluster, S } from '../../support/node-cluster.ts';

const controllers = [nodeLifecycleController, taintEvictionController, podGarbageCollector, endpointSliceController];

interface Recorded {
  readonly ms: number;
  readonly type: string;
  readonly kind: string;
  readonly name: string;
  readonly f: {
    readonly conditions?: readonly Condition[];
    readonly deletionTimestamp?: string;
    readonly phase?: string;
    readonly taints?: readonly { readonly key: string; readonly effect: string }[];
  };
}

function recorded(scenario: string): readonly Recorded[] {
  const text = readFileSync(path.join(SHARED_DIR, 'controlplane', scenario, 'events.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded);
}

/** The steps of a pod's way out, repeated ones merged: `DisruptionTarget`, `Failed`, `terminating`, `gone`. */
function wayOut(
  states: readonly { conditions: readonly Condition[]; phase: string; terminating: boolean; gone: boolean }[],
): string[] {
  const steps: string[] = [];
  const add = (step: string): void => {
    if (!steps.includes(step)) steps.push(step);
  };
  for (const { conditions, phase, terminating, gone } of states) {
    const target = findCondition(conditions, 'DisruptionTarget');
    if (target?.status === 'True') add(`DisruptionTarget ${target.reason}${phase === 'Failed' ? ', Failed' : ''}`);
    if (terminating) add('terminating');
    if (gone) add('gone');
  }
  return steps;
}

function recordedWayOut(events: readonly Recorded[], name: string): string[] {
  return wayOut(
    events
      .filter((event) => event.kind === 'Pod' && event.name === name)
      .map(({ f, type }) => ({
        conditions: f.conditions ?? [],
        phase: f.phase ?? '',
        terminating: f.deletionTimestamp !== undefined,
        gone: type === 'DELETED',
      })),
  );
}

function ourWayOut(events: readonly WatchEvent[], name: string): string[] {
  return wayOut(
    events
      .filter(({ object }) => object.metadata.name === name)
      .map(({ object, type }) => ({
        conditions: (object as Pod).status?.conditions ?? [],
        phase: (object as Pod).status?.phase ?? '',
        terminating: object.metadata.deletionTimestamp !== undefined,
        gone: type === DELETED,
      })),
  );
}

/** Milliseconds from a recorded event that fits to the next one that fits. */
function recordedGap(
  events: readonly Recorded[],
  from: (event: Recorded) => boolean,
  to: (event: Recorded) => boolean,
): number {
  const start = events.findIndex(from);
  const end = events.findIndex((event, i) => i >= start && to(event));
  return (events[end]?.ms ?? Number.NaN) - (events[start]?.ms ?? Number.NaN);
}

describe('recorded timelines', () => {
  test.skipIf(lacksData('controlplane/taint-noexecute'))('taint-noexecute', () => {
    const events = recorded('taint-noexecute');
    const cluster = new NodeCluster({ controllers, zones: ['', ''] });
    const tolerates = (tolerationSeconds: number): Readonly<Record<string, unknown>> => ({
      tolerations: [{ key: 'maint', operator: 'Equal', value: 'yes', effect: 'NoExecute', tolerationSeconds }],
    });
    cluster.addPod('none', 'node-0');
    cluster.addPod('short', 'node-0', tolerates(3));
    cluster.run(S);
    cluster.harness.patch(NODES, 'node-0', { spec: { taints: [{ key: 'maint', value: 'yes', effect: 'NoExecute' }] } });
    const tainted = cluster.nowS;
    cluster.until(() => cluster.pod('short') === undefined);
    for (const name of ['none', 'short'])
      expect(ourWayOut(cluster.events(PODS), name)).toEqual(recordedWayOut(events, name));
    const isTaint = (event: Recorded): boolean =>
      event.kind === 'Node' && (event.f.taints ?? []).some(({ key }) => key === 'maint');
    const gap = recordedGap(events, isTaint, (event) => event.name === 'short' && event.type === 'DELETED');
    expect(Math.abs((cluster.nowS - tainted) * 1000 - gap)).toBeLessThan(200);
  });

  test.skipIf(lacksData('controlplane/node-delete-podgc'))('node-delete-podgc', () => {
    const events = recorded('node-delete-podgc');
    const cluster = new NodeCluster({ controllers, zones: ['', '', ''] });
    cluster.addPod('web', 'node-0');
    cluster.run(S);
    cluster.harness.delete(NODES, 'node-0');
    cluster.until(() => cluster.pod('web') === undefined);
    expect(ourWayOut(cluster.events(PODS), 'web')).toEqual(recordedWayOut(events, 'web-hash1-pod1'));
  });

  test.skipIf(lacksData('controlplane/node-unreachable-evict'))('node-unreachable-evict', () => {
    const events = recorded('node-unreachable-evict');
    const cluster = new NodeCluster({ controllers, zones: ['', '', '', ''] });
    cluster.events(ENDPOINTSLICES);
    const metadata = { name: 'web', namespace: 'default' };
    const spec = { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] };
    cluster.harness.create(SERVICES, { apiVersion: 'v1', kind: 'Service', metadata, spec });
    const unreachable = { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' };
    cluster.addPod(
      'web',
      'node-1',
      { tolerations: [{ ...unreachable, tolerationSeconds: 5 }] },
      { labels: { app: 'web' } },
    );
    cluster.run(2 * S);
    cluster.leases.silence('node-1');
    cluster.until(() => cluster.ready('node-1') === 'Unknown');
    const unknown = cluster.nowS;
    cluster.until(() => cluster.taints('node-1').includes('unreachable:NoExecute'));
    expect(cluster.nowS - unknown).toBeLessThan(0.3);
    cluster.run(S);
    expect(cluster.objects<EndpointSlice>(ENDPOINTSLICES)[0]?.endpoints[0]?.conditions?.ready).toBe(false);
    cluster.until(
      () => cluster.pod('web')?.metadata.deletionTimestamp !== undefined || cluster.pod('web') === undefined,
    );
    const isUnknown = (event: Recorded): boolean =>
      event.kind === 'Node' && findCondition(event.f.conditions, 'Ready')?.status === 'Unknown';
    const leaves = (event: Recorded): boolean =>
      event.name === 'web-hash1-pod4' && event.f.deletionTimestamp !== undefined;
    expect(Math.abs((cluster.nowS - unknown) * 1000 - recordedGap(events, isUnknown, leaves))).toBeLessThan(500);
  });
});

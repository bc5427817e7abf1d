/** Recorded timelines of StatefulSets, DaemonSets, Jobs and of adoption: Events in order, and what the status said. */
import { describe, expect, test } from 'vitest';
import type { Job } from '../../../core/types/job.ts';
import { JOBS, PODS, STATEFULSETS } from '../../../core/types/resource-type.ts';
import type { StatefulSet } from '../../../core/types/stateful-set.ts';
import { ControllerHarness } from '../../support/controller-harness.ts';
import { lacksData } from '../../support/needs.ts';
import { recordedEvents, recordedTexts, replay, simulatedTexts } from '../../support/timeline.ts';

const missing = lacksData('controlplane');

/** Consecutive equal entries once. */
function runs(values: readonly string[]): string[] {
  return values.filter((value, at) => value !== values[at - 1]);
}

function statefulText(status: StatefulSet['status'] | Readonly<Record<string, unknown>>): string {
  const counts = status as StatefulSet['status'];
  return `${counts?.replicas ?? 0}/${counts?.currentReplicas ?? 0}/${counts?.updatedReplicas ?? 0}`;
}

describe.skipIf(missing)('recorded stateful sets', () => {
  for (const scenario of [
    'statefulset-create-ordered',
    'statefulset-parallel',
    'statefulset-rolling',
    'statefulset-scale',
    'statefulset-broken-rollout',
  ]) {
    test(scenario, () => {
      const harness = new ControllerHarness();
      replay(harness, scenario);
      const recorded = recordedEvents(scenario);
      const source = 'statefulset-controller';
      const [texts, wantedTexts] = [simulatedTexts(harness, source), recordedTexts(recorded, source)];
      if (scenario === 'statefulset-parallel') {
        // What is done at the same time has no order.
        expect(texts.sort()).toEqual(wantedTexts.sort());
        return;
      }
      expect(texts).toEqual(wantedTexts);
      const wanted = recorded
        .filter(({ kind }) => kind === 'StatefulSet')
        .map(({ f }) => statefulText(f?.status ?? {}));
      const got = harness.events(STATEFULSETS).map(({ object }) => statefulText((object as StatefulSet).status));
      expect(runs(got)).toEqual(runs(wanted));
    });
  }
});

describe.skipIf(missing)('recorded daemon sets', () => {
  test('daemonset-rolling', () => {
    const harness = new ControllerHarness();
    replay(harness, 'daemonset-rolling');
    const kinds = (texts: readonly string[]): string[] => texts.map((text) => text.slice(0, text.indexOf(':')));
    const recorded = recordedTexts(recordedEvents('daemonset-rolling'), 'daemonset-controller');
    expect(kinds(simulatedTexts(harness, 'daemonset-controller'))).toEqual(kinds(recorded));
  });
});

function jobText(status: Job['status'] | Readonly<Record<string, unknown>>): string {
  const { succeeded = 0, failed = 0, conditions = [] } = (status ?? {}) as NonNullable<Job['status']>;
  return `${succeeded} ${failed} ${conditions.map(({ type, reason }) => `${type}=${reason}`).join(' ')}`;
}

describe.skipIf(missing)('recorded jobs', () => {
  for (const scenario of ['job-completions', 'job-indexed', 'job-backoff-limit']) {
    test(scenario, () => {
      const harness = new ControllerHarness();
      replay(harness, scenario);
      const recorded = recordedEvents(scenario);
      expect(simulatedTexts(harness, 'job-controller')).toEqual(recordedTexts(recorded, 'job-controller'));
      const wanted = recorded.filter(({ kind }) => kind === 'Job').map(({ f }) => jobText(f?.status ?? {}));
      const got = harness.events(JOBS).map(({ object }) => jobText((object as Job).status));
      expect(runs(got)).toEqual(runs(wanted));
    });
  }
});

describe.skipIf(missing)('recorded adoption', () => {
  test('replicaset-adopt-release', () => {
    const harness = new ControllerHarness();
    replay(harness, 'replicaset-adopt-release');
    const recorded = recordedTexts(recordedEvents('replicaset-adopt-release'), 'replicaset-controller');
    // Which of the pods goes last depends on the nodes they happen to be on.
    expect(simulatedTexts(harness, 'replicaset-controller').slice(0, -1)).toEqual(recorded.slice(0, -1));
    expect(harness.objects(PODS)).toHaveLength(3);
  });
});

/** Single rules of the controllers of Jobs and DaemonSets, each in a situation in which its absence shows: against the real API server. */
import { describe, expect, test } from 'vitest';
import { POINT_REQUEST } from '../../../core/api/declarations.ts';
import type { ControllerManager } from '../../../core/controllers/controller-manager.ts';
import type { ControllerRevision } from '../../../core/types/controller-revision.ts';
import type { DaemonSet } from '../../../core/types/daemon-set.ts';
import type { Job } from '../../../core/types/job.ts';
import type { Pod } from '../../../core/types/pod.ts';
import type { ReplicaSet } from '../../../core/types/replica-set.ts';
import {
  CONTROLLERREVISIONS,
  DAEMONSETS,
  JOBS,
  NODES,
  PODS,
  REPLICASETS,
  type ResourceType,
  STATEFULSETS,
} from '../../../core/types/resource-type.ts';
import type { StatefulSet } from '../../../core/types/stateful-set.ts';
import { formatTime } from '../../../core/types/time.ts';
import { ADDED, type ApiRequest, VERB } from '../../../core/types/wire.ts';
import { ControllerHarness } from '../../support/controller-harness.ts';

const S = 1_000_000;

/** A Job `sums` whose pods run until somebody ends them, and take so many seconds to stop. */
function sums(spec: object, stopAfterS = 0): unknown {
  const annotations = { 'reference.example/exit': 'never', 'reference.example/stop-after': `${stopAfterS}s` };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'sums', namespace: 'default' },
    spec: {
      template: {
        metadata: { annotations },
        spec: {
          restartPolicy: 'Never',
          containers: [
            { name: 'app', image: 'app:v1' },
            { name: 'other', image: 'app:v1' },
          ],
        },
      },
      ...spec,
    },
  };
}

/** A DaemonSet on all nodes. */
const agent = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'agent', namespace: 'default' },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'app', image: 'app:v1' }] } },
  },
};

function running(spec: object, stopAfterS?: number): ControllerHarness {
  const harness = new ControllerHarness({ nodes: 2 });
  harness.create(JOBS, sums(spec, stopAfterS));
  harness.run(3 * S);
  return harness;
}

/** Ends one of the running pods. */
function end(harness: ControllerHarness, phase: 'Succeeded' | 'Failed'): void {
  const pod = harness.objects<Pod>(PODS).find(({ status }) => status?.phase === 'Running') as Pod;
  const parts = { subresource: 'status', patchType: 'strategic' } as const;
  harness.patch(PODS, pod.metadata.name, { status: { phase } }, parts);
}

/** What the controllers hear of a kind stops. */
function deafen(harness: ControllerHarness, type: ResourceType): void {
  (harness.instances[0] as ControllerManager).informer(type).onEvent = () => {};
}

const job = (harness: ControllerHarness): Job => harness.find<Job>(JOBS, 'sums') as Job;
const conditions = (harness: ControllerHarness): string[] =>
  (job(harness).status?.conditions ?? []).map(({ type }) => type);
const created = (harness: ControllerHarness): number =>
  harness.events(PODS).filter(({ type }) => type === ADDED).length;

describe('controllers that hear late of their own pods', () => {
  /** Events of pods reach the controllers so much later. */
  function delay(harness: ControllerHarness, us: number): void {
    const { library } = harness.instances[0] as ControllerManager;
    const pods = (harness.instances[0] as ControllerManager).informer(PODS);
    const deliver = pods.onEvent.bind(pods);
    const { sim } = harness.api;
    pods.onEvent = (event) => sim.at(sim.now + us, 'late event', () => library.during(() => deliver(event)));
  }

  test('a Job and a DaemonSet create none twice', () => {
    const harness = new ControllerHarness({ nodes: 2 });
    delay(harness, 2.5 * S);
    harness.create(JOBS, sums({ parallelism: 2, completions: 2 }));
    harness.create(DAEMONSETS, agent);
    harness.run(S);
    // Something else wakes them meanwhile.
    for (const type of [JOBS, DAEMONSETS]) {
      const name = type === JOBS ? 'sums' : 'agent';
      harness.patch(type, name, { metadata: { annotations: { note: 'x' } } });
    }
    harness.addNode('node-2');
    harness.run(7 * S);
    expect(created(harness)).toBe(2 + 3);
  });

  function set(replicas: number) {
    const { selector, template } = agent.spec;
    const metadata = { name: 'web', namespace: 'default' };
    return { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata, spec: { replicas, selector, template } };
  }

  test('a ReplicaSet does not wait for what another one of its name had asked for', () => {
    const harness = new ControllerHarness({ nodes: 2 });
    delay(harness, 3 * S);
    harness.create(REPLICASETS, set(2));
    harness.run(S);
    harness.delete(REPLICASETS, 'web', { options: { propagationPolicy: 'Background' } });
    const { metadata } = harness.create(REPLICASETS, set(2));
    harness.run(2 * S);
    const owners = harness.objects<Pod>(PODS).map((pod) => pod.metadata.ownerReferences?.[0]?.uid === metadata.uid);
    expect(owners).toEqual([false, false, true, true]);
  });

  test('a ReplicaSet counts apart the pods that have all labels of its template', () => {
    const harness = new ControllerHarness({ nodes: 2 });
    const { selector, template } = set(2).spec;
    for (const [name, labels] of Object.entries({ whole: { app: 'agent', more: 'x' }, short: { app: 'agent' } })) {
      const metadata = { name, namespace: 'default', labels };
      harness.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata, spec: template.spec });
    }
    const whole = { ...template, metadata: { labels: { app: 'agent', more: 'x' } } };
    harness.create(REPLICASETS, { ...set(2), spec: { replicas: 2, selector, template: whole } });
    harness.run(3 * S);
    const { status } = harness.find<ReplicaSet>(REPLICASETS, 'web') as ReplicaSet;
    expect([status?.replicas, status?.fullyLabeledReplicas]).toEqual([2, 1]);
  });

  test('a ReplicaSet deletes none twice', () => {
    const harness = new ControllerHarness({ nodes: 2 });
    harness.create(REPLICASETS, set(5));
    harness.run(2 * S);
    delay(harness, S);
    let deletions = 0;
    harness.api.sim.observation.setInterceptor(POINT_REQUEST, (_pid, subject) => {
      const { type, verb, user } = subject as ApiRequest;
      if (type === PODS && verb === VERB.delete && user.includes('replicaset')) deletions++;
      return undefined;
    });
    for (const replicas of [4, 3, 2]) {
      harness.patch(REPLICASETS, 'web', { spec: { replicas } });
      harness.run(0.3 * S);
    }
    harness.run(6 * S);
    expect([deletions, harness.objects(PODS).length]).toEqual([3, 2]);
  });
});

describe('job', () => {
  test('has failed only when its last pod has gone', () => {
    const harness = running({ parallelism: 2, completions: 2, backoffLimit: 0 }, 4);
    end(harness, 'Failed');
    harness.run(3 * S);
    expect([conditions(harness), job(harness).status?.terminating]).toEqual([['FailureTarget'], 1]);
    harness.run(5 * S);
    expect(conditions(harness)).toEqual(['FailureTarget', 'Failed']);
  });

  test('replaces a pod when it has failed, not while it stops, where that is its policy', () => {
    const harness = running({ podReplacementPolicy: 'Failed' });
    const [{ metadata }] = harness.objects<Pod>(PODS) as [Pod];
    harness.delete(PODS, metadata.name);
    harness.run(3 * S);
    expect([created(harness), job(harness).status?.terminating]).toEqual([1, 1]);
    end(harness, 'Failed');
    harness.run(15 * S);
    expect(created(harness)).toBe(2);
  });

  test.each([
    [{ operator: 'NotIn', values: [3] }, 7, true],
    [{ operator: 'NotIn', values: [3] }, 0, false],
    [{ operator: 'In', values: [3], containerName: 'other' }, 3, false],
  ])('fails at once by exit codes %j of a container that ended with %i: %s', (onExitCodes, exitCode, fails) => {
    const harness = running({ podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes }] } });
    const [{ metadata }] = harness.objects<Pod>(PODS) as [Pod];
    const containerStatuses = [{ name: 'app', state: { terminated: { exitCode } } }];
    const parts = { subresource: 'status', patchType: 'strategic' } as const;
    harness.patch(PODS, metadata.name, { status: { phase: 'Failed', containerStatuses } }, parts);
    harness.run(3 * S);
    expect(conditions(harness).includes('Failed')).toBe(fails);
  });

  describe('by indexes', () => {
    const INDEX = 'batch.kubernetes.io/job-completion-index';
    const FAILURES = 'batch.kubernetes.io/job-index-failure-count';
    const IGNORED = 'batch.kubernetes.io/job-index-ignored-failure-count';
    const indexed = { completionMode: 'Indexed', completions: 4, parallelism: 4, backoffLimitPerIndex: 1 };

    /** Ends the running pod of an index; a failed one with an exit code. */
    function endIndex(harness: ControllerHarness, index: number, exitCode = 0): void {
      const pod = harness
        .objects<Pod>(PODS)
        .find(({ metadata, status }) => status?.phase === 'Running' && metadata.annotations?.[INDEX] === `${index}`);
      const finishedAt = formatTime(harness.nodes.ctx.wallUs());
      const containerStatuses = [{ name: 'app', state: { terminated: { exitCode, finishedAt } } }];
      const status = { phase: exitCode === 0 ? 'Succeeded' : 'Failed', containerStatuses };
      const parts = { subresource: 'status', patchType: 'strategic' } as const;
      harness.patch(PODS, (pod as Pod).metadata.name, { status }, parts);
      harness.run(3 * S);
    }
    const pods = (harness: ControllerHarness, index: number): Pod[] =>
      harness.objects<Pod>(PODS).filter(({ metadata }) => metadata.annotations?.[INDEX] === `${index}`);
    const counts = (harness: ControllerHarness, index: number): unknown[] =>
      pods(harness, index).map(({ metadata }) => [metadata.annotations?.[FAILURES], metadata.annotations?.[IGNORED]]);
    const ends = (harness: ControllerHarness): unknown =>
      (job(harness).status?.conditions ?? []).map(({ type, reason }) => `${type} ${reason}`);

    test('each has failures and a back-off of its own, and fails alone; the Job fails when all are decided', () => {
      const harness = running(indexed);
      expect(job(harness).status?.failedIndexes).toBe('');
      endIndex(harness, 1, 1);
      // Not counted and not released before the pod that carries on its count exists.
      expect([created(harness), job(harness).status?.failed]).toEqual([4, undefined]);
      expect(pods(harness, 1)[0]?.metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking']);
      harness.run(5 * S);
      expect(created(harness)).toBe(4);
      harness.run(5 * S);
      expect(counts(harness, 1)).toEqual([
        ['0', undefined],
        ['1', undefined],
      ]);
      expect([job(harness).status?.failed, pods(harness, 1)[0]?.metadata.finalizers]).toEqual([1, undefined]);
      endIndex(harness, 1, 1);
      harness.run(30 * S);
      expect([created(harness), job(harness).status?.failedIndexes, ends(harness)]).toEqual([5, '1', []]);
      for (const index of [0, 2, 3]) endIndex(harness, index);
      expect(job(harness).status).toMatchObject({ completedIndexes: '0,2,3', failedIndexes: '1', failed: 2 });
      expect(ends(harness)).toEqual(['FailureTarget FailedIndexes', 'Failed FailedIndexes']);
    });

    test('more failed ones than it may have end it at once', () => {
      const harness = running({ ...indexed, backoffLimitPerIndex: 0, maxFailedIndexes: 1 });
      endIndex(harness, 2, 1);
      expect([job(harness).status?.failedIndexes, ends(harness)]).toEqual(['2', []]);
      endIndex(harness, 0, 1);
      expect(job(harness).status).toMatchObject({ failedIndexes: '0,2' });
      expect(ends(harness)).toEqual(['FailureTarget MaxFailedIndexesExceeded', 'Failed MaxFailedIndexesExceeded']);
    });

    test('a policy fails one at once, or counts a failure only for its back-off', () => {
      const rule = (action: string, code: number): object => ({
        action,
        onExitCodes: { operator: 'In', values: [code] },
      });
      const rules = [rule('FailIndex', 3), rule('Ignore', 4), rule('Count', 5)];
      const harness = running({ ...indexed, podFailurePolicy: { rules } });
      endIndex(harness, 0, 3);
      endIndex(harness, 1, 4);
      endIndex(harness, 2, 5);
      harness.run(11 * S);
      expect([created(harness), job(harness).status?.failed, job(harness).status?.failedIndexes]).toEqual([6, 2, '0']);
      expect([counts(harness, 1)[1], counts(harness, 2)[1]]).toEqual([
        ['0', '1'],
        ['1', undefined],
      ]);
      endIndex(harness, 1, 4);
      endIndex(harness, 2, 5);
      // The second back-off of an index, 20 s. While it waits the controller says that none is active, which the API server refuses beside a ready pod.
      harness.run(12 * S);
      expect(created(harness)).toBe(6);
      harness.run(5 * S);
      expect(counts(harness, 1)[2]).toEqual(['0', '2']);
      expect(job(harness).status?.failedIndexes).toBe('0,2');
    });

    test.each([
      [{ succeededIndexes: '0,2-3', succeededCount: 2 }, [1, 2, 3]],
      [{ succeededIndexes: '1-2' }, [3, 1, 2]],
      [{ succeededCount: 2 }, [3, 0]],
    ])('%j is met by the last of %j', (rule, succeed) => {
      const harness = running({ ...indexed, successPolicy: { rules: [{ succeededIndexes: '0-3' }, rule] } });
      for (const index of succeed) {
        expect(ends(harness)).toEqual([]);
        endIndex(harness, index);
      }
      expect(ends(harness)).toEqual(['SuccessCriteriaMet SuccessPolicy', 'Complete SuccessPolicy']);
      expect(job(harness).status?.conditions?.[0]?.message).toBe('Matched rules at index 1');
      expect(job(harness).status).toMatchObject({ succeeded: succeed.length });
      expect(job(harness).status?.failed).toBeUndefined();
    });

    test('one whose pod is still stopping gets no second one where only failed pods are replaced', () => {
      const harness = running({ ...indexed, parallelism: 2, podReplacementPolicy: 'Failed' }, 60);
      harness.delete(PODS, pods(harness, 0)[0]?.metadata.name as string);
      harness.patch(JOBS, 'sums', { spec: { parallelism: 3 } });
      harness.run(3 * S);
      expect([0, 1, 2, 3].map((index) => pods(harness, index).length)).toEqual([1, 1, 1, 0]);
    });
  });

  test.each([
    ['Ignore', [2, undefined, []]],
    ['Count', [1, 1, ['FailureTarget', 'Failed']]],
    ['FailJob', [1, 1, ['FailureTarget', 'Failed']]],
  ])('a failed pod by its condition: %s', (action, expected) => {
    const rules = [{ action, onPodConditions: [{ type: 'DisruptionTarget' }] }];
    const harness = running({ backoffLimit: 0, podFailurePolicy: { rules } });
    const [{ metadata }] = harness.objects<Pod>(PODS) as [Pod];
    const status = { phase: 'Failed', conditions: [{ type: 'DisruptionTarget', status: 'True' }] };
    harness.patch(PODS, metadata.name, { status }, { subresource: 'status', patchType: 'strategic' });
    harness.run(15 * S);
    expect([created(harness), job(harness).status?.failed, conditions(harness)]).toEqual(expected);
  });

  test('that belongs to another controller is left alone', () => {
    const pods = ['example.com/queue', 'kubernetes.io/job-controller'].map((managedBy) =>
      created(running({ managedBy })),
    );
    expect(pods).toEqual([0, 1]);
  });

  test('lets go of its pods when it is gone', () => {
    const harness = running({});
    harness.delete(JOBS, 'sums', { options: { propagationPolicy: 'Background' } });
    harness.run(3 * S);
    expect(harness.objects<Pod>(PODS).map(({ metadata }) => metadata.finalizers ?? [])).toEqual([[]]);
  });

  test('that has ended stays as long as it is to by now, whatever a copy says', () => {
    const stays = (change: (harness: ControllerHarness) => void): boolean => {
      const harness = running({ ttlSecondsAfterFinished: 4 });
      end(harness, 'Succeeded');
      harness.until(() => conditions(harness).includes('Complete'));
      deafen(harness, JOBS);
      change(harness);
      harness.run(8 * S);
      return job(harness) !== undefined && job(harness).metadata.deletionTimestamp === undefined;
    };
    expect(stays(() => {})).toBe(false);
    expect(stays((harness) => harness.patch(JOBS, 'sums', { spec: { ttlSecondsAfterFinished: 99 } }))).toBe(true);
    const anew = (harness: ControllerHarness): void => {
      harness.delete(JOBS, 'sums', { options: { propagationPolicy: 'Background' } });
      harness.create(JOBS, sums({}));
    };
    expect(stays(anew)).toBe(true);
  });
});

test('a StatefulSet counts a pod as available in time although its controller began anew meanwhile', () => {
  const harness = new ControllerHarness({ nodes: 1 });
  const spec = { ...agent.spec, replicas: 1, minReadySeconds: 6, serviceName: 'agent' };
  harness.create(STATEFULSETS, { ...agent, kind: 'StatefulSet', spec });
  harness.run(3 * S);
  const [manager] = harness.managers as [number];
  harness.api.sim.crash(manager);
  harness.api.sim.restart(manager);
  harness.run(10 * S);
  expect(harness.find<StatefulSet>(STATEFULSETS, 'agent')?.status?.availableReplicas).toBe(1);
});

describe('daemon set', () => {
  test('counts who is ready, replaces who has failed or ended, and keeps the history it is to keep', () => {
    const harness = new ControllerHarness({ nodes: 2 });
    harness.create(DAEMONSETS, { ...agent, spec: { ...agent.spec, revisionHistoryLimit: 0 } });
    const status = () => harness.find<DaemonSet>(DAEMONSETS, 'agent')?.status;
    harness.run(5 * S);
    expect(status()).toMatchObject({ desiredNumberScheduled: 2, numberReady: 2, numberAvailable: 2 });
    const phases = { subresource: 'status', patchType: 'strategic' } as const;
    harness.objects<Pod>(PODS).forEach(({ metadata }, i) => {
      harness.patch(PODS, metadata.name, { status: { phase: i === 0 ? 'Failed' : 'Succeeded' } }, phases);
    });
    harness.run(5 * S);
    expect([created(harness), harness.objects(PODS).length, status()?.numberReady]).toEqual([4, 2, 2]);
    for (const image of ['app:v2', 'app:v3']) {
      harness.patch(DAEMONSETS, 'agent', { spec: { template: { spec: { containers: [{ name: 'app', image }] } } } });
      harness.run(8 * S);
    }
    expect(harness.objects(CONTROLLERREVISIONS)).toHaveLength(1);
  });

  const nodesOf = (harness: ControllerHarness): (string | undefined)[] =>
    harness
      .objects<Pod>(PODS)
      .map(({ spec }) => spec.nodeName)
      .sort();

  test('comes to a new node, leaves one that it must not stay on, and stays where it only may not come', () => {
    const harness = new ControllerHarness({ nodes: 2 });
    harness.create(DAEMONSETS, agent);
    harness.run(2 * S);
    harness.addNode('node-2');
    harness.run(2 * S);
    expect(nodesOf(harness)).toEqual(['node-0', 'node-1', 'node-2']);
    harness.patch(NODES, 'node-0', { spec: { taints: [{ key: 'a', effect: 'NoExecute' }] } });
    harness.patch(NODES, 'node-1', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } });
    harness.run(2 * S);
    expect(nodesOf(harness)).toEqual(['node-1', 'node-2']);
  });

  test('that bears every taint comes to a node at once, before that is ready', () => {
    const harness = new ControllerHarness({ nodes: 1 });
    const { template, ...rest } = agent.spec;
    const spec = { ...template.spec, tolerations: [{ operator: 'Exists' }] };
    harness.create(DAEMONSETS, { ...agent, spec: { ...rest, template: { ...template, spec } } });
    harness.run(S);
    harness.nodes.nodes.stop();
    harness.addNode('node-1');
    harness.run(S);
    expect(created(harness)).toBe(2);
  });

  test.each([
    ['DaemonSet', DAEMONSETS],
    ['StatefulSet', STATEFULSETS],
  ] as const)('a %s keeps no more old templates than it is to, and those in use', (kind, type) => {
    const harness = new ControllerHarness({ nodes: 1 });
    const more = kind === 'StatefulSet' ? { serviceName: 'agent' } : {};
    harness.create(type, { ...agent, kind, spec: { ...agent.spec, revisionHistoryLimit: 1, ...more } });
    for (let version = 2; version <= 5; version++) {
      harness.run(2 * S);
      const containers = [{ name: 'app', image: `app:v${version}` }];
      harness.patch(type, 'agent', { spec: { template: { spec: { containers } } } });
    }
    harness.run(5 * S);
    const revisions = harness.objects<ControllerRevision>(CONTROLLERREVISIONS).map(({ revision }) => revision);
    expect(revisions).toEqual([4, 5]);
  });
});

/** Rules of Jobs as the real controller follows them: inputs and outcomes of Kubernetes 1.34.1, pkg/controller/job. */
import { describe, expect, test } from 'vitest';
import { POINT_REQUEST } from '../../../core/api/declarations.ts';
import type { ControllerManager } from '../../../core/controllers/controller-manager.ts';
import { finishedUs, nextBackoff } from '../../../core/controllers/job/backoff.ts';
import { indexedStop, stopCondition } from '../../../core/controllers/job/finish.ts';
import { compareActive, rankPod } from '../../../core/controllers/pod-ranking.ts';
import type { Job } from '../../../core/types/job.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { JOBS, PODS } from '../../../core/types/resource-type.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import { parseTime } from '../../../core/types/time.ts';
import { ADDED, type ApiRequest, VERB } from '../../../core/types/wire.ts';
import { ControllerHarness } from '../../support/controller-harness.ts';
import { track } from '../../support/ended-pods.ts';

const S = 1_000_000;
const NOW = parseTime('2025-01-01T00:01:00Z');
const FINALIZERS = ['batch.kubernetes.io/job-tracking'];
const at = (second: number): string => `2025-01-01T00:00:${String(second).padStart(2, '0')}Z`;
const ended = (second: number, exitCode = 1, name = 'app'): object => ({
  name,
  restartCount: 0,
  state: { terminated: { exitCode, finishedAt: at(second) } },
});

function pod(uid: string, status: object, metadata: object = {}, spec: object = {}): Pod {
  const meta = { uid, name: uid, namespace: 'd', creationTimestamp: at(1), finalizers: FINALIZERS };
  return {
    metadata: { ...meta, ...metadata },
    spec: { containers: [], nodeName: 'n', ...spec },
    status,
  } as unknown as Pod;
}

function job(spec: object, status: object = {}): Job {
  return { metadata: { name: 'sums' }, spec: { template: { spec: {} }, ...spec }, status } as unknown as Job;
}

describe('when a pod ended (backoff_utils.go getFinishedTime)', () => {
  const ready = (status: string): object => ({ conditions: [{ type: 'Ready', status, lastTransitionTime: at(7) }] });
  const running = { name: 'side', restartCount: 0, state: { running: {} } };
  const withSidecar = { initContainers: [{ name: 'side', restartPolicy: 'Always' }] };
  test.each<[string, Pod, number]>([
    ['with its last container', pod('a', { containerStatuses: [ended(3), ended(5)], ...ready('False') }), 5],
    [
      'with its sidecar',
      pod('a', { containerStatuses: [ended(3)], initContainerStatuses: [ended(9, 0, 'side')] }, {}, withSidecar),
      9,
    ],
    [
      'not known of a sidecar that runs',
      pod('a', { containerStatuses: [ended(3)], initContainerStatuses: [running] }, {}, withSidecar),
      1,
    ],
    [
      'whatever other init containers say',
      pod('a', { containerStatuses: [ended(3)], initContainerStatuses: [running] }),
      3,
    ],
    ['when it was not ready any more', pod('a', ready('False')), 7],
    ['not when it became ready', pod('a', ready('True')), 1],
    ['when it was deleted', pod('a', {}, { deletionTimestamp: at(30), deletionGracePeriodSeconds: 10 }), 20],
    ['else with its creation', pod('a', {}), 1],
  ])('%s', (_what, one, second) => {
    expect(finishedUs(one)).toBe(parseTime(at(second)));
  });

  test('a failure at the moment of the last success is none after it; the last of new failures counts from then on', () => {
    const success = pod('s', { containerStatuses: [ended(5, 0)] });
    const same = pod('f', { containerStatuses: [ended(5)] });
    expect(nextBackoff({ failures: 2, lastFailureUs: 1 }, [success], [same])).toEqual({
      failures: 0,
      lastFailureUs: 0,
    });
    const before = { failures: 1, lastFailureUs: NOW };
    expect(nextBackoff(before, [], [same])).toEqual({ failures: 2, lastFailureUs: parseTime(at(5)) });
  });
});

describe('pod failure policy (pod_failure_policy.go)', () => {
  const failJob = (rule: object): object => ({ podFailurePolicy: { rules: [{ action: 'FailJob', ...rule }] } });
  const message = (spec: object, one: Pod): string | undefined => stopCondition(job(spec), [one], 0, NOW)?.message;

  test('containers are asked before init containers, and the condition named is one that matches', () => {
    const codes = failJob({ onExitCodes: { operator: 'In', values: [1, 2] } });
    const status = { phase: 'Failed', containerStatuses: [ended(3, 2)], initContainerStatuses: [ended(2, 1, 'init')] };
    expect(message(codes, pod('a', status))).toBe(
      'Container app for pod d/a failed with exit code 2 matching FailJob rule at index 0',
    );
    const onPodConditions = [{ type: 'X', status: 'False' }, { type: 'Y' }];
    const conditions = [
      { type: 'X', status: 'True' },
      { type: 'Y', status: 'True' },
    ];
    expect(message(failJob({ onPodConditions }), pod('a', { phase: 'Failed', conditions }))).toBe(
      'Pod d/a has condition Y matching FailJob rule at index 0',
    );
  });

  test('a failed pod that is counted already, or has no index, still ends the job', () => {
    const spec = { ...failJob({ onExitCodes: { operator: 'In', values: [1] } }), completionMode: 'Indexed' };
    const status = { phase: 'Failed', containerStatuses: [ended(3)] };
    expect(message(spec, pod('a', status, { finalizers: [] }))).toContain('matching FailJob rule');
    expect(message(spec, pod('a', { ...status, phase: 'Running' }))).toBeUndefined();
  });
});

test('a success rule is met by all its indexes that there are, and by none of those that are not (success_policy.go)', () => {
  const met = (rule: object, done: readonly number[]): boolean =>
    indexedStop(job({ completions: 2, successPolicy: { rules: [rule] } }), new Set(done), undefined, NOW) !== undefined;
  expect(met({ succeededIndexes: '0-2', succeededCount: 3 }, [0, 1])).toBe(true);
  expect(met({ succeededIndexes: '0-2', succeededCount: 1 }, [1])).toBe(true);
  expect(met({ succeededIndexes: '0-2' }, [1])).toBe(false);
  expect(met({ succeededIndexes: '5' }, [1])).toBe(false);
});

test('of its active pods a Job deletes the last one to be ready first: exact times, no costs (controller_utils.go ActivePods)', () => {
  const ready = (uid: string, second: number, metadata: object = {}, restartCount = 0): Pod => {
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: at(second) }];
    return pod(uid, { phase: 'Running', conditions, containerStatuses: [{ restartCount }] }, metadata);
  };
  const cheap = { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '-5' } };
  const pods = [
    ready('long', 8, cheap),
    ready('short', 9),
    ready('restarted', 9, {}, 2),
    ready('young', 9, { creationTimestamp: at(2) }),
    pod('unready', { phase: 'Running' }),
    pod('pending', { phase: 'Pending' }),
    pod('unassigned', { phase: 'Pending' }, {}, { nodeName: undefined }),
  ];
  const ranked = pods.map((one, id) => rankPod(id, one, 0)).sort(compareActive);
  expect(ranked.map((one) => one.pod.metadata.name).join(' ')).toBe(
    'unassigned pending unready restarted young short long',
  );
});

test('lists that are full of uids of before take no more than what is left', () => {
  const failed = Array.from({ length: 499 }, (_, i) => `old-${i}`);
  const pods = ['a', 'b'].map((uid) => pod(uid, { phase: 'Failed' }));
  const status = { uncountedTerminatedPods: { failed } };
  const step = track(job({}), status, pods);
  expect([step.status.uncountedTerminatedPods?.failed?.length, step.full, step.release.length]).toEqual([500, true, 1]);
});

describe('against the API server', () => {
  function sums(spec: object, name = 'sums'): unknown {
    const annotations = { 'reference.example/exit': 'never' };
    const template = {
      metadata: { annotations, labels: { work: 'sums' } },
      spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: 'app:v1' }] },
    };
    const metadata = { name, namespace: 'default' };
    return { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { template, ...spec } };
  }
  function running(spec: object, name?: string): ControllerHarness {
    const harness = new ControllerHarness({ nodes: 2 });
    harness.create(JOBS, sums(spec, name));
    harness.run(3 * S);
    return harness;
  }
  const pods = (harness: ControllerHarness): Pod[] => harness.objects<Pod>(PODS);
  const found = (harness: ControllerHarness): Job => harness.find<Job>(JOBS, 'sums') as Job;
  function end(harness: ControllerHarness, phase: string): void {
    const name = pods(harness).find(({ status }) => status?.phase === 'Running')?.metadata.name ?? '';
    harness.patch(PODS, name, { status: { phase } }, { subresource: 'status', patchType: 'strategic' });
  }

  test('names of pods of an index keep the index, however long the name of the Job is', () => {
    const name = 'sums-'.repeat(11).concat('sums');
    const [one] = pods(running({ completionMode: 'Indexed', completions: 1 }, name));
    expect(one?.metadata.name).toMatch(/^(sums-){11}-0-.{5}$/);
    expect(one?.metadata.generateName).toHaveLength(58);
  });

  test('a pod that is taken over gets the finalizer, and one that is let go loses it', () => {
    const harness = running({ parallelism: 1, completions: 2 });
    const [own] = pods(harness) as [Pod];
    harness.patch(PODS, own.metadata.name, { metadata: { labels: { work: 'other' }, finalizers: FINALIZERS } });
    const labels = own.metadata.labels?.['batch.kubernetes.io/controller-uid'];
    const selector = found(harness).spec.selector?.matchLabels as Record<string, string>;
    expect(Object.values(selector)).toEqual([labels]);
    harness.patch(PODS, own.metadata.name, { metadata: { labels: { 'batch.kubernetes.io/controller-uid': null } } });
    harness.run(3 * S);
    expect(pods(harness).map(({ metadata }) => [metadata.ownerReferences?.length ?? 0, metadata.finalizers])).toEqual([
      [0, undefined],
      [1, FINALIZERS],
    ]);
    harness.patch(PODS, own.metadata.name, { metadata: { labels: selector } });
    harness.run(3 * S);
    const taken = pods(harness).find(({ metadata }) => metadata.name === own.metadata.name);
    expect([taken?.metadata.ownerReferences?.length, taken?.metadata.finalizers]).toEqual([1, FINALIZERS]);
  });

  test('a suspended Job without completions one of whose pods has succeeded is complete', () => {
    const harness = running({ parallelism: 2 });
    end(harness, 'Succeeded');
    harness.patch(JOBS, 'sums', { spec: { suspend: true } });
    harness.run(5 * S);
    const types = found(harness).status?.conditions?.map(({ type }) => type);
    expect(types).toEqual(['SuccessCriteriaMet', 'Complete']);
  });

  test('a failure that the policy ignores lengthens the wait for the next pod', () => {
    const rules = [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }];
    const harness = running({ podFailurePolicy: { rules } });
    const [one] = pods(harness) as [Pod];
    const conditions = [
      { type: 'DisruptionTarget', status: 'True' },
      { type: 'Ready', status: 'False', lastTransitionTime: '2025-01-01T00:00:06Z' },
    ];
    const status = { phase: 'Failed', conditions, containerStatuses: null };
    harness.patch(PODS, one.metadata.name, { status }, { subresource: 'status', patchType: 'strategic' });
    const created = (): number => harness.events(PODS).filter(({ type }) => type === ADDED).length;
    harness.run(6 * S);
    expect([found(harness).status?.failed, created()]).toEqual([undefined, 1]);
    harness.run(6 * S);
    expect(created()).toBe(2);
  });

  /** Has the API server refuse what `refuses` says; the answer grows with the requests that it got. */
  function listen(harness: ControllerHarness, refuses: (request: ApiRequest) => StatusError | undefined): ApiRequest[] {
    const requests: ApiRequest[] = [];
    harness.api.sim.observation.setInterceptor(POINT_REQUEST, (_pid, subject) => {
      requests.push(subject as ApiRequest);
      return refuses(subject as ApiRequest);
    });
    return requests;
  }

  test.each([
    ['is gone is not deleted', VERB.patch, StatusError.notFound(PODS, 'x'), 1, { active: undefined, ready: 1 }],
    ['cannot be deleted is ready no more', VERB.delete, StatusError.internalError('no'), 2, { active: 1, ready: 0 }],
  ] as const)('of two pods to suspend one that %s', (_what, verb, error, deletions, status) => {
    const harness = running({ parallelism: 2, completions: 2 });
    harness.run(3 * S);
    expect(found(harness).status?.ready).toBe(2);
    const refused = pods(harness)[0]?.metadata.name;
    const requests = listen(harness, (request) =>
      request.verb === verb && request.name === refused ? error : undefined,
    );
    harness.patch(JOBS, 'sums', { spec: { suspend: true } });
    harness.run(0.5 * S);
    const own = requests.filter(({ user }) => user.endsWith(':job-controller'));
    expect(own.filter((request) => request.verb === VERB.delete)).toHaveLength(deletions);
    const written = own.find(({ subresource }) => subresource === 'status')?.object as Job | undefined;
    const { active, ready } = written?.status ?? {};
    expect({ active, ready }).toEqual(status);
  });

  // manageJob says active 0 while it waits, and the API server refuses that beside ready pods (pkg/registry/batch/job/strategy.go, RejectMoreReadyThanActivePods).
  test('beside ready pods a failure is counted only when the wait for the next pod is over', () => {
    const harness = running({ parallelism: 3, completions: 3 });
    harness.run(3 * S);
    const [one] = pods(harness) as [Pod];
    const conditions = [{ type: 'Ready', status: 'False', lastTransitionTime: '2025-01-01T00:00:09Z' }];
    const status = { phase: 'Failed', conditions, containerStatuses: null };
    harness.patch(PODS, one.metadata.name, { status }, { subresource: 'status', patchType: 'strategic' });
    const seen = (): unknown[] => {
      const { active, failed, ready } = found(harness).status ?? {};
      return [active, failed, ready, pods(harness).length];
    };
    harness.run(7 * S);
    expect(seen()).toEqual([3, undefined, 3, 3]);
    harness.run(7 * S);
    expect(seen()).toEqual([3, 1, 3, 4]);
  });

  test('an adoption that fails keeps no other from being tried, and the owner is asked about once', () => {
    const adopted = (verb: number, about: string): unknown => {
      const harness = new ControllerHarness({ nodes: 2 });
      const metadata = { namespace: 'default', labels: { work: 'sums' } };
      const spec = { containers: [{ name: 'app', image: 'app:v1' }] };
      for (const name of ['a', 'b'])
        harness.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name }, spec });
      const requests = listen(harness, (request) =>
        request.verb === verb && request.name === about ? StatusError.internalError('no') : undefined,
      );
      const selector = { matchLabels: { work: 'sums' } };
      harness.create(JOBS, sums({ parallelism: 2, completions: 2, manualSelector: true, selector }));
      harness.run(0.5 * S);
      const owned = pods(harness).filter(({ metadata: { ownerReferences } }) => ownerReferences !== undefined);
      const asked = requests.filter((request) => request.verb === VERB.get && request.name === 'sums').length;
      return [owned.map(({ metadata: { name } }) => name), asked];
    };
    expect(adopted(VERB.patch, 'a')).toEqual([['b'], 1]);
    expect(adopted(VERB.get, 'sums')).toEqual([[], 1]);
  });

  test('a Job whose end was written and not seen is left alone', () => {
    const harness = running({ backoffLimit: 0 });
    const manager = harness.instances[0] as ControllerManager;
    manager.informer(JOBS).onEvent = () => {};
    end(harness, 'Failed');
    harness.run(30 * S);
    expect(found(harness).status?.conditions?.map(({ type }) => type)).toEqual(['FailureTarget', 'Failed']);
    expect(harness.events(PODS).filter(({ type }) => type === ADDED)).toHaveLength(1);
  });

  // getExpectedUIDs is asked once a sync: what the informer shows while the sync waits is none of its business.
  test('a pod whose finalizer is seen to be gone only while the next sync waits is counted once', () => {
    const harness = running({ parallelism: 2, completions: 4 });
    harness.run(3 * S);
    const [first, second] = pods(harness) as [Pod, Pod];
    const manager = harness.instances[0] as ControllerManager;
    const informer = manager.informer(PODS);
    const take = informer.onEvent.bind(informer);
    const late: Parameters<typeof take>[0][] = [];
    informer.onEvent = (event) => {
      const { uid, finalizers = [] } = event.object.metadata;
      if (uid === first.metadata.uid && finalizers.length === 0) late.push(event);
      else take(event);
    };
    const fail = ({ metadata: { name } }: Pod): void => {
      const conditions = [{ type: 'Ready', status: 'False', lastTransitionTime: '2025-01-01T00:00:09Z' }];
      const status = { phase: 'Failed', conditions, containerStatuses: null };
      harness.patch(PODS, name, { status }, { subresource: 'status', patchType: 'strategic' });
      harness.run(30 * S);
    };
    fail(first);
    listen(harness, (request) => {
      if (request.verb === VERB.create && request.object?.kind === 'Pod')
        for (const event of late.splice(0)) take(event);
      return undefined;
    });
    expect([found(harness).status?.failed, late.length]).toEqual([1, 1]);
    fail(second);
    expect([found(harness).status?.failed, late.length]).toEqual([2, 0]);
  });
});

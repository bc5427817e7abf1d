/** What one sync of a workload controller decides, step by step and without a cluster: StatefulSets, Jobs, adoption. */
import { describe, expect, test } from 'vitest';
import type { Client } from '../../../core/client/client.ts';
import { Adoption } from '../../../core/controllers/adoption.ts';
import { stopCondition } from '../../../core/controllers/job/finish.ts';
import { countReleased, isCounted } from '../../../core/controllers/job/tracking.ts';
import { planUpdate, runUpdate } from '../../../core/controllers/statefulset/update.ts';
import type { ControllerRevision } from '../../../core/types/controller-revision.ts';
import type { Job, JobStatus } from '../../../core/types/job.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { PODS, REPLICASETS } from '../../../core/types/resource-type.ts';
import type { StatefulSet } from '../../../core/types/stateful-set.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import { track } from '../../support/ended-pods.ts';

const NOW = 1_735_689_660_000_000;
const EARLIER = '2025-01-01T00:00:00Z';

describe('StatefulSet, in order', () => {
  type State = 'ready' | 'starting' | 'failed' | 'ending' | 'failed ending';

  function member(name: string, state: State, revision = 'new'): Pod {
    const isEnding = state.endsWith('ending');
    const labels = { 'controller-revision-hash': revision };
    const conditions = [{ type: 'Ready', status: state === 'ready' ? 'True' : 'False', lastTransitionTime: EARLIER }];
    return {
      metadata: { name, labels, ...(isEnding ? { deletionTimestamp: EARLIER } : {}) },
      spec: { containers: [] },
      status: { phase: state.startsWith('failed') ? 'Failed' : 'Running', conditions },
    } as unknown as Pod;
  }

  const revision = (name: string): ControllerRevision => {
    return { metadata: { name }, data: { spec: { template: {} } } } as unknown as ControllerRevision;
  };

  /** The steps of one pass over `web` with three replicas: `+ordinal@revision` and `-pod`. */
  function pass(pods: readonly Pod[], spec: object = {}, metadata: object = {}): string {
    const steps: string[] = [];
    function* nothing(): Generator<never, null, unknown> {
      return null;
    }
    const control = {
      claims: { earlierClaim: nothing, settle: nothing },
      createClaims: nothing,
      settle: nothing,
      *create(_set: unknown, _template: unknown, name: string, ordinal: number) {
        steps.push(`+${ordinal}@${name}`);
      },
      *delete(_set: unknown, pod: Pod) {
        steps.push(`-${pod.metadata.name}`);
      },
    };
    const ctx = {
      bug: () => false,
      wallUs: () => NOW,
      sim: { observation: { isObserved: () => false } },
      currentTask: {},
      startTask: (_label: unknown, _key: unknown, body: Generator) => body.next(),
    };
    const set = { metadata: { name: 'web', ...metadata }, spec: { replicas: 3, template: {}, ...spec } };
    const plan = planUpdate(
      ctx as never,
      control as never,
      set as unknown as StatefulSet,
      revision('old'),
      revision('new'),
      pods,
    );
    expect([...runUpdate(plan)]).toEqual([]);
    return steps.join(' ');
  }

  const ready = (count: number, name = 'new'): Pod[] =>
    Array.from({ length: count }, (_, ordinal) => member(`web-${ordinal}`, 'ready', name));
  const partition = (kept: number): object => ({
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: kept } },
  });

  const passes: readonly (readonly [string, readonly Pod[], string, object?])[] = [
    ['the first pod comes alone', [], '+0@new'],
    ['the next one comes when those before it are ready', ready(1), '+1@new'],
    ['one that is not ready is waited for', [member('web-0', 'starting')], ''],
    ['one that is on its way out is waited for', [member('web-0', 'ending')], ''],
    ['one that has ended goes, and nothing comes before it has gone', [member('web-0', 'failed')], '-web-0'],
    ['one that has ended goes once', [member('web-0', 'failed ending')], ''],
    ['one that is ready too short a time is waited for', ready(1), '', { minReadySeconds: 3600 }],
    ['below the partition pods are made of the old revision', [], '+0@old', partition(1)],
    ['others are made of the new one', ready(1, 'old'), '+1@new', partition(1)],
    ['nothing to do', ready(3), ''],
    ['the highest that is too much goes', [...ready(3), member('web-3', 'ready'), member('web-4', 'ready')], '-web-4'],
    ['the next one when it has gone', [...ready(3), member('web-3', 'ready'), member('web-4', 'ending')], ''],
    [
      'none goes that is not ready while another one is less so',
      [...ready(2), member('web-2', 'ready'), member('web-3', 'starting'), member('web-4', 'starting')],
      '',
    ],
    ['the highest old one is replaced', ready(3, 'old'), '-web-2'],
    ['not when that is done by hand', ready(3, 'old'), '', { updateStrategy: { type: 'OnDelete' } }],
    ['not below the partition', ready(3, 'old'), '', partition(3)],
    ['down to the partition', [...ready(2, 'old'), member('web-2', 'ready')], '-web-1', partition(1)],
    ['not before the one above is ready', [...ready(2, 'old'), member('web-2', 'starting')], ''],
    ['not twice', [...ready(2, 'old'), member('web-2', 'ending', 'old')], ''],
  ];
  for (const [what, pods, steps, spec] of passes) test(what, () => expect(pass(pods, spec)).toBe(steps));

  test('one that is being deleted does nothing', () => {
    expect(pass([member('web-0', 'failed')], {}, { deletionTimestamp: EARLIER })).toBe('');
  });

  test('Parallel: all come and go at once, but replaced is one after the other', () => {
    const parallel = { podManagementPolicy: 'Parallel' };
    expect(pass([], parallel)).toBe('+0@new +1@new +2@new');
    const surplus = [member('web-3', 'starting'), member('web-4', 'ready')];
    expect(pass([...ready(3), ...surplus], parallel)).toBe('-web-4 -web-3');
    expect(pass([...ready(2, 'old'), member('web-2', 'starting')], parallel)).toBe('');
  });
});

describe('Job', () => {
  const job = (spec: object = {}, status: object = {}, template: object = {}): Job =>
    ({ metadata: { name: 'sums' }, spec: { template: { spec: template }, ...spec }, status }) as unknown as Job;
  const pod = (uid: string, phase: string, more: object = {}, status: object = {}): Pod =>
    ({
      metadata: { uid, name: uid, finalizers: ['batch.kubernetes.io/job-tracking'], ...more },
      spec: { containers: [] },
      status: { phase, ...status },
    }) as unknown as Pod;
  const whyStops = (of: Job, pods: readonly Pod[], failed: number): string | undefined =>
    stopCondition(of, pods, failed, NOW)?.reason;

  test('stops when too many pods failed, containers restarted too often, or its time is over', () => {
    expect(whyStops(job(), [], 6)).toBeUndefined();
    expect(whyStops(job(), [], 7)).toBe('BackoffLimitExceeded');
    const restarted = [pod('a', 'Running', {}, { containerStatuses: [{ restartCount: 2 }] })];
    expect(whyStops(job({ backoffLimit: 2 }, {}, { restartPolicy: 'OnFailure' }), restarted, 0)).toBe(
      'BackoffLimitExceeded',
    );
    expect(whyStops(job({ backoffLimit: 2 }, {}, { restartPolicy: 'Never' }), restarted, 0)).toBeUndefined();
    const limited = { activeDeadlineSeconds: 60 };
    expect(whyStops(job(limited, { startTime: EARLIER }), [], 0)).toBe('DeadlineExceeded');
    expect(whyStops(job({ ...limited, suspend: true }, { startTime: EARLIER }), [], 0)).toBeUndefined();
    expect(whyStops(job({ activeDeadlineSeconds: 61 }, { startTime: EARLIER }), [], 0)).toBeUndefined();
  });

  test('what was decided once stays the reason', () => {
    const decided = { type: 'FailureTarget', status: 'True', reason: 'DeadlineExceeded' };
    expect(whyStops(job({}, { conditions: [decided] }), [], 99)).toBe('DeadlineExceeded');
  });

  test('a failed pod that its policy forbids ends it, one that is to be ignored does not', () => {
    const rule = (action: string): object => {
      const rules = [{ action, onExitCodes: { operator: 'In', values: [3] } }];
      return { podFailurePolicy: { rules } };
    };
    const failed = [
      pod('a', 'Failed', {}, { containerStatuses: [{ name: 'app', state: { terminated: { exitCode: 3 } } }] }),
    ];
    expect(whyStops(job(rule('FailJob')), failed, 1)).toBe('PodFailurePolicy');
    expect(whyStops(job(rule('Ignore')), failed, 1)).toBeUndefined();
  });

  test('an ended pod is listed once, released after that, and counted when it is released', () => {
    const pods = [
      pod('a', 'Succeeded'),
      pod('b', 'Failed'),
      pod('c', 'Running'),
      pod('d', 'Succeeded', { finalizers: [] }),
    ];
    const trackAfter = (status: JobStatus, released: readonly string[]) =>
      track(job(), status, pods, { released: new Set(released) });
    const first = trackAfter({}, []);
    expect(first.status.uncountedTerminatedPods).toEqual({ succeeded: ['a'], failed: ['b'] });
    expect(first.release.map(({ metadata }) => metadata.uid)).toEqual(['a', 'b']);
    expect(trackAfter(first.status, []).status.uncountedTerminatedPods).toEqual({ succeeded: ['a'], failed: ['b'] });
    const half = countReleased(first.status, new Set(['b']));
    expect(half).toMatchObject({ succeeded: 1, uncountedTerminatedPods: { failed: ['b'] } });
    expect([isCounted(half), isCounted(countReleased(half, new Set()))]).toEqual([false, true]);
    // Its finalizer is off although the copy still shows it: it is not listed a second time.
    const again = trackAfter({ succeeded: 1 }, ['a', 'b']);
    expect([again.status.uncountedTerminatedPods, again.release]).toEqual([{}, []]);
  });
});

describe('adoption', () => {
  const owner = { kind: 'ReplicaSet', metadata: { name: 'web', namespace: 'demo', uid: 'u1' } } as KubeObject;
  const orphan = { kind: 'Pod', metadata: { name: 'stray', namespace: 'demo', uid: 'p1' } } as KubeObject;

  /** An adoption for `owner`, which the server has as `fresh`; what was asked of the server. */
  function adoption(fresh: object, refusal?: StatusError): { readonly adoption: Adoption; readonly asked: unknown[] } {
    const asked: unknown[] = [];
    const client = {
      ctx: { mark: () => {} },
      *get() {
        asked.push('get');
        return { ...owner, metadata: { ...owner.metadata, ...fresh } };
      },
      *patch(_type: unknown, _namespace: string, _name: string, patch: unknown) {
        asked.push(patch);
        if (refusal !== undefined) throw refusal;
      },
    };
    return { adoption: new Adoption(client as unknown as Client, REPLICASETS, owner, PODS), asked };
  }

  test('the owner is read afresh once, and the patch names both uids', () => {
    const { adoption: one, asked } = adoption({});
    expect(one.adopt(orphan).next()).toEqual({ done: true, value: true });
    one.adopt(orphan).next();
    const ownerReferences = [expect.objectContaining({ uid: 'u1', controller: true })];
    const patch = { metadata: { uid: 'p1', ownerReferences } };
    expect(asked).toEqual(['get', patch, patch]);
  });

  test('an owner that is being deleted, or another one of the name, adopts nothing', () => {
    for (const fresh of [{ deletionTimestamp: EARLIER }, { uid: 'u2' }]) {
      const { adoption: one, asked } = adoption(fresh);
      expect(() => one.adopt(orphan).next()).toThrow(StatusError);
      expect(asked).toEqual(['get']);
    }
  });

  test('who is gone is not adopted, and letting it go is no error', () => {
    const gone = StatusError.notFound(PODS, 'stray');
    expect(adoption({}, gone).adoption.adopt(orphan).next().value).toBe(false);
    const { adoption: one, asked } = adoption({}, gone);
    expect(one.release(orphan).next().done).toBe(true);
    expect(asked).toEqual([{ metadata: { uid: 'p1', ownerReferences: [{ $patch: 'delete', uid: 'u1' }] } }]);
    const busy = StatusError.conflict(PODS, 'stray', 'busy');
    expect(() => adoption({}, busy).adoption.adopt(orphan).next()).toThrow(StatusError);
    expect(() => adoption({}, busy).adoption.release(orphan).next()).toThrow(StatusError);
  });
});

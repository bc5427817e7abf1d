/** What X1 asks of a Job: its end, unless it rests or belongs to another controller; and that J2 finds pods for indexes that are over. */
import { expect, it } from 'vitest';
import type { Judge } from '../../../core/chaos/predicate.ts';
import { endedJobs } from '../../../core/chaos/predicates/job-count-check.ts';
import { workloadLacks } from '../../../core/chaos/predicates/workload-state-check.ts';
import { World } from '../../../core/chaos/world.ts';
import { POINT_JOB_CREATE } from '../../../core/controllers/job/bugs.ts';
import { Simulation } from '../../../core/sim/simulation.ts';
import type { KubeObject } from '../../../core/types/object.ts';

const COMPLETE = { conditions: [{ type: 'Complete', status: 'True' }] };
const SUSPENDED = { conditions: [{ type: 'Suspended', status: 'True' }] };
const ENDLESS = 'neither complete nor failed: 0 active, 0 succeeded';
const ONE_LEFT = '1 live pod, wants none any more';

it.each([
  [{ completions: 2 }, {}, 0, ENDLESS],
  [{ completions: 2, parallelism: 0 }, {}, 0, null],
  [{ completions: 2, parallelism: 0 }, {}, 1, ONE_LEFT],
  [{ completions: 0, parallelism: 0 }, {}, 0, ENDLESS],
  [{ parallelism: 0 }, {}, 0, null],
  [{ suspend: true }, SUSPENDED, 0, null],
  [{ suspend: true }, SUSPENDED, 1, ONE_LEFT],
  [{ suspend: true }, {}, 0, 'it is suspended, and its status does not say so'],
  [{ suspend: true }, COMPLETE, 0, null],
  [{ completions: 2 }, COMPLETE, 1, ONE_LEFT],
  [{ completions: 2, managedBy: 'example.com/queue' }, {}, 0, null],
  [{ completions: 2, managedBy: 'kubernetes.io/job-controller' }, {}, 0, ENDLESS],
])('a Job %j with status %j and %i live pods lacks: %s', (spec, status, live, lack) => {
  const job = { kind: 'Job', metadata: { name: 'j', uid: 'u' }, spec, status } as unknown as KubeObject;
  expect(workloadLacks(job, new Map([['u', live]]))).toBe(lack);
});

it('a ReplicaSet without its pods says why they are refused, where its status does', () => {
  const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'no PriorityClass' };
  const set = (conditions: object[]): KubeObject =>
    ({ kind: 'ReplicaSet', metadata: { name: 'r', uid: 'u' }, spec: { replicas: 2 }, status: { conditions } }) as never;
  expect(workloadLacks(set([]), new Map())).toBe('0 live pods, wants 2');
  expect(workloadLacks(set([failure]), new Map())).toBe('0 live pods, wants 2: FailedCreate: no PriorityClass');
});

it('a DaemonSet whose pod stays on a node with a NoSchedule taint is as it should be', () => {
  const status = { desiredNumberScheduled: 1, numberReady: 1, updatedNumberScheduled: 1, numberMisscheduled: 1 };
  const set = { kind: 'DaemonSet', metadata: { name: 'd', uid: 'u' }, spec: {}, status } as unknown as KubeObject;
  expect(workloadLacks(set, new Map())).toBe(null);
});

it.each([
  [[1, 4], []],
  [[1, 2], ['Job j: its controller creates 2 pods, though index 2 is over']],
  [[0, 4], ['Job j: its controller creates 2 pods, though index 0 is over']],
])('J2 judges pods for the indexes %j', (indexes, said) => {
  const found: string[] = [];
  const sim = new Simulation({ seed: 1 });
  const violate = (_predicate: unknown, message: string): void => {
    found.push(message);
  };
  endedJobs({ sim, world: new World(), truth: {}, calmSinceUs: 0, violate } as unknown as Judge);
  const spec = { completionMode: 'Indexed', completions: 5, parallelism: 2, backoffLimitPerIndex: 0 };
  const status = { completedIndexes: '0', failedIndexes: '2-3', failed: 9 };
  const job = { kind: 'Job', metadata: { name: 'j', uid: 'u' }, spec, status };
  const view = { job, active: 0, succeeded: 1, create: 2, indexes, failures: 0, lastFailureUs: 0, wallUs: 0 };
  sim.observation.observe(POINT_JOB_CREATE, 0 as never, view);
  expect(found).toEqual(said);
});

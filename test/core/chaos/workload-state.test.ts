/** What X1 asks of a Job: its end, unless it rests or belongs to another controller. */
import { expect, it } from 'vitest';
import { workloadLacks } from '../../../core/chaos/predicates/workload-state-check.ts';
import type { KubeObject } from '../../../core/types/object.ts';

const COMPLETE = { conditions: [{ type: 'Complete', status: 'True' }] };
const ENDLESS = 'neither complete nor failed: 0 active, 0 succeeded';
const ONE_LEFT = '1 live pod, wants none any more';

it.each([
  [{ completions: 2 }, {}, 0, ENDLESS],
  [{ completions: 2, parallelism: 0 }, {}, 0, null],
  [{ completions: 2, parallelism: 0 }, {}, 1, ONE_LEFT],
  [{ completions: 0, parallelism: 0 }, {}, 0, ENDLESS],
  [{ parallelism: 0 }, {}, 0, null],
  [{ suspend: true }, {}, 0, null],
  [{ completions: 2 }, COMPLETE, 1, ONE_LEFT],
  [{ completions: 2, managedBy: 'example.com/queue' }, {}, 0, null],
  [{ completions: 2, managedBy: 'kubernetes.io/job-controller' }, {}, 0, ENDLESS],
])('a Job %j with status %j and %i live pods lacks: %s', (spec, status, live, lack) => {
  const job = { kind: 'Job', metadata: { name: 'j', uid: 'u' }, spec, status } as unknown as KubeObject;
  expect(workloadLacks(job, new Map([['u', live]]))).toBe(lack);
});

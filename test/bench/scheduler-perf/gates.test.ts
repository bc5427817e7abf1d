/** Gates that ask for something else than what happens here are told, those in force are not. */
import { expect, test } from 'vitest';
import type { WorkloadPlan } from '../../../bench/scheduler-perf/config/plan.ts';
import { gatesWithoutEffect } from '../../../bench/scheduler-perf/run/cluster-of.ts';

test.each([
  [{ DynamicResourceAllocation: true, SchedulerQueueingHints: true, DRAExtendedResource: true }, []],
  [{ SchedulerQueueingHints: false, DRAExtendedResource: false }, ['SchedulerQueueingHints=false']],
  [{ SchedulerAsyncAPICalls: true, Nonsense: false }, ['SchedulerAsyncAPICalls=true', 'Nonsense=false']],
])('%j', (gates, told) => {
  expect(gatesWithoutEffect({ gates } as unknown as WorkloadPlan)).toEqual(told);
});

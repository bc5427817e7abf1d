import { expect, test } from 'vitest';
import { podOf } from '../../../bench/kernels/scheduler/workload.ts';
import { Collector } from '../../../bench/scheduler-perf/run/collector.ts';

test('host time counts from the start of a phase, and beside it from the first pod that counts, as upstream samples it', () => {
  let hostS = 10;
  const collector = new Collector('measured', ['default'], {}, 0, () => hostS);
  const mine = podOf('a', 'app', '1', '1Gi');
  const other = { ...mine, metadata: { ...mine.metadata, namespace: 'earlier' } };
  const at = (second: number, pod: typeof mine) => {
    hostS = second;
    collector.scheduled(pod, 1000, 0);
  };
  at(11, other);
  at(12, other);
  at(13, mine);
  at(15, mine);
  hostS = 99;
  expect(collector.finish(2000, 1)).toMatchObject({ pods: 2, otherPods: 2, hostS: 5, hostSinceFirstS: 2 });
});

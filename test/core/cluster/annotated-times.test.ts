/** Times that annotations name are part of a bound, wave by wave. */
import { expect, it } from 'vitest';
import { annotatedWorkloadUs } from '../../../core/cluster/annotated-times.ts';
import type { KubeObject } from '../../../core/types/object.ts';

const named = (times: Record<string, string>): object => ({
  metadata: {
    annotations: Object.fromEntries(Object.entries(times).map(([name, text]) => [`seatrial.dev/${name}`, text])),
  },
});

it.each([
  ['Job', {}, {}, 0],
  ['Job', {}, { 'run-for': '10m' }, 600],
  ['Job', { completions: 5, parallelism: 2 }, { 'run-for': '100s', 'image-pull': '10s' }, 3 * 110 + 2 * 15],
  ['Job', { activeDeadlineSeconds: 60 }, { 'run-for': '10m' }, 60],
  ['Job', { backoffLimit: 2 }, { 'crash-after': '100s' }, 3 * 100 + 2 * 15 + 10 + 20],
  ['Job', { backoffLimit: 2 }, { 'crash-after.log': '100s', 'run-for': '5s' }, 3 * 100 + 2 * 15 + 10 + 20],
  ['Job', {}, { 'run-for.app': '20s', 'run-for.log': '40s' }, 40],
  ['Job', { completions: 2, backoffLimitPerIndex: 1 }, { 'run-for': '50s', exit: 'error' }, 4 * 50 + 3 * 15 + 2 * 10],
  ['Job', {}, { exit: 'never' }, 0],
  ['Job', { managedBy: 'example.com/queue' }, { 'run-for': '10m' }, 0],
  ['Deployment', { replicas: 8 }, { 'ready-after': '40s', 'stop-after': '20s' }, 2 * 60],
  ['Deployment', { replicas: 8, strategy: { type: 'Recreate' } }, { 'image-pull': 'never' }, 0],
  ['StatefulSet', { replicas: 5 }, { 'ready-after': '60s' }, 300],
  ['DaemonSet', {}, { 'image-pull': '30s' }, 180],
  ['Service', {}, {}, 0],
])('a %s %j with %j: %d s', (kind, spec, times, seconds) => {
  const object = { kind, metadata: { name: 'w' }, spec: { ...spec, template: named(times) } } as unknown as KubeObject;
  expect(annotatedWorkloadUs(object, 6) / 1e6).toBe(seconds);
});

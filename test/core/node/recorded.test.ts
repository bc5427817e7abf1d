import { expect, test } from 'vitest';
import type { Pod } from '../../../core/types/pod.ts';
import { PODS } from '../../../core/types/resource-type.ts';
import { NodeLab, podOf } from '../../support/node-lab.ts';

const fleet = { mode: 'recorded' as const, annotationPrefix: 'reference.example/' };

test('the recorded kubelet turns a pod Running and Ready by one write, with its own conditions', () => {
  const lab = new NodeLab({ seed: 1, fleet });
  lab.run(5);
  lab.bind('n0', podOf('web'));
  lab.run(1);
  const status = lab.pod('web')?.status;
  expect(status?.phase).toBe('Running');
  expect(status?.conditions?.map(({ type, status: value }) => `${type}=${value}`)).toEqual([
    'Initialized=True',
    'Ready=True',
    'ContainersReady=True',
    'PodScheduled=True',
  ]);
  expect(
    status?.containerStatuses?.map(({ name, ready, restartCount, image, imageID, lastState }) => ({
      name,
      ready,
      restartCount,
      image,
      imageID,
      lastState,
    })),
  ).toEqual([{ name: 'app', ready: true, restartCount: 0, image: 'app:v1', imageID: '', lastState: {} }]);
});

test('a pod that somebody else declared failed, or not ready, is left as it is', () => {
  const lab = new NodeLab({ seed: 1, fleet });
  lab.run(5);
  lab.bind('n0', podOf('evicted'), podOf('doubted'));
  lab.run(1);
  lab.does(function* (client) {
    const failed = { status: { phase: 'Failed', reason: 'Evicted', message: 'disk' } };
    yield* client.patch(PODS, 'default', 'evicted', failed, 'strategic', 'status');
    const doubted = { status: { conditions: [{ type: 'Ready', status: 'False' }] } };
    yield* client.patch(PODS, 'default', 'doubted', doubted, 'strategic', 'status');
  });
  lab.run(5);
  expect(lab.pod('evicted')?.status).toMatchObject({ phase: 'Failed', reason: 'Evicted', message: 'disk' });
  expect(lab.pod('doubted')?.status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('False');
  lab.delete(PODS, 'evicted');
  lab.run(1);
  expect(lab.pod('evicted')).toBeUndefined();
});

test('annotations of the recordings', () => {
  const lab = new NodeLab({ seed: 1, fleet });
  lab.run(5);
  lab.bind(
    'n0',
    podOf('later', {}, { 'reference.example/ready-after': '2s' }),
    podOf('never', {}, { 'reference.example/never-ready': 'true' }),
    podOf('fails', { restartPolicy: 'Never' }, { 'reference.example/exit': 'error' }),
    podOf('slow', {}, { 'reference.example/stop-after': '2s' }),
  );
  lab.run(1);
  expect(lab.pod('later')?.status?.phase).toBe('Pending');
  expect(lab.pod('fails')?.status?.phase).toBe('Failed');
  lab.run(2);
  expect(lab.pod('later')?.status?.phase).toBe('Running');
  expect(lab.pod('never')?.status?.phase).toBe('Pending');
  for (const name of ['slow', 'never', 'later']) lab.delete(PODS, name);
  lab.run(1);
  expect(
    lab
      .list<Pod>(PODS)
      .map((pod) => pod.metadata.name)
      .sort(),
  ).toEqual(['fails', 'slow']);
  lab.run(2);
  expect(lab.list<Pod>(PODS).map((pod) => pod.metadata.name)).toEqual(['fails']);
});

test('another deletion amid the stop begins the delay anew', () => {
  const lab = new NodeLab({ seed: 1, fleet });
  lab.run(5);
  lab.bind('n0', podOf('slow', {}, { 'reference.example/stop-after': '3s' }));
  lab.run(1);
  lab.delete(PODS, 'slow');
  lab.run(2);
  lab.does(function* (client) {
    yield* client.delete(PODS, 'default', 'slow', { gracePeriodSeconds: 5 });
  });
  lab.run(2);
  expect(lab.pod('slow')).toBeDefined();
  lab.run(2);
  expect(lab.pod('slow')).toBeUndefined();
});

/** Which nodes have which images, as a node's reports change (Kubernetes 1.34, backend/cache addNodeImageStates). */
import { expect, test } from 'vitest';
import { type ImageState, ImageStates } from '../../../../core/scheduler/framework/image-states.ts';
import { PlainCluster } from '../../../../core/scheduler/framework/plain-cluster.ts';
import type { Node } from '../../../../core/types/node.ts';
import type { Pod } from '../../../../core/types/pod.ts';
import { makeNode, makePod } from '../objects.ts';

const node = (name: string, ...images: readonly (readonly [name: string, sizeBytes: number])[]): Node => {
  const made = makeNode(name);
  return {
    ...made,
    status: { ...made.status, images: images.map(([image, sizeBytes]) => ({ names: [image], sizeBytes })) },
  };
};

/** Size of an image, and the nodes that have it. */
const told = (images: ImageStates, name: string) => {
  const state = images.find(name);
  return state === undefined ? null : [state.sizeBytes, [...state.nodeNames].join(' ')];
};

test('an image has the size that its first node told, as long as any node has it', () => {
  const images = new ImageStates();
  const [a, b] = [node('a', ['x:1', 5]), node('b', ['x:1', 7])];
  images.put(undefined, a);
  images.put(undefined, b);
  expect(told(images, 'x:1')).toEqual([5, 'a b']);
  images.remove(a);
  expect(told(images, 'x:1')).toEqual([5, 'b']);
  // Its only node tells it anew.
  images.put(b, node('b', ['x:1', 9]));
  expect(told(images, 'x:1')).toEqual([9, 'b']);
  images.remove(node('b', ['x:1', 9]));
  expect([told(images, 'x:1'), images.isEmpty]).toEqual([null, true]);
});

test('a node that reports more, fewer or other images has these, and one that reports the same changes nothing', () => {
  const images = new ImageStates();
  let before = node('a', ['x:1', 5]);
  images.put(undefined, before);
  for (const [now, expected] of [
    [
      node('a', ['x:1', 5], ['y:1', 6]),
      [
        [5, 'a'],
        [6, 'a'],
      ],
    ],
    [node('a', ['y:1', 6]), [null, [6, 'a']]],
    [node('a', ['x:1', 7]), [[7, 'a'], null]],
  ] as const) {
    const { version } = images;
    images.put(before, now);
    before = now;
    expect([told(images, 'x:1'), told(images, 'y:1')]).toEqual(expected);
    expect(images.version).toBeGreaterThan(version);
  }
  const { version } = images;
  images.put(before, node('a', ['x:1', 7]));
  expect(images.version).toBe(version);
});

test('a name without tag or digest means the latest', () => {
  const images = new ImageStates();
  images.put(undefined, node('a', ['registry:5000/x:latest', 5]));
  expect([told(images, 'registry:5000/x'), told(images, 'registry:5000/x:1')]).toEqual([[5, 'a'], null]);
});

// Kubernetes 1.34.1, cache.go UpdateSnapshot and NodeInfo.SnapshotConcrete: a node is copied when it changed, with the numbers of that moment.
test('a node keeps the share of its images until it changes itself', () => {
  const withImage = (name: string) => node(name, ['x:1', 5]);
  const cluster = new PlainCluster();
  const shareOn = (node: string) => {
    cluster.beginCycle();
    return cluster.images.nodeCount(cluster.images.find('x:1') as ImageState, node);
  };
  for (const name of ['a', 'b']) cluster.put(withImage(name));
  expect([shareOn('a'), shareOn('b')]).toEqual([2, 2]);
  cluster.put(withImage('c'));
  expect([shareOn('a'), shareOn('c')]).toEqual([2, 3]);
  const pod = makePod('p', {});
  cluster.put({ ...pod, spec: { ...pod.spec, nodeName: 'a' } } as Pod);
  expect([shareOn('a'), shareOn('b')]).toEqual([3, 2]);
  cluster.delete('Node', '', 'b');
  cluster.put(withImage('b'));
  expect(shareOn('b')).toBe(3);
});

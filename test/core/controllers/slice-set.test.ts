/**
 * Which slices a sync writes for what there is. The answers are those of Kubernetes 1.34.1, k8s.io/endpointslice reconciler.go, Reconcile, with
 * three endpoints a slice.
 */
import { expect, test } from 'vitest';
import { portSetOf } from '../../../core/controllers/endpointslice/pod-endpoint.ts';
import { SliceSet, type SliceWrites, type WantedEndpoint } from '../../../core/controllers/endpointslice/slice-set.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../../core/types/endpoint-slice.ts';

/** Name, port (0: none) and pods of a slice. */
type Slice = readonly [string, number, ...number[]];

const portsOf = (port: number): EndpointPort[] => (port === 0 ? [] : [{ name: '', protocol: 'TCP', port }]);

function endpointOf(pod: number): Endpoint {
  const conditions = { ready: true, serving: true, terminating: false };
  return { addresses: [`10.0.0.${pod}`], conditions, targetRef: { kind: 'Pod', name: `${pod}`, uid: `${pod}` } };
}

function written({ creates, updates, deletes }: SliceWrites): string[] {
  const text = (verb: string, slice: SliceWrites['creates'][number]): string =>
    [verb, slice.object?.metadata.name ?? '-', slice.ports[0]?.port ?? 0, ...slice.pods.toSorted()].join(' ');
  return [
    ...creates.map((slice) => text('create', slice)),
    ...updates.map((slice) => text('update', slice)),
    ...deletes.map(({ metadata }) => `delete ${metadata.name}`),
  ];
}

test.each<[string, number, Slice[], number[], number[], string[]]>([
  [
    'an empty slice of wanted ports stays',
    80,
    [
      ['a', 80, 1, 2],
      ['e', 80],
    ],
    [1, 2],
    [],
    [],
  ],
  [
    'and is not the fullest that has room',
    80,
    [
      ['a', 80, 1, 2],
      ['e', 80],
    ],
    [1, 2, 3],
    [],
    ['update a 80 1 2 3'],
  ],
  [
    'but takes what finds none elsewhere',
    80,
    [
      ['a', 80, 1, 2, 3],
      ['e', 80],
    ],
    [1, 2, 3, 4],
    [],
    ['update e 80 4'],
  ],
  ['as many as fill a slice get a new one', 80, [['e', 80]], [1, 2, 3], [], ['create - 80 1 2 3']],
  [
    'one that lost all goes',
    80,
    [
      ['a', 80, 1],
      ['l', 80, 9],
      ['e', 80],
    ],
    [1],
    [],
    ['delete l'],
  ],
  [
    'one of ports that no pod has goes',
    80,
    [
      ['a', 80, 1],
      ['o', 99],
    ],
    [1],
    [],
    ['delete o'],
  ],
  ['a pod without a node wants its ports', 80, [['e', 80]], [], [1], []],
  ['without a pod it becomes the placeholder', 80, [['e', 80]], [], [], ['update e 0']],
  ['a placeholder stays while pods have no node', 80, [['p', 0]], [], [1], []],
  [
    'the last slice alone is kept as a placeholder',
    80,
    [
      ['p', 0],
      ['q', 0],
    ],
    [],
    [],
    ['update p 0', 'delete q'],
  ],
  ['without ports a placeholder is an empty slice: full', 0, [['p', 0]], [1, 2, 3], [], ['create - 0 1 2 3']],
  ['without ports a placeholder is an empty slice: filled', 0, [['p', 0]], [1], [], ['update p 0 1']],
])('%s', (_, port, slices, pods, lost, expected) => {
  const set = new SliceSet('IPv4', 3);
  for (const [name, own, ...members] of slices) {
    const metadata = { name, namespace: 'd' };
    const endpoints = members.map(endpointOf);
    const object = { metadata, addressType: 'IPv4', endpoints, ports: portsOf(own) };
    set.adopt(object as unknown as EndpointSlice, ({ targetRef }) => Number(targetRef?.name));
  }
  const ports = portSetOf(portsOf(port));
  const wanted = new Map<number, WantedEndpoint | null>([...set.pods()].map((pod) => [pod, null]));
  for (const pod of pods) wanted.set(pod, { endpoint: endpointOf(pod), ports });
  for (const pod of lost) wanted.set(pod, { endpoint: null, ports });
  expect(written(set.apply(wanted))).toEqual(expected);
});

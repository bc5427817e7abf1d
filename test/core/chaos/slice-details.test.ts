/** E2: what slices say besides addresses and conditions. */
import { describe, expect, test } from 'vitest';
import { wrongDetail } from '../../../core/chaos/predicates/slice-details.ts';
import type { EndpointSlice } from '../../../core/types/endpoint-slice.ts';
import type { Pod } from '../../../core/types/pod.ts';
import type { Service } from '../../../core/types/service.ts';

const POD = {
  kind: 'Pod',
  metadata: { name: 'a', uid: 'a' },
  spec: { nodeName: 'node-0' },
  status: { podIP: '10.0.0.1' },
};
const PORTS = [{ port: 80, targetPort: 8080 }];
const NEAR = { forZones: [{ name: 'zone-a' }] };
const SAME_NODE = { ...NEAR, forNodes: [{ name: 'node-0' }] };

/** What is wrong with a slice of one endpoint, which is the pod but for these fields. */
function wrong(endpoint: object, service: object = {}, ports: readonly object[] = [{ port: 8080 }]): string | null {
  const whole = {
    addresses: ['10.0.0.1'],
    targetRef: { kind: 'Pod', name: 'a', uid: 'a' },
    nodeName: 'node-0',
    zone: 'zone-a',
    ...endpoint,
  };
  const slice = { kind: 'EndpointSlice', metadata: { name: 's' }, addressType: 'IPv4', endpoints: [whole], ports };
  const owner = { kind: 'Service', metadata: { name: 'web' }, spec: { ports: PORTS, ...service } };
  const pods = new Map([['a', POD as unknown as Pod]]);
  return wrongDetail(slice as unknown as EndpointSlice, owner as unknown as Service, pods);
}

describe('an endpoint', () => {
  test.each([
    ['as its pod is', {}, {}, null],
    ['of nobody told', { targetRef: undefined, nodeName: 'node-9' }, {}, null],
    ['with the address of another', { addresses: ['10.0.0.2'] }, {}, 'lists 10.0.0.2 as pod a, which has 10.0.0.1'],
    ['on another node', { nodeName: 'node-1' }, {}, 'has pod a on node-1, it is on node-0'],
    ['for a zone', { hints: NEAR }, { trafficDistribution: 'PreferClose' }, null],
    ['for a node', { hints: SAME_NODE }, { trafficDistribution: 'PreferSameNode' }, null],
    [
      'for a zone alone',
      { hints: NEAR },
      { trafficDistribution: 'PreferSameNode' },
      'has 10.0.0.1 for (zone zone-a), by the service it is for (zone zone-a,node node-0)',
    ],
    ['for nobody, not ready', { conditions: { ready: false } }, { trafficDistribution: 'PreferSameZone' }, null],
    [
      'for a zone that nobody asked for',
      { hints: NEAR },
      {},
      'has 10.0.0.1 for (zone zone-a), by the service it is for ()',
    ],
  ])('%s', (_what, endpoint, service, said) => {
    expect(wrong(endpoint, service)).toBe(said);
  });
});

test.each([
  ['those of the service', PORTS, [{ port: 8080, protocol: 'TCP' }], null],
  ['others', PORTS, [{ port: 80 }], 'has the ports (80/TCP), the service (8080/TCP)'],
  ['none', PORTS, [], 'has the ports (), the service (8080/TCP)'],
  ['named by pods', [{ port: 80, targetPort: 'http' }], [{ port: 1 }], null],
])('ports of a slice: %s', (_what, declared, listed, said) => {
  expect(wrong({}, { ports: declared }, listed)).toBe(said);
});

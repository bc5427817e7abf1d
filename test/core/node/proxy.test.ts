import { expect, test } from 'vitest';
import { ENDPOINTSLICES, SERVICES } from '../../../core/types/resource-type.ts';
import { NodeLab } from '../../support/node-lab.ts';

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { ports: [{ port: 80 }], selector: { app: 'web' } },
};

function slice(...endpoints: object[]): never {
  const metadata = { name: 'web-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata,
    addressType: 'IPv4',
    endpoints,
    ports: [{ port: 80 }],
  } as never;
}

const at = (address: string, nodeName: string, zone: string, conditions: object = { ready: true }): object => ({
  addresses: [address],
  nodeName,
  zone,
  conditions,
});

function lab(mode: 'default' | 'same-node' | 'same-zone' = 'default', bugs: string[] = []): NodeLab {
  const nodes = Array.from({ length: 16 }, (_, i) => ({ name: `n${i}`, zone: i % 2 === 0 ? 'a' : 'b' }));
  const made = new NodeLab({ seed: 3, nodes, bugs, fleet: { proxyMode: mode } });
  made.run(5);
  made.create(SERVICES, service);
  made.create(ENDPOINTSLICES, slice(at('1.1.1.1', 'n0', 'a'), at('1.1.1.2', 'n1', 'b')));
  made.run(5);
  return made;
}

function update(made: NodeLab, ...endpoints: object[]): void {
  made.does(function* (client) {
    yield* client.update(ENDPOINTSLICES, slice(...endpoints));
  });
}

test('all nodes get the rules; those that are down stay behind and catch up', () => {
  const made = lab();
  expect(made.fleet.rulesOf(3, 'default', 'web')).toEqual(['1.1.1.1', '1.1.1.2']);
  made.sim.pause(made.fleet.pids[2] as number);
  update(made, at('1.1.1.3', 'n0', 'a'));
  made.run(3);
  expect(made.fleet.rulesOf(3, 'default', 'web')).toEqual(['1.1.1.3']);
  expect(made.fleet.rulesOf(2, 'default', 'web')).toEqual(['1.1.1.1', '1.1.1.2']);
  made.sim.resume(made.fleet.pids[2] as number);
  made.run(12);
  expect(made.fleet.rulesOf(2, 'default', 'web')).toEqual(['1.1.1.3']);
  made.fleet.powerOff(1);
  expect(made.fleet.rulesOf(1, 'default', 'web')).toEqual([]);
  made.fleet.powerOn(1);
  made.run(30);
  expect(made.fleet.rulesOf(1, 'default', 'web')).toEqual(['1.1.1.3']);
});

test('preferences of the modes, and endpoints that serve while terminating', () => {
  const node = lab('same-node');
  expect([0, 1, 2].map((i) => node.fleet.rulesOf(i, 'default', 'web').join())).toEqual([
    '1.1.1.1',
    '1.1.1.2',
    '1.1.1.1,1.1.1.2',
  ]);
  const zone = lab('same-zone');
  expect([0, 1, 2].map((i) => zone.fleet.rulesOf(i, 'default', 'web').join())).toEqual([
    '1.1.1.1',
    '1.1.1.2',
    '1.1.1.1',
  ]);
  const last = { ready: false, serving: true, terminating: true };
  update(zone, at('1.1.1.4', 'n0', 'a', last), at('1.1.1.5', 'n1', 'b', { ready: false, serving: false }));
  zone.run(3);
  expect(zone.fleet.rulesOf(1, 'default', 'web')).toEqual(['1.1.1.4']);
});

test('a proxy that drops a change stays at the old version', () => {
  const stuck = (bugs: string[]): number => {
    const made = lab('default', bugs);
    update(made, at('1.1.1.9', 'n0', 'a'));
    made.run(20);
    return made.fleet.pids.filter((_, node) => made.fleet.rulesOf(node, 'default', 'web').join() !== '1.1.1.9').length;
  };
  expect(stuck([])).toBe(0);
  expect(stuck(['proxy-drops-slice'])).toBeGreaterThan(0);
});

import { expect, test } from 'vitest';
import { chooseEndpoints } from '../../../core/node/endpoint-choice.ts';
import { POINT_PROXY_SYNC } from '../../../core/node/marks.ts';
import { RuleTable, type ServiceRules } from '../../../core/node/rule-table.ts';
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
  expect(made.fleet.rulesOf(1, 'default', 'web')).toEqual([]);
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

test('which endpoints a node sends to: by policy, readiness and hints', () => {
  const hinted = (address: string, node: string, zone: string, hints: object) => ({
    ...at(address, node, zone),
    hints,
  });
  const zones = (name: string) => ({ forZones: [{ name }] });
  const nodes = (name: string) => ({ forNodes: [{ name }] });
  const chosen = (endpoints: readonly object[], spec: object = {}, zone = 'a'): string => {
    const rules = { version: 1, service: { ...service, spec: { ...service.spec, ...spec } }, endpoints };
    const found = chooseEndpoints(rules as unknown as ServiceRules, 'default', 'n0', zone);
    return found.flatMap(({ addresses }) => addresses).join(' ');
  };
  const pair = [at('1', 'n0', 'a'), at('2', 'n1', 'b')];
  expect(chosen(pair)).toBe('1 2');
  expect(chosen(pair, { internalTrafficPolicy: 'Local' })).toBe('1');
  expect(chosen([at('2', 'n1', 'b')], { internalTrafficPolicy: 'Local' })).toBe('');
  const byZone = [hinted('1', 'n0', 'a', zones('a')), hinted('2', 'n1', 'b', zones('b'))];
  expect([chosen(byZone), chosen(byZone, {}, 'b'), chosen(byZone, {}, 'c'), chosen(byZone, {}, '')]).toEqual([
    '1',
    '2',
    '1 2',
    '1 2',
  ]);
  expect(chosen([...byZone, at('3', 'n2', 'a')])).toBe('1 2 3');
  const byNode = [hinted('1', 'n0', 'a', nodes('n0')), hinted('2', 'n1', 'a', nodes('n1'))];
  expect(chosen(byNode)).toBe('1');
  expect(chosen([...byNode, at('3', 'n2', 'a')])).toBe('1 2 3');
  const ending = { ready: false, serving: true, terminating: true };
  expect(chosen([at('1', 'n0', 'a', ending), at('2', 'n1', 'b')])).toBe('2');
  expect(chosen([at('1', 'n0', 'a', ending), at('2', 'n1', 'b', { ...ending, serving: false })])).toBe('1');
  // Kubernetes 1.34.1, proxy/topology.go CategorizeEndpoints: hints count among ready endpoints only; serving unset is serving.
  const endingAt = (address: string, node: string, zone: string) => ({
    ...hinted(address, node, zone, zones(zone)),
    conditions: { ready: false, terminating: true },
  });
  expect(chosen([endingAt('1', 'n0', 'a'), endingAt('2', 'n1', 'b')])).toBe('1 2');
});

test('the table keeps what a node still has, and no more; a slice has one service', () => {
  const made = new NodeLab({ seed: 3 });
  const table = new RuleTable(made.names.names.keys(SERVICES));
  const keys = made.names.names.keys(SERVICES);
  const [web, other] = [keys.intern('default', 'web'), keys.intern('default', 'other')];
  const addresses = (id: number, version: number) => table.at(id, version)?.endpoints.map((one) => one.addresses[0]);
  table.setService(web, service as never);
  for (const address of ['1', '2', '3']) table.setSlice(7, slice(at(address, 'n0', 'a')));
  expect([1, 2, 3, 4].map((version) => addresses(web, version))).toEqual([[], ['1'], ['2'], ['3']]);
  table.prune(3);
  expect([2, 3, 4].map((version) => addresses(web, version))).toEqual([undefined, ['2'], ['3']]);
  const moved = slice(at('4', 'n0', 'a')) as { metadata: object };
  const labels = { 'kubernetes.io/service-name': 'other' };
  table.setSlice(7, { ...moved, metadata: { ...moved.metadata, labels } } as never);
  expect([addresses(web, table.version), addresses(other, table.version)]).toEqual([[], ['4']]);
  table.setSlice(7, null);
  table.setService(web, null);
  expect([table.sliceIds(), table.serviceIds(), addresses(other, table.version)]).toEqual([[], [], []]);
});

test('changes are programmed once a second at most; a new list shows what has gone', () => {
  const made = lab();
  let syncs = 0;
  made.sim.observation.listen(POINT_PROXY_SYNC, () => {
    syncs++;
  });
  made.does(function* (client) {
    for (let i = 0; i < 8; i++) {
      yield* client.update(ENDPOINTSLICES, slice(at(`1.1.1.${i}`, 'n0', 'a')));
      yield* client.ctx.sleep(250_000);
    }
  });
  made.run(4);
  expect(syncs).toBeGreaterThanOrEqual(2);
  expect(syncs).toBeLessThanOrEqual(4);
  made.sim.crash(made.fleet.state.ownPid);
  made.delete(ENDPOINTSLICES, 'web-1');
  made.run(2);
  made.sim.restart(made.fleet.state.ownPid);
  made.run(10);
  expect(made.fleet.rulesOf(3, 'default', 'web')).toEqual([]);
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

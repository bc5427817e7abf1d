import { expect, test } from 'vitest';
import { CloudControllerManager } from '../../../core/cloud/cloud-controller-manager.ts';
import { CloudProvider, type Instance } from '../../../core/cloud/provider.ts';
import type { Node } from '../../../core/types/node.ts';
import { NODES } from '../../../core/types/resource-type.ts';
import { NodeLab } from '../../support/node-lab.ts';

function lab(
  bugs: string[] = [],
  managers = 1,
  known: readonly string[] = ['n0', 'n1', 'n2'],
): { lab: NodeLab; provider: CloudProvider } {
  const made = new NodeLab({ seed: 1, bugs, nodes: [{}, {}, {}], fleet: { cloudProvider: true } });
  const instances: Instance[] = known.map((name, i) => ({
    name,
    zone: `z${i}`,
    region: 'r1',
    instanceType: 'large',
    address: `10.1.0.${i}`,
  }));
  const provider = new CloudProvider(made.sim, { instances });
  const options = { names: made.names.names, balancer: made.balancer, provider: provider.pid };
  for (let i = 0; i < managers; i++)
    made.sim.addProcess(`cloud-controller-manager-${i}`, `m${i}`, CloudControllerManager.factory(options));
  return { lab: made, provider };
}

function cloudTaints(made: NodeLab, name: string): (string | undefined)[] {
  const taints = made.find<Node>(NODES, name)?.spec?.taints ?? [];
  return taints.map((taint) => taint.key).filter((key) => key.startsWith('node.cloudprovider'));
}

/** Says that a node is not Ready, as the node lifecycle controller would once the kubelet is away. */
function notReady(made: NodeLab, name: string): void {
  made.does(function* (client) {
    const conditions = [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }];
    yield* client.patch(NODES, '', name, { status: { conditions } }, 'strategic', 'status');
  });
}

test('new nodes are initialised from the provider and lose the taint', () => {
  const { lab: made, provider } = lab([], 2);
  provider.throttling = true;
  made.run(3);
  expect(cloudTaints(made, 'n1')).toEqual(['node.cloudprovider.kubernetes.io/uninitialized']);
  provider.throttling = false;
  made.run(20);
  const node = made.find<Node>(NODES, 'n1');
  expect(cloudTaints(made, 'n1')).toEqual([]);
  expect(node?.spec?.providerID).toBe('sim://z1/n1');
  expect(node?.metadata.labels).toMatchObject({
    'topology.kubernetes.io/zone': 'z1',
    'node.kubernetes.io/instance-type': 'large',
  });
  expect(node?.status?.addresses?.[0]).toEqual({ type: 'InternalIP', address: '10.1.0.1' });
});

test('questions that were lost with the cloud are asked again; a Ready node is not asked about', () => {
  const { lab: made, provider } = lab();
  made.sim.crash(provider.pid);
  made.run(25);
  expect(cloudTaints(made, 'n1')).toHaveLength(1);
  made.sim.restart(provider.pid);
  made.run(30);
  expect(['n0', 'n1', 'n2'].flatMap((name) => cloudTaints(made, name))).toEqual([]);
  provider.setState('n1', 'stopped');
  for (let i = 0; i < 4; i++) {
    made.run(2.5);
    expect(cloudTaints(made, 'n1')).toEqual([]);
  }
});

test('a stopped instance gives the shutdown taint, which goes when the node is Ready again', () => {
  const { lab: made, provider } = lab();
  made.run(20);
  made.fleet.powerOff(0);
  provider.setState('n0', 'stopped');
  notReady(made, 'n0');
  made.run(10);
  expect(cloudTaints(made, 'n0')).toEqual(['node.cloudprovider.kubernetes.io/shutdown']);
  provider.setState('n0', 'running');
  made.fleet.powerOn(0);
  made.run(20);
  expect(cloudTaints(made, 'n0')).toEqual([]);
});

test('the Node of a removed instance is deleted, later under throttling, never with the bug', () => {
  for (const bugs of [[], ['cloud-keeps-gone-nodes']]) {
    const { lab: made, provider } = lab(bugs);
    made.run(20);
    made.fleet.powerOff(2);
    provider.setState('n2', 'removed');
    provider.throttling = true;
    notReady(made, 'n2');
    made.run(15);
    expect(made.find<Node>(NODES, 'n2')).toBeDefined();
    provider.throttling = false;
    made.run(10);
    expect(made.find<Node>(NODES, 'n2') === undefined).toBe(bugs.length === 0);
  }
});

test('a node is only initialised once the cloud knows its instance', () => {
  const { lab: made } = lab([], 1, ['n0', 'n1']);
  made.run(20);
  expect(['n0', 'n1', 'n2'].map((name) => cloudTaints(made, name).length)).toEqual([0, 0, 1]);
});

test('an address that somebody changed is set right at the next refresh, and what is right is not written again', () => {
  const { lab: made } = lab();
  made.run(20);
  const addressOf = (name: string) => made.find<Node>(NODES, name)?.status?.addresses?.[0];
  const written = new Set<unknown>();
  made.does(function* (client) {
    const addresses = [{ type: 'ExternalIP', address: '10.1.0.1' }];
    yield* client.patch(NODES, '', 'n1', { status: { addresses } }, 'merge', 'status');
  });
  made.run(1);
  expect(addressOf('n1')?.type).toBe('ExternalIP');
  for (let i = 0; i < 31; i++) {
    made.run(10);
    written.add(made.find<Node>(NODES, 'n2')?.status?.addresses);
  }
  expect(addressOf('n1')).toEqual({ type: 'InternalIP', address: '10.1.0.1' });
  expect(written.size).toBe(1);
});

test('a node that is not Ready while its instance runs gets no taint of the cloud', () => {
  const { lab: made } = lab();
  made.run(20);
  made.fleet.powerOff(0);
  notReady(made, 'n0');
  made.run(12);
  expect([cloudTaints(made, 'n0'), made.find(NODES, 'n0') !== undefined]).toEqual([[], true]);
});

test('the cloud answers 200 questions at once and fifty more each second', () => {
  const { provider } = lab();
  const answered = (atUs: number) =>
    Array.from({ length: 300 }, () => provider.describe('n0', atUs)).filter(({ throttled }) => !throttled).length;
  const second = 1_000_000;
  expect([answered(100 * second), answered(101 * second), answered(200 * second)]).toEqual([200, 50, 200]);
  provider.setState('n0', 'removed');
  provider.setState('n0', 'running');
  expect(provider.stateOf('n0')).toBe('removed');
  expect(provider.describe('n0', 300 * second)).toMatchObject({ state: 'removed', instance: null });
});

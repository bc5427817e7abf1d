/** Features that a pod needs of its node. Expected: Kubernetes 1.36.3, component-helpers nodedeclaredfeatures, plugin nodedeclaredfeatures. */
import { expect, test } from 'vitest';
import { Cycle } from '../../../../../core/scheduler/framework/cycle.ts';
import type { NodeInfo } from '../../../../../core/scheduler/framework/node-info.ts';
import { PlainCluster } from '../../../../../core/scheduler/framework/plain-cluster.ts';
import { SKIP } from '../../../../../core/scheduler/framework/plugin.ts';
import { NodeDeclaredFeatures } from '../../../../../core/scheduler/framework/plugins/node-declared-features.ts';
import { podInfoOf } from '../../../../../core/scheduler/framework/pod-info.ts';
import { makeNode, makePod } from '../../objects.ts';

const container = (action: string) => ({ name: 'c', image: 'i', restartPolicyRules: [{ action }] });
const NETWORK = { hostNetwork: true, hostUsers: false };
const [RESTART, USERS] = ['RestartAllContainersOnContainerExits', 'UserNamespacesHostNetworkSupport'];

test.each([
  ['rules that restart all containers', { containers: [container('RestartAllContainers')] }, [RESTART]],
  ['of an init container', { initContainers: [container('RestartAllContainers')] }, [RESTART]],
  ['rules that restart one', { containers: [container('Restart')] }, []],
  ['the host’s network and own users', NETWORK, [USERS]],
  ['the host’s network and users', { hostNetwork: true }, []],
  ['both', { ...NETWORK, containers: [container('RestartAllContainers')] }, [RESTART, USERS]],
])('%s', (_what, spec, features) => {
  const cluster = new PlainCluster();
  for (const name of ['bare', 'declares']) {
    const node = makeNode(name);
    cluster.put({
      ...node,
      status: { ...node.status, ...(name === 'declares' ? { declaredFeatures: features } : {}) },
    });
  }
  const cycle = new Cycle(podInfoOf(makePod('p', {}, spec)), cluster);
  const plugin = new NodeDeclaredFeatures();
  expect(plugin.preFilter(cycle)).toBe(features.length === 0 ? SKIP : null);
  expect(plugin.filter(cycle, cluster.find('declares') as NodeInfo)).toBeNull();
  const refused = plugin.filter(cycle, cluster.find('bare') as NodeInfo);
  expect(refused?.reasons).toEqual(
    features.length === 0 ? undefined : ["node(s) didn't match Pod's required features"],
  );
});

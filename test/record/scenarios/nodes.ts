/**
 * Budgets, evictions, drains, silent nodes, taints.
 */
import { budget, type Manifest, pod, type Scenario, service, workload } from '../play.ts';

const TOLERATE = (seconds: number): Manifest[] =>
  ['not-ready', 'unreachable'].map((what) => ({
    key: `node.kubernetes.io/${what}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: seconds,
  }));

export const NODES: readonly Scenario[] = [
  {
    name: 'budget-shares',
    about: 'maxUnavailable 30 % of 7 and minAvailable 60 % of 5: evictions until refused, then the set is scaled',
    async play(s) {
      await s.equalNodes(3);
      await s.namespace();
      await s.create(workload('Deployment', 'web', { replicas: 7 }, { readyAfter: '2s' }));
      await s.create(
        workload('StatefulSet', 'db', { replicas: 5, podManagementPolicy: 'Parallel' }, { readyAfter: '2s' }),
      );
      await s.create(budget('web', 'web', { maxUnavailable: '30%' }));
      await s.create(budget('db', 'db', { minAvailable: '60%' }));
      await s.rolledOut('web', 7);
      await s.statefulReady('db', 5);
      await s.quiet(500);
      for (const name of s.podNames({ app: 'web' }).slice(0, 4)) await s.evict(name);
      for (const name of s.podNames({ app: 'db' }).slice(0, 3)) await s.evict(name);
      await s.rolledOut('web', 7);
      await s.statefulReady('db', 5);
      await s.quiet(500);
      await s.scale('Deployment', 'web', 3);
      await s.rolledOut('web', 3);
      await s.quiet(500);
      for (const name of s.podNames({ app: 'web' })) await s.evict(name);
      await s.rolledOut('web', 3);
      await s.quiet(1200);
    },
  },
  {
    name: 'budget-unhealthy',
    about:
      'unhealthy pods under a budget: IfHealthyBudget and AlwaysAllow, pods without a controller, two budgets for one pod',
    async play(s) {
      await s.equalNodes(3);
      await s.namespace();
      await s.create(workload('Deployment', 'sick', { replicas: 3 }, { neverReady: 'true' }));
      await s.create(budget('sick', 'sick', { minAvailable: 2 }));
      await s.pods({ app: 'sick' }, 3);
      await s.quiet(800);
      const [first = '', second = ''] = s.podNames({ app: 'sick' });
      await s.evict(first);
      await s.quiet(800);
      await s.merge('PodDisruptionBudget', 'sick', { spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' } });
      await s.quiet(500);
      await s.evict(second);
      await s.quiet(800);
      await s.create(pod('alone'));
      await s.create(budget('alone', 'alone', { maxUnavailable: 1 }));
      await s.quiet(800);
      await s.evict('alone');
      await s.create(budget('alone-too', 'alone', { minAvailable: 0 }));
      await s.quiet(800);
      await s.evict('alone');
      await s.quiet(1200);
    },
  },
  {
    name: 'drain-two-nodes',
    about: 'two of four nodes are drained one after the other under a budget, replacements get ready after 1 s',
    async play(s) {
      await s.equalNodes(4, ['a', 'b']);
      await s.namespace();
      await s.create(workload('Deployment', 'web', { replicas: 8 }, { readyAfter: '1s', stopAfter: '500ms' }));
      await s.create(budget('web', 'web', { maxUnavailable: 2 }));
      await s.rolledOut('web', 8);
      await s.quiet(500);
      for (const node of ['node-0', 'node-1']) {
        await s.merge('Node', node, { spec: { unschedulable: true } });
        for (let round = 0; round < 8; round++) {
          const on = s.podNames(
            { app: 'web' },
            (each) => each['spec'].nodeName === node && each.metadata.deletionTimestamp === undefined,
          );
          if (on.length === 0) break;
          for (const name of on) await s.evict(name);
          await s.sleep(700);
        }
      }
      await s.rolledOut('web', 8);
      await s.merge('Node', 'node-0', { spec: { unschedulable: null } });
      await s.quiet(1200);
    },
  },
  {
    name: 'node-silent-and-back',
    about:
      'one node of four falls silent with a StatefulSet, a DaemonSet and a Service over it; pods that tolerate 3 s; back after a minute',
    leases: true,
    async play(s) {
      await s.equalNodes(4, ['a', 'b']);
      await s.namespace();
      await s.create(service('web', 'web'));
      await s.create(workload('Deployment', 'web', { replicas: 4 }, {}, { tolerations: TOLERATE(3) }));
      await s.create(workload('StatefulSet', 'db', { replicas: 3 }, {}, { tolerations: TOLERATE(3) }));
      await s.create(workload('DaemonSet', 'agent', {}));
      await s.rolledOut('web', 4);
      await s.statefulReady('db', 3);
      await s.daemonReady('agent', 4);
      await s.quiet(800);
      const node = String(s.object('Pod', 'db-1')?.['spec'].nodeName);
      await s.stopKubelet(node);
      await s.nodeIs(node, 'Unknown');
      await s.wait({ kind: 'Deployment', name: 'web', path: 'status.availableReplicas', eq: 4 });
      await s.sleep(8000);
      await s.startKubelet(node);
      await s.nodeIs(node, 'True');
      await s.statefulReady('db', 3);
      await s.quiet(2000);
    },
  },
  {
    name: 'zone-silent',
    about:
      'a zone of two falls silent while another zone is well; one kubelet comes back before the evictions, the other later',
    leases: true,
    async play(s) {
      await s.equalNodes(6, ['a', 'b', 'c']);
      await s.namespace();
      await s.create(workload('Deployment', 'web', { replicas: 6 }, {}, { tolerations: TOLERATE(6) }));
      await s.rolledOut('web', 6);
      await s.quiet(800);
      await s.stopKubelet('node-1');
      await s.stopKubelet('node-4');
      await s.nodeIs('node-1', 'Unknown');
      await s.nodeIs('node-4', 'Unknown');
      await s.sleep(2000);
      await s.startKubelet('node-1');
      await s.nodeIs('node-1', 'True');
      await s.sleep(20_000);
      await s.startKubelet('node-4');
      await s.nodeIs('node-4', 'True');
      await s.quiet(2500);
    },
  },
  {
    name: 'all-nodes-silent',
    about: 'all kubelets stop: full disruption, nobody is evicted; they come back one by one',
    leases: true,
    async play(s) {
      await s.equalNodes(3, ['a', 'b', 'c']);
      await s.namespace();
      await s.create(workload('Deployment', 'web', { replicas: 3 }, {}, { tolerations: TOLERATE(4) }));
      await s.rolledOut('web', 3);
      await s.quiet(800);
      for (const node of ['node-0', 'node-1', 'node-2']) await s.stopKubelet(node);
      await s.wait(
        ...['node-0', 'node-1', 'node-2'].map((name) => ({ kind: 'Node', name, path: 'cond:Ready', eq: 'Unknown' })),
      );
      await s.sleep(12_000);
      await s.startKubelet('node-0');
      await s.nodeIs('node-0', 'True');
      await s.sleep(15_000);
      await s.startKubelet('node-1');
      await s.startKubelet('node-2');
      await s.nodeIs('node-2', 'True');
      await s.quiet(2500);
    },
  },
  {
    name: 'taints-two',
    about:
      'two NoExecute taints with tolerations of 2 s and 6 s; one is taken away in time, then both come back with other values',
    async play(s) {
      await s.equalNodes(2);
      await s.namespace();
      const tolerate = (key: string, tolerationSeconds: number): Manifest => ({
        key,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds,
      });
      const on = { nodeName: 'node-0' };
      await s.create(pod('both', { ...on, tolerations: [tolerate('x', 2), tolerate('y', 6)] }));
      await s.create(pod('one', { ...on, tolerations: [tolerate('x', 6)] }));
      await s.create(
        pod('equal', { ...on, tolerations: [{ key: 'x', operator: 'Equal', value: '1', effect: 'NoExecute' }] }),
      );
      await s.create(pod('any', { ...on, tolerations: [{ operator: 'Exists' }] }));
      await s.create(workload('ReplicaSet', 'rs', { replicas: 2 }, {}, { tolerations: [tolerate('y', 3)] }));
      await s.quiet(800);
      await s.merge('Node', 'node-0', { spec: { taints: [{ key: 'x', value: '1', effect: 'NoExecute' }] } });
      await s.sleep(1000);
      await s.merge('Node', 'node-0', { spec: { taints: null } });
      await s.sleep(2500);
      const y = [
        { key: 'x', value: '2', effect: 'NoExecute' },
        { key: 'y', effect: 'NoExecute' },
      ];
      await s.merge('Node', 'node-0', { spec: { taints: y } });
      await s.sleep(4500);
      await s.quiet(1500);
    },
  },
  {
    name: 'node-deleted-and-replaced',
    about: 'a node is deleted under a Deployment and a DaemonSet, and a node of the same name is created at once',
    async play(s) {
      await s.equalNodes(3);
      await s.namespace();
      await s.create(workload('Deployment', 'web', { replicas: 6 }, { readyAfter: '300ms' }));
      await s.create(workload('DaemonSet', 'agent', {}));
      await s.rolledOut('web', 6);
      await s.daemonReady('agent', 3);
      await s.quiet(500);
      await s.delete('Node', 'node-1');
      await s.sleep(300);
      await s.node('node-1');
      await s.nodesReady('node-1');
      await s.sleep(45_000);
      await s.quiet(2000);
    },
  },
];

/**
 * Garbage collection, namespaces, services, ReplicaSets, scheduling by priority and spread, conflicting writes, components that stop.
 */
import { budget, type Manifest, pod, priorityClass, type Scenario, service, workload } from '../play.ts';

const configMap = (name: string, metadata: Manifest = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'demo', ...metadata },
  data: { a: '1' },
});

const spread = (topologyKey: string, whenUnsatisfiable: string, app: string, rest: Manifest = {}): Manifest => ({
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey, whenUnsatisfiable, labelSelector: { matchLabels: { app } }, ...rest },
  ],
});

export const OTHERS: readonly Scenario[] = [
  {
    name: 'gc-owners',
    about:
      'an object with two owners, a blocking dependant with a finalizer, foreground and orphan together, an owner that never was',
    async play(s) {
      await s.namespace();
      await s.create(configMap('first'));
      await s.create(configMap('second'));
      const uid = (name: string): string => s.object('ConfigMap', name)?.metadata.uid ?? '';
      await s.wait({ kind: 'ConfigMap', name: 'second', path: 'metadata.uid' });
      const owner = (name: string, blockOwnerDeletion: boolean): Manifest => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        name,
        uid: uid(name),
        blockOwnerDeletion,
      });
      await s.create(configMap('both', { ownerReferences: [owner('first', true), owner('second', false)] }));
      await s.create(configMap('held', { ownerReferences: [owner('first', true)], finalizers: ['example.com/a'] }));
      await s.create(configMap('loose', { ownerReferences: [owner('second', false)] }));
      await s.create(
        configMap('stray', {
          ownerReferences: [{ ...owner('first', false), name: 'never', uid: '11111111-2222-4333-8444-555555555555' }],
        }),
      );
      await s.quiet(1500);
      await s.delete('ConfigMap', 'first', { propagationPolicy: 'Foreground' });
      await s.quiet(1500);
      await s.merge('ConfigMap', 'held', { metadata: { finalizers: null } });
      await s.wait({ absent: ['ConfigMap', 'first'] });
      await s.quiet(800);
      await s.delete('ConfigMap', 'second', { propagationPolicy: 'Orphan' });
      await s.wait({ absent: ['ConfigMap', 'second'] });
      await s.quiet(1200);
    },
  },
  {
    name: 'gc-deployment-tree',
    about:
      'a Deployment in the middle of a rollout is deleted in the foreground, another one orphaned and its ReplicaSets adopted anew',
    async play(s) {
      await s.equalNodes(3);
      await s.namespace();
      await s.create(workload('Deployment', 'web', { replicas: 4 }, { readyAfter: '1s', stopAfter: '700ms' }));
      await s.create(workload('Deployment', 'api', { replicas: 2 }, { readyAfter: '300ms' }));
      await s.rolledOut('web', 4);
      await s.rolledOut('api', 2);
      await s.quiet(500);
      await s.image('Deployment', 'web', 'app:v2');
      await s.sleep(1300);
      await s.delete('Deployment', 'web', { propagationPolicy: 'Foreground' });
      await s.delete('Deployment', 'api', { propagationPolicy: 'Orphan' });
      await s.wait({ absent: ['Deployment', 'web'] });
      await s.wait({ absent: ['Deployment', 'api'] });
      await s.quiet(500);
      await s.create(workload('Deployment', 'api', { replicas: 3 }, { readyAfter: '300ms' }));
      await s.rolledOut('api', 3);
      await s.quiet(1200);
    },
  },
  {
    name: 'namespace-finalizers',
    about:
      'a namespace with a StatefulSet, claims, a budget, a ConfigMap with a finalizer and slow pods is deleted; the finalizer goes later',
    async play(s) {
      await s.equalNodes(2);
      await s.namespace();
      await s.create(
        workload('StatefulSet', 'db', { replicas: 2, podManagementPolicy: 'Parallel' }, { stopAfter: '2s' }),
      );
      await s.create(service('db', 'db', { clusterIP: 'None' }));
      await s.create(budget('db', 'db', { minAvailable: 2 }));
      await s.create(configMap('held', { finalizers: ['example.com/a'] }));
      await s.statefulReady('db', 2);
      await s.quiet(500);
      await s.delete('Namespace', 'demo');
      await s.sleep(9000);
      await s.create(configMap('late'));
      await s.merge('ConfigMap', 'held', { metadata: { finalizers: null } });
      await s.wait({ absent: ['Namespace', 'demo'] });
      await s.quiet(1200);
    },
  },
  {
    name: 'service-selectors',
    about:
      'a Service changes its selector, its ports, publishes pods that are not ready; pods change labels; no selector at all',
    async play(s) {
      await s.equalNodes(3, ['a', 'b']);
      await s.namespace();
      await s.create(service('web', 'web'));
      await s.create(workload('Deployment', 'web', { replicas: 3 }, { readyAfter: '500ms', stopAfter: '1500ms' }));
      await s.create(workload('Deployment', 'api', { replicas: 2 }, { neverReady: 'true' }));
      await s.rolledOut('web', 3);
      await s.quiet(800);
      await s.merge('Service', 'web', { spec: { selector: { app: 'api' } } });
      await s.quiet(800);
      await s.merge('Service', 'web', { spec: { publishNotReadyAddresses: true } });
      await s.quiet(800);
      await s.merge('Service', 'web', { spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 9090 }] } });
      await s.quiet(800);
      const [first = ''] = s.podNames({ app: 'web' });
      await s.merge('Pod', first, { metadata: { labels: { app: 'gone' } } });
      await s.quiet(1500);
      await s.scale('Deployment', 'web', 1);
      await s.quiet(2500);
      await s.create(service('bare', 'none', { selector: null }));
      await s.quiet(800);
      await s.delete('Service', 'web');
      await s.quiet(1200);
    },
  },
  {
    name: 'replicaset-rank',
    about:
      'a ReplicaSet of pods of mixed states is scaled down: unready, with deletion costs, doubled on a node, young ones first',
    async play(s) {
      await s.nodes({ cpu: '2' }, { cpu: '2' }, { cpu: '2' });
      await s.namespace();
      await s.create(workload('ReplicaSet', 'rs', { replicas: 5 }));
      await s.status('ReplicaSet', 'rs', 'readyReplicas', 5);
      await s.sleep(2500);
      const names = s.podNames({ app: 'rs' });
      await s.merge('Pod', names[0] ?? '', {
        metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '-5' } },
      });
      await s.merge('Pod', names[1] ?? '', {
        metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '100' } },
      });
      await s.scale('ReplicaSet', 'rs', 8);
      await s.status('ReplicaSet', 'rs', 'readyReplicas', 8);
      await s.quiet(500);
      await s.scale('ReplicaSet', 'rs', 4);
      await s.status('ReplicaSet', 'rs', 'replicas', 4);
      await s.quiet(800);
      await s.scale('ReplicaSet', 'rs', 1);
      await s.status('ReplicaSet', 'rs', 'replicas', 1);
      await s.quiet(1200);
    },
  },
  {
    name: 'preemption-budgets',
    about: 'preemption prefers victims whose budget allows it; a class that never preempts waits; victims stop slowly',
    async play(s) {
      await s.create(priorityClass('high', 1000));
      await s.create(priorityClass('polite', 900, { preemptionPolicy: 'Never' }));
      await s.create(priorityClass('low', 10));
      await s.nodes({ cpu: '2' }, { cpu: '2' });
      await s.namespace();
      await s.create(budget('kept', 'kept', { minAvailable: 2 }));
      const low = { priorityClassName: 'low', cpu: '900m' };
      for (const index of [0, 1])
        await s.create(pod(`kept-${index}`, { ...low, nodeName: 'node-0' }, { stopAfter: '1s' }, 'kept'));
      for (const index of [0, 1])
        await s.create(pod(`free-${index}`, { ...low, nodeName: 'node-1' }, { stopAfter: '1s' }, 'free'));
      await s.quiet(800);
      await s.create(pod('waits', { priorityClassName: 'polite', cpu: '900m' }));
      await s.quiet(1500);
      await s.create(pod('urgent', { priorityClassName: 'high', cpu: '900m' }));
      await s.wait({ kind: 'Pod', name: 'urgent', path: 'cond:Ready', eq: 'True' });
      await s.quiet(1500);
      await s.create(pod('huge', { priorityClassName: 'high', cpu: '1800m' }));
      await s.wait({ kind: 'Pod', name: 'huge', path: 'cond:Ready', eq: 'True' });
      await s.quiet(2500);
    },
  },
  {
    name: 'preemption-deployments',
    about:
      'a Deployment of high priority is scaled up on full nodes: victims of a Deployment of low priority wait for room that comes later',
    async play(s) {
      await s.create(priorityClass('high', 1000));
      await s.nodes({ cpu: '2' }, { cpu: '2' }, { cpu: '2' });
      await s.namespace();
      await s.create(workload('Deployment', 'low', { replicas: 5 }, { stopAfter: '500ms' }, { cpu: '900m' }));
      await s.rolledOut('low', 5);
      await s.quiet(500);
      await s.create(workload('Deployment', 'high', { replicas: 3 }, {}, { cpu: '900m', priorityClassName: 'high' }));
      await s.rolledOut('high', 3);
      await s.quiet(2000);
      await s.node('node-3', { cpu: '4' });
      await s.nodesReady('node-3');
      await s.rolledOut('low', 5);
      await s.quiet(1200);
    },
  },
  {
    name: 'spread-and-affinity',
    about:
      'a soft and a hard spread over zones, anti-affinity over hosts: some pods wait until a node is added and uncordoned',
    async play(s) {
      await s.equalNodes(4, ['a', 'b']);
      await s.namespace();
      await s.create(
        workload(
          'Deployment',
          'web',
          { replicas: 6 },
          {},
          spread('topology.kubernetes.io/zone', 'DoNotSchedule', 'web'),
        ),
      );
      const term = { labelSelector: { matchLabels: { app: 'api' } }, topologyKey: 'kubernetes.io/hostname' };
      const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
      await s.create(workload('Deployment', 'api', { replicas: 5 }, {}, { affinity }));
      await s.rolledOut('web', 6);
      await s.status('Deployment', 'api', 'availableReplicas', 4);
      await s.quiet(800);
      await s.merge('Node', 'node-0', { spec: { unschedulable: true } });
      await s.merge('Node', 'node-2', { spec: { unschedulable: true } });
      await s.scale('Deployment', 'web', 9);
      await s.quiet(2000);
      await s.node('node-4', { labels: { 'topology.kubernetes.io/zone': 'c' } });
      await s.nodesReady('node-4');
      await s.quiet(2500);
      await s.merge('Node', 'node-0', { spec: { unschedulable: null } });
      await s.rolledOut('web', 9);
      await s.quiet(1200);
    },
  },
  {
    name: 'writes-conflict',
    about: 'stale and bad writes: codes only',
    async play(s) {
      await s.equalNodes(2);
      await s.namespace();
      await s.create(workload('Deployment', 'web', { replicas: 2 }));
      await s.rolledOut('web', 2);
      await s.quiet(500);
      await s.merge('Deployment', 'web', { metadata: { resourceVersion: '1' }, spec: { replicas: 3 } });
      await s.merge('Deployment', 'web', { spec: { selector: { matchLabels: { app: 'other' } } } });
      await s.merge('Deployment', 'web', { spec: { template: { metadata: { labels: { app: 'other' } } } } });
      await s.merge('Deployment', 'nope', { spec: { replicas: 1 } });
      await s.create(workload('Deployment', 'web', { replicas: 2 }));
      await s.create(workload('Deployment', 'Bad_Name', { replicas: 2 }));
      await s.create(workload('StatefulSet', 'db', { replicas: 1 }));
      await s.merge('StatefulSet', 'db', { spec: { serviceName: 'other' } });
      await s.merge('StatefulSet', 'db', { spec: { podManagementPolicy: 'Parallel' } });
      await s.merge('Deployment', 'web', { spec: { strategy: { type: 'Recreate' } } });
      await s.merge('Deployment', 'web', { spec: { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } } });
      await s.merge('Deployment', 'web', { spec: { minReadySeconds: 700 } });
      await s.delete('Deployment', 'web', { preconditions: { resourceVersion: '1' } });
      await s.delete('Deployment', 'web', { propagationPolicy: 'Sideways' });
      const [first = ''] = s.podNames({ app: 'web' });
      await s.merge('Pod', first, { spec: { terminationGracePeriodSeconds: 5 } });
      await s.merge('Pod', first, { spec: { tolerations: [] } });
      await s.merge('Pod', first, { spec: { containers: [{ name: 'app', image: 'app:v9' }] } });
      await s.create(pod('wrong', { containers: [] }));
      await s.create(pod('wrong', { restartPolicy: 'Sometimes' }));
      await s.create(pod('wrong', { priorityClassName: 'unknown' }));
      await s.create({ ...pod('wrong'), metadata: { name: 'wrong', namespace: 'elsewhere' } });
      await s.quiet(1500);
    },
  },
  {
    name: 'manager-away',
    about:
      'kube-controller-manager is killed while a rollout is under way, the node set changes meanwhile; started again after 6 s',
    async play(s) {
      await s.equalNodes(3);
      await s.namespace();
      await s.create(workload('Deployment', 'web', { replicas: 6 }, { readyAfter: '500ms' }));
      await s.create(workload('DaemonSet', 'agent', {}));
      await s.rolledOut('web', 6);
      await s.daemonReady('agent', 3);
      await s.quiet(500);
      await s.image('Deployment', 'web', 'app:v2');
      await s.sleep(400);
      s.process('kube-controller-manager', 'SIGKILL');
      await s.sleep(2000);
      const [first = ''] = s.podNames({ app: 'web' });
      await s.delete('Pod', first);
      await s.scale('Deployment', 'web', 4);
      await s.merge('Node', 'node-0', { metadata: { labels: { x: 'y' } } });
      await s.sleep(4000);
      s.process('kube-controller-manager', 'start');
      await s.rolledOut('web', 4);
      await s.quiet(1500);
    },
  },
  {
    name: 'scheduler-stopped',
    about: 'kube-scheduler is stopped for 5 s while pods are created and deleted, then goes on',
    async play(s) {
      await s.nodes({ cpu: '2' }, { cpu: '2' });
      await s.namespace();
      await s.create(workload('Deployment', 'web', { replicas: 3 }, {}, { cpu: '500m' }));
      await s.rolledOut('web', 3);
      await s.quiet(500);
      s.process('kube-scheduler', 'SIGSTOP');
      await s.scale('Deployment', 'web', 6);
      await s.sleep(2000);
      await s.merge('Node', 'node-1', { spec: { unschedulable: true } });
      await s.create(pod('late', { cpu: '500m' }));
      await s.sleep(3000);
      s.process('kube-scheduler', 'SIGCONT');
      await s.sleep(2000);
      await s.merge('Node', 'node-1', { spec: { unschedulable: null } });
      await s.rolledOut('web', 6);
      await s.quiet(1500);
    },
  },
];

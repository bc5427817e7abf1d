/**
 * What every cluster starts with: namespaces, priority classes, the Service of the API itself. Plain data, in the
 * order in which the server creates it; the cluster's first client posts it like any other object.
 *
 * Source: Kubernetes 1.34, controlplane/controller/systemnamespaces, scheduling storage, kubernetesservice
 * controller.
 */
import type { KubeObject } from '../types/object.ts';

const namespace = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

const priorityClass = (name: string, value: number, description: string): KubeObject => {
  const object = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, description };
  return object;
};

/** The first objects of a cluster, in order. */
export const BOOTSTRAP_OBJECTS: readonly KubeObject[] = [
  namespace('kube-system'),
  namespace('kube-public'),
  namespace('kube-node-lease'),
  namespace('default'),
  priorityClass(
    'system-node-critical',
    2_000_001_000,
    'Used for system critical pods that must not be moved from their current node.',
  ),
  priorityClass(
    'system-cluster-critical',
    2_000_000_000,
    'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  ),
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'kubernetes',
      namespace: 'default',
      labels: { component: 'apiserver', provider: 'kubernetes' },
    },
    spec: {
      clusterIP: '10.96.0.1',
      clusterIPs: ['10.96.0.1'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
      sessionAffinity: 'None',
      type: 'ClusterIP',
    },
  },
];

/** Nodes and pods for the scheduler's tests, as short literals. */
import type { Node, Taint } from '../../../core/types/node.ts';
import type { Pod, PodSpec } from '../../../core/types/pod.ts';

export interface NodeOptions {
  readonly cpu?: string;
  readonly memory?: string;
  readonly pods?: string;
  readonly gpu?: string;
  readonly zone?: string;
  readonly disk?: string;
  readonly taints?: readonly Taint[];
  readonly unschedulable?: boolean;
}

/** A node of 4 CPU, 16Gi and 110 pods unless said otherwise. */
export function makeNode(name: string, options: NodeOptions = {}): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        ...(options.zone === undefined ? {} : { 'topology.kubernetes.io/zone': options.zone }),
        ...(options.disk === undefined ? {} : { disk: options.disk }),
      },
    },
    spec: { taints: options.taints, unschedulable: options.unschedulable },
    status: {
      allocatable: {
        cpu: options.cpu ?? '4',
        memory: options.memory ?? '16Gi',
        'ephemeral-storage': '20Gi',
        pods: options.pods ?? '110',
        'example.com/gpu': options.gpu ?? '0',
      },
    },
  };
}

/** A pod with one container with these requests, labelled `app: <name>`, in namespace default. */
export function makePod(name: string, requests: Record<string, string>, spec: Partial<PodSpec> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: name } },
    spec: { containers: [{ name: 'main', resources: { requests } }], ...spec },
  };
}

/**
 * A trace as Kubernetes objects: what the scheduler of the simulation gets.
 *
 * Pods that ask for the same are one object (a *kind*), so that thousands of rows cost as little as their few shapes. GPU
 * shares are written as Alibaba's gpushare does, `gpu_spec` as required node affinity.
 */
import { GPU_COUNT, GPU_MILLI, GPU_MODEL_LABEL } from '../../core/cluster/placement.ts';
import type { Node, Pod } from '../../core/cluster/vocabulary.ts';
import type { TraceNode, TracePod } from './trace.ts';

/** Pods of one node in the FGD experiment. */
const PODS_A_NODE = 1001;

/** Kinds of pods, and the kind of each row. */
export interface PodKinds {
  readonly pods: readonly Pod[];
  readonly kindOf: Int32Array;
}

/** The Node object of a trace's node. */
export function nodeObject({ name, cpuMilli, memoryMib, gpus, model }: TraceNode): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { 'kubernetes.io/hostname': name, ...(model === '' ? {} : { [GPU_MODEL_LABEL]: model }) },
    },
    spec: {},
    status: {
      allocatable: {
        cpu: `${cpuMilli}m`,
        memory: `${memoryMib}Mi`,
        pods: String(PODS_A_NODE),
        ...(gpus === 0 ? {} : { [GPU_COUNT]: String(gpus) }),
      },
    },
  } as Node;
}

/** The pods of a trace by kind. */
export function podKinds(rows: readonly TracePod[]): PodKinds {
  const pods: Pod[] = [];
  const ids = new Map<string, number>();
  const kindOf = Int32Array.from(rows, (row) => {
    const key = `${row.cpuMilli} ${row.memoryMib} ${row.gpus} ${row.gpuMilli} ${row.gpuSpec}`;
    let id = ids.get(key);
    if (id === undefined) {
      id = pods.length;
      ids.set(key, id);
      pods.push(podObject(id, row));
    }
    return id;
  });
  return { pods, kindOf };
}

function podObject(id: number, { cpuMilli, memoryMib, gpus, gpuMilli, gpuSpec }: TracePod): Pod {
  const gpu = gpus === 0 ? {} : { [GPU_COUNT]: String(gpus), [GPU_MILLI]: String(gpuMilli) };
  const requests = { cpu: `${cpuMilli}m`, memory: `${memoryMib}Mi`, ...gpu };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `kind-${id}`, namespace: 'trace' },
    spec: {
      containers: [{ name: 'main', image: 'trace', resources: { requests } }],
      ...(gpuSpec === '' ? {} : { affinity: boundTo(gpuSpec.split('|')) }),
    },
  };
}

function boundTo(models: readonly string[]): NonNullable<Pod['spec']['affinity']> {
  const matchExpressions = [{ key: GPU_MODEL_LABEL, operator: 'In' as const, values: models }];
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
    },
  };
}

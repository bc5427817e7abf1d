/**
 * createNodes: Node objects without kubelets, one after the other.
 *
 * Labels and allocatable amounts of a strategy are in the object from the start; the original adds them with a patch before
 * anything is scheduled. Source: Kubernetes 1.37, scheduler_perf node_util.go and runners.go.
 */

import type { Wait } from '../../../core/sim/task.ts';
import { copyWith } from '../../../core/types/json-value.ts';
import type { Node } from '../../../core/types/node.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { NODES } from '../../../core/types/resource-type.ts';
import type { CreateNodes, NodeStrategy } from '../config/operation.ts';
import { CONFLICT, type Load, type Steps, WorkloadFailure } from './load.ts';

const HOSTNAME = 'kubernetes.io/hostname';
const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
/** Names that are tried for one node. */
const TRIES = 5;

/** Creates the nodes of an operation with this index. */
export function* createNodes(load: Load, { count, template, strategy }: CreateNodes, operationIndex: number): Steps {
  const base = template === null ? defaultNode(`node-${operationIndex}-`) : null;
  for (let index = 0; index < count; index++) {
    const given = base ?? (template?.at(index) as Node);
    const name = yield* createNode(load, given, strategy, index);
    if (strategy?.csiLimits) yield* createCsiNode(load, name, strategy.csiLimits);
  }
}

/** Creates one node, with another drawn name when the first is taken; the answer is its name. */
function* createNode(
  load: Load,
  given: Node,
  strategy: NodeStrategy | null,
  index: number,
): Generator<Wait, string, unknown> {
  for (let attempt = 1; ; attempt++) {
    const node = prepared(load, given, strategy, index);
    try {
      yield* load.create(NODES, '', node);
      return node.metadata.name;
    } catch (error) {
      const taken = error instanceof WorkloadFailure && error.code === CONFLICT;
      if (!taken || attempt >= TRIES || given.metadata.name) throw error;
    }
  }
}

function* createCsiNode(load: Load, name: string, limits: NonNullable<NodeStrategy['csiLimits']>): Steps {
  const drivers = Object.entries(limits).map(([driver, count]) => {
    return { name: driver, nodeID: name, topologyKeys: null, allocatable: count === undefined ? {} : { count } };
  });
  const csiNode: KubeObject = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSINode',
    metadata: { name },
    spec: { drivers },
  };
  yield* load.create(load.typeOf(csiNode), '', csiNode);
}

/** The node with its name, its host name as a label, and what the strategy adds. */
function prepared(load: Load, node: Node, strategy: NodeStrategy | null, index: number): Node {
  const { metadata } = node;
  const name = metadata.name || `${metadata.generateName ?? ''}${suffix(load)}`;
  const labels: Record<string, string> = copyWith(metadata.labels ?? {}, { [HOSTNAME]: name });
  if (strategy?.label) {
    const { key, values } = strategy.label;
    labels[key] = values.length === 0 ? `${key.replace(/\W/g, '-')}-${suffix(load)}${index}` : valueAt(values, index);
  }
  const allocatable = strategy === null || Object.keys(strategy.allocatable).length === 0 ? null : strategy.allocatable;
  const status =
    allocatable === null
      ? node.status
      : copyWith(node.status ?? {}, {
          allocatable: { ...node.status?.capacity, ...node.status?.allocatable, ...allocatable },
        });
  return copyWith(node, { metadata: copyWith(metadata, { name, labels }), status });
}

function valueAt(values: readonly string[], index: number): string {
  return values[index % values.length] as string;
}

function suffix({ ctx }: Load): string {
  const random = ctx.random('node-names');
  let text = '';
  for (let i = 0; i < SUFFIX_LENGTH; i++) text += SUFFIX_LETTERS[random.below(SUFFIX_LETTERS.length)];
  return text;
}

/** 4 CPU, 32 GiB, 110 pods, Ready. */
function defaultNode(generateName: string): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: '', generateName },
    spec: {},
    status: {
      capacity: { pods: '110', cpu: '4', memory: '32Gi' },
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  } as unknown as Node;
}

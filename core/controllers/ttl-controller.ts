/**
 * The TTL controller: an annotation on each node tells kubelets how long they may keep Secrets and ConfigMaps, by the cluster's size.
 *
 * Boundaries overlap, so that a cluster at a step does not flap. A node event costs O(1); a step rewrites every node, as the real one
 * does, as the nodes next change. Source: Kubernetes 1.34 pkg/controller/ttl.
 */
import type { Client } from '../client/client.ts';
import type { Informer } from '../client/informer.ts';
import type { Wait } from '../sim/task.ts';
import type { Node } from '../types/node.ts';
import { NODES } from '../types/resource-type.ts';
import { StatusError } from '../types/status-error.ts';
import type { Controller } from './controller.ts';

const ANNOTATION = 'node.alpha.kubernetes.io/ttl';
const STEPS: readonly { readonly sizeMin: number; readonly sizeMax: number; readonly ttl: string }[] = [
  { sizeMin: 0, sizeMax: 100, ttl: '0' },
  { sizeMin: 90, sizeMax: 500, ttl: '15' },
  { sizeMin: 450, sizeMax: 1000, ttl: '30' },
  { sizeMin: 900, sizeMax: 2000, ttl: '60' },
  { sizeMin: 1800, sizeMax: Number.MAX_SAFE_INTEGER, ttl: '300' },
];

function* sync(client: Client, nodes: Informer<Node>, ttl: string, id: number): Generator<Wait, void, unknown> {
  const node = nodes.get(id);
  if (node === undefined || node.metadata.annotations?.[ANNOTATION] === ttl) return;
  const patch = { metadata: { annotations: { [ANNOTATION]: ttl } } };
  try {
    yield* client.patch(NODES, '', node.metadata.name, patch, 'strategic');
  } catch (error) {
    if (!(error instanceof StatusError) || !error.isNotFound) throw error;
  }
}

/** The TTL controller; no settings. */
export const ttlController: Controller = {
  name: 'ttl-controller',
  register: (scope) => {
    const nodes = scope.informer<Node>(NODES);
    let count = 0;
    let step = 0;
    const stepNow = (): (typeof STEPS)[number] => STEPS[step] as (typeof STEPS)[number];

    const queue = scope.queue({
      name: 'ttl',
      type: NODES,
      workers: 5,
      reconcile: (id) => sync(scope.client, nodes, stepNow().ttl, id),
    });
    const check = (id: number, node: Node): void => {
      if (node.metadata.annotations?.[ANNOTATION] !== stepNow().ttl) queue.add(id);
    };
    nodes.addHandler({
      onAdd: (id, node) => {
        count++;
        if (count > stepNow().sizeMax) step++;
        check(id, node);
      },
      onUpdate: (id, _old, node) => check(id, node),
      onDelete: () => {
        count--;
        if (count < stepNow().sizeMin) step--;
      },
    });
  },
};

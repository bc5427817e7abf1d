/**
 * The pods of each node: one index over the manager's pod informer for all controllers that ask by node.
 *
 * Keys are the local ids of node names, so a bucket is there whether or not the Node object exists (pods outlive it). Kept by
 * every pod event at the cost of two Map reads; reading a bucket costs its size.
 */
import type { InformerIndex } from '../client/informer-index.ts';
import { NO_KEY } from '../client/informer-index.ts';
import type { Pod } from '../types/pod.ts';
import { NODES, PODS } from '../types/resource-type.ts';
import type { ControllerManager } from './controller-manager.ts';

function make(manager: ControllerManager): InformerIndex<Pod> {
  const nodeKeys = manager.names.keys(NODES);
  return manager.informer<Pod>(PODS).addIndex('node', (pod) => {
    const nodeName = pod.spec.nodeName;
    return nodeName === undefined || nodeName === '' ? NO_KEY : nodeKeys.intern('', nodeName);
  });
}

/** The manager's one index of pods by the local id of their node's name; ask for it when registering. */
export function podsByNode(manager: ControllerManager): InformerIndex<Pod> {
  return manager.shared(make);
}

/**
 * The pods of each namespace: one index over the manager's pod informer, for controllers that match selectors against all pods of a
 * namespace when a selector is new. Kept by every pod event at the cost of two Map reads; reading a bucket costs its size.
 */
import type { InformerIndex } from '../client/informer-index.ts';
import type { Pod } from '../types/pod.ts';
import { NAMESPACES, PODS } from '../types/resource-type.ts';
import type { ControllerManager } from './controller-manager.ts';

function make(manager: ControllerManager): InformerIndex<Pod> {
  const keys = manager.names.keys(NAMESPACES);
  return manager.informer<Pod>(PODS).addIndex('namespace', (pod) => keys.intern('', pod.metadata.namespace ?? ''));
}

/** The manager's one index of pods by the local id of their namespace's name; ask for it when registering. */
export function podsByNamespace(manager: ControllerManager): InformerIndex<Pod> {
  return manager.shared(make);
}

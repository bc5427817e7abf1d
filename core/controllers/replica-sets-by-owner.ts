/** The ReplicaSets of each Deployment; one index for the Deployment and the ReplicaSet controller. */
import type { ReplicaSet } from '../types/replica-set.ts';
import { REPLICASETS } from '../types/resource-type.ts';
import type { ControllerManager } from './controller-manager.ts';
import { OwnerIndex } from './owner-index.ts';

function make(manager: ControllerManager): ReplicaSetsByOwner {
  return new ReplicaSetsByOwner(manager.informer<ReplicaSet>(REPLICASETS));
}

export class ReplicaSetsByOwner extends OwnerIndex<ReplicaSet> {
  /** The manager's one index. */
  static of(manager: ControllerManager): ReplicaSetsByOwner {
    return manager.shared(make);
  }
}

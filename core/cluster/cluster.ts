/**
 * A whole cluster put together from a description: store, API servers behind a balancer, controller managers, schedulers, cloud, the fleet of nodes, and a
 * user. Every component is a process of its own on a machine of its own and talks by messages; what is shared between them is names only.
 */
import { ApiServer } from '../api/api-server.ts';
import { BOOTSTRAP_OBJECTS } from '../api/bootstrap.ts';
import type { ClusterNames } from '../api/core.ts';
import { CreationOrdinals } from '../api/identity.ts';
import { L4Balancer } from '../client/balancer.ts';
import { CONTROLLER_MANAGER_SETTINGS } from './controller-settings.ts';
import { CloudControllerManager } from '../cloud/cloud-controller-manager.ts';
import { CloudProvider } from '../cloud/provider.ts';
import { ControllerManager } from '../controllers/controller-manager.ts';
import { CONTROLLERS } from '../controllers/index.ts';
import { Fleet } from '../node/fleet.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import type { Behaviour, Pid } from '../sim/process.ts';
import { Simulation } from '../sim/simulation.ts';
import { KeyInterner } from '../store/client-interface.ts';
import { storeMember } from '../store/member.ts';
import { NameTable } from '../types/names.ts';
import type { Node } from '../types/node.ts';
import type { KubeObject } from '../types/object.ts';
import type { Pod } from '../types/pod.ts';
import { isConditionTrue } from '../types/pod-conditions.ts';
import { ResourceTypes } from '../types/resource-type.ts';
import { type ClusterDescription, type ResolvedCluster, resolveCluster } from './description.ts';
import { Supervisor } from './supervisor.ts';
import { User } from './user.ts';

export interface ClusterOptions {
  readonly seed: number;
  readonly bugs?: readonly string[];
  readonly eventsMax?: number;
  readonly interleaving?: number;
}

/** Committed objects by kind, as predicates see them. */
export interface CommittedObjects {
  of(kind: string): ReadonlyMap<number, KubeObject>;
}

export class Cluster {
  readonly sim: Simulation;
  readonly description: ResolvedCluster;
  readonly names: ClusterNames;
  readonly supervisor: Supervisor;
  /** Process ids by component, in the order of their numbers. */
  readonly components: Readonly<Record<string, readonly Pid[]>>;
  /** Process id of each node's kubelet, by node index. */
  readonly kubelets: readonly Pid[];
  readonly fleet: Fleet;
  readonly user: User;
  readonly #provider: CloudProvider | null;
  readonly #nodeIndexes = new Map<string, number>();
  readonly #powerOffs: Int32Array;

  constructor(description: ClusterDescription, options: ClusterOptions) {
    this.description = resolveCluster(description);
    this.sim = new Simulation({ ...options, costs: this.description.costs });
    this.supervisor = new Supervisor(this.sim);
    this.names = {
      types: new ResourceTypes(),
      names: new NameTable(),
      keys: new KeyInterner(),
      ordinals: new CreationOrdinals(),
    };
    this.#powerOffs = new Int32Array(this.description.nodes.length);
    this.description.nodes.forEach((node, index) => {
      this.#nodeIndexes.set(node.name, index);
    });
    const etcd = this.#store();
    const apiserver = this.#apiServers(etcd);
    const balancer = new L4Balancer(apiserver);
    this.user = this.#user(apiserver);
    this.components = {
      etcd,
      apiserver,
      scheduler: this.#schedulers(balancer),
      'controller-manager': this.#controllerManagers(balancer),
      'cloud-controller-manager': this.#cloudControllerManagers(balancer),
    };
    this.#provider = null;
    this.fleet = new Fleet();
    this.kubelets = [];
  }
}

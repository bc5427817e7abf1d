/**
 * A whole cluster put together from a description: store, API servers behind a balancer, controller managers, schedulers, the fleet of nodes, and a
 * user. Every component is a process of its own on a machine of its own and talks by messages; what is shared between them is names only.
 */

import { ApiServer } from '../api/api-server.ts';
import { BOOTSTRAP_OBJECTS } from '../api/bootstrap.ts';
import { ClusterNames } from '../api/cluster-names.ts';
import { assert } from '../base/assert.ts';
import { L4Balancer } from '../client/balancer.ts';
import { CloudControllerManager } from '../cloud/cloud-controller-manager.ts';
import { CloudProvider, type InstanceState } from '../cloud/provider.ts';
import type { Controller } from '../controllers/controller.ts';
import { ControllerManager } from '../controllers/controller-manager.ts';
import { CLAIM_CONTROLLERS, CONTROLLERS, DEVICE_TAINT_CONTROLLERS } from '../controllers/index.ts';
import { findOperator } from '../controllers/operator/operator.ts';
import { operatorController } from '../controllers/operator/operator-controller.ts';
import { nodeAddress } from '../node/addresses.ts';
import { Fleet } from '../node/fleet.ts';
import { defaultConfiguration, type SchedulerConfiguration } from '../scheduler/configuration/configuration.ts';
import { decodeSchedulerConfiguration } from '../scheduler/configuration/decode.ts';
import type { Profile } from '../scheduler/configuration/profile.ts';
import { profilesOf } from '../scheduler/configuration/to-profile.ts';
import { namedProfile } from '../scheduler/policies/named-policies.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import type { Pid } from '../sim/process.ts';
import { Simulation } from '../sim/simulation.ts';
import { GroupBeats } from '../store/group-beats.ts';
import { type StoreMember, storeMember } from '../store/member.ts';
import { claimTypes, scheduledClaimTypes } from '../types/claim-types.ts';
import type { Node } from '../types/node.ts';
import type { KubeObject } from '../types/object.ts';
import type { Pod } from '../types/pod.ts';
import { isConditionTrue } from '../types/pod-conditions.ts';
import { POD_GROUP_KIND } from '../types/pod-group.ts';
import { SCHEDULER_USER } from '../types/user-names.ts';
import { ANNOTATED_KINDS, annotatedPodUs, annotatedWorkloadUs } from './annotated-times.ts';
import { Compactor } from './compactor.ts';
import { type ClusterDescription, type ResolvedCluster, resolveCluster } from './description.ts';
import { ClusterTruth } from './ground-truth.ts';
import { ObjectAudit } from './object-audit.ts';
import { StoreAdmin } from './store-admin.ts';
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

/** When the user posts the objects that every cluster starts with, µs: the API server is up by then. */
const BOOTSTRAP_AT_US = 100_000;
/**
 * When everything that needs the API starts, µs: store and API servers are set up first, and a server is ready only when it has made the
 * system's namespaces. Whoever came sooner would be told to come again after a second.
 */
const COMPONENTS_AT_US = 150_000;
/** Nodes for which the node IPAM controller's default range has a block each; beyond, this one is taken (32,768 blocks). */
const POD_RANGES_DEFAULT = 1_024;
const WIDE_POD_RANGE = '10.128.0.0/9';
/** What schedulers run with where a description says nothing: the same objects in every cluster, which what is derived from them is kept by. */
const DEFAULT_SCHEDULER = defaultConfiguration('1.34');
const DEFAULT_PROFILES = profilesOf(DEFAULT_SCHEDULER);
/** Longest default time a pod takes for starting and stopping, µs; grace and probes of its own come on top. */
const POD_DEFAULT_US = 10_000_000;

export class Cluster {
  readonly sim: Simulation;
  readonly description: ResolvedCluster;
  readonly names = new ClusterNames();
  readonly supervisor: Supervisor;
  /** Process ids by component, in the order of their numbers. */
  readonly components: Readonly<Record<string, readonly Pid[]>>;
  readonly fleet: Fleet;
  /** Running instances of the controller manager, by process id. */
  readonly controllerManagers = new Map<Pid, ControllerManager>();
  /** Newest instances of the store members, by process id. */
  readonly storeMembers = new Map<Pid, StoreMember>();
  /** Running instances of the scheduler, by process id. */
  readonly schedulers = new Map<Pid, Scheduler>();
  /** Watches that nobody changes a committed object. */
  readonly audit: ObjectAudit;
  /** What really is inside the processes. */
  readonly truth: ClusterTruth = new ClusterTruth(this);
  /** Power losses that last, by node index. */
  readonly #powerLosses = new Map<number, number>();
  /** Who looks after the group of store members. */
  readonly storeAdmin: StoreAdmin = new StoreAdmin(this);
  /** Store members that clients are told of; it only grows. */
  readonly #storeEndpoints: Pid[] = [];
  /** What carries the heartbeats of the store's group; null: each is sent. */
  readonly #storeBeats: GroupBeats | null;
  #user!: User;
  #compactor!: Compactor;
  #provider: CloudProvider | null = null;

  constructor(description: ClusterDescription, options: ClusterOptions) {
    this.description = resolveCluster(description);
    this.sim = new Simulation({ costs: this.description.costs, ...options });
    this.supervisor = new Supervisor(this.sim);
    this.audit = new ObjectAudit(this.sim);
    const { controlPlane, settings } = this.description;
    this.#storeBeats = settings.cohorts ? new GroupBeats() : null;
    const etcd = this.#storeMembers(controlPlane.storeMembers);
    this.#storeEndpoints.push(...etcd);
    const apiserver = this.#processes('apiserver', controlPlane.apiServers, 0, (index) => {
      const admission = {
        tokenVolume: settings.serviceAccountVolumes,
        serviceAccountMustExist: settings.serviceAccounts,
        serviceAccount: !settings.disableAdmissionPlugins.includes('ServiceAccount'),
        taintNewNodes: !settings.disableAdmissionPlugins.includes('TaintNodesByCondition'),
        priority: !settings.disableAdmissionPlugins.includes('Priority'),
      };
      return (ctx) =>
        new ApiServer(ctx, {
          store: this.#storeEndpoints,
          firstMember: index % etcd.length,
          cluster: this.names,
          admission,
          windowEventsMax: settings.watchCacheEvents,
          readsInFlight: settings.readsInFlight,
          writesInFlight: settings.writesInFlight,
          eventTtlS: settings.eventTtlS,
        });
    });
    const balancer = new L4Balancer(apiserver);
    this.#addUser(apiserver);
    this.components = {
      etcd,
      apiserver,
      scheduler: this.#schedulers(balancer),
      'controller-manager': this.#controllerManagers(balancer),
      'cloud-controller-manager': this.#cloud(balancer),
      ...this.#operators(balancer),
    };
    this.fleet = new Fleet(this.sim, {
      nodes: this.description.nodes,
      names: this.names.names,
      balancer,
      startUs: COMPONENTS_AT_US,
      mode: settings.kubelet,
      cloudProvider: this.#provider !== null,
      proxyMode: settings.proxyMode,
      cohorts: settings.cohorts,
      events: settings.events,
      annotationPrefix: 'reference.example/',
      unpullableImages: settings.unpullableImages,
      claimTypes: settings.claims ? claimTypes(this.names.types) : undefined,
    });
  }

  /** The user's process. */
  get user(): User {
    return this.#user;
  }

  /** Process id of each node's kubelet, by node index. */
  get kubelets(): readonly Pid[] {
    return this.fleet.pids;
  }

  /** Who compacts the store. */
  get compactor(): Compactor {
    return this.#compactor;
  }

  /** Process ids of a component's instances; none for an unknown component. */
  instancesOf(component: string): readonly Pid[] {
    return this.components[component] ?? [];
  }

  /** Index of a node by name, −1 if there is none. */
  nodeIndex(name: string): number {
    return this.fleet.nodeIndex(name);
  }

  /** The machine of a node loses power. */
  powerOff(node: number): void {
    const pid = this.kubelets[node] as Pid;
    this.#powerLosses.set(node, (this.#powerLosses.get(node) ?? 0) + 1);
    this.supervisor.holdDown(pid);
    this.fleet.powerOff(node);
  }

  /** A power loss ends; the machine has power when no other one lasts, and its kubelet starts when no fault holds it down. */
  powerOn(node: number): void {
    const losses = (this.#powerLosses.get(node) ?? 1) - 1;
    this.#powerLosses.set(node, losses);
    if (losses === 0) this.sim.network.deadMachines.delete(this.description.nodes[node]?.name ?? '');
    if (this.supervisor.release(this.kubelets[node] as Pid)) this.fleet.powerOn(node);
  }

  /** The provider takes the machine away for good. */
  removeInstance(node: number): void {
    this.#provider?.setState(this.description.nodes[node]?.name ?? '', 'removed');
    this.powerOff(node);
  }

  /** What the cloud says of a node's instance; null where it knows none. */
  instanceState(node: string): InstanceState | null {
    return this.#provider?.stateOf(node) ?? null;
  }

  /** true once every node is Ready and free of the taints of starting; that of a cordon is none. */
  isUp(committed: CommittedObjects): boolean {
    const nodes = committed.of('Node');
    if (nodes.size < this.description.nodes.length) return false;
    for (const object of nodes.values()) {
      const node = object as Node;
      if (!isConditionTrue(node.status?.conditions, 'Ready')) return false;
      if (
        node.spec?.taints?.some(
          ({ key }) =>
            (key.startsWith('node.kubernetes.io/') && key !== 'node.kubernetes.io/unschedulable') ||
            key.startsWith('node.cloudprovider.'),
        )
      )
        return false;
    }
    for (const namespace of committed.of('Namespace').values()) if (namespace.metadata.name === 'default') return true;
    return false;
  }

  /** Nodes whose kubelet is held down now. */
  nodesAway(): number {
    return this.kubelets.reduce((count, pid) => count + (this.supervisor.isHeldDown(pid) ? 1 : 0), 0);
  }

  /** Longest time until some controller's queue comes back to a key, a kubelet to a pod that failed, or a process that ended itself is started again, µs. */
  largestBackoffUs(): number {
    let largest = Math.max(this.supervisor.largestBackoffUs(), this.fleet.largestBackOffUs());
    for (const [pid, manager] of this.controllerManagers) {
      if (!this.sim.isRunning(pid)) continue;
      for (const scope of manager.scopes)
        for (const queue of scope.queues) largest = Math.max(largest, queue.longestDelayUs());
    }
    return largest;
  }

  /** Longest time that a pod needs to stop and to be available by its own settings, and all pods of a workload by its annotations, µs. */
  slowestPodUs(committed: CommittedObjects): number {
    let slowest = 0;
    for (const object of committed.of('Pod').values()) {
      const { metadata, spec } = object as Pod;
      let us = (spec.terminationGracePeriodSeconds ?? 30) * 1_000_000 + annotatedPodUs(metadata.annotations);
      for (const container of spec.containers) us += (container.readinessProbe?.initialDelaySeconds ?? 0) * 1_000_000;
      for (const container of spec.initContainers ?? [])
        us += (container.startupProbe?.initialDelaySeconds ?? 0) * 1_000_000;
      slowest = Math.max(slowest, us);
    }
    let annotatedUs = 0;
    const nodes = this.description.nodes.length;
    for (const kind of ANNOTATED_KINDS) {
      for (const object of committed.of(kind).values())
        annotatedUs = Math.max(annotatedUs, annotatedWorkloadUs(object, nodes));
    }
    return slowest + annotatedUs + POD_DEFAULT_US;
  }

  #processes(
    component: string,
    count: number,
    startUs: number,
    factory: (index: number) => Parameters<Simulation['addProcess']>[2],
  ): Pid[] {
    const pids: Pid[] = [];
    for (let index = 0; index < count; index++) {
      const name = `${component}-${index}`;
      pids.push(this.sim.addProcess(name, name, factory(index), startUs));
    }
    return pids;
  }

  /** One member alone, or a group that agrees by Raft. */
  #storeMembers(count: number): Pid[] {
    const voters = Array.from({ length: count }, (_, index) => index + 1);
    const pids: Pid[] = [];
    for (const id of voters) pids.push(this.#storeMember(id, count === 1 ? null : voters, pids));
    return pids;
  }

  /** `voters`: the first members of its group; null: it has none. `pids`: all members, by number. */
  #storeMember(id: number, voters: readonly number[] | null, pids: readonly Pid[]): Pid {
    const { keys } = this.names;
    const name = `etcd-${id - 1}`;
    const peer = (other: number): Pid | undefined => pids[other - 1];
    const quotaBytes = this.description.settings.storeQuotaBytes;
    const beats = this.#storeBeats;
    const group = { id, voters: voters ?? [], peer, ...(beats === null ? {} : { beats }) };
    const options = voters === null ? { keys, quotaBytes } : { keys, quotaBytes, group };
    return this.sim.addProcess(name, name, (ctx) => {
      return storeMember({ started: (member) => this.storeMembers.set(ctx.pid, member), ...options })(ctx);
    });
  }

  /** Starts a further store member, which knows nothing and waits to be taken into the group. */
  addStoreMember(): void {
    const pids = this.components['etcd'] as Pid[];
    pids.push(this.#storeMember(pids.length + 1, [], pids));
  }

  /** Tells clients of the store of a member that came later. */
  serveFromStoreMember(instance: number): void {
    const pid = this.instancesOf('etcd')[instance] as Pid;
    if (!this.#storeEndpoints.includes(pid)) this.#storeEndpoints.push(pid);
  }

  /** The running store member that leads, of the highest term; undefined while there is none. */
  storeLeader(): Pid | undefined {
    let found: Pid | undefined;
    let term = -1;
    for (const [pid, member] of this.storeMembers) {
      if (!this.sim.isRunning(pid) || !member.isLeader || member.term <= term) continue;
      found = pid;
      term = member.term;
    }
    return found;
  }

  #addUser(servers: readonly Pid[]): void {
    const { settings } = this.description;
    this.sim.addProcess('user', 'user', (ctx) => {
      this.#user = new User(ctx, { servers, names: this.names.names, types: this.names.types });
      return this.#user;
    });
    this.sim.addProcess('compactor', 'user', (ctx) => {
      this.#compactor = new Compactor(ctx, {
        store: this.#storeEndpoints,
        periodUs: settings.compactionPeriodS * 1_000_000,
      });
      return this.#compactor;
    });
    this.sim.at(BOOTSTRAP_AT_US, 'bootstrap objects', () =>
      this.#user.apply([...BOOTSTRAP_OBJECTS, ...settings.bootstrapObjects]),
    );
  }

  /** The provider and its controller managers, where the cluster has any. */
  #cloud(balancer: L4Balancer): Pid[] {
    const { controlPlane, nodes, settings } = this.description;
    if (controlPlane.cloudControllerManagers === 0) return [];
    const instances = nodes.map(({ name, zone }, index) => {
      return { name, zone, region: 'region-1', instanceType: 'standard', address: nodeAddress(index) };
    });
    const provider = new CloudProvider(this.sim, { instances });
    this.#provider = provider;
    const options = { names: this.names.names, balancer, provider: provider.pid, events: settings.events };
    return this.#processes('cloud-controller-manager', controlPlane.cloudControllerManagers, COMPONENTS_AT_US, () => {
      return CloudControllerManager.factory(options);
    });
  }

  /** The configuration of every scheduler. */
  get schedulerConfiguration(): SchedulerConfiguration {
    const { schedulerConfiguration } = this.description.settings;
    if (schedulerConfiguration === null) return DEFAULT_SCHEDULER;
    const { configuration, problems } = decodeSchedulerConfiguration(schedulerConfiguration);
    assert(problems.length === 0, 'cluster: the scheduler configuration was checked');
    return configuration;
  }

  /** Of the named policy where one is chosen, else of the configuration. */
  #schedulingProfiles(configuration: SchedulerConfiguration): readonly [Profile, ...Profile[]] {
    const { schedulingPolicy } = this.description.settings;
    if (schedulingPolicy === '')
      return configuration === DEFAULT_SCHEDULER ? DEFAULT_PROFILES : profilesOf(configuration);
    // Policies that are fitted to a workload know none here.
    const profile = namedProfile(schedulingPolicy, { typicalPods: [] });
    assert(profile !== undefined, `no scheduling policy is named "${schedulingPolicy}"`);
    return [profile];
  }

  #schedulers(balancer: L4Balancer): Pid[] {
    const { controlPlane, settings } = this.description;
    const client = {
      balancer,
      user: SCHEDULER_USER,
      qps: settings.schedulerQps,
      burst: settings.schedulerBurst,
      names: this.names.names,
    };
    const configuration = this.schedulerConfiguration;
    const profiles = this.#schedulingProfiles(configuration);
    const backoff = {
      initialSeconds: configuration.podInitialBackoffSeconds,
      maxSeconds: configuration.podMaxBackoffSeconds,
      popsEarly: settings.schedulerPopsBackoff,
    };
    const volumes = settings.claims ? scheduledClaimTypes(this.names.types, settings.deviceGates) : undefined;
    const podGroups =
      settings.podGroups === '' ? undefined : this.names.types.register(settings.podGroups, POD_GROUP_KIND);
    const { events, deviceGates } = settings;
    const options = { client, profiles, backoff, leaderElect: true, events, volumes, deviceGates, podGroups };
    return this.#processes('scheduler', controlPlane.schedulers, COMPONENTS_AT_US, () => (ctx) => {
      const scheduler = new Scheduler(ctx, options);
      this.schedulers.set(ctx.pid, scheduler);
      return scheduler;
    });
  }

  /** Controllers of users: each in processes of its own, with a lease of its own. */
  #operators(balancer: L4Balancer): Record<string, readonly Pid[]> {
    const found: Record<string, readonly Pid[]> = {};
    const { operators, settings } = this.description;
    for (const { module, replicas = 1 } of operators) {
      const operator = findOperator(module);
      assert(operator !== undefined, `cluster: the operator ${module} was not loaded`);
      const component = `operator-${operator.name}`;
      const options = {
        names: this.names.names,
        types: this.names.types,
        balancer,
        controllers: [operatorController(operator)],
        leaseName: component,
        events: settings.events,
      };
      found[component] = this.#processes(component, replicas, COMPONENTS_AT_US, () => (ctx) => {
        const manager = new ControllerManager(ctx, options);
        this.controllerManagers.set(ctx.pid, manager);
        return manager;
      });
    }
    return found;
  }

  #controllers(): readonly Controller[] {
    const { claims, controllers, deviceGates } = this.description.settings;
    const tainted = deviceGates.includes('DRADeviceTaints') ? DEVICE_TAINT_CONTROLLERS : [];
    const all = claims ? [...CONTROLLERS, ...CLAIM_CONTROLLERS, ...tainted] : CONTROLLERS;
    return controllers.length === 0 ? all : all.filter(({ name }) => controllers.includes(name));
  }

  /** The API version of PodGroups that have claims; `''` without their gate. */
  #claimingGroups(): string {
    const { deviceGates, podGroups } = this.description.settings;
    return deviceGates.includes('DRAWorkloadResourceClaims') ? podGroups : '';
  }

  #controllerManagers(balancer: L4Balancer): Pid[] {
    const { controlPlane, nodes, settings } = this.description;
    const options = {
      names: this.names.names,
      types: this.names.types,
      balancer,
      controllers: this.#controllers(),
      qps: settings.controllerQps,
      burst: settings.controllerBurst,
      events: settings.events,
      settings: {
        'resourceclaim-controller': { podGroups: this.#claimingGroups() },
        'node-lifecycle-controller': { monitorGraceS: settings.nodeMonitorGraceS },
        ...(nodes.length > POD_RANGES_DEFAULT && { 'node-ipam-controller': { clusterCidr: WIDE_POD_RANGE } }),
      },
    };
    return this.#processes('controller-manager', controlPlane.controllerManagers, COMPONENTS_AT_US, () => (ctx) => {
      const manager = new ControllerManager(ctx, options);
      this.controllerManagers.set(ctx.pid, manager);
      return manager;
    });
  }
}

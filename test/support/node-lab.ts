/**
 * A store, API servers, a fleet and a user without scheduler and controllers: what tests of the node side need.
 */
import { ApiServer } from '../../core/api/api-server.ts';
import { BOOTSTRAP_OBJECTS } from '../../core/api/bootstrap.ts';
import { ClusterNames } from '../../core/api/cluster-names.ts';
import { L4Balancer } from '../../core/client/balancer.ts';
import { Client } from '../../core/client/client.ts';
import { Dispatcher } from '../../core/client/dispatcher.ts';
import { Fleet } from '../../core/node/fleet.ts';
import type { FleetNode, FleetOptions } from '../../core/node/options.ts';
import type { Context } from '../../core/sim/context.ts';
import type { Behaviour, Conn, Payload, Pid } from '../../core/sim/process.ts';
import { Simulation, type SimulationOptions } from '../../core/sim/simulation.ts';
import type { Wait } from '../../core/sim/task.ts';
import { storeMember } from '../../core/store/member.ts';
import type { NameTable } from '../../core/types/names.ts';
import type { KubeObject } from '../../core/types/object.ts';
import type { Pod } from '../../core/types/pod.ts';
import { PODS, type ResourceType, type ResourceTypes } from '../../core/types/resource-type.ts';
import { StatusError } from '../../core/types/status-error.ts';

const S = 1_000_000;

/** What was said of a pod, and when. */
export interface Said {
  readonly text: string;
  readonly atS: number;
  readonly pod: Pod;
}

class UserProcess implements Behaviour {
  readonly ctx: Context;
  readonly client: Client;
  readonly library: Dispatcher;

  constructor(ctx: Context, servers: readonly Pid[], names: NameTable) {
    this.ctx = ctx;
    this.library = new Dispatcher(ctx);
    this.client = new Client(this.library, { servers, user: 'admin', qps: 0, burst: 1, names });
  }

  start(): void {}

  receive(op: number, from: Pid, a: number, b: number, payload: Payload | null, conn: Conn): void {
    this.library.receive(op, from, a, b, payload, conn);
  }
}

export interface LabOptions extends SimulationOptions {
  readonly nodes?: readonly Partial<FleetNode>[];
  readonly apiServers?: number;
  readonly fleet?: Partial<FleetOptions>;
}

function fleetNode(name: string, over: Partial<FleetNode> = {}): FleetNode {
  const capacity = over.capacity ?? { cpu: '4', memory: '8Gi', pods: '110' };
  return { name, zone: 'a', capacity, allocatable: capacity, labels: {}, taints: [], ...over };
}

export class NodeLab {
  readonly sim: Simulation;
  readonly names = new ClusterNames();
  readonly store: Pid;
  readonly servers: Pid[];
  readonly fleet: Fleet;
  readonly balancer: L4Balancer;
  #user!: UserProcess;

  constructor(options: LabOptions) {
    this.sim = new Simulation(options);
    const { sim } = this;
    this.store = sim.addProcess('etcd-0', 'etcd-0', storeMember({ keys: this.names.keys }));
    this.servers = Array.from({ length: options.apiServers ?? 1 }, (_, i) => {
      const name = `apiserver-${i}`;
      return sim.addProcess(name, name, (ctx) => new ApiServer(ctx, { store: [this.store], cluster: this.names }));
    });
    sim.addProcess('user', 'user', (ctx) => {
      this.#user = new UserProcess(ctx, this.servers, this.names.names);
      return this.#user;
    });
    sim.run(2 * S);
    this.does(function* (client, types) {
      for (const object of BOOTSTRAP_OBJECTS)
        yield* client.create(types.register(object.apiVersion, object.kind), object);
    });
    sim.run(3 * S);
    const nodes = (options.nodes ?? [{}]).map((node, i) => fleetNode(node.name ?? `n${i}`, node));
    this.balancer = new L4Balancer(this.servers);
    this.fleet = new Fleet(sim, { nodes, names: this.names.names, balancer: this.balancer, ...options.fleet });
  }

  /** Runs `seconds` more. */
  run(seconds: number): void {
    this.sim.run(this.sim.now + seconds * S);
  }

  /** The kubelet of the first node, or its machine, is away for `seconds`. */
  away(what: string, seconds: number): void {
    const pid = this.fleet.pids[0] as number;
    if (what === 'machine') this.fleet.powerOff(0);
    else this.sim.crash(pid);
    this.run(seconds);
    if (what === 'machine') this.fleet.powerOn(0);
    else this.sim.restart(pid);
  }

  /** Starts a task of the user. */
  does(body: (client: Client, types: ResourceTypes) => Generator<Wait, void, unknown>): void {
    this.#user.library.during(() => {
      this.#user.ctx.startTask('user', '', body(this.#user.client, this.names.types));
    });
  }

  /** All objects of a type as the API gives them; it may ask its store for progress first, every 100 ms. */
  list<T extends KubeObject>(type: ResourceType): T[] {
    const answers: (readonly T[])[] = [];
    this.does(function* (client) {
      answers.push((yield* client.list<T>(type)).items);
    });
    for (let tries = 0; answers.length === 0 && tries < 10; tries++) this.run(0.1);
    return [...(answers[0] ?? [])];
  }

  find<T extends KubeObject>(type: ResourceType, name: string): T | undefined {
    return this.list<T>(type).find((object) => object.metadata.name === name);
  }

  pod(name: string): Pod | undefined {
    return this.find<Pod>(PODS, name);
  }

  /** Runs `seconds` and notes each change of what `textOf` says of the pod, once its kubelet has reported it. */
  follow(name: string, seconds: number, textOf: (pod: Pod) => string): Said[] {
    const said: Said[] = [];
    const end = this.sim.now + seconds * S;
    while (this.sim.now < end) {
      this.run(0.05);
      const pod = this.pod(name);
      if (pod?.status?.containerStatuses === undefined) continue;
      const text = textOf(pod);
      if (said.at(-1)?.text !== text) said.push({ text, atS: this.sim.now / S, pod });
    }
    return said;
  }

  create(type: ResourceType, ...objects: KubeObject[]): void {
    this.does(function* (client) {
      for (const object of objects) yield* client.create(type, object);
    });
  }

  /** Creates pods bound to a node, as a scheduler would. */
  bind(node: string, ...pods: KubeObject[]): void {
    this.does(function* (client) {
      for (const pod of pods) {
        yield* client.create(PODS, pod);
        yield* client.bind('default', pod.metadata.name, node, '');
      }
    });
  }

  delete(type: ResourceType, name: string, namespace = 'default'): void {
    this.does(function* (client) {
      try {
        yield* client.delete(type, namespace, name);
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
      }
    });
  }
}

/** A pod with one container; `spec` and `metadata` are laid over it. */
export function podOf(name: string, spec: object = {}, annotations: Record<string, string> = {}): KubeObject {
  const metadata = { name, namespace: 'default', annotations, labels: { app: name } };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'app', image: 'app:v1' }], ...spec } };
}

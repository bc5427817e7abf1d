/**
 * A simulated cloud: instances in zones behind an API with latency and a request limit.
 *
 * The process only answers questions; what is true (running, stopped, removed) is changed by faults from outside, and survives its
 * crashes. Latency and limit are uncalibrated.
 */
import { hashString, mix } from '../base/content-hash.ts';
import type { Context } from '../sim/context.ts';
import type { Behaviour, Conn, Payload, Pid } from '../sim/process.ts';
import { defineMark } from '../sim/registry.ts';
import type { Simulation } from '../sim/simulation.ts';
import { OP_CLOUD_ANSWER, OP_CLOUD_DESCRIBE } from './ops.ts';

const MARK_THROTTLED = defineMark('cloud-throttled', 'the cloud refused a request because of its rate');

export type InstanceState = 'running' | 'stopped' | 'removed';

/** One machine as the cloud knows it; `name` is the node's. */
export interface Instance {
  readonly name: string;
  readonly zone: string;
  readonly region: string;
  readonly instanceType: string;
  readonly address: string;
}

/** Asks for one instance by its node's name. */
export class InstanceQuery implements Payload {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
  contentHash(): number {
    return hashString(this.name);
  }
}

/** `throttled`: ask again later; otherwise the state, with the instance unless it never was. */
export class InstanceAnswer implements Payload {
  readonly throttled: boolean;
  readonly state: InstanceState;
  readonly instance: Instance | null;
  constructor(throttled: boolean, state: InstanceState, instance: Instance | null) {
    this.throttled = throttled;
    this.state = state;
    this.instance = instance;
  }
  contentHash(): number {
    return mix(
      mix(this.throttled ? 1 : 2, hashString(this.state)),
      this.instance === null ? 0 : hashString(this.instance.name),
    );
  }
}

export interface CloudProviderOptions {
  readonly instances: readonly Instance[];
  /** Time the API takes to answer, µs. Default 50 ms. */
  readonly latencyUs?: number;
  /** Requests a second and how many may be saved up; default 50 and 200. */
  readonly qps?: number;
  readonly burst?: number;
}

export class CloudProvider {
  /** The process that answers. */
  readonly pid: Pid;
  /** Fault: every request is refused while true. */
  throttling = false;
  readonly #instances = new Map<string, Instance>();
  readonly #states = new Map<string, InstanceState>();
  readonly #tokenUs: number;
  readonly #fillUs: number;
  #fullAtUs = 0;

  constructor(sim: Simulation, options: CloudProviderOptions) {
    for (const instance of options.instances) {
      this.#instances.set(instance.name, instance);
      this.#states.set(instance.name, 'running');
    }
    this.#tokenUs = 1_000_000 / (options.qps ?? 50);
    this.#fillUs = this.#tokenUs * (options.burst ?? 200);
    const latencyUs = options.latencyUs ?? 50_000;
    this.pid = sim.addProcess('cloud', 'cloud', (ctx) => new ProviderProcess(ctx, this, latencyUs));
  }

  stateOf(name: string): InstanceState {
    return this.#states.get(name) ?? 'removed';
  }

  /** What really happens to an instance; a removed one never comes back. */
  setState(name: string, state: InstanceState): void {
    if (this.stateOf(name) !== 'removed') this.#states.set(name, state);
  }

  /** Answers one request at `nowUs`. */
  describe(name: string, nowUs: number): InstanceAnswer {
    const fullAt = Math.max(this.#fullAtUs, nowUs) + this.#tokenUs;
    if (this.throttling || fullAt - nowUs > this.#fillUs) return new InstanceAnswer(true, 'running', null);
    this.#fullAtUs = fullAt;
    const state = this.stateOf(name);
    return new InstanceAnswer(false, state, state === 'removed' ? null : (this.#instances.get(name) ?? null));
  }
}

class ProviderProcess implements Behaviour {
  readonly #ctx: Context;
  readonly #provider: CloudProvider;
  readonly #latencyUs: number;

  constructor(ctx: Context, provider: CloudProvider, latencyUs: number) {
    this.#ctx = ctx;
    this.#provider = provider;
    this.#latencyUs = latencyUs;
  }

  start(): void {}

  receive(op: number, _from: Pid, a: number, _b: number, payload: Payload | null, conn: Conn): void {
    if (op !== OP_CLOUD_DESCRIBE) return;
    const answer = this.#provider.describe((payload as InstanceQuery).name, this.#ctx.now());
    if (answer.throttled) this.#ctx.mark(MARK_THROTTLED);
    this.#ctx.sendOn(conn, OP_CLOUD_ANSWER, a, 0, answer, this.#latencyUs);
  }
}

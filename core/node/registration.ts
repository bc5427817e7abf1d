/**
 * How a kubelet makes itself known: the Node object, then its Lease, then the first status.
 *
 * Create first; when the Node is there already it is read and only its status is written. Failures are repeated after 100 ms doubling to 7 s.
 * Source: kubelet 1.34 kubelet_node_status.go registerWithAPIServer, component-helpers lease controller.
 */
import type { RequestListener } from '../client/call.ts';
import type { Lease } from '../types/lease.ts';
import type { Node } from '../types/node.ts';
import { LEASES, NODES } from '../types/resource-type.ts';
import type { StatusError } from '../types/status-error.ts';
import { type ApiResponse, VERB } from '../types/wire.ts';
import type { FleetState } from './fleet-state.ts';
import { NODE_REGISTERING, NODE_UP } from './node-columns.ts';
import { LEASE_NAMESPACE } from './node-object.ts';
import { OP_NODE_REGISTER } from './ops.ts';

const STEP_CREATE_NODE = 0;
const STEP_GET_NODE = 1;
const STEP_GET_LEASE = 2;
const STEP_CREATE_LEASE = 3;
const STEPS = 4;
const RETRY_US = 100_000;
const RETRY_US_MAX = 7_000_000;

export class Registration implements RequestListener {
  readonly #state: FleetState;
  readonly #onUp: (node: number, existed: boolean) => void;
  readonly #existed: Uint8Array;

  /** `onUp`: node and lease are there; `existed` = the Node was there before. */
  constructor(state: FleetState, onUp: (node: number, existed: boolean) => void) {
    this.#state = state;
    this.#onUp = onUp;
    this.#existed = new Uint8Array(state.nodes.count);
  }

  /** Begins after `delayUs`. */
  begin(node: number, delayUs: number): void {
    this.#state.nodes.state[node] = NODE_REGISTERING;
    this.#existed[node] = 0;
    this.#state.contextOf(node).setTimer(delayUs, OP_NODE_REGISTER, STEP_CREATE_NODE, 0);
  }

  /** Makes sure of the lease again after it was found missing. */
  beginLease(node: number): void {
    this.#state.nodes.state[node] = NODE_REGISTERING;
    this.#existed[node] = 2;
    this.step(node, STEP_GET_LEASE, 0);
  }

  /** A timer: `step` and how often it was tried. */
  step(node: number, step: number, tries: number): void {
    const { nodes, objects } = this.#state;
    const description = nodes.description[node] as (typeof nodes.description)[number];
    const { name } = description;
    const client = this.#state.clientOf(node);
    const wallUs = this.#state.contextOf(node).wallUs();
    const tag = (node * STEPS + step) * 64 + Math.min(tries, 63);
    switch (step) {
      case STEP_CREATE_NODE: {
        const object = objects.registration(description, nodes.addressText[node] as string, wallUs);
        client.send(client.writeRequest(VERB.create, NODES, '', name, '', object), tag, this);
        return;
      }
      case STEP_GET_NODE:
        client.send(client.request(VERB.get, NODES, '', name), tag, this);
        return;
      case STEP_GET_LEASE:
        client.send(client.request(VERB.get, LEASES, LEASE_NAMESPACE, name), tag, this);
        return;
      default: {
        const lease = objects.lease(name, wallUs, nodes.object[node] as Node | null, null);
        client.send(client.writeRequest(VERB.create, LEASES, LEASE_NAMESPACE, name, '', lease), tag, this);
      }
    }
  }

  onResponse(tag: number, response: ApiResponse | null, error: StatusError | null): void {
    const tries = tag % 64;
    const step = Math.floor(tag / 64) % STEPS;
    const node = Math.floor(tag / 64 / STEPS);
    const { nodes } = this.#state;
    if (error !== null) {
      const answered = response !== null;
      if (step === STEP_CREATE_NODE && answered && error.code === 409) {
        this.#existed[node] = 1;
        this.step(node, STEP_GET_NODE, 0);
      } else if (step === STEP_GET_NODE && answered && error.isNotFound) this.step(node, STEP_CREATE_NODE, 0);
      else if (step === STEP_GET_LEASE && answered && error.isNotFound) this.step(node, STEP_CREATE_LEASE, 0);
      else if (step === STEP_CREATE_LEASE && answered && error.code === 409) this.step(node, STEP_GET_LEASE, 0);
      else {
        const delayUs = Math.min(RETRY_US * 2 ** Math.min(tries, 10), RETRY_US_MAX);
        this.#state.contextOf(node).setTimer(delayUs, OP_NODE_REGISTER, step, tries + 1);
      }
      return;
    }
    const object = (response as ApiResponse).object;
    if (step === STEP_CREATE_NODE || step === STEP_GET_NODE) {
      nodes.object[node] = object as Node;
      this.step(node, STEP_GET_LEASE, 0);
      return;
    }
    nodes.lease[node] = object as Lease;
    nodes.state[node] = NODE_UP;
    if (this.#existed[node] !== 2) this.#onUp(node, this.#existed[node] === 1);
  }
}

/**
 * Lease renewals and node status of all kubelets.
 *
 * Each node is due every 10 s plus up to 4 % by a draw, on a grid of 100 ms. Two paths with one result: the *plain* path, where
 * each kubelet's own timer sends its own update, and the *cohort*, where one event a grid instant sends all due renewals of
 * one API server as one batch. A node that differs (down, paused, cut off, another clock, no connection) takes the plain path; a
 * status that is due is the kubelet's own write on both. Source: Kubernetes 1.34.1, component-helpers lease/controller.go (renew at 0.25 × 40 s, jitter 0.04; 5 tries, then
 * reads with back-off until one succeeds, then 5 more), kubelet_node_status.go (nodeStatusUpdateFrequency 10 s, report 5 min, 5 tries).
 */
import { drawUint32, scaleDraw } from '../base/random.ts';
import type { RequestListener } from '../client/call.ts';
import type { ConnectionClient } from '../client/connection-client.ts';
import { type Conn, type Pid, PROCESS_RUNNING } from '../sim/process.ts';
import type { Lease } from '../types/lease.ts';
import type { Node } from '../types/node.ts';
import { LEASES, NODES } from '../types/resource-type.ts';
import type { StatusError } from '../types/status-error.ts';
import { type ApiResponse, type RequestOptions, VERB } from '../types/wire.ts';
import type { FleetState } from './fleet-state.ts';
import type { LeaseCohort } from './lease-cohort.ts';
import { MARK_LEASE_CONFLICT, MARK_LEFT_COHORT } from './marks.ts';
import { NODE_UP } from './node-columns.ts';
import { LEASE_NAMESPACE } from './node-object.ts';
import { OP_LEASE_RETRY, OP_NODE_TICK } from './ops.ts';

/**
 * Grid of the heartbeats, µs: what falls due at one instant goes in one batch, and 1,000 nodes must share instants for that to pay. A hundredth
 * of the period, a quarter of the jitter.
 */
export const GRID_US = 100_000;
/** Period of a heartbeat, µs. */
export const HEARTBEAT_US = 10_000_000;
/** Largest jitter of a heartbeat: 4 % of the period, µs. */
export const HEARTBEAT_JITTER_US = 400_000;
const STATUS_REPORT_US = 300_000_000;
const DRAW_JITTER = 0x1ea5_e0;
const DRAW_REPORT = 0x4e90_47;
const TIMEOUT: RequestOptions = Object.freeze({ timeoutUs: HEARTBEAT_US });
/** Updates of a lease, or of a node's status, that are tried at once one after the other. */
const TRIES_MAX = 5;
/** Back-off of a lease that cannot be read, µs. */
const READ_BACKOFF_US = 200_000;
const READ_BACKOFF_US_MAX = 7_000_000;
const TAG_LEASE = 0;
const TAG_GET_LEASE = 1;
const TAG_STATUS = 2;
const TAG_GET_NODE = 3;

/** The instant on the grid at which a node that was due at `dueUs` is due next. */
function nextDueUs(state: FleetState, node: number, dueUs: number): number {
  const { sim, nodes } = state;
  const hash = sim.processes.nameHash[nodes.pid[node] as number] as number;
  const jitter =
    scaleDraw(drawUint32(sim.seed, hash, (dueUs / GRID_US) ^ DRAW_JITTER), HEARTBEAT_JITTER_US / GRID_US + 1) * GRID_US;
  return dueUs + HEARTBEAT_US + jitter;
}

export class Heartbeats implements RequestListener {
  readonly #state: FleetState;
  readonly #dueUs: Float64Array;
  readonly #tick: Float64Array;
  /** When an unchanged status is to be written again, µs of the node's clock. */
  readonly #reportDueUs: Float64Array;
  /** true where the Node seen last may be old: the kubelet was cut off when something changed. */
  readonly stale: Uint8Array;
  /** The Node last found to be as the kubelet would write it: looked at once. */
  readonly #looked: (Node | null)[] = [];
  /** The client's connection as seen last: it is still that one while its end is open. */
  readonly #conn: Int32Array;
  /** Wall time of the tick whose renewal is under way, µs. */
  readonly #renewWallUs: Float64Array;
  /** The lease was renewed by the cohort since this kubelet saw it last. */
  readonly #leaseOld: Uint8Array;
  /** Failed tries of the renewal, and of the status report, under way. */
  readonly #leaseTries: Uint8Array;
  readonly #statusTries: Uint8Array;
  /** Back-off before the lease is read again, µs. */
  readonly #readBackOffUs: Float64Array;
  readonly #leaseMissing: (node: number) => void;
  cohort: LeaseCohort | null = null;

  constructor(state: FleetState, leaseMissing: (node: number) => void) {
    this.#state = state;
    this.#dueUs = new Float64Array(state.nodes.count).fill(-1);
    this.#tick = new Float64Array(state.nodes.count).fill(-1);
    this.#reportDueUs = new Float64Array(state.nodes.count);
    this.stale = new Uint8Array(state.nodes.count);
    this.#renewWallUs = new Float64Array(state.nodes.count).fill(-1);
    this.#leaseOld = new Uint8Array(state.nodes.count);
    this.#conn = new Int32Array(state.nodes.count).fill(-1);
    this.#leaseTries = new Uint8Array(state.nodes.count);
    this.#statusTries = new Uint8Array(state.nodes.count);
    this.#readBackOffUs = new Float64Array(state.nodes.count);
    this.#leaseMissing = leaseMissing;
  }

  /** When the node is due next, µs true time. */
  dueUs(node: number): number {
    return this.#dueUs[node] as number;
  }

  /** The kubelet is up: heartbeats begin at a drawn point of the period. */
  begin(node: number): void {
    const { sim, nodes } = this.#state;
    const hash = sim.processes.nameHash[nodes.pid[node] as number] as number;
    const offset = scaleDraw(drawUint32(sim.seed, hash, DRAW_JITTER), HEARTBEAT_US / GRID_US);
    this.#dueUs[node] = (Math.floor(sim.now / GRID_US) + 1 + offset) * GRID_US;
    nodes.leaseWriting[node] = 0;
    nodes.statusWriting[node] = 0;
    this.#tick[node] = -1;
    this.#leaseOld[node] = 0;
    this.#beginRenewal(node);
    this.#statusTries[node] = 0;
    this.#renewWallUs[node] = -1;
    this.#reported(node, true);
    this.#schedule(node);
  }

  /** The kubelet stopped: its timers are gone by themselves. */
  end(node: number): void {
    this.#dueUs[node] = -1;
    this.cohort?.leave(node);
  }

  /** The cohort's event reached a node that is due; the answer is the server with whose batch its renewal goes, −1 for none. */
  dueInCohort(node: number): Pid {
    const server = this.#state.nodes.leaseWriting[node] === 0 ? this.#ordinaryServer(node) : -1;
    if (server >= 0) {
      this.#leaseOld[node] = 1;
      const due = nextDueUs(this.#state, node, this.#dueUs[node] as number);
      this.#dueUs[node] = due;
      this.cohort?.enter(node, due);
      if (this.#statusDue(node)) this.writeStatus(node);
      return server;
    }
    this.#state.contextOf(node).mark(MARK_LEFT_COHORT);
    this.#tick[node] = this.#state.contextOf(node).setTimer(0, OP_NODE_TICK);
    return -1;
  }

  /** A kubelet's own tick. */
  tick(node: number): void {
    const { nodes } = this.#state;
    this.#tick[node] = -1;
    this.#state.clientOf(node).transport.sweep();
    const due = this.#dueUs[node] as number;
    const { now } = this.#state.sim;
    // A paused kubelet missed some: it goes on from the next instant of the grid.
    const from = due + HEARTBEAT_US < now ? Math.floor(now / GRID_US) * GRID_US : due;
    this.#dueUs[node] = nextDueUs(this.#state, node, from);
    this.#schedule(node);
    if (nodes.state[node] !== NODE_UP) return;
    this.#statusTries[node] = 0;
    if (nodes.leaseWriting[node] === 0) {
      this.#beginRenewal(node);
      this.#renewWallUs[node] = this.#state.contextOf(node).wallUs();
      if (this.#leaseOld[node] === 1) this.readLease(node);
      else this.renew(node);
    }
    if (this.stale[node] === 1) this.#readNode(node);
    else if (this.#statusDue(node)) this.writeStatus(node);
  }

  /** Sends the node's own lease update. */
  renew(node: number): void {
    const { nodes, objects } = this.#state;
    const client = this.#state.clientOf(node);
    const name = nodes.nameOf(node);
    const wallUs =
      (this.#renewWallUs[node] as number) >= 0
        ? (this.#renewWallUs[node] as number)
        : this.#state.contextOf(node).wallUs();
    this.#renewWallUs[node] = -1;
    const lease = objects.lease(name, wallUs, null, nodes.lease[node] as Lease);
    nodes.leaseWriting[node] = 1;
    client.send(
      client.writeRequest(VERB.update, LEASES, LEASE_NAMESPACE, name, '', lease, TIMEOUT),
      node * 4 + TAG_LEASE,
      this,
    );
  }

  /** The batch did not renew this node's lease: it looks for itself. */
  renewalFailed(node: number): void {
    this.#state.nodes.leaseWriting[node] = 0;
    this.#beginRenewal(node);
    if (this.#state.sim.isRunning(this.#state.nodes.pid[node] as number)) this.readLease(node);
  }

  /** Writes the node status now; `isFirst`: since the kubelet has started. */
  writeStatus(node: number, isFirst = false): void {
    const { nodes, objects } = this.#state;
    const description = nodes.description[node] as (typeof nodes.description)[number];
    if (nodes.statusWriting[node] === 1 || nodes.object[node] === null) return;
    const ctx = this.#state.contextOf(node);
    const old = (nodes.object[node] as Node).status;
    const unhealthy = this.#state.stalls.isUnhealthy(node, ctx.now());
    const address = nodes.addressText[node] as string;
    const patch = { status: objects.status(description, address, ctx.wallUs(), old, unhealthy) };
    const client = this.#state.clientOf(node);
    nodes.statusWriting[node] = 1;
    nodes.statusSentUs[node] = ctx.now();
    this.#reported(node, isFirst || objects.statusDiffers(old, unhealthy));
    const request = client.patchRequest(NODES, '', description.name, 'status', patch, 'strategic', TIMEOUT);
    client.send(request, node * 4 + TAG_STATUS, this);
  }

  onResponse(tag: number, response: ApiResponse | null, error: StatusError | null): void {
    const node = Math.floor(tag / 4);
    const what = tag % 4;
    const { nodes } = this.#state;
    if (what === TAG_STATUS || what === TAG_GET_NODE) {
      nodes.statusWriting[node] = 0;
      if (error !== null) {
        this.stale[node] = 1;
        // What has not arrived is still due.
        this.#reportDueUs[node] = 0;
        const tries = (this.#statusTries[node] as number) + 1;
        this.#statusTries[node] = tries;
        if (tries < TRIES_MAX) this.#readNode(node);
        return;
      }
      nodes.object[node] = (response as ApiResponse).object as Node;
      if (what === TAG_GET_NODE) {
        this.stale[node] = 0;
        if (this.#statusDue(node)) this.writeStatus(node);
      }
      return;
    }
    nodes.leaseWriting[node] = 0;
    if (error === null) {
      nodes.lease[node] = (response as ApiResponse).object as Lease;
      this.#leaseOld[node] = 0;
      if (what === TAG_GET_LEASE) this.renew(node);
      return;
    }
    if (response !== null && error.isNotFound) this.#leaseMissing(node);
    else if (what === TAG_GET_LEASE) this.#readLater(node);
    else this.#updateFailed(node, error.code === 409);
  }

  #beginRenewal(node: number): void {
    this.#leaseTries[node] = 0;
    this.#readBackOffUs[node] = 0;
  }

  /** An update of the lease has failed: it is tried again at once, then read first, then left to the next tick. */
  #updateFailed(node: number, isConflict: boolean): void {
    const tries = (this.#leaseTries[node] as number) + 1;
    this.#leaseTries[node] = tries;
    if (isConflict) this.#state.contextOf(node).mark(MARK_LEASE_CONFLICT);
    if (tries >= 2 * TRIES_MAX) return;
    if (isConflict || tries === TRIES_MAX) this.readLease(node);
    else this.renew(node);
  }

  #readLater(node: number): void {
    const us = Math.min(Math.max(READ_BACKOFF_US, (this.#readBackOffUs[node] as number) * 2), READ_BACKOFF_US_MAX);
    this.#readBackOffUs[node] = us;
    this.#state.nodes.leaseWriting[node] = 1;
    this.#state.contextOf(node).setTimer(us, OP_LEASE_RETRY);
  }

  /** The next report is due: once within half a period of it after a change, so that nodes do not report together (calculateDelay). */
  #reported(node: number, hasChanged: boolean): void {
    const { sim, nodes } = this.#state;
    const pid = nodes.pid[node] as number;
    const hash = sim.processes.nameHash[pid] as number;
    const draw = drawUint32(sim.seed, hash, Math.floor(sim.now / GRID_US) ^ DRAW_REPORT);
    const delayUs = hasChanged ? STATUS_REPORT_US / 2 + scaleDraw(draw, STATUS_REPORT_US) : STATUS_REPORT_US;
    this.#reportDueUs[node] = sim.clocks.monotonic(pid) + delayUs;
  }

  /** Reads the lease, and goes on with its renewal. */
  readLease(node: number): void {
    const { nodes } = this.#state;
    const client = this.#state.clientOf(node);
    nodes.leaseWriting[node] = 1;
    const request = client.request(VERB.get, LEASES, LEASE_NAMESPACE, nodes.nameOf(node), TIMEOUT);
    client.send(request, node * 4 + TAG_GET_LEASE, this);
  }

  #readNode(node: number): void {
    const { nodes } = this.#state;
    const client = this.#state.clientOf(node);
    if (nodes.statusWriting[node] === 1) return;
    nodes.statusWriting[node] = 1;
    client.send(client.request(VERB.get, NODES, '', nodes.nameOf(node), TIMEOUT), node * 4 + TAG_GET_NODE, this);
  }

  #schedule(node: number): void {
    const due = this.#dueUs[node] as number;
    if (this.cohort !== null && this.#ordinaryServer(node) >= 0) {
      this.cohort.enter(node, due);
      return;
    }
    this.#tick[node] = this.#state.contextOf(node).setTimer(due - this.#state.sim.now, OP_NODE_TICK);
  }

  /** The server of a node that is like all others: running, in time, connected, not cut off; −1 for one that is not. */
  #ordinaryServer(node: number): Pid {
    const { sim, nodes } = this.#state;
    if (nodes.state[node] !== NODE_UP || this.stale[node] === 1) return -1;
    const pid = nodes.pid[node] as number;
    const { processes, clocks } = sim;
    if (!clocks.allTrue && (processes.clockRate[pid] !== 1 || processes.wallOffset[pid] !== 0)) return -1;
    return this.#reachableServer(node);
  }

  /** Whether the kubelet runs and its connection's links are in their default state. */
  reachable(node: number): boolean {
    return this.#reachableServer(node) >= 0;
  }

  #reachableServer(node: number): Pid {
    const { sim, nodes } = this.#state;
    const pid = nodes.pid[node] as number;
    const { processes, network } = sim;
    if (processes.state[pid] !== PROCESS_RUNNING) return -1;
    let conn = this.#conn[node] as Conn;
    if (conn < 0 || !network.connections.isOpen(conn, 0)) {
      conn = (nodes.client[node] as ConnectionClient | null)?.transport.conn ?? -1;
      this.#conn[node] = conn;
      if (conn < 0) return -1;
    }
    const server = network.connections.pid(conn, 1);
    return network.links.find(pid, server) === null && network.links.find(server, pid) === null ? server : -1;
  }

  /** Whether the kubelet would write its status now: it changed, or its next report is due. */
  #statusDue(node: number): boolean {
    const { nodes, objects, recorded } = this.#state;
    const object = nodes.object[node] as Node | null;
    if (object === null || nodes.statusWriting[node] === 1) return false;
    const unhealthy = this.#state.stalls.isUnhealthy(node, this.#state.sim.now);
    if (unhealthy || this.#looked[node] !== object) {
      if (objects.statusDiffers(object.status, unhealthy)) return true;
      this.#looked[node] = unhealthy ? null : object;
    }
    if (recorded) return false;
    return this.#state.sim.clocks.monotonic(nodes.pid[node] as number) >= (this.#reportDueUs[node] as number);
  }
}

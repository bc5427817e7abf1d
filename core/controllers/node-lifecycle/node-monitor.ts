/**
 * The node monitor: every period it finds nodes that gave no sign of life for the grace, says so in their status, marks their pods not
 * ready, and hands the nodes to their zone's taint queue.
 *
 * A tick reads one flag and one time of each node; only flagged nodes (new, changed, lease written, not ready) and those whose
 * grace ran out cost more. Writes go out from eight workers. Source: Kubernetes 1.34 pkg/controller/nodelifecycle
 * monitorNodeHealth, tryUpdateNodeHealth, processTaintBaseEviction.
 */
import type { Client } from '../../client/client.ts';
import type { EventRecorder } from '../../client/event-recorder.ts';
import type { Informer } from '../../client/informer.ts';
import type { InformerIndex } from '../../client/informer-index.ts';
import { runParallel } from '../../client/slow-start.ts';
import type { Context } from '../../sim/context.ts';
import { defineBug, defineMark } from '../../sim/registry.ts';
import type { Wait } from '../../sim/task.ts';
import type { Lease } from '../../types/lease.ts';
import type { Node } from '../../types/node.ts';
import type { Condition } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { findCondition } from '../../types/pod-conditions.ts';
import { NODES } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import { formatTime } from '../../types/time.ts';
import {
  ATTENTION,
  FAILED,
  KNOWN,
  LEASE_WRITTEN,
  type NodeHealth,
  PODS_PENDING,
  PRESENT,
  QUIET,
  READY_FALSE,
  READY_NONE,
  READY_TRUE,
  readyStateOf,
  unknownConditions,
} from './node-health.ts';
import { hasTaint, NOT_READY_TAINT, removeTaints, swapTaints, UNREACHABLE_TAINT } from './node-taints.ts';
import { markPodsNotReady } from './pods-not-ready.ts';
import { type EvictionRates, ZoneStates } from './zone-states.ts';
import type { ZoneTainter, ZoneTainters } from './zone-tainters.ts';

const BUG_IGNORES_ZONE_STATE = defineBug(
  'node-lifecycle-ignores-zone-state',
  'nodes are given up at the normal rate even if most of their zone, or every zone, is away',
);
const BUG_KEEPS_TAINT = defineBug('node-lifecycle-keeps-taint', 'a node that comes back keeps its taint unreachable');
const BUG_NO_GRACE = defineBug(
  'node-lifecycle-no-grace',
  'the node monitor gives a node up without waiting for the grace period',
);
const MARK_ALL_DISRUPTED = defineMark('node-all-zones-disrupted', 'all zones were fully disrupted, evictions stopped');
const MARK_RESUMED = defineMark('node-zones-resumed', 'evictions resumed after all zones had been disrupted');
const MARK_UPDATE_RETRY = defineMark('node-status-update-retry', 'writing the Unknown conditions needed another try');
const MARK_NEVER_UPDATED = defineMark('node-never-updated', 'a node was given up that never posted a status');

const WORKERS = 8;
const UPDATE_TRIES = 5;
const UPDATE_RETRY_US = 20_000;

/** Settings of the monitor; times in µs. */
export interface MonitorSettings extends EvictionRates {
  /** --node-monitor-grace-period, default 50 s (since 1.32). */
  readonly graceUs: number;
  /** --node-startup-grace-period, default 60 s. */
  readonly startupGraceUs: number;
}

/** What the monitor reads and uses. */
export interface MonitorParts {
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly nodes: Informer<Node>;
  readonly pods: Informer<Pod>;
  readonly podsByNode: InformerIndex<Pod>;
  /** The node's lease as the informer has it. */
  readonly leaseOf: (nodeId: number) => Lease | undefined;
  readonly health: NodeHealth;
  readonly tainters: ZoneTainters;
  readonly settings: MonitorSettings;
}

export class NodeMonitor {
  readonly #ctx: Context;
  readonly #parts: MonitorParts;
  readonly #states = new ZoneStates();
  /** The nodes as they were when the tick began: what decides at its end whether a taint has to be removed. */
  readonly #looked: number[] = [];
  readonly #snapshot: Node[] = [];
  /** Places in the lists above of nodes that are new. */
  readonly #added: number[] = [];

  constructor(parts: MonitorParts) {
    this.#ctx = parts.client.ctx;
    this.#parts = parts;
  }

  /** One tick. */
  *tick(): Generator<Wait, void, unknown> {
    this.#select();
    const looked = this.#looked;
    // A node seen for the first time loses its NoExecute taints until this look decides again (after a fail-over too).
    for (const i of this.#added) yield* this.#reachable(looked[i] as number, this.#snapshot[i] as Node);
    const workers = Math.min(WORKERS, looked.length);
    yield* runParallel(this.#ctx, 0, workers, (worker) => this.#work(worker, workers));
    yield* this.#handleDisruption();
  }

  /** Picks the nodes to look at; reports nodes that came or went. */
  #select(): void {
    const { health, nodes, recorder, settings } = this.#parts;
    const { flags, probeUs } = health;
    const nowUs = this.#ctx.now();
    const staleUs = nowUs - this.#graceUs(settings.graceUs);
    // Emptied one by one, the lists keep their room: most looks are at the same few nodes.
    while (this.#looked.length > 0) this.#looked.pop();
    while (this.#snapshot.length > 0) this.#snapshot.pop();
    while (this.#added.length > 0) this.#added.pop();
    const { count } = health;
    for (let id = 0; id < count; id++) {
      let flag = flags[id] as number;
      if (flag === (QUIET | LEASE_WRITTEN)) {
        health.renew(id, this.#parts.leaseOf(id), nowUs);
        flag = QUIET;
        flags[id] = flag;
      }
      if (flag === QUIET && (probeUs[id] as number) > staleUs) continue;
      if ((flag & PRESENT) === 0) {
        if ((flag & KNOWN) !== 0) this.#forget(id);
        continue;
      }
      const node = nodes.get(id) as Node;
      if ((flag & KNOWN) === 0) {
        flags[id] = flag | KNOWN;
        this.#added.push(this.#looked.length);
        const { name } = node.metadata;
        recorder.event(node, 'Normal', 'RegisteredNode', `Node ${name} event: Registered Node ${name} in Controller`);
      }
      this.#looked.push(id);
      this.#snapshot.push(node);
    }
  }

  #graceUs(graceUs: number): number {
    // Not 0: a node that is seen to live at this very look is alive even with the bug.
    return this.#ctx.bug(BUG_NO_GRACE) ? 1 : graceUs;
  }

  #forget(id: number): void {
    const { health, nodes, recorder, tainters } = this.#parts;
    health.flags[id] = (health.flags[id] as number) & ~KNOWN;
    tainters.zones[health.zone[id] as number]?.putFirst(id);
    const name = nodes.keys.nameOf(id);
    const involved = { apiVersion: 'v1', kind: 'Node', metadata: { name } };
    recorder.event(involved, 'Normal', 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`);
  }

  *#work(worker: number, workers: number): Generator<Wait, void, unknown> {
    for (let i = worker; i < this.#looked.length; i += workers) {
      yield* this.#look(this.#looked[i] as number, this.#snapshot[i] as Node);
    }
  }

  /** The whole look at one node. */
  *#look(id: number, listed: Node): Generator<Wait, void, unknown> {
    const { health } = this.#parts;
    const { flags } = health;
    const observed = findCondition(listed.status?.conditions, 'Ready');
    flags[id] = (flags[id] as number) & ~(LEASE_WRITTEN | ATTENTION | FAILED);
    let current: Condition | undefined;
    try {
      current = yield* this.#updateWithRetries(id, listed);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      flags[id] = (flags[id] as number) | ATTENTION | FAILED;
      return;
    }
    health.ready[id] = readyStateOf(current);
    if (current === undefined) {
      flags[id] = (flags[id] as number) | ATTENTION;
      return;
    }
    yield* this.#taint(id, listed, current);
    if (current.status !== 'True') {
      const left = (observed === undefined ? 'Unknown' : observed.status) === 'True';
      yield* this.#leftReady(id, listed, left);
      flags[id] = (flags[id] as number) | ATTENTION;
    } else flags[id] = (flags[id] as number) & ~PODS_PENDING;
    if (hasTaint(listed, NOT_READY_TAINT) || hasTaint(listed, UNREACHABLE_TAINT)) {
      flags[id] = (flags[id] as number) | ATTENTION;
    }
  }

  *#updateWithRetries(id: number, listed: Node): Generator<Wait, Condition | undefined, unknown> {
    let node = listed;
    for (let tries = 1; ; tries++) {
      try {
        return yield* this.#update(id, node);
      } catch (error) {
        if (!(error instanceof StatusError) || tries === UPDATE_TRIES) throw error;
      }
      this.#ctx.mark(MARK_UPDATE_RETRY);
      node = yield* this.#parts.client.get<Node>(NODES, '', node.metadata.name);
      yield* this.#ctx.sleep(UPDATE_RETRY_US);
    }
  }

  /** Notes signs of life; writes Unknown conditions when the grace is over. The answer is the Ready condition as it is now. */
  *#update(id: number, node: Node): Generator<Wait, Condition | undefined, unknown> {
    const { health, settings, client } = this.#parts;
    const ready = findCondition(node.status?.conditions, 'Ready');
    const lease = this.#parts.leaseOf(id);
    const wallUs = this.#ctx.wallUs();
    health.observe(id, node, lease, this.#ctx.now(), wallUs);
    const graceUs = this.#graceUs(ready === undefined ? settings.startupGraceUs : settings.graceUs);
    // Real ticks take time, so that ten of them are more than 50 s; here they may be 50 s, and the grace is over then, too.
    if (this.#ctx.now() < (health.probeUs[id] as number) + graceUs) return ready;
    const conditions = unknownConditions(node, formatTime(wallUs));
    const next = findCondition(conditions, 'Ready') as Condition;
    if (next === ready) return ready;
    if (ready === undefined) this.#ctx.mark(MARK_NEVER_UPDATED);
    yield* client.updateStatus(NODES, { ...node, status: { ...node.status, conditions } });
    health.wrote(id, next, lease);
    return next;
  }

  /** NoExecute taints: swapped at once between the two kinds, else by way of the zone's queue; removed when ready. */
  *#taint(id: number, node: Node, ready: Condition): Generator<Wait, void, unknown> {
    if (ready.status === 'True') {
      yield* this.#reachable(id, node);
      return;
    }
    const unreachable = ready.status === 'Unknown';
    const taint = unreachable ? UNREACHABLE_TAINT : NOT_READY_TAINT;
    const opposite = unreachable ? NOT_READY_TAINT : UNREACHABLE_TAINT;
    if (hasTaint(node, opposite)) {
      yield* ignoreErrors(swapTaints(this.#parts.client, node, [taint], [opposite]));
      return;
    }
    const { tainters, health } = this.#parts;
    const zone = tainters.zones[health.zone[id] as number] as ZoneTainter;
    if (!hasTaint(node, taint)) zone.forget(id);
    if (zone.add(id, this.#ctx.now())) tainters.wake();
  }

  *#reachable(id: number, node: Node): Generator<Wait, void, unknown> {
    const { client, tainters, health } = this.#parts;
    try {
      if (!this.#ctx.bug(BUG_KEEPS_TAINT)) yield* removeTaints(client, node, [UNREACHABLE_TAINT]);
      yield* removeTaints(client, node, [NOT_READY_TAINT]);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return;
    }
    tainters.zones[health.zone[id] as number]?.remove(id);
  }

  /** A node is not ready: its pods are marked, once when it left Ready and again while that failed. */
  *#leftReady(id: number, node: Node, left: boolean): Generator<Wait, void, unknown> {
    const { health, recorder, client, pods, podsByNode } = this.#parts;
    const { flags } = health;
    const { name } = node.metadata;
    if (left) recorder.event(node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
    else if (((flags[id] as number) & PODS_PENDING) === 0) return;
    const list = podsByNode.ids(id).map((pod) => pods.get(pod) as Pod);
    flags[id] = (flags[id] as number) & ~PODS_PENDING;
    if (!(yield* markPodsNotReady(client, recorder, list, name))) {
      flags[id] = (flags[id] as number) | PODS_PENDING;
    }
  }

  *#handleDisruption(): Generator<Wait, void, unknown> {
    const { health, tainters, settings } = this.#parts;
    const { zones } = tainters;
    const nodes = new Int32Array(zones.length);
    const ready = new Int32Array(zones.length);
    countZones(health, nodes, ready);
    const nowUs = this.#ctx.now();
    const ignores = this.#ctx.bug(BUG_IGNORES_ZONE_STATE);
    const change = this.#states.update(nodes, ready, settings, (zone, qps) => {
      (zones[zone] as ZoneTainter).swapRate(ignores ? settings.normalQps : qps, nowUs);
    });
    if (change === 'resume-all') {
      this.#ctx.mark(MARK_RESUMED);
      health.probeUs.fill(nowUs, 0, health.count);
    }
    if (change === 'stop-all' && !ignores) yield* this.#stopAll();
    tainters.wake();
  }

  /** All zones are fully disrupted: taints go (as the nodes were at the start of the tick), queues stop. */
  *#stopAll(): Generator<Wait, void, unknown> {
    this.#ctx.mark(MARK_ALL_DISRUPTED);
    for (let i = 0; i < this.#looked.length; i++) {
      yield* this.#reachable(this.#looked[i] as number, this.#snapshot[i] as Node);
    }
    for (const zone of this.#parts.tainters.zones) zone.swapRate(0, this.#ctx.now());
  }
}

/** Counts nodes and ready nodes by zone. A plain loop over locals: it runs over all nodes at each tick. */
function countZones(health: NodeHealth, nodes: Int32Array, ready: Int32Array): void {
  const { flags, countedZone, count } = health;
  const states = health.ready;
  for (let id = 0; id < count; id++) {
    const zone = countedZone[id] as number;
    if (((flags[id] as number) & (PRESENT | KNOWN | FAILED)) !== (PRESENT | KNOWN) || zone < 0) continue;
    nodes[zone] = (nodes[zone] as number) + 1;
    if (states[id] === READY_TRUE) ready[zone] = (ready[zone] as number) + 1;
  }
}

/** Whether a READY_ state is one that pods of the node must be marked for. */
export function isUnready(state: number): boolean {
  return state !== READY_NONE && state >= READY_FALSE;
}

function* ignoreErrors(body: Generator<Wait, void, unknown>): Generator<Wait, void, unknown> {
  try {
    yield* body;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
  }
}

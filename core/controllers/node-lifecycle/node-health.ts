/**
 * What the node monitor knows about each node, in columns by the node's local id.
 *
 * A node is alive as long as its lease or the heartbeat of its Ready condition *changes*; the time of the change is the controller's own
 * (monotonic), so clocks of nodes do not count and a new leader starts all of them anew. Handlers only set flags; the
 * monitor's tick looks at flagged nodes and at those whose grace has run out. Source: Kubernetes 1.34
 * pkg/controller/nodelifecycle tryUpdateNodeHealth.
 */
import { growFloat64, growInt32, growUint8 } from '../../base/grow.ts';
import type { Lease } from '../../types/lease.ts';
import type { Node } from '../../types/node.ts';
import type { Condition } from '../../types/object.ts';
import { findCondition } from '../../types/pod-conditions.ts';
import { parseTime } from '../../types/time.ts';

/** The Node object exists. */
export const PRESENT = 1;
/** A tick has seen it (RegisteredNode was reported). */
export const KNOWN = 2;
/** Its lease was written since the last tick. */
export const LEASE_WRITTEN = 4;
/** The next tick must look at the whole node. */
export const ATTENTION = 8;
/** There is a health record. */
const RECORDED = 16;
/** Its pods still have to be marked not ready. */
export const PODS_PENDING = 32;
/** The last look at it failed: left out of its zone's count. */
export const FAILED = 64;
/** What an undisturbed healthy node has. */
export const QUIET = PRESENT | KNOWN | RECORDED;

/** Status of the Ready condition as the monitor left it. */
export const READY_NONE = 0;
export const READY_TRUE = 1;
export const READY_FALSE = 2;
const READY_UNKNOWN = 3;

export class NodeHealth {
  /** Ids below this may be in use. */
  count = 0;
  flags = new Uint8Array(8);
  /** READY_ state. */
  ready = new Uint8Array(8);
  /** When a sign of life was last noticed, µs of the controller's monotonic clock. */
  probeUs = new Float64Array(8);
  /** Index of the zone, and the same for counting: −1 = not counted. */
  zone = new Int32Array(8);
  countedZone = new Int32Array(8);
  readonly #savedReady: (Condition | undefined)[] = [];
  /** renewTime of the lease that last counted, '' for none. */
  readonly #savedRenewTime: string[] = [];

  /** Makes room for `id`. */
  reserve(id: number): void {
    if (id < this.count) return;
    this.count = id + 1;
    while (this.#savedReady.length < this.count) {
      this.#savedReady.push(undefined);
      this.#savedRenewTime.push('');
    }
    if (id < this.flags.length) return;
    const length = 2 * (id + 1);
    this.flags = growUint8(this.flags, length);
    this.ready = growUint8(this.ready, length);
    this.probeUs = growFloat64(this.probeUs, length);
    this.zone = growInt32(this.zone, length);
    this.countedZone = growInt32(this.countedZone, length);
  }

  /** Takes note of a lease that was written; true when it counts as a sign of life. */
  renew(id: number, lease: Lease | undefined, nowUs: number): boolean {
    const renewTime = lease?.spec?.renewTime;
    if (renewTime === undefined) return false;
    const saved = this.#savedRenewTime[id] as string;
    // MicroTime strings have one length, so their order is that of the times.
    if (saved !== '' && !(saved < renewTime)) return false;
    this.#savedRenewTime[id] = renewTime;
    this.probeUs[id] = nowUs;
    return true;
  }

  /** Takes note of the node's Ready condition and lease at `nowUs`; `wallUs` is the same instant on the wall clock. */
  observe(id: number, node: Node, lease: Lease | undefined, nowUs: number, wallUs: number): void {
    const current = findCondition(node.status?.conditions, 'Ready');
    const flags = this.flags[id] as number;
    const saved = this.#savedReady[id];
    this.#savedReady[id] = current;
    if ((flags & RECORDED) === 0) {
      const age = current === undefined ? wallUs - parseTime(node.metadata.creationTimestamp ?? '') : 0;
      this.probeUs[id] = nowUs - (Number.isNaN(age) ? 0 : age);
      this.flags[id] = flags | RECORDED;
      this.renew(id, lease, nowUs);
      return;
    }
    const same = saved === undefined ? current === undefined : saved.lastHeartbeatTime === current?.lastHeartbeatTime;
    if (!same) this.probeUs[id] = nowUs;
    if (this.renew(id, lease, nowUs) || same) return;
    // The real record is made anew without the lease here, so the lease counts once more at the next tick.
    this.#savedRenewTime[id] = '';
    this.flags[id] = flags | LEASE_WRITTEN;
  }

  /** Notes what the monitor has just written (conditions Unknown) and the lease it saw then. */
  wrote(id: number, ready: Condition | undefined, lease: Lease | undefined): void {
    this.#savedReady[id] = ready;
    this.#savedRenewTime[id] = lease?.spec?.renewTime ?? '';
  }
}

/** READY_ state of a condition. */
export function readyStateOf(ready: Condition | undefined): number {
  if (ready === undefined) return READY_NONE;
  if (ready.status === 'True') return READY_TRUE;
  return ready.status === 'False' ? READY_FALSE : READY_UNKNOWN;
}

const HEARTBEAT_CONDITIONS = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** The conditions of a node whose grace has run out: Unknown with the real reasons; `time` is a metav1.Time. */
export function unknownConditions(node: Node, time: string): readonly Condition[] {
  const conditions = [...(node.status?.conditions ?? [])];
  for (const type of HEARTBEAT_CONDITIONS) {
    const at = conditions.findIndex((condition) => condition.type === type);
    const old = conditions[at];
    if (old === undefined) {
      conditions.push({
        type,
        status: 'Unknown',
        lastHeartbeatTime: node.metadata.creationTimestamp,
        lastTransitionTime: time,
        reason: 'NodeStatusNeverUpdated',
        message: 'Kubelet never posted node status.',
      });
    } else if (old.status !== 'Unknown') {
      conditions[at] = {
        type,
        status: 'Unknown',
        lastHeartbeatTime: old.lastHeartbeatTime,
        lastTransitionTime: time,
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
      };
    }
  }
  return conditions;
}

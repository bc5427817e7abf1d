/**
 * Renews the node leases of a test cluster every 10 s, except those of nodes that a test has silenced; a silenced node that comes back
 * posts its status again, as a kubelet does.
 */
import { Client } from '../../core/client/client.ts';
import { Dispatcher } from '../../core/client/dispatcher.ts';
import type { Context } from '../../core/sim/context.ts';
import type { Behaviour, Conn, Payload, Pid } from '../../core/sim/process.ts';
import type { Wait } from '../../core/sim/task.ts';
import type { Lease } from '../../core/types/lease.ts';
import type { NameTable } from '../../core/types/names.ts';
import type { Node } from '../../core/types/node.ts';
import { LEASES, NODES } from '../../core/types/resource-type.ts';
import { StatusError } from '../../core/types/status-error.ts';
import { formatMicroTime, formatTime } from '../../core/types/time.ts';

const PERIOD_US = 10_000_000;

export class LeaseKeeper implements Behaviour {
  readonly ctx: Context;
  readonly library: Dispatcher;
  readonly client: Client;
  readonly #nodes: readonly string[];
  readonly #silent = new Set<string>();

  constructor(ctx: Context, server: Pid, names: NameTable, nodes: readonly string[]) {
    this.ctx = ctx;
    this.library = new Dispatcher(ctx);
    this.client = new Client(this.library, { servers: [server], user: 'leases', qps: 0, burst: 1, names });
    this.#nodes = nodes;
  }

  start(): void {
    this.library.during(() => {
      this.ctx.startTask('leases', '', this.#loop());
    });
  }

  receive(op: number, from: Pid, a: number, b: number, payload: Payload | null, conn: Conn): void {
    this.library.receive(op, from, a, b, payload, conn);
  }

  silence(name: string): void {
    this.#silent.add(name);
  }

  /** The node speaks again, at once. */
  revive(name: string): void {
    this.#silent.delete(name);
    this.library.during(() => {
      this.ctx.startTask('revive', name, this.#revive(name));
    });
  }

  *#loop(): Generator<Wait, void, unknown> {
    for (;;) {
      for (const name of this.#nodes) if (!this.#silent.has(name)) yield* this.#renew(name);
      yield* this.ctx.sleep(PERIOD_US);
    }
  }

  *#revive(name: string): Generator<Wait, void, unknown> {
    yield* this.#renew(name);
    const node = yield* this.client.get<Node>(NODES, '', name);
    const now = formatTime(this.ctx.wallUs());
    const ready = {
      type: 'Ready',
      status: 'True',
      reason: 'KubeletReady',
      lastHeartbeatTime: now,
      lastTransitionTime: now,
    };
    const status = { ...node.status, conditions: [ready] };
    yield* this.client.updateStatus(NODES, { ...node, status } as Node);
  }

  *#renew(name: string): Generator<Wait, void, unknown> {
    const renewTime = formatMicroTime(this.ctx.wallUs());
    const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime };
    const metadata = { name, namespace: 'kube-node-lease' };
    try {
      yield* this.client.patch(LEASES, 'kube-node-lease', name, { spec }, 'merge');
    } catch (error) {
      if (!(error instanceof StatusError) || !error.isNotFound) throw error;
      const lease: Lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
      yield* this.client.create(LEASES, lease);
    }
  }
}

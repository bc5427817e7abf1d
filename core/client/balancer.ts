/**
 * Which API server a new connection goes to.
 *
 * Stands for the L4 balancer in front of the API servers: it chooses once per connection and never moves an open one. Servers
 * that lately refused or dropped a connection are left out until their next probe is due; the first connection after that
 * is the probe. Choices are stateless (name of the process, ordinal of its connection), so one process's
 * reconnects never change another's. Source: reference architecture of Kubernetes HA (L4, long HTTP/2 connections).
 */
import { assert } from '../base/assert.ts';
import { scaleDraw } from '../base/random.ts';
import type { Context } from '../sim/context.ts';
import type { Pid } from '../sim/process.ts';

/** Most API servers behind one balancer: suspects are kept as bits of one integer. */
const SERVERS_MAX = 30;

/** The policy; holds no state about servers or clients, so that all of a cluster may share one. */
export interface Balancer {
  readonly servers: readonly Pid[];
  /** How long a server that failed is left out, µs. */
  readonly probePeriodUs: number;
  /** Index into `servers` for the `ordinal`-th connection of a process; bit i of `suspects` = server i failed lately. */
  pick(ctx: Context, ordinal: number, suspects: number): number;
}

/** How an {@link L4Balancer} chooses: by a draw, in turn (offset by a draw), or the first that is alive (a local server). */
export type BalancerPolicy = 'draw' | 'round-robin' | 'first';

export class L4Balancer implements Balancer {
  readonly servers: readonly Pid[];
  readonly policy: BalancerPolicy;
  readonly probePeriodUs: number;

  /** `servers` in the balancer's order; `probePeriodUs` defaults to 5 s (uncalibrated: kube-apiserver probes by a balancer). */
  constructor(servers: readonly Pid[], policy: BalancerPolicy = 'draw', probePeriodUs = 5_000_000) {
    assert(
      servers.length > 0 && servers.length <= SERVERS_MAX,
      `balancer: 1 to ${SERVERS_MAX} servers, got ${servers.length}`,
    );
    this.servers = servers;
    this.policy = policy;
    this.probePeriodUs = probePeriodUs;
  }

  pick(ctx: Context, ordinal: number, suspects: number): number {
    const count = this.servers.length;
    if (count === 1) return 0;
    const all = (1 << count) - 1;
    const healthy = (suspects & all) === all ? all : all & ~suspects;
    let left = bitCount(healthy);
    if (this.policy === 'first') left = 0;
    else if (this.policy === 'draw') left = scaleDraw(ctx.draw(`${ctx.name}/${ordinal}`, 'balancer'), left);
    else left = (scaleDraw(ctx.draw(ctx.name, 'balancer'), left) + ordinal) % left;
    for (let index = 0; index < count; index++) {
      if ((healthy & (1 << index)) === 0) continue;
      if (left === 0) return index;
      left--;
    }
    return 0;
  }
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}

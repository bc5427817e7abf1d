import { describe, expect, it } from 'vitest';
import { Client } from '../../../core/client/client.ts';
import { LeaderElector, POINT_LEADING_STARTED } from '../../../core/client/leader-elector.ts';
import type { Pid } from '../../../core/sim/process.ts';
import type { Lease } from '../../../core/types/lease.ts';
import { LEASES } from '../../../core/types/resource-type.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import { VERB } from '../../../core/types/wire.ts';
import { ClientBench } from '../../support/client-bench.ts';

interface Election {
  readonly bench: ClientBench;
  readonly candidates: Pid[];
  readonly electors: LeaderElector[];
  /** Who began to lead when, µs. */
  readonly started: { readonly name: string; readonly timeUs: number }[];
  readonly exits: { readonly name: string; readonly timeUs: number; readonly code: number }[];
}

function election(count: number, bugs: string[] = [], seed = 7, releaseOnCancel = false): Election {
  const bench = new ClientBench(1, { bugs, seed });
  const result: Election = { bench, candidates: [], electors: [], started: [], exits: [] };
  bench.sim.onExit = (pid, code) => {
    result.exits.push({ name: bench.sim.contextOf(pid).name, timeUs: bench.sim.now, code });
  };
  bench.sim.observation.listen(POINT_LEADING_STARTED, (pid) => {
    result.started.push({ name: bench.sim.contextOf(pid).name, timeUs: bench.sim.now });
  });
  for (let i = 0; i < count; i++) {
    const name = `scheduler-${i}`;
    result.candidates.push(
      bench.add(name, (library) => {
        const client = new Client(library, {
          servers: bench.servers,
          user: name,
          qps: 50,
          burst: 100,
          names: bench.names,
        });
        const elector = new LeaderElector({
          client,
          leaseName: 'kube-scheduler',
          identity: `${name}_${bench.sim.processes.incarnation[library.ctx.pid]}`,
          releaseOnCancel,
          onStartedLeading: () => {},
        });
        result.electors[i] = elector;
        elector.start();
      }),
    );
  }
  return result;
}

const lease = ({ bench }: Election): Lease => [...bench.state.of(LEASES).values()][0] as Lease;
const leaderIndex = ({ electors }: Election): number => electors.findIndex((elector) => elector.leading);

describe('LeaderElector', () => {
  it('one of two leads, renews every 2 s by update alone, and never hands over', () => {
    const e = election(2);
    e.bench.run(60_000_000);
    expect(e.started.length).toBe(1);
    expect(e.electors.filter(({ leading }) => leading).length).toBe(1);
    expect(lease(e).spec).toMatchObject({ leaseDurationSeconds: 15, leaseTransitions: 0 });
    const leader = e.started[0]?.name;
    const mine = e.bench.state.log.filter(({ request }) => request.user === leader);
    expect(mine.filter(({ request }) => request.verb === VERB.get).length).toBe(1);
    expect(mine.filter(({ request }) => request.verb === VERB.update).length).toBeGreaterThanOrEqual(28);
    const reads = e.bench.state.log.filter(({ request }) => request.verb === VERB.get && request.user !== leader);
    const followers = reads.map(({ timeUs }) => timeUs);
    expect(followers.length).toBeGreaterThan(13);
    for (let i = 1; i < followers.length; i++) {
      const gap = (followers[i] as number) - (followers[i - 1] as number);
      expect(gap).toBeGreaterThanOrEqual(2_000_000);
      expect(gap).toBeLessThan(4_410_000);
    }
  });

  it.each([1, 2, 3, 4, 5])('after a crash the next leader comes 13 to 24 s later (seed %i)', (seed) => {
    const e = election(2, [], seed);
    e.bench.run(30_000_000);
    const crashed = leaderIndex(e);
    e.bench.sim.crash(e.candidates[crashed] as Pid);
    const crashUs = e.bench.sim.now;
    e.bench.run(30_000_000);
    const takeover = (e.started[1]?.timeUs ?? Number.NaN) - crashUs;
    expect(takeover).toBeGreaterThan(13_000_000);
    expect(takeover).toBeLessThan(24_000_000);
    expect(lease(e).spec?.leaseTransitions).toBe(1);
  });

  it('nobody loses the lease while the API server is away for 8 s', () => {
    const e = election(2);
    e.bench.run(30_000_000);
    e.bench.sim.crash(e.bench.servers[0] as Pid);
    e.bench.run(8_000_000);
    e.bench.sim.restart(e.bench.servers[0] as Pid);
    e.bench.run(60_000_000);
    expect(e.exits).toEqual([]);
    expect(e.started.length).toBe(1);
  });

  it('the leader exits with code 1, 10 to 15 s into a longer outage', () => {
    const e = election(2);
    e.bench.run(30_000_000);
    const outageUs = e.bench.sim.now;
    e.bench.sim.crash(e.bench.servers[0] as Pid);
    e.bench.run(25_000_000);
    expect(e.exits).toMatchObject([{ name: e.started[0]?.name, code: 1 }]);
    const after = (e.exits[0]?.timeUs ?? Number.NaN) - outageUs;
    expect(after).toBeGreaterThanOrEqual(10_000_000);
    expect(after).toBeLessThan(15_000_000);
  });

  it('a new leader renews at once', () => {
    const e = election(1);
    e.bench.run(1_000_000);
    const writes = e.bench.state.log.filter(({ request }) => request.verb !== VERB.get);
    expect(writes.map(({ request }) => request.verb)).toEqual([VERB.create, VERB.update]);
  });

  it.each([
    [false, 10_000_000],
    [true, 15_000_000],
  ])('stops in time when the server is silent; with release %s %i µs after the last try began', (release, stopUs) => {
    const e = election(1, [], 7, release);
    e.bench.run(10_500_000);
    const lastUs = Math.max(...e.bench.state.log.map(({ timeUs }) => timeUs));
    e.bench.sim.pause(e.bench.servers[0] as Pid);
    e.bench.run(30_000_000);
    const [exit] = e.exits;
    expect(exit?.code).toBe(1);
    expect(Math.abs((exit?.timeUs ?? Number.NaN) - lastUs - 2_000_000 - stopUs)).toBeLessThan(20_000);
  });

  it('tries to renew at ticks from the first try on, and right after a try that a tick fell into', () => {
    // client-go 0.34.1, leaderelection.go renew, wait.PollUntilContextTimeout: the ticker runs on while a try waits.
    const e = election(1);
    e.bench.run(10_500_000);
    const before = e.bench.state.log.length;
    let isFirst = true;
    e.bench.state.script = () => {
      if (!isFirst) return StatusError.internalError('no');
      isFirst = false;
      return 'drop';
    };
    e.bench.run(20_000_000);
    const tries = e.bench.state.log.slice(before);
    const firstUs = tries[0]?.timeUs as number;
    const updates = tries.filter(({ request }) => request.verb === VERB.update);
    expect(updates.map(({ timeUs }) => Math.round((timeUs - firstUs) / 1e5) / 10)).toEqual([0, 5, 6, 8]);
    expect(e.exits.length).toBe(1);
  });

  it('a leader makes its deleted lease anew as it was, by update and get before', () => {
    const e = election(1);
    e.bench.run(10_500_000);
    const { acquireTime } = lease(e).spec ?? {};
    e.bench.state.remove(LEASES, 'kube-system', 'kube-scheduler');
    const before = e.bench.state.log.length;
    e.bench.run(2_500_000);
    expect(e.bench.state.log.slice(before, before + 3).map(({ request }) => request.verb)).toEqual([
      VERB.update,
      VERB.get,
      VERB.create,
    ]);
    expect(lease(e).spec).toMatchObject({ acquireTime, leaseTransitions: 0 });
    expect(e.exits).toEqual([]);
  });

  it('gives the lease up when it can, so that another one leads soon', () => {
    const e = election(2, [], 7, true);
    e.bench.run(31_000_000);
    const old = leaderIndex(e);
    const { ctx } = e.electors[old] as LeaderElector;
    ctx.startTask('stop', '', (e.electors[old] as LeaderElector).release() as never);
    e.bench.run(20_000);
    expect(lease(e).spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
    e.bench.sim.crash(e.candidates[old] as Pid);
    e.bench.run(5_000_000);
    expect(e.started.length).toBe(2);
  });

  it('a paused leader finds a rival, goes on for 10 s and exits', () => {
    const e = election(2);
    e.bench.run(30_000_000);
    const paused = leaderIndex(e);
    e.bench.sim.pause(e.candidates[paused] as Pid);
    e.bench.run(22_000_000);
    expect(e.started.length).toBe(2);
    expect(e.electors[paused]?.leading).toBe(true);
    e.bench.sim.resume(e.candidates[paused] as Pid);
    const wokeUs = e.bench.sim.now;
    e.bench.run(20_000_000);
    expect(e.exits.length).toBe(1);
    const after = (e.exits[0]?.timeUs ?? Number.NaN) - wokeUs;
    expect(after).toBeGreaterThan(7_000_000);
    expect(after).toBeLessThan(12_500_000);
  });

  it('a wrong wall clock does no harm', () => {
    const e = election(2);
    e.bench.run(1);
    e.bench.sim.clocks.setWallOffset(e.candidates[0] as Pid, -3_600_000_000);
    e.bench.sim.clocks.setWallOffset(e.candidates[1] as Pid, 3_600_000_000);
    e.bench.run(120_000_000);
    expect(e.started.length).toBe(1);
    expect(e.exits).toEqual([]);
  });

  it('a slow clock rate makes two leaders', () => {
    const e = election(2);
    e.bench.run(30_000_000);
    e.bench.sim.clocks.setRate(e.candidates[1 - leaderIndex(e)] as Pid, 20);
    e.bench.run(30_000_000);
    expect(e.started.length).toBeGreaterThan(1);
  });

  it('the planted bug keeps leading after the deadline', () => {
    const e = election(2, ['leader-keeps-leading']);
    e.bench.run(30_000_000);
    const leader = leaderIndex(e);
    e.bench.sim.pause(e.candidates[leader] as Pid);
    e.bench.run(25_000_000);
    e.bench.sim.resume(e.candidates[leader] as Pid);
    e.bench.run(60_000_000);
    expect(e.exits).toEqual([]);
    expect(e.electors.filter(({ leading }) => leading).length).toBe(2);
  });
});

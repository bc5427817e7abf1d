import { describe, expect, it } from 'vitest';
import { LinkState } from '../../../core/sim/links.ts';
import { OP_CONN_CLOSED } from '../../../core/sim/ops.ts';
import { MS, Probe, quietSimulation, S, Text } from '../../support/probe.ts';

const OP = 40;

function rig(costs = {}) {
  const sim = quietSimulation({ costs });
  const to = new Probe(sim, 'to');
  const from = new Probe(sim, 'from');
  sim.run(MS);
  return { sim, to, from, link: sim.network.links.of(from.pid, to.pid) };
}

describe('links', () => {
  it('have the default latency, their own, or a loopback on one machine', () => {
    const sim = quietSimulation();
    const to = new Probe(sim, 'to', {}, 'm1');
    const near = new Probe(sim, 'near', {}, 'm1');
    const far = new Probe(sim, 'far');
    sim.run(MS);
    near.ctx.send(to.pid, OP, 1, 0, null);
    far.ctx.send(to.pid, OP, 2, 0, null);
    sim.network.links.of(far.pid, to.pid).latencyUs = 5 * MS;
    far.ctx.send(to.pid, OP, 3, 0, null);
    far.ctx.send(to.pid, OP, 4, 0, null, MS);
    sim.run(S);
    expect(to.log.map(({ a, time }) => [a, time - MS])).toEqual([
      [1, 20],
      [2, 200],
      [3, 5 * MS],
      [4, 6 * MS],
    ]);
  });

  it('draw jitter within its bounds', () => {
    const { sim, to, from, link } = rig();
    Object.assign(link, { latencyUs: 1000, jitterUs: 100 });
    for (let i = 0; i < 500; i++) from.ctx.send(to.pid, OP, i, 0, null);
    sim.run(S);
    const delays = to.times(OP).map((time) => time - MS);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(1000);
    expect(Math.max(...delays)).toBeLessThanOrEqual(1100);
    expect(new Set(delays).size).toBeGreaterThan(80);
  });

  it('lose datagrams by their share, and nothing of a connection', () => {
    const { sim, to, from, link } = rig();
    link.lossPpm = 300_000;
    for (let i = 0; i < 1000; i++) from.ctx.send(to.pid, OP, i, 0, null);
    const conn = from.ctx.connect(to.pid);
    for (let i = 0; i < 200; i++) from.ctx.sendOn(conn, OP + 1, i, 0, null);
    sim.run(100 * S);
    expect(to.values(OP).length).toBeGreaterThan(640);
    expect(to.values(OP).length).toBeLessThan(760);
    expect(to.values(OP + 1)).toEqual(Array.from({ length: 200 }, (_, i) => i));
    expect(Math.max(...to.times(OP + 1))).toBeGreaterThan(200 * MS);
  });

  it('lose each message of each connection independently', () => {
    const { sim, to, from, link } = rig();
    link.lossPpm = 500_000;
    const delayed: boolean[] = [];
    for (let i = 0; i < 40; i++) {
      sim.at((i + 1) * 100 * S, `dial ${i}`, () => from.ctx.sendOn(from.ctx.connect(to.pid), OP, i, 0, null));
    }
    sim.run(5000 * S);
    for (const time of to.times(OP)) delayed.push(time % (100 * S) > 100 * MS);
    expect(delayed).toHaveLength(40);
    expect(delayed.filter(Boolean).length).toBeGreaterThan(5);
    expect(delayed.filter(Boolean).length).toBeLessThan(40);
  });

  it('double and reorder datagrams', () => {
    const { sim, to, from, link } = rig();
    link.duplicationPpm = 200_000;
    for (let i = 0; i < 500; i++) from.ctx.send(to.pid, OP, i, 0, null);
    sim.run(S);
    expect(new Set(to.values(OP)).size).toBe(500);
    expect(to.values(OP).length).toBeGreaterThan(550);
    expect(to.values(OP).length).toBeLessThan(650);
    const other = rig();
    other.link.reorderPpm = 200_000;
    for (let i = 0; i < 100; i++) {
      other.sim.at(MS * 2 + i * 100, `send ${i}`, () => other.from.ctx.send(other.to.pid, OP, i, 0, null));
    }
    other.sim.run(S);
    const order = other.to.values(OP);
    expect([...order].sort((l, r) => l - r)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(order).not.toEqual([...order].sort((l, r) => l - r));
  });

  it('let messages through no faster than their bandwidth', () => {
    const { sim, to, from, link } = rig();
    link.bandwidthBytesPerS = 1_000_000;
    for (let i = 0; i < 4; i++) from.ctx.send(to.pid, OP, i, 0, new Text('x', 10_000));
    from.ctx.send(to.pid, OP, 4, 0, null);
    sim.run(S);
    expect(to.times(OP).map((time) => time - MS - 200)).toEqual([10_000, 20_000, 30_000, 40_000, 40_256]);
  });

  it('hold everything back and release it in order; nobody is allowed to notice', () => {
    const { sim, to, from, link } = rig();
    const conn = from.ctx.connect(to.pid);
    sim.run(2 * MS);
    link.holdCount++;
    sim.network.suspect(from.pid);
    for (let i = 0; i < 3; i++) from.ctx.sendOn(conn, OP, i, 0, null);
    from.ctx.send(to.pid, OP + 1, 0, 0, null);
    sim.run(200 * S);
    expect(to.log).toEqual([]);
    expect(from.values(OP_CONN_CLOSED)).toEqual([]);
    link.holdCount--;
    sim.network.releaseHeld();
    sim.run(300 * S);
    expect(to.values(OP)).toEqual([0, 1, 2]);
    expect(to.values(OP + 1)).toEqual([0]);
  });

  it('drop datagrams while cut, but not what was under way', () => {
    const { sim, to, from, link } = rig();
    from.ctx.send(to.pid, OP, 1, 0, null);
    link.cutCount = 1;
    from.ctx.send(to.pid, OP, 2, 0, null);
    link.cutCount = 0;
    from.ctx.send(to.pid, OP, 3, 0, null);
    sim.run(S);
    expect(to.values(OP)).toEqual([1, 3]);
  });
});

it('changes that overlap keep to themselves: the later one counts, and what is not named stays', () => {
  const link = new LinkState();
  link.latencyUs = 7;
  const slow = { latencyUs: 50, jitterUs: 5 };
  const bad = { duplicationPpm: 100, latencyUs: 90 };
  const seen = () => [link.latencyUs, link.jitterUs, link.duplicationPpm];
  link.impose(slow);
  link.impose(bad);
  expect(seen()).toEqual([90, 5, 100]);
  link.withdraw(slow);
  expect(seen()).toEqual([90, -1, 100]);
  link.withdraw(bad);
  expect(seen()).toEqual([7, -1, 0]);
  expect(link.isDefault).toBe(false);
});

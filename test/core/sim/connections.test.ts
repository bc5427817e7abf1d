import { describe, expect, it } from 'vitest';
import type { Context } from '../../../core/sim/context.ts';
import { CLOSED_BY_PEER, CLOSED_RESET, CLOSED_TIMEOUT, OP_CONN_CLOSED, REFUSED } from '../../../core/sim/ops.ts';
import type { Conn } from '../../../core/sim/process.ts';
import type { Simulation } from '../../../core/sim/simulation.ts';
import { MS, Probe, quietSimulation, S } from '../../support/probe.ts';

const OP = 40;
const OP_ECHO = 41;

/** A client with one connection to a server that echoes. */
function rig(options: Parameters<typeof quietSimulation>[0] = {}) {
  const sim = quietSimulation(options);
  const server = new Probe(sim, 'server', {
    onEvent: (ctx, event) => void (event.op === OP && ctx.sendOn(event.conn, OP_ECHO, event.a, 0, null)),
  });
  let conn: Conn = -1;
  const client = new Probe(sim, 'client', {
    onStart(ctx, self) {
      if (self.starts === 1) conn = ctx.connect(server.pid);
    },
  });
  sim.run(MS);
  const ask = (a: number): boolean => client.ctx.sendOn(conn, OP, a, 0, null);
  return { sim, server, client, ask, conn: () => conn };
}

function cut(sim: Simulation, from: Probe, to: Probe, by: 1 | -1): void {
  sim.network.links.of(from.pid, to.pid).cutCount += by;
  if (by === 1) sim.network.suspect(from.pid);
  else sim.network.releaseHeld();
}

const closings = (probe: Probe) =>
  probe.log.filter(({ op }) => op === OP_CONN_CLOSED).map(({ a, b, time }) => ({ reason: a, detail: b, time }));

describe('connections', () => {
  it('delivers in order whatever the jitter and the extra delays', () => {
    const sim = quietSimulation({ costs: { linkJitterUs: 5 * MS } });
    const server = new Probe(sim, 'server');
    new Probe(sim, 'client', {
      onStart(ctx) {
        const conn = ctx.connect(server.pid);
        for (let i = 0; i < 100; i++) ctx.sendOn(conn, OP, i, 0, null, (100 - i) * 10);
      },
    });
    sim.run(S);
    expect(server.values(OP)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    const times = server.times(OP);
    expect([...times].sort((l, r) => l - r)).toEqual(times);
  });

  it('answers over the same connection, and knows its peer', () => {
    const { sim, server, client, ask, conn } = rig();
    ask(7);
    sim.run(S);
    expect(client.values(OP_ECHO)).toEqual([7]);
    expect(client.times(OP_ECHO)).toEqual([MS + 400]);
    expect(client.ctx.peerOf(conn())).toBe(server.pid);
    expect(server.ctx.peerOf(conn())).toBe(client.pid);
    expect(client.ctx.isOpen(conn())).toBe(true);
    expect(client.ctx.isOpen(-1)).toBe(false);
  });

  it('is reset when the peer crashes, after what the peer sent before', () => {
    const { sim, server, client, ask, conn } = rig();
    ask(1);
    sim.at(MS + 250, 'crash', () => sim.crash(server.pid));
    sim.run(S);
    expect(client.log.map(({ op, a }) => [op, a])).toEqual([
      [OP_ECHO, 1],
      [OP_CONN_CLOSED, CLOSED_RESET],
    ]);
    expect(closings(client)[0]?.time).toBe(MS + 450);
    expect(client.ctx.isOpen(conn())).toBe(false);
    expect(ask(2)).toBe(false);
  });

  it('tells a refused dial from a reset, within a round trip', () => {
    const { sim, server, client } = rig();
    sim.crash(server.pid);
    sim.run(2 * MS);
    const dialled = client.ctx.connect(server.pid);
    expect(client.ctx.sendOn(dialled, OP, 1, 0, null)).toBe(true);
    sim.run(S);
    expect(closings(client)).toEqual([
      { reason: CLOSED_RESET, detail: 0, time: MS + 200 },
      { reason: CLOSED_RESET, detail: REFUSED, time: 2 * MS + 400 },
    ]);
    expect(server.log).toEqual([]);
  });

  it('does not talk to the restarted instance over an old connection', () => {
    const { sim, server, client, ask } = rig();
    sim.crash(server.pid);
    ask(1);
    sim.restart(server.pid);
    sim.run(S);
    expect(server.values(OP)).toEqual([]);
    expect(closings(client)).toHaveLength(1);
  });

  it('notices a peer without power by ping after 30 s of silence and 15 s without answer', () => {
    const { sim, server, client, ask } = rig();
    sim.at(10 * S, 'last words', () => ask(1));
    sim.at(20 * S, 'power off', () => {
      sim.network.deadMachines.add('server');
      sim.crash(server.pid, { silent: true });
    });
    sim.at(21 * S, 'into the void', () => ask(2));
    sim.run(55 * S);
    expect(closings(client)).toEqual([]);
    sim.run(60 * S);
    expect(closings(client)).toEqual([{ reason: CLOSED_TIMEOUT, detail: 0, time: 55 * S + 400 }]);
  });

  it('gives up on a dial to a machine without power, or to a frozen process', () => {
    for (const fault of ['power', 'freeze']) {
      const { sim, server, client } = rig();
      sim.at(S, 'fault', () => {
        if (fault === 'freeze') sim.pause(server.pid);
        else {
          sim.network.deadMachines.add('server');
          sim.crash(server.pid, { silent: true });
        }
      });
      let dialled = -1;
      sim.at(2 * S, 'dial', () => {
        dialled = client.ctx.connect(server.pid);
      });
      sim.run(100 * S);
      const end = client.log.find(({ op, conn }) => op === OP_CONN_CLOSED && conn === dialled);
      expect(end).toMatchObject({ a: CLOSED_TIMEOUT, time: 47 * S });
    }
  });

  it('notices a frozen peer the same way, and keeps the connection if it wakes in time', () => {
    const early = rig();
    early.sim.at(S, 'pause', () => early.sim.pause(early.server.pid));
    early.sim.at(2 * S, 'ask', () => early.ask(1));
    early.sim.at(40 * S, 'resume', () => early.sim.resume(early.server.pid));
    early.sim.run(200 * S);
    expect(closings(early.client)).toEqual([]);
    expect(early.client.times(OP_ECHO)).toEqual([40 * S + 200]);
    const late = rig();
    late.sim.at(S, 'pause', () => late.sim.pause(late.server.pid));
    late.sim.at(2 * S, 'ask', () => late.ask(1));
    late.sim.at(60 * S, 'resume', () => late.sim.resume(late.server.pid));
    late.sim.run(200 * S);
    expect(closings(late.client)).toMatchObject([{ reason: CLOSED_TIMEOUT, time: 45 * S }]);
    expect(late.client.times(OP_ECHO)).toEqual([]);
  });

  it('closes by the peer after its last message, and refuses to send afterwards', () => {
    const { sim, server, client, ask, conn } = rig();
    sim.at(2 * MS, 'close', () => {
      server.ctx.sendOn(conn(), OP_ECHO, 9, 0, null);
      server.ctx.close(conn());
      server.ctx.close(conn());
      expect(server.ctx.sendOn(conn(), OP_ECHO, 10, 0, null)).toBe(false);
    });
    sim.run(S);
    expect(client.log.map(({ op, a }) => [op, a])).toEqual([
      [OP_ECHO, 9],
      [OP_CONN_CLOSED, CLOSED_BY_PEER],
    ]);
    expect(ask(1)).toBe(false);
  });

  it('answers what arrives at a closed end with a reset', () => {
    const { sim, server, client, ask, conn } = rig();
    sim.at(2 * MS, 'both', () => {
      ask(1);
      client.ctx.close(conn());
      server.ctx.close(conn());
    });
    sim.run(S);
    expect(server.log).toEqual([]);
    expect(client.log).toEqual([]);
  });
});

describe('partitions', () => {
  it('hold messages and deliver them in order on healing, if it comes before the health check gives up', () => {
    const { sim, server, client, ask } = rig();
    sim.at(S, 'cut', () => cut(sim, client, server, 1));
    for (let i = 0; i < 5; i++) sim.at((2 + i) * S, `ask ${i}`, () => ask(i));
    sim.at(20 * S, 'heal', () => {
      cut(sim, client, server, -1);
      ask(5);
    });
    sim.run(100 * S);
    expect(server.values(OP)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(Math.min(...server.times(OP))).toBeGreaterThanOrEqual(20 * S);
    expect(closings(client)).toEqual([]);
  });

  it('end both ends after 45 s of silence, and what was held is lost', () => {
    const { sim, server, client, ask } = rig();
    sim.at(S, 'cut', () => {
      cut(sim, client, server, 1);
      cut(sim, server, client, 1);
    });
    sim.at(2 * S, 'ask', () => ask(1));
    sim.at(80 * S, 'heal', () => {
      cut(sim, client, server, -1);
      cut(sim, server, client, -1);
    });
    sim.run(200 * S);
    expect(closings(client)).toMatchObject([{ reason: CLOSED_TIMEOUT, time: 45 * S }]);
    expect(closings(server)).toMatchObject([{ reason: CLOSED_TIMEOUT, time: 45 * S + 200 }]);
    expect(server.values(OP)).toEqual([]);
  });

  it('may cut one direction only: requests arrive, answers wait', () => {
    const { sim, server, client, ask } = rig();
    sim.at(S, 'cut back', () => cut(sim, server, client, 1));
    sim.at(2 * S, 'ask', () => ask(1));
    sim.run(10 * S);
    expect(server.values(OP)).toEqual([1]);
    expect(client.values(OP_ECHO)).toEqual([]);
    sim.at(20 * S, 'heal', () => cut(sim, server, client, -1));
    sim.run(100 * S);
    expect(client.values(OP_ECHO)).toEqual([1]);
    expect(client.times(OP_ECHO)[0]).toBe(20 * S + 200_000 + 200);
  });

  it('make a new dial time out, also when only the way back is cut', () => {
    for (const back of [false, true]) {
      const { sim, server, client } = rig();
      const [from, to] = back ? [server, client] : [client, server];
      sim.at(S, 'cut', () => cut(sim, from, to, 1));
      let dialled = -1;
      sim.at(2 * S, 'dial', () => {
        dialled = client.ctx.connect(server.pid);
      });
      sim.run(100 * S);
      const end = client.log.find(({ op, conn }) => op === OP_CONN_CLOSED && conn === dialled);
      expect(end).toMatchObject({ a: CLOSED_TIMEOUT, time: 47 * S });
    }
  });

  it('let what was sent before an orderly close arrive after healing', () => {
    const { sim, server, client, ask, conn } = rig();
    sim.at(S, 'cut', () => cut(sim, client, server, 1));
    sim.at(2 * S, 'ask and close', () => {
      ask(1);
      client.ctx.close(conn());
    });
    sim.at(10 * S, 'heal', () => cut(sim, client, server, -1));
    sim.run(100 * S);
    expect(server.log.map(({ op, a }) => [op, a])).toEqual([
      [OP, 1],
      [OP_CONN_CLOSED, CLOSED_BY_PEER],
    ]);
  });

  it('keep resets away too: a crash behind a cut is noticed by the health check', () => {
    const { sim, server, client } = rig();
    sim.at(S, 'cut', () => cut(sim, server, client, 1));
    sim.at(2 * S, 'crash', () => sim.crash(server.pid));
    sim.run(100 * S);
    expect(closings(client)).toMatchObject([{ reason: CLOSED_TIMEOUT, time: 45 * S }]);
  });

  it('count: a link that two faults cut is whole when both have ended', () => {
    const { sim, server, client, ask } = rig();
    sim.at(S, 'cut twice', () => {
      cut(sim, client, server, 1);
      cut(sim, client, server, 1);
    });
    sim.at(2 * S, 'ask', () => ask(1));
    sim.at(5 * S, 'one ends', () => cut(sim, client, server, -1));
    sim.run(6 * S);
    expect(server.values(OP)).toEqual([]);
    sim.at(7 * S, 'other ends', () => cut(sim, client, server, -1));
    sim.run(8 * S);
    expect(server.values(OP)).toEqual([1]);
  });
});

describe('network draws', () => {
  /** Latencies of the client's messages, with or without a stranger that opens connections of its own. */
  function latencies(stranger: boolean): number[] {
    const sim = quietSimulation({ costs: { linkJitterUs: 10 * MS } });
    const server = new Probe(sim, 'server');
    const busy = (ctx: Context): void => {
      for (let i = 0; i < 20; i++) ctx.sendOn(ctx.connect(server.pid), OP + 5, i, 0, null);
    };
    if (stranger) new Probe(sim, 'stranger', { onStart: busy });
    const client = new Probe(sim, 'client');
    for (let i = 0; i < 20; i++) {
      sim.at((1 + i) * S, `send ${i}`, () => {
        client.ctx.send(server.pid, OP, i, 0, null);
        client.ctx.sendOn(client.ctx.connect(server.pid), OP + 1, i, 0, null);
      });
    }
    sim.run(60 * S);
    return [...server.times(OP), ...server.times(OP + 1)];
  }

  it('do not depend on anybody else, and differ from message to message', () => {
    expect(latencies(true)).toEqual(latencies(false));
    const drawn = latencies(false).map((time) => time % S);
    expect(new Set(drawn).size).toBeGreaterThan(30);
  });
});

import { describe, expect, it } from 'vitest';
import { seedOf } from '../../../core/base/random.ts';
import { CheckpointChain, firstDifference } from '../../../core/sim/checkpoint-chain.ts';
import { findDivergence } from '../../../core/sim/divergence.ts';
import { permutedRank } from '../../../core/sim/order.ts';
import type { Simulation } from '../../../core/sim/simulation.ts';
import { TraceBuffer } from '../../../core/sim/trace.ts';
import { MS, Probe, quietSimulation, S, Text } from '../../support/probe.ts';

const OP = 40;
const OP_ANSWER = 41;

describe('checkpoint chain', () => {
  const chainOf = (values: readonly number[]): CheckpointChain => {
    const chain = new CheckpointChain();
    for (const value of values) {
      chain.mix(value, 0);
      chain.seal();
    }
    return chain;
  };

  it('is found to differ first where its input differs first, at every place', () => {
    const base = Array.from({ length: 300 }, (_, i) => i * 7);
    const words = chainOf(base).words();
    expect(words).toHaveLength(600);
    for (let at = 0; at < base.length; at += 13) {
      const other = base.map((value, i) => (i === at ? value + 1 : value));
      expect(firstDifference(words, chainOf(other).words())).toBe(at);
    }
    expect(firstDifference(words, chainOf(base).words())).toBe(-1);
    expect(firstDifference(words, chainOf(base.slice(0, 5)).words())).toBe(-1);
    expect(firstDifference(words, new Int32Array(0))).toBe(-1);
  });

  it('has a digest of 64 hex digits that depends on every entry', () => {
    const digests = new Set(
      [chainOf([1, 2, 3]), chainOf([1, 2, 4]), chainOf([1, 2])].map((chain) => chain.sha256Hex()),
    );
    expect(digests.size).toBe(3);
    for (const digest of digests) expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(chainOf([]).sha256Hex()).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('can be taken back to a mark', () => {
    const chain = chainOf([1, 2]);
    const before = chain.sha256Hex();
    const mark = chain.mark();
    chain.mix(3, 0);
    chain.seal();
    expect(chain.sha256Hex()).not.toBe(before);
    chain.takeBack(mark);
    expect(chain.sha256Hex()).toBe(before);
    chain.mix(3, 0);
    chain.seal();
    expect(chain.sha256Hex()).toBe(chainOf([1, 2, 3]).sha256Hex());
  });
});

/** Two processes that play ping-pong, and a third that is alone. */
function play(note = 'x', atMs = -1): Simulation {
  const sim = quietSimulation();
  const pong = new Probe(sim, 'pong', {
    onEvent: (ctx, { op, from, a }) => void (op === OP && ctx.send(from, OP_ANSWER, a, 0, null)),
  });
  new Probe(sim, 'loner', { onStart: (ctx) => void ctx.setTimer(MS, OP), onEvent: (ctx) => void ctx.setTimer(MS, OP) });
  const ping = new Probe(sim, 'ping');
  for (let i = 1; i < 50; i++) {
    sim.at(i * 100 * MS, `ping ${i}`, () => ping.ctx.send(pong.pid, OP, i, 0, new Text(i * 100 === atMs ? note : 'x')));
  }
  return sim;
}

describe('digests', () => {
  it("are a process's own: a changed message shows in its receiver only", () => {
    const [left, right] = [play(), play('y', 1200)];
    left.run(1100 * MS);
    right.run(1100 * MS);
    expect(right.digestHex()).toBe(left.digestHex());
    left.run(5 * S);
    right.run(5 * S);
    const differs = ['harness', 'pong', 'loner', 'ping'].filter(
      (name) => `${left.digestOf(left.pidOf(name))}` !== `${right.digestOf(right.pidOf(name))}`,
    );
    expect(differs).toEqual(['pong']);
    expect(right.digestHex()).not.toBe(left.digestHex());
  });

  it('can be asked at any time without changing anything', () => {
    const [left, right] = [play(), play()];
    left.run(1500 * MS);
    expect(left.digestHex()).toBe(left.digestHex());
    left.run(3 * S);
    right.run(3 * S);
    expect(left.digestHex()).toBe(right.digestHex());
    expect([...left.chainWords()]).toEqual([...right.chainWords()]);
  });

  it('do not depend on how a run is cut into pieces', () => {
    const [whole, pieces] = [play(), play()];
    whole.run(4 * S);
    for (let at = 0; at <= 4000; at += 70) pieces.run(at * MS);
    pieces.run(4 * S);
    expect(pieces.digestHex()).toBe(whole.digestHex());
  });

  it('take in what a process mixes and what its streams drew', () => {
    const variants = [
      () => {},
      (sim: Simulation) => sim.contextOf(sim.pidOf('loner')).mixDigest(5),
      (sim: Simulation) => sim.contextOf(sim.pidOf('loner')).random('dice').below(6),
      (sim: Simulation) => sim.at(sim.now, 'named', () => {}),
      (sim: Simulation) => sim.at(sim.now, 'otherwise', () => {}),
    ];
    const digests = variants.map((change) => {
      const sim = play();
      sim.run(S);
      change(sim);
      sim.run(2 * S);
      return sim.digestHex();
    });
    expect(new Set(digests).size).toBe(variants.length);
  });

  it('lead to the first different event and its receiver', () => {
    const found = findDivergence(
      () => play(),
      () => play('y', 3300),
      5 * S,
    );
    expect(found).toMatchObject({
      second: 3,
      component: 'pong',
      left: { from: 'ping', op: OP, a: 33, timeUs: 3300 * MS + 200 },
    });
    expect(
      findDivergence(
        () => play(),
        () => play(),
        5 * S,
      ),
    ).toBeNull();
    const inside = findDivergence(
      () => play(),
      () => {
        const sim = play();
        sim.at(2500 * MS, 'x', () => sim.contextOf(sim.pidOf('loner')).mixDigest(1));
        return sim;
      },
      5 * S,
    );
    expect(inside?.second).toBe(2);
  });
});

describe('trace', () => {
  it('names for each event the one during which it was sent', () => {
    const sim = play();
    const trace = new TraceBuffer(0, 500 * MS);
    sim.trace = trace;
    sim.run(2 * S);
    const byId = new Map(trace.events.map((event) => [event.id, event]));
    expect(byId.size).toBe(trace.events.length);
    const answers = trace.events.filter(({ op }) => op === OP_ANSWER);
    expect(answers).toHaveLength(4);
    for (const answer of answers) {
      const cause = byId.get(answer.cause);
      expect(cause).toMatchObject({ op: OP, target: 'pong', a: answer.a });
      expect(byId.get(cause?.cause as number)).toMatchObject({ target: 'harness' });
    }
    expect(Math.max(...trace.events.map(({ timeUs }) => timeUs))).toBeLessThanOrEqual(500 * MS);
  });

  it('follows causes through queues and restarts', () => {
    const sim = quietSimulation();
    const trace = new TraceBuffer(0, S);
    sim.trace = trace;
    const sink = new Probe(sim, 'sink');
    const busy = new Probe(sim, 'busy', {
      onStart: (ctx) => ctx.send(sink.pid, OP, 100 + ctx.sim.now, 0, null),
      onEvent(ctx, { a }) {
        ctx.spend(MS);
        ctx.send(sink.pid, OP, a, 0, null);
      },
    });
    const sender = new Probe(sim, 'sender');
    sim.at(MS, 'burst', () => {
      for (let i = 0; i < 3; i++) sender.ctx.send(busy.pid, OP, i, 0, null);
    });
    sim.at(10 * MS, 'crash', () => sim.crash(busy.pid));
    sim.at(11 * MS, 'restart', () => sim.restart(busy.pid));
    sim.run(S);
    const byId = new Map(trace.events.map((event) => [event.id, event]));
    for (let i = 0; i < 3; i++) {
      const arrived = trace.events.find(({ target, a }) => target === 'sink' && a === i);
      expect(byId.get(arrived?.cause as number)).toMatchObject({ target: 'busy', a: i });
    }
    const greeting = trace.events.find(({ target, a }) => target === 'sink' && a === 100 + 11 * MS);
    expect(byId.get(greeting?.cause as number)).toMatchObject({ target: 'harness', timeUs: 11 * MS });
  });

  it('changes no digest', () => {
    const [plain, traced] = [play(), play()];
    traced.trace = new TraceBuffer(0, S);
    plain.run(3 * S);
    traced.run(3 * S);
    expect(traced.digestHex()).toBe(plain.digestHex());
  });
});

describe('interleaving', () => {
  /** Order in which four senders' messages arrive that were all sent at one instant with equal latency. */
  function arrivals(interleaving?: number): string {
    const sim = quietSimulation(interleaving === undefined ? {} : { interleaving });
    const sink = new Probe(sim, 'sink');
    const senders = ['a', 'b', 'c', 'd'].map((name) => new Probe(sim, name));
    sim.at(MS, 'all at once', () => {
      for (let n = 0; n < 3; n++) senders.forEach((sender, i) => void sender.ctx.send(sink.pid, OP, i, n, null));
    });
    sim.run(S);
    for (let i = 0; i < 4; i++) {
      expect(sink.log.filter(({ a }) => a === i).map(({ b }) => b)).toEqual([0, 1, 2]);
    }
    return sink.values(OP).join('');
  }

  it('goes by process id when there is no stream', () => {
    expect(arrivals()).toBe('000111222333');
  });

  it("permutes senders at equal times, keeps each sender's order, and replays", () => {
    const seen = new Set<string>();
    for (let i = 0; i < 60; i++) seen.add(arrivals(i));
    expect(seen.size).toBeGreaterThan(8);
    expect(arrivals(5)).toBe(arrivals(5));
  });

  it('ranks all processes differently at each instant', () => {
    for (const time of [0, 1, 2 ** 33]) {
      const ranks = new Set<number>();
      for (let pid = 0; pid < 2000; pid++) ranks.add(permutedRank(seedOf(3), 1, pid, time));
      expect(ranks.size).toBe(2000);
    }
  });
});

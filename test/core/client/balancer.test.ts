import { describe, expect, it } from 'vitest';
import { L4Balancer } from '../../../core/client/balancer.ts';
import { DialHistory } from '../../../core/client/dial-history.ts';
import { Simulation } from '../../../core/sim/simulation.ts';

const simulation = new Simulation({ seed: 1 });
const contexts = Array.from({ length: 300 }, (_, i) =>
  simulation.contextOf(simulation.addProcess(`node-${i}`, `m-${i}`, () => ({ start() {}, receive() {} }))),
);
const servers = [100, 101, 102];

describe('L4Balancer', () => {
  it('spreads connections of many processes evenly by draw', () => {
    const balancer = new L4Balancer(servers);
    const counts = [0, 0, 0];
    for (const ctx of contexts) {
      const index = balancer.pick(ctx, 0, 0);
      counts[index] = (counts[index] as number) + 1;
    }
    for (const count of counts) expect(count).toBeGreaterThan(70);
  });

  it('takes one process through all servers in turn', () => {
    const balancer = new L4Balancer(servers, 'round-robin');
    const ctx = contexts[0] as (typeof contexts)[0];
    const picks = [0, 1, 2].map((ordinal) => balancer.pick(ctx, ordinal, 0));
    expect(new Set(picks).size).toBe(3);
  });

  it.each(['draw', 'round-robin', 'first'] as const)('%s never picks a suspect while another is left', (policy) => {
    const balancer = new L4Balancer(servers, policy);
    for (const ctx of contexts) {
      for (let suspects = 0; suspects < 7; suspects++) {
        expect(suspects & (1 << balancer.pick(ctx, 3, suspects))).toBe(0);
      }
      expect(balancer.pick(ctx, 3, 7)).toBeLessThan(3);
    }
  });

  it('depends on the process and its own ordinal alone', () => {
    const balancer = new L4Balancer(servers);
    const picks = contexts.map((ctx) => balancer.pick(ctx, 2, 0));
    expect(contexts.map((ctx) => new L4Balancer(servers).pick(ctx, 2, 0))).toEqual(picks);
  });

  it('refuses no servers and too many', () => {
    expect(() => new L4Balancer([])).toThrow(/1 to 30 servers/);
    expect(() => new L4Balancer(Array.from({ length: 31 }, (_, i) => i))).toThrow(/1 to 30 servers/);
  });
});

describe('DialHistory', () => {
  it('leaves failed servers out until they answer or the probe period is over', () => {
    const history = new DialHistory();
    history.ended(0, 1_000);
    history.ended(2, 2_000);
    expect([history.suspects(2_000, 5_000), history.anyLeft(3), history.anyLeft(1)]).toEqual([0b101, true, false]);
    history.answered(2);
    expect([history.suspects(6_999, 5_000), history.suspects(7_000, 5_000), history.ordinal]).toEqual([0b001, 0, 2]);
  });

  it('waits 20 ms, twice as long after each failure, 1 s at most, and anew after an answer', () => {
    const history = new DialHistory();
    const waits = Array.from({ length: 8 }, () => history.backOffUs() / 1000);
    expect(waits).toEqual([20, 40, 80, 160, 320, 640, 1000, 1000]);
    history.answered(0);
    expect(history.backOffUs()).toBe(20_000);
  });
});

import { describe, expect, it } from 'vitest';
import { L4Balancer } from '../../../core/client/balancer.ts';
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

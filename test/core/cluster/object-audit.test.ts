/**
 * Committed objects belong to everybody: nobody changes one. A run with all of them frozen shows that no component tries, and the audit
 * finds the one that does.
 */
import { describe, expect, it } from 'vitest';
import { AssertionError } from '../../../core/base/assert.ts';
import { runPlan } from '../../../core/chaos/run-plan.ts';
import { Cluster } from '../../../core/cluster/cluster.ts';
import { EVENTS_PER_AUDIT } from '../../../core/cluster/object-audit.ts';
import { findPoint, type PointId } from '../../../core/sim/registry.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { frozenPlan } from '../../support/frozen-plan.ts';
import { smallPlan } from '../../support/small-plan.ts';

const S = 1_000_000;
const COMMIT = findPoint('store.commit') as PointId;

/** Freezes a value and all it holds; what is frozen already was seen before. */
function freeze(value: unknown): number {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return 0;
  Object.freeze(value);
  let frozen = 1;
  for (const field of Object.values(value)) frozen += freeze(field);
  return frozen;
}

interface Committed {
  readonly value: { readonly object?: KubeObject } | null;
}

describe('committed objects', () => {
  it('are never changed by any component: a run with faults and every object frozen is the same run', () => {
    const plan = frozenPlan();
    let frozen = 0;
    const strict = runPlan(plan, 5, {
      begin(cluster) {
        cluster.sim.observation.listen(COMMIT, (_pid, subject) => {
          frozen += freeze((subject as Committed).value?.object);
        });
      },
    });
    expect(strict.outcome).toEqual({ kind: 'pass' });
    expect(frozen).toBeGreaterThan(2_500);
    expect(strict.digest).toBe(runPlan(plan, 5).digest);
  });

  it('that are changed in place are named by the audit', () => {
    const cluster = new Cluster(smallPlan().cluster, { seed: 2 });
    let victim: KubeObject | null = null;
    cluster.sim.observation.listen(COMMIT, (_pid, subject) => {
      const object = (subject as Committed).value?.object;
      if (object?.kind === 'Node') victim = object;
    });
    cluster.sim.run(10 * S);
    cluster.audit.auditAll();
    expect(victim).not.toBeNull();
    const node = victim as unknown as { metadata: { labels: Record<string, string>; name: string } };
    node.metadata.labels['planted'] = 'yes';
    expect(() => cluster.audit.auditAll()).toThrow(AssertionError);
    expect(() => cluster.audit.auditAll()).toThrow(
      new RegExp(`object audit: Node ${node.metadata.name} was changed in place after its commit at revision \\d+`),
    );
  });

  it('are sampled at checkpoints, so that a run ends with the finding by itself', () => {
    const cluster = new Cluster(smallPlan().cluster, { seed: 2 });
    let count = 0;
    cluster.sim.observation.listen(COMMIT, (_pid, subject) => {
      const object = (subject as Committed).value?.object;
      if (object?.kind === 'Node') (object.status as { phase: string }).phase = `planted ${++count}`;
    });
    expect(() => cluster.sim.run(3_600 * S)).toThrow(/object audit: Node node-\d was changed in place/);
  });

  it('are audited once for so many events', () => {
    const cluster = new Cluster(smallPlan().cluster, { seed: 2 });
    cluster.sim.run(600 * S);
    const due = Math.floor(cluster.sim.eventCount / EVENTS_PER_AUDIT);
    expect(cluster.audit.audited).toBeGreaterThan(due / 2);
    expect(cluster.audit.audited).toBeLessThanOrEqual(due);
  });
});

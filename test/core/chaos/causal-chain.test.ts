/**
 * The chain of causes: it ends at the violation, each link was sent during the one before it, and tracing changes nothing.
 */
import { describe, expect, it } from 'vitest';
import { explain } from '../../../core/chaos/explain/causal-chain.ts';
import { PLANTED_BUGS, type PlantedBug } from '../../../core/chaos/mutation/index.ts';
import { runPlan } from '../../../core/chaos/run-plan.ts';

const planOf = (bug: string) => (PLANTED_BUGS.find((planted) => planted.bug === bug) as PlantedBug).plan;

describe('explain', () => {
  it('leads from what the user did to the write that broke the rule', () => {
    const plan = planOf('api.status-ignores-resource-version');
    const { chain, subject, result } = explain(plan, 1);
    expect(subject).toMatch(/^A1: Deployment demo\/web/);
    expect(chain.map(({ timeUs }) => timeUs)).toEqual(chain.map(({ timeUs }) => timeUs).sort((a, b) => a - b));
    const text = chain.map(({ process, what }) => `${process} ${what}`);
    expect(text.join('\n')).toMatch(/controller-manager-0 sees ADDED Deployment demo\/web/);
    // The server ends the name of a pod: what there is of it is said.
    expect(text.join('\n')).toMatch(/to create Pod demo\/web-[0-9a-f]+-…$/m);
    expect(text.at(-1)).toBe('apiserver-0 gets answers and events of the store');
    expect(result.digest).toBe(runPlan(plan, 1).digest);
  });

  it('names the faults that a link was under', () => {
    const { chain } = explain(planOf('replicaset-ignores-expectations'), 1);
    expect(chain.flatMap(({ faults }) => faults)).toContain('f1');
  });

  it('of a run that passes, shows the last work', () => {
    const { subject, chain } = explain({ ...planOf('kubelet-reuses-ip'), bugs: [], expect: 'pass' }, 1);
    expect(subject).toBe('the last work (the run passed)');
    expect(chain.length).toBeGreaterThan(3);
  });
});

/** Explanations of pods of a run: what is explained is what was decided. */
import { describe, expect, test } from 'vitest';
import { explainInRun } from '../../../core/chaos/explain/pod-decisions.ts';
import type { ScenarioPlan } from '../../../core/chaos/plan.ts';
import { loadScenarioText } from '../../../scenarios/load.ts';
import { ProblemList } from '../../../scenarios/problem.ts';

function plan(schedulingPolicy = ''): ScenarioPlan {
  const problems = new ProblemList();
  const text = `
apiVersion: seatrial/v1
kind: Scenario
metadata: {name: crowded}
about: A crowded cluster in which an important pod makes room for itself.
cluster:
  nodes:
    - {name: n, count: 3, zones: [a, b, c], capacity: {cpu: "4", memory: 8Gi}}
    - {name: t, count: 1, zones: [a], capacity: {cpu: "8", memory: 8Gi}, taints: [{key: gpu, effect: NoSchedule}]}
workload:
  objects:
    - {apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: high}, value: 1000}
    - apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, namespace: demo}
      spec:
        replicas: 6
        selector: {matchLabels: {app: web}}
        template:
          metadata: {labels: {app: web}}
          spec:
            topologySpreadConstraints:
              - {maxSkew: 2, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}}
            containers: [{name: c, image: web, resources: {requests: {cpu: 1500m, memory: 100Mi}}}]
    - apiVersion: apps/v1
      kind: StatefulSet
      metadata: {name: db, namespace: demo}
      spec:
        replicas: 2
        serviceName: db
        selector: {matchLabels: {app: db}}
        template:
          metadata: {labels: {app: db}}
          spec:
            priorityClassName: high
            affinity:
              podAntiAffinity:
                requiredDuringSchedulingIgnoredDuringExecution:
                  - {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: db}}}
            containers: [{name: c, image: db, resources: {requests: {cpu: "2", memory: 100Mi}}}]
    - apiVersion: v1
      kind: Pod
      metadata: {name: gated, namespace: demo}
      spec: {schedulingGates: [{name: wait}], containers: [{name: c, image: db}]}
faults:
  - {id: crash, kind: process-crash, target: {component: scheduler, instance: leader}, at: 10s, for: 5s}
checks: {excuses: [no-feasible-node]}
phases: {warmUp: 20s, safety: 10s, liveness: {bound: 20s}}
`;
  const loaded = loadScenarioText('crowded.yaml', text, problems);
  problems.throwIfErrors();
  const { cluster, ...rest } = (loaded as { readonly plan: ScenarioPlan }).plan;
  return { ...rest, cluster: { ...cluster, settings: { ...cluster.settings, schedulingPolicy } } };
}

const LAST = { kind: 'last' } as const;

describe('explainInRun', () => {
  test.each(['', 'best-fit'])('every decision on every pod is what the explanation says, policy "%s"', (policy) => {
    const crowded = plan(policy);
    const { pods } = explainInRun(crowded, 3, 'demo/gated', LAST, null);
    let placed = 0;
    let refused = 0;
    for (const pod of pods) {
      const { decisions } = explainInRun(crowded, 3, pod, LAST, null);
      for (let attempt = 1; attempt <= Math.min(3, decisions.length); attempt++) {
        const found = explainInRun(crowded, 3, pod, { kind: 'attempt', attempt }, null);
        const { nodeName, message } = decisions[attempt - 1] as (typeof decisions)[number];
        expect(found.decision).toBe(attempt - 1);
        expect(found.explanation?.nodes).toHaveLength(4);
        if (nodeName === '') {
          refused++;
          expect(found.explanation).toMatchObject({ best: [], message });
          const count = found.explanation?.rejections.reduce((sum, each) => sum + each.count, 0);
          expect(count).toBe(4);
        } else {
          placed++;
          expect(found.explanation?.best).toContain(nodeName);
        }
      }
    }
    expect(placed).toBeGreaterThan(6);
    expect(refused).toBeGreaterThan(policy === '' ? 1 : 0);
  });

  test('preemption names its victims; the nominated pod goes to the room that was made', () => {
    const found = explainInRun(plan(), 3, 'demo/db-1', { kind: 'attempt', attempt: 1 }, null);
    const [first, second] = found.decisions;
    expect(first).toMatchObject({ nodeName: '', nominatedNodeName: expect.stringMatching(/^n-/) });
    expect(second).toMatchObject({ nodeName: first?.nominatedNodeName });
    expect(found.explanation?.victims).toEqual([{ node: first?.nominatedNodeName, pods: first?.victims }]);
    expect(first?.victims[0]).toMatch(/^demo\/web-/);
  });

  test('a gated pod was never tried: what keeps it, and where it would go', () => {
    const { decisions, state, explanation } = explainInRun(plan(), 3, 'demo/gated', LAST, null);
    expect(decisions).toEqual([]);
    expect(state).toMatchObject({ phase: 'pending', queue: { where: 'gated' } });
    expect(explanation?.heldBack).toBe('SchedulingGates: waiting for scheduling gates: [wait]');
    expect(explanation?.best).not.toEqual([]);
  });

  test('at an instant a placed pod is judged as if it were not there; changes of the profile are shown beside', () => {
    const change = { without: ['TaintToleration'], weights: new Map([['NodeResourcesFit', 0]]) };
    const found = explainInRun(plan(), 3, 'demo/db-0', { kind: 'time', timeUs: 9_000_000 }, change);
    const { explanation } = found;
    expect(found.state?.phase).toBe('assigned');
    expect(explanation?.nodes.filter(({ name }) => name === explanation.nodeName)[0]?.plugin).toBe('');
    expect(explanation?.changed?.best).toContain('t-0');
    expect(explanation?.changed?.nodes[0]?.scores).not.toHaveProperty('NodeResourcesFit');
  });

  test('a pod that is not there', () => {
    const found = explainInRun(plan(), 3, 'demo/none', LAST, null);
    expect(found).toMatchObject({ decisions: [], decision: -1, state: null, explanation: null });
    expect(found.pods).toContain('demo/gated');
  });

  test('a pod is asked for by its workload: one without a node first', () => {
    for (const asked of ['Deployment/demo/web', 'demo/web', 'web']) {
      const { pod, decisions } = explainInRun(plan(), 3, asked, LAST, null);
      expect(pod).toMatch(/^demo\/web-/);
      expect(decisions.at(-1)?.nodeName).toBe('');
    }
    expect(explainInRun(plan(), 3, 'StatefulSet/demo/web', LAST, null)).toMatchObject({ explanation: null });
  });

  test('at an instant at which the pod is not there: when it went, and when it comes', () => {
    const [victim = ''] =
      explainInRun(plan(), 3, 'demo/db-1', { kind: 'attempt', attempt: 1 }, null).decisions[0]?.victims ?? [];
    const at = (pod: string, timeUs: number) => explainInRun(plan(), 3, pod, { kind: 'time', timeUs }, null);
    const gone = at(victim, 19_000_000);
    expect(gone).toMatchObject({ pod: victim, state: null, absence: { deletedUs: expect.any(Number), createdUs: -1 } });
    expect(at(victim, (gone.absence?.deletedUs ?? 0) - 1).absence).toBeNull();
    const early = at('demo/db-1', 1);
    expect(early.absence).toMatchObject({ deletedUs: -1, createdUs: expect.any(Number) });
    expect(at('demo/db-1', early.absence?.createdUs ?? 0).absence).toBeNull();
  });
});

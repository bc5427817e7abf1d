import { describe, expect, it } from 'vitest';
import { loadScenarioText } from '../../scenarios/load.ts';
import { formatProblem, ProblemList } from '../../scenarios/problem.ts';
import { TEST_APP as APP, TEST_CLUSTER as CLUSTER, TEST_HEAD as HEAD } from '../support/scenario-text.ts';

function errorsOf(text: string): string[] {
  const problems = new ProblemList();
  loadScenarioText('s.yaml', text, problems);
  return problems.problems.map(formatProblem);
}

describe('all problems at once', () => {
  it('wrong names beside wrong fields', () => {
    const lines = errorsOf(`${HEAD}${CLUSTER}${APP}bugs: [deploymnt-ignores-max-surge]
operations: [{kind: scale, at: 70s, workload: Deployment/demo/wbe, replicas: 5}]
faults:
  - {id: loss, kind: node-crahs, target: {zone: a}, at: 60s}
  - {kind: process-crash, target: {component: schedler}, at: 60s}
  - {kind: node-crash, target: {zone: a}, at: 60}
phases: {heal: {core: [loss]}}
expect: {fail: Q9}
`).map((line) => /^s\.yaml:(\d+):\d+ error (SCN-\d+)/.exec(line)?.slice(1).join(' '));
    expect(lines.toSorted()).toEqual([
      '12 SCN-020',
      '13 SCN-020',
      '15 SCN-012',
      '16 SCN-020',
      '17 SCN-011',
      '19 SCN-020',
    ]);
  });

  it('a name that may be in what is broken is not called wrong', () => {
    const scaled = 'operations: [{kind: scale, at: 70s, workload: Deployment/demo/web, replicas: 5}]\n';
    const late = 'faults: [{kind: node-crash, target: {hosting: Deployment/demo/web}, at: 20m}]\n';
    expect(errorsOf(`${HEAD}${CLUSTER}workload: {manifest: [web.yaml]}\n${scaled}`)).toHaveLength(1);
    expect(errorsOf(`${HEAD}${CLUSTER}${APP}phases: {safety: 30, warmUp: 60s}\n${late}`)).toHaveLength(1);
    expect(errorsOf(`${HEAD}${CLUSTER}operations: [{kind: aply, at: 5s}]\n${late}`)).toHaveLength(1);
    expect(errorsOf(`${HEAD}${CLUSTER}workload: {manifests: [nowhere.yaml]}\n${scaled}`)).toHaveLength(1);
  });

  it('a wrong cluster hides its own names alone', () => {
    const broken = (cluster: string, faults: string): string[] =>
      errorsOf(`${HEAD}${cluster}${APP}faults:\n${faults}`).map((line) => line.replace(/\n.*/s, ''));
    const places = `  - {id: f, kind: node-crash, target: {node: node-77}, at: 70s}
  - {id: g, kind: node-crash, target: {zone: q}, at: 70s}
  - {id: h, kind: process-crash, target: {component: scheduler, instance: 9}, at: 70s}
`;
    const wrong = `  - {id: f, kind: process-crash, target: {component: schedulr}, at: 70s}
  - {id: g, kind: node-crash, target: {hosting: Deployment/demo/wbe}, when: {fault: x, is: begun}}
`;
    for (const cluster of ['cluster: {nodes: {count: 0}}\n', 'cluster: {node: {count: 3}}\n', 'cluster: 7\n', '']) {
      expect(broken(cluster, places).filter((line) => !/SCN-01/.test(line))).toEqual([]);
      expect(broken(cluster, wrong).filter((line) => !/SCN-01/.test(line))).toEqual([
        expect.stringMatching(/SCN-020: unknown component "schedulr"/),
        expect.stringMatching(/SCN-020: unknown workload "Deployment\/demo\/wbe"/),
        expect.stringMatching(/SCN-020: unknown fault id "x"/),
      ]);
    }
    // Settings give no names: what the rest of the cluster has is known.
    const settings = 'cluster: {nodes: {count: 3}, settings: {controllerQps: many}}\n';
    expect(broken(settings, places).filter((line) => /SCN-02/.test(line))).toHaveLength(3);
  });
});

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
    expect(errorsOf(`${HEAD}cluster: {nodes: {count: 0}}\n${scaled}`)).toHaveLength(1);
  });
});

/** Groups of pods: what a user is told of those that no scheduler heeds. */
import { describe, expect, it } from 'vitest';
import { loadScenarioText } from '../../scenarios/load.ts';
import { formatProblem, ProblemList } from '../../scenarios/problem.ts';
import { TEST_CLUSTER as CLUSTER, TEST_HEAD as HEAD } from '../support/scenario-text.ts';

function linesOf(text: string): readonly string[] {
  const problems = new ProblemList();
  loadScenarioText('s.yaml', text, problems);
  return problems.problems.map(formatProblem);
}

describe('groups of pods', () => {
  const group =
    '{apiVersion: scheduling.k8s.io/v1alpha2, kind: PodGroup, metadata: {name: g, namespace: demo}, spec: %}';
  const pod =
    '{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: demo}, spec: {schedulingGroup: {podGroupName: g}, containers: [{name: c, image: x}]}}';
  const linesFor = (spec: string, cluster = CLUSTER) =>
    linesOf(`${HEAD}${cluster}workload:\n  objects:\n    - ${group.replace('%', spec)}\n    - ${pod}\n`);

  it('are told where no profile heeds them, and only there', () => {
    const gang =
      '{schedulingPolicy: {gang: {minCount: 9}}, schedulingConstraints: {topology: [{key: zone}]}, priority: 5}';
    const told = linesFor(gang);
    expect(
      told.map((line) => / warning MAN-018: (\w+ \w: [\w.]+): no profile .*GangScheduling/.exec(line)?.[1]),
    ).toEqual([
      'PodGroup g: spec.schedulingPolicy',
      'PodGroup g: spec.schedulingConstraints',
      'PodGroup g: spec.priority',
      'Pod p: spec.schedulingGroup',
    ]);
    expect(linesFor('{schedulingPolicy: {basic: {}}}')).toHaveLength(1);
    const settings =
      'settings: {schedulerConfiguration: {apiVersion: kubescheduler.config.k8s.io/v1, kind: KubeSchedulerConfiguration, profiles: [{plugins: {permit: {enabled: [{name: GangScheduling}]}}}]}}';
    const heeding = CLUSTER.replace('cluster:', `cluster:\n  ${settings}`);
    expect(linesFor(gang, heeding)).toEqual([]);
    expect(linesFor('{schedulingPolicy: {gang: {minCount: 1}}, preemptionPolicy: Never}', heeding)).toEqual([
      expect.stringMatching(
        /PodGroup g: spec.preemptionPolicy: feature gate PodGroupPreemptionPolicy is off, .*: what its pods say counts$/,
      ),
    ]);
  });
});

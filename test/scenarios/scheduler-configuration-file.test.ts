/** KubeSchedulerConfiguration files and sections: profiles for the scheduler, problems with line and column. */
import { describe, expect, test } from 'vitest';
import { loadScenarioText } from '../../scenarios/load.ts';
import { formatProblems, ProblemList } from '../../scenarios/problem.ts';
import { readSchedulerConfigurationText } from '../../scenarios/scheduler-configuration-file.ts';

const HEAD = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';

function problemsOf(text: string): string {
  const problems = new ProblemList();
  expect(readSchedulerConfigurationText('config.yaml', text, problems)).toBeNull();
  return formatProblems(problems.problems);
}

test('a sound file has its profiles', () => {
  const problems = new ProblemList();
  const text = `${HEAD}percentageOfNodesToScore: 30\nprofiles:\n- schedulerName: packer\n  pluginConfig:\n  - name: NodeResourcesFit\n    args: {scoringStrategy: {type: MostAllocated}}\n`;
  const configuration = readSchedulerConfigurationText('config.yaml', text, problems);
  expect(problems.problems).toEqual([]);
  expect(configuration?.percentageOfNodesToScore).toBe(30);
  expect(configuration?.profiles[0].args.nodeResourcesFit.scoringStrategy.type).toBe('MostAllocated');
});

describe('problems carry line and column, all at once', () => {
  test('unknown plugin, wrong weight, bad shape, unknown field', () => {
    const text = `${HEAD}profiles:
- plugins:
    score:
      enabled:
      - {name: NodeResourceFit, weight: 3}
      - {name: NodeAffinity, weight: heavy}
  pluginConfig:
  - name: NodeResourcesFit
    args:
      scoringStrategy:
        type: RequestedToCapacityRatio
        requestedToCapacityRatio: {shape: [{utilization: 100, score: 0}, {utilization: 0, score: 10}]}
parallelsim: 3
`;
    expect(problemsOf(text)).toBe(
      [
        'config.yaml:7:16 error CFG-001: profiles[0].plugins.score.enabled[0].name: unknown plugin "NodeResourceFit"',
        '  hint: did you mean "NodeResourcesFit"?',
        'config.yaml:8:38 error CFG-001: profiles[0].plugins.score.enabled[1].weight: must be an integer, not "heavy"',
        'config.yaml:14:88 error CFG-001: profiles[0].pluginConfig[0].args.scoringStrategy.requestedToCapacityRatio.shape[1].utilization: utilization values must rise: 0 after 100',
        '  hint: sort the points by utilization, each value once',
        'config.yaml:15:1 error CFG-001: unknown field "parallelsim"',
        '  hint: did you mean "parallelism"?',
      ].join('\n'),
    );
  });

  test.each([
    ['empty', '', /the file is empty/],
    ['two documents', `${HEAD}---\n${HEAD}`, /one document is expected/],
    ['broken YAML', 'a: [1', /broken YAML/],
    [
      'another kind',
      'apiVersion: v1\nkind: Pod\n',
      /^\S*config\.yaml:2:7 error CFG-001: kind: must be "KubeSchedulerConfiguration"$/,
    ],
  ])('%s', (_what, text, message) => {
    expect(problemsOf(text)).toMatch(message);
  });
});

test('a scenario names a configuration; what is wrong in it is found in the file', () => {
  const scenario = (weight: string) => `apiVersion: seatrial/v1
kind: Scenario
metadata: {name: packed}
about: Packed nodes.
cluster:
  nodes: {count: 2}
  settings:
    schedulerConfiguration:
      apiVersion: kubescheduler.config.k8s.io/v1
      kind: KubeSchedulerConfiguration
      profiles:
      - plugins: {score: {enabled: [{name: ImageLocality, weight: ${weight}}]}}
`;
  const good = new ProblemList();
  const loaded = loadScenarioText('packed.yaml', scenario('4'), good);
  expect(formatProblems(good.problems)).toBe('');
  expect(loaded?.plan.cluster.settings?.schedulerConfiguration).toMatchObject({ kind: 'KubeSchedulerConfiguration' });
  const bad = new ProblemList();
  loadScenarioText('packed.yaml', scenario('-4'), bad);
  expect(formatProblems(bad.problems)).toMatch(/packed\.yaml:12:\d+ error CFG-001: .*weight: must be between 0 and/);
});

test('a profile that no pod of a scenario asks for is a warning', () => {
  const pod = (name: string) =>
    `{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {${name}containers: [{name: c, image: i}]}}`;
  const warnings = (objects: string) => {
    const problems = new ProblemList();
    const text = `apiVersion: seatrial/v1
kind: Scenario
metadata: {name: two}
about: Two profiles.
cluster:
  nodes: {count: 2}
  settings:
    schedulerConfiguration:
      apiVersion: kubescheduler.config.k8s.io/v1
      kind: KubeSchedulerConfiguration
      profiles: [{schedulerName: default-scheduler}, {schedulerName: packer}]
workload: {objects: [${objects}]}
`;
    expect(loadScenarioText('two.yaml', text, problems)).not.toBeNull();
    return formatProblems(problems.problems);
  };
  expect(warnings('')).toBe('');
  expect(warnings(`${pod('schedulerName: packer, ')}, ${pod('').replace('name: a', 'name: b')}`)).toBe('');
  expect(warnings(pod(''))).toMatch(
    /^two\.yaml:11:\d+ warning SCN-039: no pod .* profile "packer": spec\.schedulerName is default-scheduler$/m,
  );
});

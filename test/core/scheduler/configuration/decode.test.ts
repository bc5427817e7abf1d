/** KubeSchedulerConfiguration: merging of plugins, weights, arguments; every problem of a broken file at once, with paths. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultConfiguration } from '../../../../core/scheduler/configuration/configuration.ts';
import {
  decodeConfigurationBody,
  decodeSchedulerConfiguration,
} from '../../../../core/scheduler/configuration/decode.ts';
import { pathText } from '../../../../core/scheduler/configuration/problem.ts';

const HEAD = { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration' };

function problemsOf(profile: unknown): string[] {
  const { problems } = decodeSchedulerConfiguration({ ...HEAD, profiles: [profile] });
  return problems.map(({ path, message }) => `${pathText(path)}: ${message}`);
}

function profileOf(profile: object) {
  const { configuration, problems } = decodeSchedulerConfiguration({ ...HEAD, profiles: [profile] });
  expect(problems).toEqual([]);
  return configuration.profiles[0];
}

test('a file without profiles is the default configuration', () => {
  const { configuration, problems } = decodeSchedulerConfiguration(HEAD);
  expect(problems).toEqual([]);
  expect(configuration).toEqual(defaultConfiguration('1.34'));
  expect(configuration.profiles[0].plugins.filter.slice(0, 3)).toEqual([
    'NodeUnschedulable',
    'NodeName',
    'TaintToleration',
  ]);
  expect([...configuration.profiles[0].weights]).toEqual([
    ['TaintToleration', 3],
    ['NodeAffinity', 2],
    ['NodeResourcesFit', 1],
    ['VolumeBinding', 1],
    ['PodTopologySpread', 2],
    ['InterPodAffinity', 2],
    ['NodeResourcesBalancedAllocation', 1],
    ['ImageLocality', 1],
  ]);
});

describe('merging', () => {
  test('naming a default plugin at multiPoint keeps its place, without a weight it weighs 1', () => {
    const profile = profileOf({
      plugins: { multiPoint: { enabled: [{ name: 'InterPodAffinity', weight: 30 }, { name: 'NodeAffinity' }] } },
    });
    expect(profile.plugins.filter.indexOf('NodeAffinity')).toBe(3);
    expect(profile.weights.get('InterPodAffinity')).toBe(30);
    expect(profile.weights.get('NodeAffinity')).toBe(1);
  });

  test('`*` clears a point; what the point enables stays', () => {
    const profile = profileOf({
      plugins: { score: { disabled: [{ name: '*' }], enabled: [{ name: 'NodeResourcesFit', weight: 7 }] } },
    });
    expect(profile.plugins.score).toEqual(['NodeResourcesFit']);
    expect(profile.weights.get('NodeResourcesFit')).toBe(7);
    expect(profile.plugins.filter).toContain('NodeResourcesFit');
  });

  test('disabled and enabled again at a point: runs last, with the new weight', () => {
    const score = { disabled: [{ name: 'TaintToleration' }], enabled: [{ name: 'TaintToleration', weight: 20 }] };
    const profile = profileOf({ plugins: { score } });
    expect(profile.plugins.score.at(-1)).toBe('TaintToleration');
    expect(profile.weights.get('TaintToleration')).toBe(20);
  });

  test('overridden plugins of a point come first', () => {
    const profile = profileOf({ plugins: { score: { enabled: [{ name: 'ImageLocality', weight: 4 }] } } });
    expect(profile.plugins.score[0]).toBe('ImageLocality');
  });
});

test('arguments with their defaults', () => {
  const { args } = profileOf({
    pluginConfig: [
      {
        name: 'NodeResourcesFit',
        args: { scoringStrategy: { type: 'MostAllocated' }, ignoredResources: ['example.com/x'] },
      },
      { name: 'PodTopologySpread', args: { defaultingType: 'List' } },
      { name: 'DynamicResources', args: { bindingTimeout: '90s', filterTimeout: '5s' } },
      { name: 'InterPodAffinity', args: { kind: 'InterPodAffinityArgs', ignorePreferredTermsOfExistingPods: true } },
    ],
  });
  expect(args.nodeResourcesFit.scoringStrategy.resources.map(({ name }) => name)).toEqual(['cpu', 'memory']);
  expect(args.nodeResourcesFit.ignoredResources).toEqual(['example.com/x']);
  expect(args.dynamicResources).toEqual({ bindingTimeoutUs: 90_000_000 });
  expect(args.podTopologySpread).toEqual({ defaultConstraints: [], systemDefaulted: false });
  expect(args.interPodAffinity).toEqual({ hardPodAffinityWeight: 1, ignorePreferredTermsOfExistingPods: true });
});

test('resources to score: one listed twice weighs twice, one that no node sums up is passed over', () => {
  const cpu = { name: 'cpu', weight: 1 };
  const resources = [cpu, { name: 'pods', weight: 5 }, cpu, { name: 'storage', weight: 1 }];
  const { args } = profileOf({
    pluginConfig: [
      { name: 'NodeResourcesFit', args: { scoringStrategy: { type: 'LeastAllocated', resources } } },
      { name: 'NodeResourcesBalancedAllocation', args: { resources: [{ name: 'pods' }] } },
    ],
  });
  expect(args.nodeResourcesFit.scoringStrategy.resources).toEqual([cpu, cpu]);
  expect(args.balancedAllocation.resources).toEqual([]);
});

test('what has no effect here is read all the same, as a real scheduler does', () => {
  const { problems, configuration } = decodeSchedulerConfiguration({
    ...HEAD,
    leaderElection: {
      leaderElect: true,
      leaseDuration: '1m',
      renewDeadline: '0s',
      resourceName: 'mine',
      resourceLock: 'leases',
    },
    clientConnection: {
      kubeconfig: '/etc/kubernetes/scheduler.conf',
      qps: 12.5,
      burst: 0,
      contentType: 'application/json',
    },
  });
  expect(problems).toEqual([]);
  expect(configuration.withoutEffect).toEqual(['leaderElection', 'clientConnection']);
  // Without an election nothing of it is judged, only read.
  const off = { leaderElect: false, leaseDuration: '1s', resourceLock: 'endpoints' };
  expect(decodeSchedulerConfiguration({ ...HEAD, leaderElection: off }).problems).toEqual([]);
});

test('what a profile prefers may weigh more than a pod may say, and is not parsed where it weighs nothing (NewPreferredSchedulingTerms)', () => {
  const preferring = (weight: number, requirement: object) => ({
    pluginConfig: [
      {
        name: 'NodeAffinity',
        args: {
          addedAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight, preference: { matchExpressions: [requirement] } },
            ],
          },
        },
      },
    ],
  });
  expect(problemsOf(preferring(500, { key: 'a', operator: 'Exists' }))).toEqual([]);
  expect(problemsOf(preferring(0, { operator: 'Foo' }))).toEqual([]);
  expect(problemsOf(preferring(0, { key: 'a', operator: 'In', values: [3] }))).toHaveLength(1);
  expect(problemsOf(preferring(1, { key: 'a', operator: 'In' }))).toHaveLength(1);
  expect(problemsOf(preferring(2 ** 31, { key: 'a', operator: 'Exists' }))).toHaveLength(1);
});

test('what the real code takes: no required terms, terms that weigh nothing, policies of default constraints', () => {
  const { args } = profileOf({
    pluginConfig: [
      {
        name: 'NodeAffinity',
        args: {
          apiVersion: 'kubescheduler.config.k8s.io/v1',
          addedAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] },
            preferredDuringSchedulingIgnoredDuringExecution: [{ preference: {} }],
          },
        },
      },
      {
        name: 'PodTopologySpread',
        args: {
          defaultingType: 'List',
          defaultConstraints: [
            {
              ...{ maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'ScheduleAnyway' },
              ...{ labelSelector: null, matchLabelKeys: ['a'], nodeTaintsPolicy: 'Honor' },
            },
          ],
        },
      },
    ],
  });
  expect(args.nodeAffinity.addedAffinity).toMatchObject({
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] },
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 0 }],
  });
  expect(args.podTopologySpread.defaultConstraints[0]?.nodeTaintsPolicy).toBe('Honor');
});

describe('bad input', () => {
  test('all problems at once, each with its path', () => {
    const found = problemsOf({
      plugins: {
        score: {
          enabled: [
            { name: 'NodeResorcesFit', weight: 1 },
            { name: 'NodeAffinity', weight: -2 },
          ],
        },
        queueSort: { disabled: [{ name: '*' }] },
        filter: { enabled: [{ name: 'ImageLocality' }] },
        scores: {},
      },
      pluginConfig: [
        {
          name: 'NodeResourcesFit',
          args: {
            scoringStrategy: {
              type: 'RequestedToCapacityRatio',
              requestedToCapacityRatio: {
                shape: [
                  { utilization: 50, score: 11 },
                  { utilization: 50, score: 0 },
                ],
              },
            },
          },
        },
      ],
    });
    expect(found).toEqual([
      'profiles[0].plugins.scores: unknown field "scores"',
      'profiles[0].plugins.filter.enabled[0].name: plugin "ImageLocality" does not extend filter',
      'profiles[0].plugins.score.enabled[0].name: unknown plugin "NodeResorcesFit"',
      'profiles[0].plugins.score.enabled[1].weight: must be between 0 and 1000000, not -2',
      'profiles[0].plugins.queueSort: exactly one queue-sort plugin is needed, not 0',
      'profiles[0].pluginConfig[0].args.scoringStrategy.requestedToCapacityRatio.shape[0].score: must be between 0 and 10, not 11',
      'profiles[0].pluginConfig[0].args.scoringStrategy.requestedToCapacityRatio.shape[1].utilization: utilization values must rise: 50 after 50',
    ]);
  });

  test.each<[string, unknown, RegExp]>([
    ['empty document', undefined, /empty/],
    ['list', [], /must be a mapping/],
    ['other kind', { ...HEAD, kind: 'Pod' }, /kind/],
    ['unknown field', { ...HEAD, profile: [] }, /unknown field "profile"/],
    ['extender', { ...HEAD, extenders: [{ urlPrefix: 'http://x' }] }, /extenders are not simulated/],
    [
      'two profiles of one name',
      { ...HEAD, profiles: [{ schedulerName: 'a' }, { schedulerName: 'a' }] },
      /exists already/,
    ],
    ['two unnamed profiles', { ...HEAD, profiles: [{}, {}] }, /schedulerName is missing/],
    ['percentage', { ...HEAD, percentageOfNodesToScore: 101 }, /between 0 and 100/],
    ['no parallelism', { ...HEAD, parallelism: 0 }, /between 1 and 2147483647, not 0parallelism/],
    ['a flag that is none', { ...HEAD, delayCacheUntilActive: 'x' }, /must be true or false/],
    ['back-off', { ...HEAD, podInitialBackoffSeconds: 20 }, /less than podInitialBackoffSeconds/],
    ['a lease of its own words', { ...HEAD, leaderElection: { leasDuration: '15s' } }, /unknown field "leasDuration"/],
    [
      'a lease without a unit',
      { ...HEAD, leaderElection: { leaseDuration: '15' } },
      /duration such as "15s", not "15"/,
    ],
    [
      'a lease that ends too early',
      { ...HEAD, leaderElection: { leaseDuration: '10s' } },
      /greater than renewDeadline/,
    ],
    ['renewals too late', { ...HEAD, leaderElection: { retryPeriod: '9s' } }, /greater than 1.2 times retryPeriod/],
    ['an old lock', { ...HEAD, leaderElection: { resourceLock: 'endpoints' } }, /must be "leases"/],
    ['a connection', { ...HEAD, clientConnection: { qsp: 5 } }, /unknown field "qsp"/],
    ['its rate', { ...HEAD, clientConnection: { qps: '50' } }, /must be a number, not "50"/],
    ['its burst', { ...HEAD, clientConnection: { burst: -1 } }, /between 0 and/],
  ])('%s', (_what, data, message) => {
    expect(
      decodeSchedulerConfiguration(data)
        .problems.map((problem) => problem.message + problem.path.join())
        .join('\n'),
    ).toMatch(message);
  });

  test.each<[string, object, RegExp]>([
    [
      'two queue-sort plugins',
      { plugins: { queueSort: { enabled: [{ name: 'PrioritySort' }, { name: 'PrioritySort' }] } } },
      /enabled twice/,
    ],
    ['no bind plugin', { plugins: { bind: { disabled: [{ name: '*' }] } } }, /at least one bind plugin/],
    ['arguments twice', { pluginConfig: [{ name: 'InterPodAffinity' }, { name: 'InterPodAffinity' }] }, /given twice/],
    [
      'a time-out that is too short',
      { pluginConfig: [{ name: 'DynamicResources', args: { bindingTimeout: '10ms' } }] },
      /bindingTimeout: must be at least 1s/,
    ],
    ['arguments for a plugin without', { pluginConfig: [{ name: 'ImageLocality', args: {} }] }, /takes no arguments/],
    [
      'system defaults with a list',
      {
        pluginConfig: [
          {
            name: 'PodTopologySpread',
            args: { defaultConstraints: [{ maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'ScheduleAnyway' }] },
          },
        ],
      },
      /args.defaultingType: must be List/,
    ],
    [
      'balanced weight',
      {
        pluginConfig: [{ name: 'NodeResourcesBalancedAllocation', args: { resources: [{ name: 'cpu', weight: 2 }] } }],
      },
      /between 1 and 1/,
    ],
    [
      'balanced twice',
      {
        pluginConfig: [
          { name: 'NodeResourcesBalancedAllocation', args: { resources: [{ name: 'cpu' }, { name: 'cpu' }] } },
        ],
      },
      /resources\[1\]\.name: resource "cpu" is listed twice/,
    ],
    [
      'no shape',
      { pluginConfig: [{ name: 'NodeResourcesFit', args: { scoringStrategy: { type: 'RequestedToCapacityRatio' } } }] },
      /at least one point/,
    ],
    [
      'no candidates',
      {
        pluginConfig: [
          { name: 'DefaultPreemption', args: { minCandidateNodesPercentage: 0, minCandidateNodesAbsolute: 0 } },
        ],
      },
      /cannot both be 0/,
    ],
  ])('%s', (_what, profile, message) => {
    expect(problemsOf(profile).join('\n')).toMatch(message);
  });

  const asArgs = (name: string, args: object) => ({ pluginConfig: [{ name, args }] });
  const affinity = (list: string, requirement: object) =>
    asArgs('NodeAffinity', {
      addedAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ [list]: [requirement] }] },
      },
    });
  const spread = (more: object) =>
    asArgs('PodTopologySpread', {
      defaultingType: 'List',
      defaultConstraints: [{ maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'ScheduleAnyway', ...more }],
    });
  const resourcesFit = (args: object) => asArgs('NodeResourcesFit', args);

  // What the real code refuses too (Kubernetes 1.34.1, validation_pluginargs.go, nodeaffinity.go, conversion of plugin args).
  test.each<[string, object, string]>([
    ['a version', asArgs('VolumeBinding', { apiVersion: 'v2' }), 'apiVersion: must be'],
    ['a shape without its gate', asArgs('VolumeBinding', { shape: [] }), 'shape: needs the feature gate'],
    [
      'a time-out below zero',
      asArgs('DynamicResources', { filterTimeout: '-1s' }),
      'filterTimeout: must be a duration',
    ],
    ['an empty time-out', asArgs('DynamicResources', { filterTimeout: '' }), 'filterTimeout: must be a duration'],
    [
      'a strategy without type',
      resourcesFit({ scoringStrategy: { resources: [] } }),
      'scoringStrategy.type: type is missing',
    ],
    [
      'a ratio without shape under another type',
      resourcesFit({ scoringStrategy: { type: 'MostAllocated', requestedToCapacityRatio: {} } }),
      'requestedToCapacityRatio.shape: at least one point',
    ],
    ['no resource name', resourcesFit({ ignoredResources: ['-x'] }), 'ignoredResources[0]: name part must'],
    ['no group name', resourcesFit({ ignoredResourceGroups: ['a b'] }), 'ignoredResourceGroups[0]: name part must'],
    ['no label name', spread({ topologyKey: 'a b' }), 'defaultConstraints[0].topologyKey: name part must'],
    ['no skew', spread({ maxSkew: null }), 'defaultConstraints[0].maxSkew: maxSkew is missing'],
    [
      'a policy that there is not',
      spread({ nodeTaintsPolicy: 'honor' }),
      'defaultConstraints[0].nodeTaintsPolicy: must be one of',
    ],
    [
      'In without values',
      affinity('matchExpressions', { key: 'a', operator: 'In' }),
      "nodeSelectorTerms[0].matchExpressions[0].values: Invalid value: []: for 'in'",
    ],
    [
      'Gt of a word',
      affinity('matchExpressions', { key: 'a', operator: 'Gt', values: ['b'] }),
      'matchExpressions[0].values[0]: Invalid value: "b": for \'Gt\'',
    ],
    [
      'a key that is no label’s',
      affinity('matchExpressions', { key: 'a b', operator: 'Exists' }),
      'matchExpressions[0].key: name part must',
    ],
    [
      'two values of a field',
      affinity('matchFields', { key: 'metadata.name', operator: 'In', values: ['a', 'b'] }),
      'matchFields[0].values: Invalid value: ["a","b"]: must have one element',
    ],
  ])('arguments with %s', (_what, profile, message) => {
    const problems = problemsOf(profile);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(message);
  });

  // Kubernetes 1.34.1, validation.go validateCommonQueueSort.
  test('queue sorting is told in the same words by all profiles', () => {
    const sorted = { queueSort: { enabled: [{ name: 'PrioritySort' }] } };
    const told = (...plugins: readonly object[]) =>
      decodeSchedulerConfiguration({
        ...HEAD,
        profiles: plugins.map((each, i) => ({ schedulerName: `s${i}`, plugins: each })),
      }).problems.map(({ path }) => pathText(path));
    expect(told(sorted, sorted, { queueSort: { disabled: null, ...sorted.queueSort } })).toEqual([]);
    expect(told(sorted, {})).toEqual(['profiles[1].plugins.queueSort']);
    expect(told({}, sorted)).toEqual(['profiles[1].plugins.queueSort']);
    expect(told(sorted, { queueSort: { enabled: [{ name: 'PrioritySort', weight: 2 }] } })).toEqual([
      'profiles[1].plugins.queueSort',
    ]);
  });

  test('an empty profile beside others has no name', () => {
    const { problems } = decodeSchedulerConfiguration({ ...HEAD, profiles: [{ schedulerName: 'a' }, null] });
    expect(problems.map(({ path }) => pathText(path))).toEqual(['profiles[1].schedulerName']);
  });

  test('any plain data is decoded or refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        decodeSchedulerConfiguration(data);
        decodeConfigurationBody({ profiles: [{ plugins: data, pluginConfig: data }] }, '1.36');
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});

test('one mistake is told once', () => {
  const told = (data: unknown): string[] => decodeSchedulerConfiguration(data).problems.map(({ message }) => message);
  const profile = (plugins: object): object => ({ ...HEAD, profiles: [{ plugins }] });
  expect(told({ apiVersion: 'v1', kind: 'Pod', spec: {} })).toEqual(['must be "KubeSchedulerConfiguration"']);
  expect(told([])).toEqual(['must be a mapping, not a list']);
  const everything = [{ name: '*' }];
  expect(told(profile({ queueSort: { disabled: everything, enabled: [{ name: 'PrioritySrt' }] } }))).toEqual([
    'unknown plugin "PrioritySrt"',
  ]);
  expect(told(profile({ bind: { disabled: everything, enabled: [{ name: 'Bindr' }] } }))).toEqual([
    'unknown plugin "Bindr"',
  ]);
  expect(told({ ...HEAD, profiles: [{}, {}] })).toEqual(['schedulerName is missing', 'schedulerName is missing']);
  expect(told({ ...HEAD, profiles: [5, 'x'] })).toEqual(['must be a mapping, not 5', 'must be a mapping, not "x"']);
  expect(told({ ...HEAD, podInitialBackoffSeconds: 20, podMaxBackoffSeconds: 'x' })).toHaveLength(1);
  const none = { schedulerName: 'b', plugins: { queueSort: { disabled: everything } } };
  expect(told({ ...HEAD, profiles: [{ schedulerName: 'a' }, none] })).toEqual([
    'exactly one queue-sort plugin is needed, not 0',
  ]);
});

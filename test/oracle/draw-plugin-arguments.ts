import type { Dice, Json } from './dice.ts';

/** One of the wrong values with probability `share`. */
export function wrongly<T>(dice: Dice, share: number, wrong: readonly unknown[], right: T): unknown {
  return dice.chance(share) ? dice.of(...wrong) : right;
}

/** Arguments of the plugins that take any; `wrong` is how often something is wrong where it may be. */
export const drawArguments: Readonly<Record<string, (dice: Dice, wrong: number) => Json>> = {
  NodeResourcesFit: (dice, wrong) => ({
    ignoredResources: dice.maybe(0.3, () =>
      dice.list(dice.int(0, 2), () =>
        wrongly(dice, wrong, ['', 'a b', 'a/b/c', '-x'], dice.of('example.com/foo', 'cpu')),
      ),
    ),
    ignoredResourceGroups: dice.maybe(0.3, () => [wrongly(dice, wrong, ['', 'a/b', '_x'], 'example.com')]),
    scoringStrategy: dice.maybe(0.8, () => ({
      type: wrongly(
        dice,
        wrong,
        ['', 'leastAllocated'],
        dice.of('LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio'),
      ),
      resources: dice.maybe(0.6, () => drawWeights(dice, wrong, [0, 1, 5, 100])),
      requestedToCapacityRatio: dice.maybe(0.6, () => ({ shape: drawShape(dice, wrong) })),
    })),
  }),
  NodeResourcesBalancedAllocation: (dice, wrong) => ({
    resources: dice.maybe(0.8, () => drawWeights(dice, wrong, [0, 1, 1, 1])),
  }),
  NodeAffinity: (dice, wrong) => ({
    addedAffinity: dice.maybe(0.8, () => ({
      requiredDuringSchedulingIgnoredDuringExecution: dice.maybe(0.6, () => ({
        nodeSelectorTerms: dice.list(wrongly(dice, wrong, [0], dice.int(1, 2)) as number, () =>
          drawNodeTerm(dice, wrong),
        ),
      })),
      preferredDuringSchedulingIgnoredDuringExecution: dice.maybe(0.5, () => [
        { weight: wrongly(dice, wrong, [0, 101], dice.of(1, 100)), preference: drawNodeTerm(dice, wrong) },
      ]),
    })),
  }),
  InterPodAffinity: (dice, wrong) => ({
    hardPodAffinityWeight: dice.maybe(0.7, () => wrongly(dice, wrong, [101, -1, '1'], dice.of(0, 1, 100))),
    ignorePreferredTermsOfExistingPods: dice.maybe(0.4, () => wrongly(dice, wrong, ['no'], dice.chance(0.5))),
  }),
  PodTopologySpread: (dice, wrong) => ({
    defaultConstraints: dice.maybe(0.7, () =>
      dice.some(['zone', 'kubernetes.io/hostname'], 0.6).map((key) => ({
        maxSkew: wrongly(dice, wrong, [0, -1, undefined], dice.of(1, 2)),
        topologyKey: wrongly(dice, wrong, ['', 'a b', undefined], key),
        whenUnsatisfiable: wrongly(dice, wrong, ['', 'Foo'], dice.of('DoNotSchedule', 'ScheduleAnyway')),
        labelSelector: dice.chance(wrong) ? {} : undefined,
      })),
    ),
    defaultingType: wrongly(dice, wrong, ['Foo', 'list'], dice.of('List', 'List', 'System', undefined)),
  }),
  DefaultPreemption: (dice, wrong) => ({
    minCandidateNodesPercentage: dice.maybe(0.7, () => wrongly(dice, wrong, [101, -1, 1.5], dice.of(0, 10, 100))),
    minCandidateNodesAbsolute: dice.maybe(0.6, () => wrongly(dice, wrong, [-1, 'x'], dice.of(0, 100))),
  }),
  VolumeBinding: (dice, wrong) => ({
    bindTimeoutSeconds: dice.maybe(0.8, () => wrongly(dice, wrong, [-1, '5'], dice.of(0, 600))),
    shape: dice.chance(wrong) ? drawShape(dice, wrong) : undefined,
  }),
};

/** Left out: `pods` and names that no resource has, which no score counts and which are not in the list here. */
function drawWeights(dice: Dice, wrong: number, weights: readonly number[]): unknown[] {
  return dice.some(['cpu', 'memory', 'example.com/x', 'ephemeral-storage'], 0.4).map((name) => ({
    name,
    weight: dice.maybe(0.7, () => wrongly(dice, wrong, [101, -5, '1'], dice.of(...weights))),
  }));
}

function drawShape(dice: Dice, wrong: number): unknown[] {
  return dice.some([0, 10, 40, 100], 0.6).map((utilization) => ({
    utilization: wrongly(dice, wrong, [-1, 101, 10], utilization),
    score: wrongly(dice, wrong, [11, -1], dice.of(0, 5, 10)),
  }));
}

function drawNodeTerm(dice: Dice, wrong: number): Json {
  return {
    matchExpressions: dice.maybe(0.8, () => dice.list(dice.int(0, 2), () => drawRequirement(dice, wrong))),
    matchFields: dice.maybe(0.2, () => [
      {
        key: wrongly(dice, wrong, ['metadata.namespace'], 'metadata.name'),
        operator: wrongly(dice, wrong, ['Exists'], dice.of('In', 'NotIn')),
        values: wrongly(dice, wrong, [[], ['a', 'b'], ['A_b']], ['n']),
      },
    ]),
  };
}

function drawRequirement(dice: Dice, wrong: number): Json {
  const operator = dice.of('In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt');
  const values = operator === 'Gt' || operator === 'Lt' ? ['1'] : /Exist/.test(operator) ? undefined : ['a', 'b'];
  return {
    key: wrongly(dice, wrong, ['', 'a b'], dice.of('zone', 'num')),
    operator: wrongly(dice, wrong, ['in', '', 'Foo'], operator),
    values: wrongly(dice, wrong, [[], ['a b'], ['1', '2']], values),
  };
}

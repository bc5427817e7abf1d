/**
 * Which events wake which pods: rows of the registrations and hints of the real plugins (Kubernetes 1.34, EventsToRegister and
 * the functions named there; scheduler.go for taints).
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { type ClusterEvent, nodeChanges } from '../../../../core/scheduler/queue/cluster-event.ts';
import { changeHelps } from '../../../../core/scheduler/queue/queueing-hints.ts';
import type { Node } from '../../../../core/types/node.ts';
import type { StringMap } from '../../../../core/types/object.ts';
import type { Pod, PodSpec } from '../../../../core/types/pod.ts';
import { makeNode, makePod } from '../objects.ts';
import { HintBench, NAMES, type Name } from './hint-bench.ts';

let bench: HintBench;
beforeEach(() => {
  bench = new HintBench();
});

const named = (pod: Pod, namespace: string, labels: StringMap): Pod => ({
  ...pod,
  metadata: { ...pod.metadata, namespace, labels },
});

/** A node comes, or changes. */
function nodeEvent(old: Node | null, node: Node): ClusterEvent {
  return { kind: 'node', old, node, slot: bench.core.putNode(node), changes: nodeChanges(old, node) };
}

const TAINT = { key: 'k', value: 'v', effect: 'NoSchedule' } as const;
const SOFT = { key: 's', effect: 'PreferNoSchedule' } as const;
const CORDON = { key: 'node.kubernetes.io/unschedulable', operator: 'Exists' } as const;
const ZONE = 'topology.kubernetes.io/zone';
const HOST = 'kubernetes.io/hostname';
const selecting = (app: string) => ({ matchLabels: { app } });
const spreadOver = (topologyKey: string, more: object = {}) => ({
  maxSkew: 1,
  topologyKey,
  whenUnsatisfiable: 'DoNotSchedule' as const,
  labelSelector: selecting('x'),
  ...more,
});
const near = (topologyKey: string, ...apps: string[]): Partial<PodSpec> => ({
  affinity: {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: apps.map((app) => ({
        topologyKey,
        labelSelector: selecting(app),
      })),
    },
  },
});
const apart = (topologyKey: string, ...apps: string[]): Partial<PodSpec> => ({
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: apps.map((app) => ({
        topologyKey,
        labelSelector: selecting(app),
      })),
    },
  },
});

/** Plugins that every new node is news to, and that any change of taints wakes (kubernetes #109437). */
const BY_TAINTS: readonly Name[] = [
  'NodeName',
  'NodeAffinity',
  'NodePorts',
  'NodeResourcesFit',
  'VolumeRestrictions',
  'VolumeBinding',
  'VolumeZone',
  'InterPodAffinity',
  'DynamicResources',
];

describe('a node', () => {
  const plain = makePod('waiting', { cpu: '2', 'example.com/gpu': '1' });
  const node = makeNode('n', { gpu: '1' });
  const with_ = (change: Partial<Node['metadata']>, spec: Node['spec'] = {}): Node => ({
    ...node,
    metadata: { ...node.metadata, ...change },
    spec,
  });
  const sized = (allocatable: Record<string, string>): Node => ({
    ...node,
    status: { allocatable: { ...node.status?.allocatable, ...allocatable } },
  });

  test('that is new helps whoever it may suit', () => {
    expect(bench.wokenBy(plain, nodeEvent(null, node))).toEqual(NAMES);
    const small = { ...sized({ cpu: '1' }), metadata: { ...node.metadata, labels: {} } };
    const wants = makePod('w', { cpu: '2' }, { nodeSelector: { disk: 'ssd' }, ...near(ZONE, 'a') });
    const strict: Pod = { ...wants, spec: { ...wants.spec, topologySpreadConstraints: [spreadOver(HOST)] } };
    expect(
      bench.wokenBy(strict, nodeEvent(null, { ...small, spec: { taints: [TAINT], unschedulable: true } })),
    ).toEqual(
      NAMES.filter((name) => {
        const refused: readonly Name[] = [
          'NodeUnschedulable',
          'TaintToleration',
          'NodeAffinity',
          'NodeResourcesFit',
          'PodTopologySpread',
          'InterPodAffinity',
        ];
        return !refused.includes(name);
      }),
    );
  });

  test('that only tells its health or has new annotations is no news', () => {
    const told = { ...node, status: { ...node.status, conditions: [{ type: 'Ready', status: 'True' as const }] } };
    expect(nodeChanges(node, told)).toBe(0);
    expect(nodeChanges(node, with_({ annotations: { a: 'b' } }, node.spec))).toBe(0);
    expect(nodeChanges(makeNode('m', { taints: [] }), makeNode('m'))).toBe(0);
  });

  test.each<[string, Node, Node, readonly Name[]]>([
    ['uncordoned', with_({}, { unschedulable: true }), with_({}), ['NodeUnschedulable', ...BY_TAINTS]],
    ['cordoned', with_({}), with_({}, { unschedulable: true }), []],
    ['freed of its taint', with_({}, { taints: [TAINT] }), with_({}), ['TaintToleration', ...BY_TAINTS]],
    ['tainted', with_({}), with_({}, { taints: [TAINT] }), BY_TAINTS],
    ['tainted softly', with_({}), with_({}, { taints: [SOFT] }), BY_TAINTS],
    [
      'tainted and still cordoned',
      with_({}, { unschedulable: true }),
      with_({}, { unschedulable: true, taints: [SOFT] }),
      BY_TAINTS,
    ],
    ['with more cpu', sized({ cpu: '3' }), sized({ cpu: '4' }), ['NodeResourcesFit', 'DynamicResources']],
    ['with more cpu, not enough', sized({ cpu: '1' }), sized({ cpu: '1500m' }), ['DynamicResources']],
    ['with less cpu, still enough', sized({ cpu: '4' }), sized({ cpu: '3' }), ['DynamicResources']],
    ['with more memory', sized({ memory: '1Gi' }), sized({ memory: '2Gi' }), ['DynamicResources']],
    ['with more devices', sized({ 'example.com/gpu': '0' }), node, ['NodeResourcesFit', 'DynamicResources']],
    ['with room for more pods', sized({ pods: '1' }), sized({ pods: '2' }), ['NodeResourcesFit', 'DynamicResources']],
    ['with room for no pods', sized({ pods: '1' }), sized({ pods: '0' }), ['DynamicResources']],
  ])('that is %s', (_what, old, now, expected) => {
    const woken = bench.wokenBy(plain, nodeEvent(old, now));
    const noConstraints: readonly Name[] = ['PodTopologySpread', 'ThirdParty'];
    expect(woken.filter((name) => !noConstraints.includes(name))).toEqual(
      NAMES.filter((name) => expected.includes(name)),
    );
  });

  const inZone = (zone: string | undefined, disk?: string): Node =>
    makeNode('z', { ...(zone === undefined ? {} : { zone }), ...(disk === undefined ? {} : { disk }) });
  const asks = (spec: Partial<PodSpec>) => makePod('asks', {}, spec);
  const always: readonly Name[] = ['VolumeBinding', 'VolumeZone', 'DynamicResources', 'ThirdParty'];

  test.each<[string, Pod, Node, Node, readonly Name[]]>([
    [
      'label asked for came',
      asks({ nodeSelector: { disk: 'ssd' } }),
      inZone('a'),
      inZone('a', 'ssd'),
      ['NodeAffinity'],
    ],
    ['label asked for went', asks({ nodeSelector: { disk: 'ssd' } }), inZone('a', 'ssd'), inZone('a'), []],
    ['other label', asks({ nodeSelector: { disk: 'ssd' } }), inZone('a', 'ssd'), inZone('b', 'ssd'), []],
    [
      'spread key came',
      asks({ topologySpreadConstraints: [spreadOver(ZONE)] }),
      inZone(undefined),
      inZone('a'),
      ['PodTopologySpread'],
    ],
    [
      'spread key went',
      asks({ topologySpreadConstraints: [spreadOver(ZONE)] }),
      inZone('a'),
      inZone(undefined),
      ['PodTopologySpread'],
    ],
    [
      'spread domain moved',
      asks({ topologySpreadConstraints: [spreadOver(ZONE)] }),
      inZone('a'),
      inZone('b'),
      ['PodTopologySpread'],
    ],
    [
      'label beside the spread key',
      asks({ topologySpreadConstraints: [spreadOver(ZONE)] }),
      inZone('a'),
      inZone('a', 'ssd'),
      [],
    ],
    [
      'one of two spread keys missing',
      asks({ topologySpreadConstraints: [spreadOver(ZONE), spreadOver('disk')] }),
      inZone('a'),
      inZone('b'),
      [],
    ],
    ['affinity key came', asks(near(ZONE, 'a')), inZone(undefined), inZone('a'), ['InterPodAffinity']],
    ['affinity key went', asks(near(ZONE, 'a')), inZone('a'), inZone(undefined), []],
    ['affinity domain moved', asks(near(ZONE, 'a')), inZone('a'), inZone('b'), ['InterPodAffinity']],
    ['label beside the affinity key', asks(near(ZONE, 'a')), inZone('a'), inZone('a', 'ssd'), []],
    ['anti-affinity key came', asks(apart(ZONE, 'a')), inZone(undefined), inZone('a'), []],
    ['anti-affinity key went', asks(apart(ZONE, 'a')), inZone('a'), inZone(undefined), ['InterPodAffinity']],
    ['anti-affinity domain moved', asks(apart(ZONE, 'a')), inZone('a'), inZone('b'), ['InterPodAffinity']],
  ])('%s', (_what, pod, old, now, expected) => {
    const required = pod.spec.nodeSelector === undefined ? ['NodeAffinity'] : [];
    const spread = pod.spec.topologySpreadConstraints === undefined ? ['PodTopologySpread'] : [];
    const woken = bench
      .wokenBy(pod, nodeEvent(old, now))
      .filter((name) => ![...always, ...required, ...spread].includes(name));
    expect(woken).toEqual(expected);
  });

  test('new taints move no domain that is not there', () => {
    const pod = asks({ topologySpreadConstraints: [spreadOver(ZONE)] });
    const tainted = (zone: string | undefined) => ({ ...inZone(zone), spec: { taints: [SOFT] } });
    expect(bench.wokenBy(pod, nodeEvent(inZone('a'), tainted('a')))).toContain('PodTopologySpread');
    expect(bench.wokenBy(pod, nodeEvent(inZone(undefined), tainted(undefined)))).not.toContain('PodTopologySpread');
  });

  test('that is gone takes a domain of a spread along', () => {
    const pod = asks({ topologySpreadConstraints: [spreadOver(ZONE)] });
    expect(bench.wokenBy(pod, { kind: 'node-gone', node: inZone('a') })).toEqual(['PodTopologySpread', 'ThirdParty']);
    expect(bench.wokenBy(pod, { kind: 'node-gone', node: inZone(undefined) })).toEqual(['ThirdParty']);
  });

  test('tolerated taints', () => {
    const tolerant = asks({ tolerations: [{ key: 'k', operator: 'Exists' }] });
    const two = { ...node, spec: { taints: [TAINT, { ...TAINT, key: 'l' }] } };
    const one = { ...node, spec: { taints: [TAINT] } };
    expect(bench.wokenBy(tolerant, nodeEvent(two, one))).toContain('TaintToleration');
    expect(bench.wokenBy(tolerant, nodeEvent(one, { ...node, spec: {} }))).not.toContain('TaintToleration');
  });
});

describe('another pod', () => {
  const other = (app: string, spec: Partial<PodSpec> = {}, namespace = 'default') =>
    named(makePod('other', {}, spec), namespace, { app });
  const assigned = (pod: Pod) => (): ClusterEvent => ({ kind: 'pod-assigned', podClass: bench.core.classOf(pod) });
  const gone = (pod: Pod) => (): ClusterEvent => ({ kind: 'pod-gone', podClass: bench.core.classOf(pod), pod });
  const waitsNoMore = (pod: Pod) => (): ClusterEvent => ({
    kind: 'pod-gone',
    podClass: bench.core.classOf(pod),
    pod,
    maxPriority: 9,
  });
  const sized = (cpu: string) => named(makePod('other', { cpu }), 'default', { app: 'x' });
  const changed = (before: Pod, pod: Pod) => (): ClusterEvent => ({
    kind: 'pod-changed',
    podClass: bench.core.classOf(pod),
    before: bench.core.classOf(before),
  });
  const asks = (spec: Partial<PodSpec>) => named(makePod('asks', {}, spec), 'default', { app: 'me' });
  const spread = asks({ topologySpreadConstraints: [spreadOver(ZONE)] });
  /** Counts nobody, and waits for all the same (Kubernetes 1.34.1, plugin.go podLabelsMatchSpreadConstraints). */
  const spreadAll = asks({ topologySpreadConstraints: [spreadOver(ZONE, { labelSelector: {} })] });
  const port = (hostPort: number) => ({
    containers: [{ name: 'c', ports: [{ containerPort: 1, hostPort }] }],
  });
  const claim = (claimName: string) => ({ volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }] });
  const disk = (pdName: string, readOnly = false) => ({
    volumes: [{ name: 'v', gcePersistentDisk: { pdName, readOnly } }],
  });

  test.each<[string, Pod, () => ClusterEvent, readonly Name[]]>([
    ['comes that is looked for', asks(near(ZONE, 'x')), assigned(other('x')), ['InterPodAffinity']],
    ['comes elsewhere', asks(near(ZONE, 'x')), assigned(other('x', {}, 'other')), []],
    ['comes that is not looked for', asks(near(ZONE, 'x')), assigned(other('y')), []],
    ['comes that matches one term of two', asks(near(ZONE, 'x', 'y')), assigned(other('x')), []],
    ['comes that is avoided', asks(apart(ZONE, 'x')), assigned(other('x')), []],
    ['comes that a spread counts', spread, assigned(other('x')), ['PodTopologySpread']],
    ['comes in another namespace than the spread’s', spread, assigned(other('x', {}, 'other')), []],
    ['comes that a spread over everybody names', spreadAll, assigned(other('y')), ['PodTopologySpread']],
    ['comes that a spread over everybody does not name', spreadAll, assigned(other('y', {}, 'other')), []],
    ['comes that a spread does not count', spread, assigned(other('y')), []],
    ['is looked for now', asks(near(ZONE, 'x')), changed(other('y'), other('x')), ['InterPodAffinity']],
    ['was looked for before', asks(near(ZONE, 'x')), changed(other('x'), other('x', port(1))), []],
    ['is looked for no more', asks(near(ZONE, 'x')), changed(other('x'), other('y')), []],
    ['is avoided no more', asks(apart(ZONE, 'x')), changed(other('x'), other('y')), ['InterPodAffinity']],
    ['is avoided now', asks(apart(ZONE, 'x')), changed(other('y'), other('x')), []],
    ['counts now', spread, changed(other('y'), other('x')), ['PodTopologySpread']],
    ['counts no more', spread, changed(other('x'), other('y')), ['PodTopologySpread']],
    ['counts as before', spread, changed(other('x'), other('x', port(1))), []],
    ['goes, unrelated', asks({}), gone(other('x')), ['NodeResourcesFit']],
    ['goes that is looked for', asks(near(ZONE, 'x')), gone(other('x')), ['NodeResourcesFit']],
    [
      'goes that one of two terms avoids',
      asks(apart(ZONE, 'x', 'y')),
      gone(other('x')),
      ['NodeResourcesFit', 'InterPodAffinity'],
    ],
    ['goes that avoided it', asks({}), gone(other('x', apart(ZONE, 'me'))), ['NodeResourcesFit', 'InterPodAffinity']],
    ['goes that avoided others', asks({}), gone(other('x', apart(ZONE, 'you'))), ['NodeResourcesFit']],
    ['goes that a spread over everybody names', spreadAll, gone(other('y')), ['NodeResourcesFit', 'PodTopologySpread']],
    ['goes that a spread counted', spread, gone(other('x')), ['NodeResourcesFit', 'PodTopologySpread']],
    ['shrinks', makePod('p', { cpu: '1' }), changed(sized('2'), sized('1')), ['NodeResourcesFit']],
    ['grows', makePod('p', { cpu: '1' }), changed(sized('1'), sized('2')), []],
    ['shrinks in what it does not ask for', makePod('p', { memory: '1Gi' }), changed(sized('2'), sized('1')), []],
    [
      'waits for its node no more, though avoided',
      asks(apart(ZONE, 'x')),
      waitsNoMore(other('x')),
      ['NodeResourcesFit'],
    ],
    [
      'waits for its node no more, though it avoids',
      asks({}),
      waitsNoMore(other('x', apart(ZONE, 'me'))),
      ['NodeResourcesFit'],
    ],
    [
      'waits for its node no more, though a spread would count it',
      spread,
      waitsNoMore(other('x')),
      ['NodeResourcesFit'],
    ],
    [
      'waits no more for its port',
      asks(port(80)),
      waitsNoMore(other('x', port(80))),
      ['NodePorts', 'NodeResourcesFit'],
    ],
    ['goes with its port', asks(port(80)), gone(other('x', port(80))), ['NodePorts', 'NodeResourcesFit']],
    ['goes with another port', asks(port(80)), gone(other('x', port(81))), ['NodeResourcesFit']],
    [
      'goes with its claim',
      asks(claim('c')),
      gone(other('x', claim('c'))),
      ['NodeResourcesFit', 'VolumeRestrictions', 'NodeVolumeLimits'],
    ],
    [
      'goes with a claim of that name elsewhere',
      asks(claim('c')),
      gone(other('x', claim('c'), 'other')),
      ['NodeResourcesFit', 'NodeVolumeLimits'],
    ],
    [
      'goes with another claim',
      asks(claim('c')),
      gone(other('x', claim('d'))),
      ['NodeResourcesFit', 'NodeVolumeLimits'],
    ],
    [
      'goes with its disk',
      asks(disk('d')),
      gone(other('x', disk('d'))),
      ['NodeResourcesFit', 'VolumeRestrictions', 'NodeVolumeLimits'],
    ],
    ['goes with another disk', asks(disk('d')), gone(other('x', disk('e'))), ['NodeResourcesFit', 'NodeVolumeLimits']],
    [
      'goes that only read its disk too',
      asks(disk('d', true)),
      gone(other('x', disk('d', true))),
      ['NodeResourcesFit', 'NodeVolumeLimits'],
    ],
  ])('%s', (_what, pod, event, expected) => {
    expect(bench.wokenBy(pod, event())).toEqual([...NAMES.filter((name) => expected.includes(name)), 'ThirdParty']);
  });
});

describe('the pod itself', () => {
  const pod = makePod(
    'p',
    { cpu: '2' },
    { topologySpreadConstraints: [spreadOver(ZONE, { nodeTaintsPolicy: 'Honor' })] },
  );
  const helped = (old: Pod, now: Pod): readonly Name[] =>
    NAMES.filter((_name, i) => {
      return changeHelps(1 << i, NAMES, bench.rejected(now), { pod: old, podClass: bench.core.classOf(old) });
    });
  const tolerating = (of: Pod, key: string): Pod => ({
    ...of,
    spec: { ...of.spec, tolerations: [{ key, operator: 'Exists' }] },
  });
  const indifferent = makePod('p', { cpu: '2' }, { topologySpreadConstraints: [spreadOver(ZONE)] });

  test.each<[string, Pod, Pod, readonly Name[]]>([
    ['tolerates more', pod, tolerating(pod, 'k'), ['TaintToleration', 'PodTopologySpread', 'ThirdParty']],
    ['tolerates more, taints ignored', indifferent, tolerating(indifferent, 'k'), ['TaintToleration', 'ThirdParty']],
    [
      'tolerates cordons',
      pod,
      tolerating(pod, CORDON.key),
      ['NodeUnschedulable', 'TaintToleration', 'PodTopologySpread', 'ThirdParty'],
    ],
    [
      'has a label that counts',
      pod,
      named(pod, 'default', { app: 'x' }),
      ['PodTopologySpread', 'InterPodAffinity', 'ThirdParty'],
    ],
    ['has a label that does not', pod, named(pod, 'default', { app: 'y' }), ['InterPodAffinity', 'ThirdParty']],
    [
      'asks for less',
      pod,
      { ...pod, spec: { ...pod.spec, containers: makePod('p', { cpu: '1' }).spec.containers } },
      ['NodeResourcesFit', 'ThirdParty'],
    ],
    [
      'asks for more',
      pod,
      { ...pod, spec: { ...pod.spec, containers: makePod('p', { cpu: '3' }).spec.containers } },
      ['ThirdParty'],
    ],
    [
      'has its claims named',
      pod,
      { ...pod, status: { resourceClaimStatuses: [{ name: 'a', resourceClaimName: 'b' }] } },
      ['DynamicResources'],
    ],
    ['has another condition', pod, { ...pod, status: { conditions: [] } }, []],
    ['has an annotation', pod, { ...pod, metadata: { ...pod.metadata, annotations: { a: 'b' } } }, []],
  ])('%s', (_what, old, now, expected) => {
    expect(helped(old, now)).toEqual(expected);
  });

  test.each([0, 1 << 30])(
    'nobody that is known rejected it (%i): any change of spec or labels will do',
    (rejectors) => {
      const asked = (now: Pod): boolean => {
        return changeHelps(rejectors, NAMES, bench.rejected(now), { pod, podClass: bench.core.classOf(pod) });
      };
      expect(asked(tolerating(pod, 'k'))).toBe(true);
      expect(asked(named(pod, 'default', { app: 'y' }))).toBe(true);
      expect(asked({ ...pod, status: { conditions: [] } })).toBe(false);
    },
  );
});

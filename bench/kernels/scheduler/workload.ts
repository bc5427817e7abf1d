/**
 * What a scheduling kernel schedules: nodes, pods to come, a profile. Everything is the same for every path, so that placements can be compared.
 *
 * Always: 5,000 nodes of 32 cores and 128 GiB in three zones unless a workload says otherwise; pods of a kind share their spec.
 */
import type { Sfc32 } from '../../../core/base/random.ts';
import { DEFAULT_PROFILE, type Profile } from '../../../core/scheduler/configuration/profile.ts';
import type { Node } from '../../../core/types/node.ts';
import type { Affinity, Pod, PodSpec, TopologySpreadConstraint } from '../../../core/types/pod.ts';

/** One kernel of `bench scheduler`. */
export interface SchedulerWorkload {
  readonly name: string;
  /** What is done, one line. */
  readonly about: string;
  /** Decisions a second that are wanted. */
  readonly target: number;
  readonly profile: Profile;
  readonly nodes: number;
  readonly node: (index: number) => Node;
  /** Pods scheduled in a round, and how many of these the plain path does as well. */
  readonly pods: number;
  readonly plainPods: number;
  /** Kinds of pods; each pod of a round is of a drawn kind. */
  readonly kinds: (random: Sfc32) => readonly Pod[];
  /** Pods that are on the nodes before the round, by node; the pods of the round then preempt them. */
  readonly running?: (node: number) => readonly Pod[];
}

/** The default profile with every node scored. */
export const ALL_NODES: Profile = { ...DEFAULT_PROFILE, percentageOfNodesToScore: 'all' };

export const ZONE = 'topology.kubernetes.io/zone';
export const HOSTNAME = 'kubernetes.io/hostname';

/** Node `index`: 32 cores, 128 GiB, 250 pods, in one of three zones. */
export function kernelNode(index: number): Node {
  const name = `node-${index}`;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { [HOSTNAME]: name, [ZONE]: `zone-${index % 3}` } },
    spec: {},
    status: { allocatable: { cpu: '32', memory: '128Gi', 'ephemeral-storage': '500Gi', pods: '250' } },
  };
}

/** The first shape is 100m and 500Mi; the others ask for 50m … 1000m and 64Mi … 2Gi at random. */
export function kernelPod(index: number, random: Sfc32): Pod {
  const cpu = index === 0 ? '100m' : `${random.range(1, 20) * 50}m`;
  const memory = index === 0 ? '500Mi' : `${random.range(1, 32) * 64}Mi`;
  return podOf(`pod-${index}`, 'bench', cpu, memory);
}

/** A pod with one container. */
export function podOf(name: string, app: string, cpu: string, memory: string, spec: Partial<PodSpec> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app } },
    spec: { containers: [{ name: 'main', image: 'app:v1', resources: { requests: { cpu, memory } } }], ...spec },
  };
}

/** A node of the mixed fleet: a tenth is dedicated, some are better avoided, two kinds of disks. */
export function mixedNode(index: number): Node {
  const node = kernelNode(index);
  const taints = [
    ...(index % 10 === 3 ? [{ key: 'dedicated', value: 'batch', effect: 'NoSchedule' as const }] : []),
    ...(index % 7 === 2 ? [{ key: 'spot', effect: 'PreferNoSchedule' as const }] : []),
  ];
  const labels = { ...node.metadata.labels, disk: index % 4 === 0 ? 'nvme' : 'ssd', pool: `pool-${index % 5}` };
  return { ...node, metadata: { ...node.metadata, labels }, spec: { taints } };
}

/** Pods of the mixed fleet: some tolerate, select, require or prefer. */
export function mixedPod(index: number, random: Sfc32): Pod {
  const pod = kernelPod(index, random);
  const { spec } = pod;
  const tolerations = index % 5 === 1 ? [{ key: 'dedicated', operator: 'Exists' as const }] : undefined;
  const nodeSelector = index % 6 === 2 ? { disk: 'nvme' } : undefined;
  return {
    ...pod,
    spec: {
      ...spec,
      ...(tolerations === undefined ? {} : { tolerations }),
      ...(nodeSelector === undefined ? {} : { nodeSelector }),
      ...(index % 4 === 3 ? { affinity: { nodeAffinity: mixedAffinity(index) } } : {}),
    },
  };
}

function mixedAffinity(index: number): NonNullable<Affinity['nodeAffinity']> {
  const isIn = (key: string, values: readonly string[]) => ({
    matchExpressions: [{ key, operator: 'In' as const, values }],
  });
  const pools = [`pool-${index % 5}`, `pool-${(index + 2) % 5}`];
  return {
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [isIn('pool', pools)] },
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, preference: isIn('disk', ['nvme']) }],
  };
}

/** One pod that spreads over a key among its app. */
export function spreading(
  app: string,
  constraints: readonly (readonly [key: string, maxSkew: number])[],
  hard: boolean,
) {
  const topologySpreadConstraints = constraints.map(
    ([topologyKey, maxSkew]): TopologySpreadConstraint => ({
      maxSkew,
      topologyKey,
      whenUnsatisfiable: hard ? 'DoNotSchedule' : 'ScheduleAnyway',
      labelSelector: { matchLabels: { app } },
    }),
  );
  return podOf(app, app, '100m', '500Mi', { topologySpreadConstraints });
}

/** One pod with a required term on its own app. */
export function related(app: string, topologyKey: string, kind: 'podAffinity' | 'podAntiAffinity'): Pod {
  const term = { topologyKey, labelSelector: { matchLabels: { app } } };
  const affinity = { [kind]: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  return podOf(app, app, '100m', '500Mi', { affinity });
}

/** `count` apps by name. */
export function apps(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `app-${i}`);
}

/**
 * The cluster that a workload runs on, and which of its feature gates have an effect there.
 */
import type { ClusterDescription } from '../../../core/cluster/description.ts';
import { DEVICE_GATES, type DeviceGate } from '../../../core/types/device-gates.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { isPodGroup } from '../../../core/types/pod-group.ts';
import { ResourceTypes } from '../../../core/types/resource-type.ts';
import type { WorkloadPlan } from '../config/plan.ts';
import { typeIn } from './load.ts';

/** Requests a second and burst of the original's scheduler client. */
const CLIENT_QPS = 5000;
/** A scheduling cycle at few and at 5,000 nodes with sampling, µs (core/base/costs: schedulerCycleUs). */
const CYCLE_US = 400;
const CYCLE_5000_US = 1450;

/** Nodes a default cycle scores at 5,000 nodes. */
const SAMPLE_5000 = 500;

const DEFAULT_CONFIGURATION = {
  apiVersion: 'kubescheduler.config.k8s.io/v1',
  kind: 'KubeSchedulerConfiguration',
  profiles: [{ schedulerName: 'default-scheduler' }],
};

type Configuration = NonNullable<WorkloadPlan['schedulerConfiguration']>;

/** A configuration whose profiles have the plugin that the gate GenericWorkload enables, where they do not name it themselves. */
function withGangScheduling(configuration: Configuration | null): Configuration {
  const given = (configuration ?? DEFAULT_CONFIGURATION) as { readonly profiles?: readonly Profile[] };
  const profiles = (given.profiles ?? DEFAULT_CONFIGURATION.profiles).map((profile: Profile) => {
    const { permit } = profile.plugins ?? {};
    const enabled = permit?.enabled ?? [];
    if (enabled.some(({ name }) => name === GANG_SCHEDULING)) return profile;
    const permitWithGangs = { ...permit, enabled: [...enabled, { name: GANG_SCHEDULING }] };
    return { ...profile, plugins: { ...profile.plugins, permit: permitWithGangs } };
  });
  return { ...given, profiles };
}

interface Profile {
  readonly schedulerName?: string;
  readonly plugins?: { readonly permit?: { readonly enabled?: readonly { readonly name?: string }[] } };
}

const GANG_SCHEDULING = 'GangScheduling';

/** Gates that are honoured: another value gives another run. */
const HONOURED: ReadonlySet<string> = new Set([
  ...DEVICE_GATES,
  'GenericWorkload',
  'SchedulerPopFromBackoffQ',
  'TopologyAwareWorkloadScheduling',
]);

/** Gates whose `true` is what happens here in any case: in 1.34 they are on by default or locked. */
const ALWAYS_ON: ReadonlySet<string> = new Set([
  'DRAAdminAccess',
  'DRAPrioritizedList',
  'DynamicResourceAllocation',
  'NodeInclusionPolicyInPodTopologySpread',
  'SchedulerAsyncPreemption',
  'SchedulerQueueingHints',
]);

/** The description of the cluster: no kubelets, no controllers but that of claims; nodes are created by the workload. */
export function clusterOf({ operations, gates, ...plan }: WorkloadPlan): ClusterDescription {
  let nodes = 0;
  for (const operation of operations) if (operation.opcode === 'createNodes') nodes += operation.count;
  const deviceGates = deviceGatesOf(gates);
  const podGroup = gates['GenericWorkload'] === true ? podGroupOf(operations) : undefined;
  return {
    nodes: [],
    controlPlane: { controllerManagers: makesClaims(operations, deviceGates) ? 1 : 0 },
    settings: {
      controllers: ['resourceclaim-controller'],
      controllerQps: CLIENT_QPS,
      controllerBurst: CLIENT_QPS,
      schedulerQps: plan.schedulerQps ?? CLIENT_QPS,
      schedulerBurst: plan.schedulerBurst ?? CLIENT_QPS,
      events: false,
      claims: true,
      deviceGates,
      disableAdmissionPlugins: ['Priority', 'ServiceAccount', 'TaintNodesByCondition'],
      schedulerPopsBackoff: gates['SchedulerPopFromBackoffQ'] ?? true,
      podGroups: podGroup?.apiVersion ?? '',
      schedulerConfiguration:
        podGroup === undefined ? plan.schedulerConfiguration : withGangScheduling(plan.schedulerConfiguration),
    },
    costs: { schedulerCycleUs: cycleUs(nodes) },
  };
}

/** A PodGroup that the operations create; undefined where they create none. */
function podGroupOf(operations: WorkloadPlan['operations']): KubeObject | undefined {
  return operations
    .flatMap((operation) =>
      operation.opcode === 'createPodGroups' || operation.opcode === 'createAny' ? [operation.template.at(0)] : [],
    )
    .find(isPodGroup);
}

/** The gates of devices that a file turns on. */
export function deviceGatesOf(gates: WorkloadPlan['gates']): readonly DeviceGate[] {
  return DEVICE_GATES.filter((name) => gates[name] === true);
}

/** Whether claims are made, from templates or by schedulers for extended resources: only then is there a controller. */
function makesClaims(operations: WorkloadPlan['operations'], gates: readonly DeviceGate[]): boolean {
  const makers = gates.includes('DRAExtendedResource')
    ? ['DeviceClass', 'ResourceClaimTemplate']
    : ['ResourceClaimTemplate'];
  return operations.some((operation) => {
    return operation.opcode === 'createAny' && makers.includes(operation.template.at(0).kind);
  });
}

/** Kinds of objects that a workload creates and that nobody in the cluster acts on. */
export function unheededKinds({ operations, gates }: WorkloadPlan): readonly string[] {
  const types = new ResourceTypes();
  const objects = operations.flatMap((operation) =>
    operation.opcode === 'createAny' ? [operation.template.at(0)] : [],
  );
  const isHeeded = (object: KubeObject): boolean =>
    typeIn(types, object).simulated || (object.kind === 'DeviceTaintRule' && gates['DRADeviceTaints'] === true);
  return objects.filter((object) => !isHeeded(object)).map(({ kind }) => kind);
}

/** Gates of a workload that ask for something else than what happens here, with their values. */
export function gatesWithoutEffect({ gates }: WorkloadPlan): readonly string[] {
  return Object.entries(gates)
    .filter(([name, value]) => !HONOURED.has(name) && !(value && ALWAYS_ON.has(name)))
    .map(([name, value]) => `${name}=${value}`);
}

/** A cycle's virtual cost grows with the nodes that it looks at: those it scores under the default sampling. */
function cycleUs(nodes: number): number {
  const share = Math.max(5, 50 - Math.floor(nodes / 125));
  const scored = nodes <= 100 ? nodes : Math.max(100, Math.floor((nodes * share) / 100));
  const each = (CYCLE_5000_US - CYCLE_US) / SAMPLE_5000;
  return Math.round(CYCLE_US + each * Math.min(scored, nodes));
}

/**
 * One run before it begins: a placement under a policy and the rules of the run, with what both experiments measure by.
 */
import { type NamedModule, Placement, type Profile } from '../../core/cluster/placement.ts';
import { capacityOf, GpuMeter, type Totals } from '../../core/cluster/placement-figures.ts';
import type { PolicyModule } from '../../core/cluster/policy-module.ts';
import type { Pod } from '../../core/cluster/vocabulary.ts';
import { shuffle } from '../traces/lifetimes.ts';
import { beginCall, endCall } from '../user-modules/call-watch.ts';
import { streamOf } from './arrivals.ts';
import { BudgetBook } from './budget-book.ts';
import type { SelectionRules } from './compare-result.ts';
import type { KindFacts } from './kind-facts.ts';
import { hasPriorities } from './pod-facts.ts';
import type { LoadedPolicy } from './policy-spec.ts';
import type { QueueOrder } from './waiting-queue.ts';
import { type CompareWorkload, gpuCount } from './workload.ts';

/** How a policy treats waiting pods. */
interface WaitingRules {
  /** In which order waiting pods are tried, and whether gangs get their nodes all at once. */
  readonly queue: QueueOrder;
  readonly gangs: boolean;
}

/** A run that can begin. */
export interface PreparedRun extends WaitingRules {
  readonly workload: CompareWorkload;
  readonly placement: Placement;
  readonly meter: GpuMeter;
  readonly capacity: Totals;
  /** Which resource demand is measured in, and what each row asks of it; 0 of a pod that no node could ever take. */
  readonly demandIn: 'gpu' | 'cpu';
  readonly demand: Float64Array;
  /** Capacity in the unit of the demand. */
  readonly demandCapacity: number;
  /** What bound pods take of it. */
  readonly boundDemand: number;
  /** Index in the workload of each node of the placement. */
  readonly nodeOf: Int32Array;
  /** What holds once the other policy has taken over. */
  readonly other: WaitingRules | undefined;
  readonly budgets: BudgetBook;
}

/** Makes a run of a policy; `facts` are those of the workload, or of one with more or fewer nodes; `other` a policy that may take over. */
export function prepareRun(
  workload: CompareWorkload,
  { typical, hosted }: KindFacts,
  policy: LoadedPolicy,
  rules: SelectionRules,
  seed: number,
  other?: LoadedPolicy,
): PreparedRun {
  const nodeOf = nodeOrder(workload, rules, seed);
  const decider = (loaded: LoadedPolicy) => ({
    profile: underRules(loaded.profileOf(typical), rules),
    module: loaded.module === undefined ? undefined : watchedModule(loaded.name, loaded.module),
  });
  const placement = new Placement({
    nodes: Array.from(nodeOf, (index) => workload.nodes[index] as CompareWorkload['nodes'][number]),
    pods: workload.kinds,
    ...decider(policy),
    draws: streamOf(seed, 'ties'),
    other: other === undefined ? undefined : decider(other),
    objects: workload.objects,
    deviceGates: workload.deviceGates,
    preemption: hasPriorities(workload) && gpuCount(workload) === 0,
  });
  bindFixed(workload, placement, nodeOf);
  const meter = new GpuMeter(placement, typical);
  const capacity = capacityOf(placement);
  const demandIn = capacity.gpuMilli > 0 ? 'gpu' : 'cpu';
  const byKind = workload.kinds.map((_, kind) => {
    const { gpuMilli, cpuMilli } = placement.demandOf(kind);
    return demandIn === 'gpu' ? gpuMilli : cpuMilli;
  });
  return {
    workload,
    placement,
    meter,
    capacity,
    demandIn,
    demand: Float64Array.from(workload.kindOf, (kind) => (byKind[kind] as number) * (hosted[kind] as number)),
    demandCapacity: demandIn === 'gpu' ? capacity.gpuMilli : capacity.cpuMilli,
    boundDemand: boundKinds(workload).reduce((sum, kind) => sum + (byKind[kind] as number), 0),
    nodeOf,
    queue: policy.queue,
    gangs: policy.gangs,
    other,
    budgets: new BudgetBook(workload),
  };
}

/** A user's policy whose decisions are seen from outside the thread. */
function watchedModule(name: string, policy: PolicyModule): NamedModule {
  const begin = ({ metadata }: Pod): void =>
    beginCall(`policy ${name}: its decision on pod ${metadata.namespace ?? ''}/${metadata.name}`);
  return { name, policy, watch: { begin, end: endCall } };
}

/** A policy's profile under the rules of the run; one that chooses among equals by its nature keeps its tie rule. */
function underRules(profile: Profile, rules: SelectionRules): Profile {
  return {
    ...profile,
    tieRule: profile.fixedTieRule === true ? profile.tieRule : rules.tieRule,
    nodeOrder: rules.nodeOrder === 'drawn' || rules.nodeOrder === 'given' ? 'insertion' : rules.nodeOrder,
    percentageOfNodesToScore: sampleOf(rules),
  };
}

/** The nodes in the order in which the placement gets them, and so in search order where the rule is not its own. */
function nodeOrder(workload: CompareWorkload, rules: SelectionRules, seed: number): Int32Array {
  const given = workload.nodeOrders?.get(seed);
  if (given !== undefined && rules.nodeOrder !== 'name') return given;
  const order = Int32Array.from(workload.nodes, (_, index) => index);
  if (rules.nodeOrder !== 'drawn') return order;
  const stream = streamOf(seed, 'node-order');
  shuffle(order, (bound) => stream.below(bound));
  return order;
}

function sampleOf({ sample }: SelectionRules): Profile['percentageOfNodesToScore'] {
  if (sample === 'all') return 'all';
  return sample === 'adaptive' ? 0 : Number(sample.slice(0, -1));
}

/** The kind of each bound pod. */
export function boundKinds({ bound }: CompareWorkload): number[] {
  return Array.from({ length: bound.length / 2 }, (_, i) => bound[2 * i] as number);
}

function bindFixed({ bound }: CompareWorkload, placement: Placement, nodeOf: Int32Array): void {
  const slotOf = new Int32Array(nodeOf.length);
  nodeOf.forEach((index, slot) => {
    slotOf[index] = slot;
  });
  for (let i = 0; i + 1 < bound.length; i += 2) {
    placement.bind(bound[i] as number, slotOf[bound[i + 1] as number] as number);
  }
}

/**
 * What a pod asks of its node, in integer base units: CPU in thousandths of a core, everything else plain.
 *
 * Request = max(Σ containers + Σ sidecars, max over init containers (its request + the sidecars started before it)) +
 * overhead; pod-level resources override cpu and memory. Kept by identity of the container list, since all pods of a
 * template share it. Source: Kubernetes 1.34, component-helpers resource.PodRequests.
 */
import type { ResourceList } from './object.ts';
import type { Container, PodSpec, ResourceRequirements } from './pod.ts';
import { amountOf } from './quantity.ts';

/** Amount of a resource beyond cpu, memory and ephemeral-storage, e.g. `nvidia.com/gpu` or `hugepages-2Mi`. */
export interface ExtendedAmount {
  readonly name: string;
  readonly amount: number;
}

/** A pod's requests. `extended` is sorted by name. */
export interface PodRequests {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly ephemeralStorageBytes: number;
  readonly extended: readonly ExtendedAmount[];
}

type Amounts = Map<string, number>;

function addAll(into: Amounts, from: ReadonlyMap<string, number>): void {
  for (const [name, amount] of from) into.set(name, (into.get(name) ?? 0) + amount);
}

function raiseTo(into: Amounts, from: ReadonlyMap<string, number>): void {
  for (const [name, amount] of from) if (amount > (into.get(name) ?? 0)) into.set(name, amount);
}

function listAmounts(list: ResourceList | undefined): Amounts {
  const amounts: Amounts = new Map();
  for (const name in list) amounts.set(name, amountOf(name, list[name] as string | number));
  return amounts;
}

/** A container's requests, where a limit stands in for a missing request. */
function requestsOf(resources: ResourceRequirements | undefined): ResourceList | undefined {
  const { requests, limits } = resources ?? {};
  if (limits === undefined) return requests;
  if (requests === undefined) return limits;
  for (const name in limits) if (!Object.hasOwn(requests, name)) return { ...limits, ...requests };
  return requests;
}

/** Whether an init container keeps running beside the main ones. */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always';
}

function total(spec: PodSpec): Amounts {
  const sum: Amounts = new Map();
  for (const container of spec.containers) addAll(sum, listAmounts(requestsOf(container.resources)));
  const sidecars: Amounts = new Map();
  const initPeak: Amounts = new Map();
  for (const container of spec.initContainers ?? []) {
    const own = listAmounts(requestsOf(container.resources));
    if (isSidecar(container)) {
      addAll(sum, own);
      addAll(sidecars, own);
      raiseTo(initPeak, sidecars);
    } else {
      addAll(own, sidecars);
      raiseTo(initPeak, own);
    }
  }
  raiseTo(sum, initPeak);
  for (const [name, amount] of listAmounts(requestsOf(spec.resources))) {
    if (name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')) sum.set(name, amount);
  }
  addAll(sum, listAmounts(spec.overhead));
  return sum;
}

function compute(spec: PodSpec): PodRequests {
  const real = total(spec);
  const extended: ExtendedAmount[] = [];
  for (const [name, amount] of real) {
    if (name !== 'cpu' && name !== 'memory' && name !== 'ephemeral-storage') extended.push({ name, amount });
  }
  extended.sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    cpuMilli: real.get('cpu') ?? 0,
    memoryBytes: real.get('memory') ?? 0,
    ephemeralStorageBytes: real.get('ephemeral-storage') ?? 0,
    extended,
  };
}

interface Known {
  readonly initContainers: PodSpec['initContainers'];
  readonly overhead: PodSpec['overhead'];
  readonly resources: PodSpec['resources'];
  readonly requests: PodRequests;
}

const known = new WeakMap<readonly Container[], Known>();

/** The requests of a pod. Throws QuantityError for amounts that are no quantity. */
export function podRequests(spec: PodSpec): PodRequests {
  const { initContainers, overhead, resources } = spec;
  const entry = known.get(spec.containers);
  if (
    entry !== undefined &&
    entry.initContainers === initContainers &&
    entry.overhead === overhead &&
    entry.resources === resources
  ) {
    return entry.requests;
  }
  const requests = compute(spec);
  known.set(spec.containers, { initContainers, overhead, resources, requests });
  return requests;
}

/** The amounts of a resource list (a node's allocatable, a quota) in base units. Throws QuantityError. */
export function resourceAmounts(list: ResourceList | undefined): ReadonlyMap<string, number> {
  return listAmounts(list);
}

const BEST_EFFORT = 'BestEffort';
const RESOURCES_OF_CLASS = ['cpu', 'memory'];

type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

/** By identity of the container list, as the requests. */
const knownClasses = new WeakMap<
  readonly Container[],
  Pick<PodSpec, 'initContainers' | 'resources'> & { readonly qosClass: QosClass }
>();

/**
 * Quality of service class: Guaranteed when every container has cpu and memory limits equal to its requests, BestEffort
 * when none has any, Burstable otherwise. Source: Kubernetes 1.34, component-helpers qos.
 */
export function qosClassOf(spec: PodSpec): QosClass {
  const { initContainers, resources } = spec;
  const entry = knownClasses.get(spec.containers);
  if (entry !== undefined && entry.initContainers === initContainers && entry.resources === resources) {
    return entry.qosClass;
  }
  const qosClass = computeQosClass(spec);
  knownClasses.set(spec.containers, { initContainers, resources, qosClass });
  return qosClass;
}

function computeQosClass(spec: PodSpec): QosClass {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const all = spec.resources === undefined ? containers.map((c) => c.resources) : [spec.resources];
  let any = false;
  let guaranteed = true;
  for (const resources of all) {
    const requests = listAmounts(requestsOf(resources));
    const limits = listAmounts(resources?.limits);
    for (const name of RESOURCES_OF_CLASS) {
      const request = requests.get(name) ?? 0;
      const limit = limits.get(name) ?? 0;
      if (request > 0 || limit > 0) any = true;
      if (limit === 0 || request !== limit) guaranteed = false;
    }
  }
  if (!any) return BEST_EFFORT;
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

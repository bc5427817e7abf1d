/**
 * What a pod requests, in the three ways that kube-scheduler adds it up (Kubernetes 1.34, component-helpers PodRequests and
 * its callers). CPU in thousandths, everything else plain.
 *
 * *Real* requests (filter, balanced allocation, sums on a node): max(Σ containers + Σ sidecars, largest init container with
 * the sidecars before it), replaced by pod-level requests where these exist, plus overhead. *Non-zero* figures count 100m
 * and 200 MiB for a container without a request; on the node side a pod with pod-level requests gets a default only for a
 * resource that nobody in it requests, and the scored pod itself is added up without its pod-level requests.
 */
import type { ResourceList } from '../../types/object.ts';
import type { Container, PodSpec } from '../../types/pod.ts';
import { isSidecar } from '../../types/pod-requests.ts';
import { amountOf } from '../../types/quantity.ts';

/** Amount by resource name. */
export type Amounts = ReadonlyMap<string, number>;

/** Scoring defaults of a container without a request. */
const DEFAULT_CPU_MILLI = 100;
const DEFAULT_MEMORY_BYTES = 200 * 1024 * 1024;

/** All figures of one pod. */
export interface PodResources {
  /** Real requests. */
  readonly requests: Amounts;
  /** What the pod adds to its node's sums for scoring. */
  readonly nonZeroCpuMilli: number;
  readonly nonZeroMemoryBytes: number;
  /** Container sums with defaults and without pod-level requests: what NodeResourcesFit scores the pod with. */
  readonly scored: Amounts;
}

interface Defaults {
  readonly cpu: boolean;
  readonly memory: boolean;
}

/** Adds up a pod's requests. @throws QuantityError for a malformed amount. */
export function podResources(spec: PodSpec): PodResources {
  const requests = total(spec, { cpu: false, memory: false }, true);
  const podLevel = Object.keys(spec.resources?.requests ?? {}).some(isPodLevelResource);
  const defaults = podLevel
    ? { cpu: !requests.has('cpu'), memory: !requests.has('memory') }
    : { cpu: true, memory: true };
  const nonZero = total(spec, defaults, true);
  return {
    requests,
    nonZeroCpuMilli: nonZero.get('cpu') ?? 0,
    nonZeroMemoryBytes: nonZero.get('memory') ?? 0,
    scored: podLevel ? total(spec, { cpu: true, memory: true }, false) : nonZero,
  };
}

function total(spec: PodSpec, defaults: Defaults, withPodLevel: boolean): Amounts {
  const sum = new Map<string, number>();
  for (const container of spec.containers) addAll(sum, requestsOf(container, defaults));
  const sidecars = new Map<string, number>();
  const peak = new Map<string, number>();
  for (const container of spec.initContainers ?? []) {
    const own = requestsOf(container, defaults);
    if (isSidecar(container)) {
      addAll(sum, own);
      addAll(sidecars, own);
      raiseTo(peak, sidecars);
    } else {
      addAll(own, sidecars);
      raiseTo(peak, own);
    }
  }
  raiseTo(sum, peak);
  if (withPodLevel) {
    const podLevel = spec.resources?.requests ?? {};
    for (const name in podLevel) {
      if (isPodLevelResource(name)) sum.set(name, amountOf(name, podLevel[name] as string | number));
    }
  }
  addAll(sum, listAmounts(spec.overhead));
  return sum;
}

function requestsOf(container: Container, defaults: Defaults): Map<string, number> {
  const amounts = listAmounts(container.resources?.requests);
  if (defaults.cpu && !amounts.has('cpu')) amounts.set('cpu', DEFAULT_CPU_MILLI);
  if (defaults.memory && !amounts.has('memory')) amounts.set('memory', DEFAULT_MEMORY_BYTES);
  return amounts;
}

/** Amounts of a resource list. */
export function listAmounts(list: ResourceList | undefined): Map<string, number> {
  const amounts = new Map<string, number>();
  for (const name in list) amounts.set(name, amountOf(name, list[name] as string | number));
  return amounts;
}

/** Resources that a pod may request as a whole (gate PodLevelResources, on since 1.34). */
function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');
}

function addAll(into: Map<string, number>, from: Amounts): void {
  for (const [name, amount] of from) into.set(name, (into.get(name) ?? 0) + amount);
}

/** A request of 0 is a request, too: who makes it gets no default. */
function raiseTo(into: Map<string, number>, from: Amounts): void {
  for (const [name, amount] of from) into.set(name, Math.max(amount, into.get(name) ?? 0));
}

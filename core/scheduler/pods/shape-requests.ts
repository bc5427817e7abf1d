/**
 * Requests of a pod as kube-scheduler adds them up (Kubernetes 1.34, `PodRequests` with its options):
 * max(Σ containers + Σ sidecars, largest init container with the sidecars started before it), replaced by pod-level requests
 * where these are set, plus overhead.
 */
import type { Container, PodSpec } from '../../types/pod.ts';
import { isSidecar } from '../../types/pod-requests.ts';
import { amountOf } from '../../types/quantity.ts';
import { isGpuShare } from '../devices/gpu-demand.ts';
import { CPU, EPHEMERAL_STORAGE, FIRST_EXTENDED, MEMORY, type ResourceNames } from '../nodes/resource-names.ts';
import type { ResourceVector } from '../nodes/resource-vector.ts';

/** Millicores that a container without a cpu request counts in scoring. */
const DEFAULT_MILLI_CPU = 100;
/** Bytes that a container without a memory request counts in scoring. */
const DEFAULT_MEMORY_BYTES = 200 * 1024 * 1024;

/** Compiles the requests of a pod. New resource names get numbers. @throws for a malformed quantity. */
export function resourceVectorOf(spec: PodSpec, names: ResourceNames): ResourceVector {
  const ids = requestedNames(spec)
    .map((name) => [names.intern(name), name] as const)
    .sort(([a, left], [b, right]) =>
      Math.max(a, b) < FIRST_EXTENDED
        ? a - b
        : a < FIRST_EXTENDED
          ? -1
          : b < FIRST_EXTENDED
            ? 1
            : left < right
              ? -1
              : 1,
    );
  const resources: number[] = [];
  const amounts: number[] = [];
  for (const [id, name] of ids) {
    if (isGpuShare(name)) continue;
    const amount = requestOfPod(spec, name, 0, true);
    if (amount <= 0 || name === 'pods') continue;
    resources.push(id);
    amounts.push(amount);
  }
  const real = (id: number) => amounts[resources.indexOf(id)] ?? 0;
  return {
    resources: Int32Array.from(resources),
    amounts: Float64Array.from(amounts),
    cpu: real(CPU),
    memory: real(MEMORY),
    ephemeralStorage: real(EPHEMERAL_STORAGE),
    hasExtended: (resources.at(-1) ?? 0) >= FIRST_EXTENDED,
    scoreCpu: requestOfPod(spec, 'cpu', DEFAULT_MILLI_CPU, false),
    scoreMemory: requestOfPod(spec, 'memory', DEFAULT_MEMORY_BYTES, false),
    nodeCpu: requestOfPod(spec, 'cpu', nodeDefault(spec, 'cpu', DEFAULT_MILLI_CPU), true),
    nodeMemory: requestOfPod(spec, 'memory', nodeDefault(spec, 'memory', DEFAULT_MEMORY_BYTES), true),
  };
}

/** A pod with pod-level requests gets the default only for a resource that neither level names. */
function nodeDefault(spec: PodSpec, name: string, fallback: number): number {
  if (spec.resources?.requests === undefined) return fallback;
  if (Object.keys(spec.resources.requests).length === 0) return fallback;
  return requestedNames(spec).includes(name) ? 0 : fallback;
}

function requestedNames(spec: PodSpec): string[] {
  const names = new Set<string>();
  for (const list of [spec.containers, spec.initContainers ?? []]) {
    for (const container of list) for (const name of Object.keys(container.resources?.requests ?? {})) names.add(name);
  }
  for (const name of Object.keys(spec.resources?.requests ?? {})) names.add(name);
  for (const name of Object.keys(spec.overhead ?? {})) names.add(name);
  return [...names];
}

function requestOfPod(spec: PodSpec, name: string, perContainerDefault: number, podLevel: boolean): number {
  let running = 0;
  for (const container of spec.containers) running += requestOfContainer(container, name, perContainerDefault);
  let sidecars = 0;
  let initMax = 0;
  for (const container of spec.initContainers ?? []) {
    const request = requestOfContainer(container, name, perContainerDefault);
    if (isSidecar(container)) {
      running += request;
      sidecars += request;
      initMax = Math.max(initMax, sidecars);
    } else {
      initMax = Math.max(initMax, request + sidecars);
    }
  }
  let total = Math.max(running, initMax);
  const level = podLevel ? spec.resources?.requests?.[name] : undefined;
  if (level !== undefined) total = amountOf(name, level);
  const overhead = spec.overhead?.[name];
  return overhead === undefined ? total : total + amountOf(name, overhead);
}

function requestOfContainer(container: Container, name: string, fallback: number): number {
  const quantity = container.resources?.requests?.[name];
  return quantity === undefined ? fallback : amountOf(name, quantity);
}

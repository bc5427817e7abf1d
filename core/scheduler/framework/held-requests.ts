/**
 * What a pod holds while it is resized in place: of each resource the most of what its spec asks for, what its containers have and what
 * the kubelet has set aside for them; without the spec when the kubelet says that the resize cannot be had. Sums of nodes and balanced
 * allocation count that; NodeResourcesFit filters and scores by what the spec says. Source: Kubernetes 1.34.1, component-helpers resource/helpers.go
 * determineContainerReqs; 1.36.3 for resources of the pod as a whole.
 */
import type { ResourceList } from '../../types/object.ts';
import type { Container, ContainerStatus, Pod, PodSpec, ResourceRequirements } from '../../types/pod.ts';
import { isSidecar } from '../../types/pod-requests.ts';
import { amountOf } from '../../types/quantity.ts';

const known = new WeakMap<Pod, PodSpec>();

/** A pod's spec with the requests that the pod holds: the spec itself where they are the same. @throws QuantityError for a malformed amount. */
export function heldSpecOf(pod: Pod): PodSpec {
  const { spec, status } = pod;
  if (status === undefined || !saysResources(pod)) return spec;
  const before = known.get(pod);
  if (before !== undefined) return before;
  const infeasible = status.conditions?.find(({ type }) => type === 'PodResizePending')?.reason === 'Infeasible';
  const statuses = new Map<string, ContainerStatus>();
  for (const each of [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])]) {
    statuses.set(each.name, each);
  }
  const heldBy = (container: Container): Container => {
    const { resources, allocatedResources } = statuses.get(container.name) ?? {};
    if (resources === undefined) return container;
    const held = heldOf(container.resources, resources, allocatedResources, infeasible);
    return held === container.resources ? container : { ...container, resources: held };
  };
  const containers = mapped(spec.containers, heldBy);
  const initContainers =
    spec.initContainers && mapped(spec.initContainers, (each) => (isSidecar(each) ? heldBy(each) : each));
  const resources = heldByPod(pod, infeasible);
  const same = containers === spec.containers && initContainers === spec.initContainers && resources === spec.resources;
  const held = same ? spec : { ...spec, containers, initContainers, resources };
  known.set(pod, held);
  return held;
}

/** Whether a pod holds other amounts than its spec asks for: columns know only one of the two. @throws QuantityError for a malformed amount. */
export function holdsOtherAmounts(pod: Pod): boolean {
  return pod.status !== undefined && heldSpecOf(pod) !== pod.spec;
}

function saysResources({ status }: Pod): boolean {
  if (status?.resources !== undefined) return true;
  for (const each of status?.containerStatuses ?? []) if (each.resources !== undefined) return true;
  for (const each of status?.initContainerStatuses ?? []) if (each.resources !== undefined) return true;
  return false;
}

/** Only resources that the pod as a whole asks for. */
function heldByPod({ spec, status }: Pod, infeasible: boolean): ResourceRequirements | undefined {
  const { resources } = spec;
  if (status?.resources === undefined || resources?.requests === undefined) return resources;
  const held = heldOf(resources, status.resources, status.allocatedResources, infeasible);
  if (held === resources) return resources;
  const requests: Record<string, string | number> = {};
  for (const name in resources.requests) requests[name] = held?.requests?.[name] ?? 0;
  return { ...resources, requests };
}

function heldOf(
  asked: ResourceRequirements | undefined,
  actual: ResourceRequirements,
  allocated: ResourceList | undefined,
  infeasible: boolean,
): ResourceRequirements | undefined {
  const held: Record<string, string | number> = {};
  for (const list of [infeasible ? undefined : asked?.requests, actual.requests, allocated]) {
    for (const name in list) {
      const amount = list[name] as string | number;
      const most = held[name];
      if (most === undefined || amountOf(name, amount) > amountOf(name, most)) held[name] = amount;
    }
  }
  const names = Object.keys(held);
  const isSame =
    names.length === Object.keys(asked?.requests ?? {}).length &&
    names.every((name) => held[name] === asked?.requests?.[name]);
  return isSame ? asked : { ...asked, requests: held };
}

function mapped<T>(list: readonly T[], change: (item: T) => T): readonly T[] {
  const changed = list.map(change);
  return changed.every((item, i) => item === list[i]) ? list : changed;
}

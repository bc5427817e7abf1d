/**
 * A placement's nodes and kinds of pods as plain vectors, for bounds on what any policy could place.
 */
import { PODS } from '../scheduler/nodes/resource-names.ts';
import type { Pod } from '../types/pod.ts';
import type { Placement } from './placement.ts';

/** Number of all thousandths of devices together, where resources are numbered. */
const GPU_POOL = -1;
const HOSTNAME_LABEL = 'kubernetes.io/hostname';

/** Numbers of the resources that pods of any of `kindCount` kinds ask for; shared devices are one pool, and what claims may stand for is left out. */
export function packingResources(placement: Placement, kindCount: number): readonly number[] {
  const { deviceStock } = placement.core.nodes;
  const found = new Set([PODS]);
  let gpus = false;
  for (let kind = 0; kind < kindCount; kind++) {
    const { vector, gpu } = placement.shapeOf(kind);
    for (const resource of vector.resources) if (!deviceStock?.standsFor(resource)) found.add(resource);
    gpus ||= gpu !== null;
  }
  return [...[...found].sort((a, b) => a - b), ...(gpus ? [GPU_POOL] : [])];
}

/** What Kubernetes calls a resource of {@link packingResources}; the pool of devices is `gpu`. */
export function packingResourceName({ core: { nodes } }: Placement, resource: number): string {
  return resource === GPU_POOL ? 'gpu' : nodes.resources.nameOf(resource);
}

/** Free amounts of resources on a node. */
export function freeOf({ core: { nodes } }: Placement, node: number, resources: readonly number[]): Float64Array {
  return Float64Array.from(resources, (resource) =>
    resource === GPU_POOL
      ? (nodes.gpus.freeTotal[node] as number)
      : nodes.allocatableOf(node, resource) - nodes.requestedOf(node, resource),
  );
}

/** What a pod of a kind takes of resources. */
export function requestOf(placement: Placement, kind: number, resources: readonly number[]): Float64Array {
  const { vector, gpu } = placement.shapeOf(kind);
  return Float64Array.from(resources, (resource) => {
    if (resource === GPU_POOL) return gpu?.totalMilli ?? 0;
    return resource === PODS ? 1 : (vector.amounts[vector.resources.indexOf(resource)] ?? 0);
  });
}

/** Whether pods of some kind may ask for nodes by name. */
export function namesNodes(kinds: readonly Pod[]): boolean {
  return kinds.some(({ spec }) => /hostname|matchFields/.test(JSON.stringify([spec.affinity, spec.nodeSelector])));
}

/** Nodes of equal text can host the same kinds of pods now; `named` = the node's name is part of it. */
export function hostingState({ core: { nodes } }: Placement, node: number, named: boolean): string {
  const { gpus } = nodes;
  const object = nodes.nodes[node];
  const { [HOSTNAME_LABEL]: hostname, ...labels } = object?.metadata.labels ?? {};
  const amounts = Array.from({ length: nodes.resources.count }, (_, r) => [
    nodes.allocatableOf(node, r),
    nodes.requestedOf(node, r),
  ]);
  const devices = gpus.free.subarray(node * gpus.stride, node * gpus.stride + (gpus.devices[node] as number));
  const names = named ? [object?.metadata.name, hostname] : [];
  return JSON.stringify([labels, object?.spec, amounts, [...devices], names]);
}

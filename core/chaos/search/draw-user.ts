/**
 * What people do besides, and how long pods take: drawn for a swarm's case from a stream of its own, so that faults and clusters are drawn as without it.
 *
 * Rules of drains, of pods that are deleted one by one, of workloads that shrink to nothing and of pods that are slow to be ready or to stop are reached by nothing else.
 */
import type { KubeObject } from '../../types/object.ts';
import type { PodTemplateSpec } from '../../types/pod.ts';
import type { Operation } from '../plan.ts';
import { nameOf } from '../workloads.ts';
import type { Surroundings } from './draw-target.ts';
import type { Draws } from './draws.ts';

const S = 1_000_000;
/** Share of the cases in which somebody does something. */
const BUSY_PERCENT = 35;
/** Share of the workloads whose pods take their time. */
const SLOW_PERCENT = 20;
const READY_AFTER = 'seatrial.dev/ready-after';
const STOP_AFTER = 'seatrial.dev/stop-after';

type Sized = { readonly replicas?: number };

/** One to three drains, cordons, deletions of a StatefulSet's pod, and changes of scale or image; none in most cases. */
export function userOperations(
  workload: readonly KubeObject[],
  { nodes, untilUs }: Surroundings,
  draws: Draws,
): Operation[] {
  if (!draws.chance(BUSY_PERCENT)) return [];
  const scaled = workload.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
  const rolled = workload.filter(({ kind }) => kind === 'DaemonSet' || kind === 'StatefulSet' || kind === 'Deployment');
  const named = workload.filter(({ kind }) => kind === 'StatefulSet');
  const operations: Operation[] = [];
  for (let left = draws.range(1, 3); left > 0; left--) {
    const atUs = draws.range(5, Math.max(5, Math.floor(untilUs / S) - 30)) * S;
    const target = { node: draws.pick(nodes) };
    const what = draws.range(0, 4);
    if (what === 1 && named.length > 0) {
      const set = draws.pick(named);
      const { namespace = 'default', name } = set.metadata;
      const ordinal = draws.range(0, Math.max(0, replicasOf(set) - 1));
      operations.push({ kind: 'delete', atUs, workload: `Pod/${namespace}/${name}-${ordinal}` });
    } else if (what === 2 && scaled.length > 0) {
      const object = draws.pick(scaled);
      const replicas = draws.range(0, replicasOf(object) + 2);
      operations.push({ kind: 'scale', atUs, workload: nameOf(object), replicas });
    } else if (what === 3 && rolled.length > 0) {
      const image = `search.example/app:${draws.range(1, 3)}`;
      operations.push({ kind: 'set-image', atUs, workload: nameOf(draws.pick(rolled)), image });
    } else if (what === 4) {
      operations.push({ kind: 'cordon', atUs, target });
      operations.push({ kind: 'uncordon', atUs: atUs + draws.range(5, 25) * S, target });
    } else operations.push({ kind: 'drain', atUs, target, timeoutUs: 60 * S, uncordon: true });
  }
  return operations;
}

/** The objects; the pods of some are ready or stopped only after some seconds, unless they say themselves how long that takes. */
export function unhurried(workload: readonly KubeObject[], draws: Draws): readonly KubeObject[] {
  return workload.map((object) => {
    const { template } = (object.spec ?? {}) as { readonly template?: PodTemplateSpec };
    if (template === undefined || !draws.chance(SLOW_PERCENT)) return object;
    const { metadata = {} } = template;
    const ready = { [READY_AFTER]: `${draws.range(1, 15)}s` };
    const stop = { [STOP_AFTER]: `${draws.range(1, 20)}s` };
    const annotations = { ...stop, ...(hasProbe(template) ? {} : ready), ...metadata.annotations };
    const spec = { ...(object.spec as object), template: { ...template, metadata: { ...metadata, annotations } } };
    return { ...object, spec } as KubeObject;
  });
}

/** Whether a probe says when the pods are ready. */
export function hasProbe({ spec }: PodTemplateSpec): boolean {
  return spec.containers.some((container) => 'readinessProbe' in container || 'startupProbe' in container);
}

function replicasOf({ spec }: KubeObject): number {
  return (spec as Sized | undefined)?.replicas ?? 1;
}

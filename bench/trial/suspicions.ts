/**
 * Facts in the manifests that explain a bad mark before anything has run.
 */
import type { Heeded } from '../../core/cluster/claimed.ts';
import type { KubeObject, PodTemplateSpec, Service } from '../../core/cluster/vocabulary.ts';
import { appliedNamespace } from '../../scenarios/manifests.ts';
import { selects, templateOf } from './templates.ts';

/** A workload with everything around it. */
export interface WorkloadContext {
  readonly object: KubeObject;
  readonly template: PodTemplateSpec;
  readonly objects: readonly KubeObject[];
  readonly namespace: string;
  /** What the cluster heeds that is off by default. */
  readonly heeded: Heeded;
}

/** What may be to blame, one phrase each; `services` select the workload's pods. */
export function suspicionsOf(context: WorkloadContext, replicas: number, services: readonly Service[]): string[] {
  const { kind } = context.object;
  if (kind === 'Pod') return ['a bare Pod: nobody replaces it'];
  if (replicas !== 1 || kind === 'Job') return [];
  const beside = services.map((service) => othersBehind(service, context));
  const [first = []] = beside;
  // A Service of its own is what goes down; one that is shared, such as that of several versions, goes on with the others.
  if (first.length === 0 || beside.some(({ length }) => length === 0)) {
    return ['single replica: while it moves nothing serves'];
  }
  return [
    `single replica: while it moves, Service ${services[0]?.metadata.name} has the pods of ${first.join(', ')} alone`,
  ];
}

/** Other workloads that want pods and whose pods a Service selects, by name. */
function othersBehind({ spec }: Service, { object, objects, namespace }: WorkloadContext): string[] {
  return objects.flatMap((other) => {
    const template = other.kind === 'Job' || other.kind === 'CronJob' ? null : templateOf(other);
    if (template === null || other === object || appliedNamespace(other.metadata) !== namespace) return [];
    if ((other.spec as { readonly replicas?: number | null }).replicas === 0) return [];
    return selects({ matchLabels: spec?.selector ?? {} }, template) ? [other.metadata.name] : [];
  });
}

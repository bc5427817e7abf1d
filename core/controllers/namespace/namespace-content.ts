/**
 * Deletes everything inside a terminating namespace, pods first, and reports what is left.
 *
 * Per type: delete the collection, then list what remains. Objects that still have a grace period or finalizers are no error; an
 * estimate says when to look again. Source: Kubernetes 1.34 pkg/controller/namespace/deletion (OrderedNamespaceDeletion on).
 */
import type { Client } from '../../client/client.ts';
import type { Wait } from '../../sim/task.ts';
import type { KubeObject } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodTerminal } from '../../types/pod-conditions.ts';
import { PODS, type ResourceType } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';

/** Seconds after which objects with finalizers are looked at again. */
const FINALIZER_ESTIMATE_S = 15;

/** What a pass over a namespace found. */
export class ContentReport {
  /** Longest time something may still need, seconds; 0 = nothing remains. */
  estimateS = 0;
  /** Remaining objects by type, as `pods. has 3 resource instances` counts them; not counted while pods remain. */
  readonly remaining = new Map<ResourceType, number>();
  /** Remaining objects by finalizer. */
  readonly finalizers = new Map<string, number>();
  readonly errors: string[] = [];
}

/** One pass: pods, then all other namespaced types unless pods remain. `aliveS`: seconds since the namespace's deletion. */
export function* deleteContent(
  client: Client,
  types: readonly ResourceType[],
  namespace: string,
  aliveS: number,
): Generator<Wait, ContentReport, unknown> {
  const pods = new ContentReport();
  yield* deleteOfType(client, PODS, namespace, aliveS, pods);
  if (pods.remaining.size > 0) {
    // The real pass ends here before it takes the totals into its conditions.
    pods.remaining.clear();
    pods.finalizers.clear();
    return pods;
  }
  for (const type of types) {
    if (type.namespaced && type !== PODS) yield* deleteOfType(client, type, namespace, aliveS, pods);
  }
  return pods;
}

function* deleteOfType(
  client: Client,
  type: ResourceType,
  namespace: string,
  aliveS: number,
  report: ContentReport,
): Generator<Wait, void, unknown> {
  try {
    const estimateS = type === PODS ? yield* podEstimate(client, namespace, aliveS) : 0;
    yield* client.deleteCollection(type, namespace, { propagationPolicy: 'Background' });
    const { items } = yield* client.list<KubeObject>(type, namespace);
    if (items.length === 0) return;
    report.remaining.set(type, items.length);
    let held = false;
    for (const { metadata } of items) {
      for (const finalizer of metadata.finalizers ?? []) {
        held = true;
        report.finalizers.set(finalizer, (report.finalizers.get(finalizer) ?? 0) + 1);
      }
    }
    if (estimateS > 0) report.estimateS = Math.max(report.estimateS, estimateS);
    else if (held) report.estimateS = Math.max(report.estimateS, FINALIZER_ESTIMATE_S);
    else {
      const gvr = `${type.group}/${type.version}, Resource=${type.plural}`;
      report.errors.push(`unexpected items still remain in namespace: ${namespace} for gvr: ${gvr}`);
    }
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    report.errors.push(error.message);
  }
}

/** Longest grace period of the namespace's pods in seconds, 0 when all of it has passed since the namespace's deletion. */
function* podEstimate(client: Client, namespace: string, aliveS: number): Generator<Wait, number, unknown> {
  const { items } = yield* client.list<Pod>(PODS, namespace);
  let estimate = 0;
  for (const pod of items) {
    if (!isPodTerminal(pod)) estimate = Math.max(estimate, pod.spec.terminationGracePeriodSeconds ?? 0);
  }
  return aliveS >= estimate ? 0 : estimate;
}

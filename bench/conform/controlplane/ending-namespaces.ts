/**
 * When the namespace controller looks again at a namespace that is being deleted: the excuse of a recording that ends before.
 *
 * Source: Kubernetes 1.34.1. It begins 5 s after the deletion (pkg/controller/namespace/namespace_controller.go, namespaceDeletionGracePeriod) and comes again
 * after half of what it expects to pass plus 1 s (there, worker): the longest grace period of pods that have not ended, or 15 s for objects with finalizers
 * (pkg/controller/namespace/deletion/namespaced_resources_deleter.go, finalizerEstimateSeconds). Nothing wakes it when the last object is gone.
 */
import type { Commit, World } from '../../../core/chaos/world.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import type { Pod } from '../../../core/types/pod.ts';
import type { EndExcuse } from './end-excuses.ts';

const BEGIN_US = 5_000_000;
const FINALIZER_ESTIMATE_S = 15;
/** From its look at an empty namespace to the removal. */
const WORK_US = 1_000_000;
const SECOND_US = 1_000_000;

/** What is known of a namespace that is being deleted. */
interface Ending {
  readonly sinceUs: number;
  /** Most seconds that the controller has to expect. */
  estimateS: number;
  /** When something in it was removed last. */
  lastRemovalUs: number;
}

export class EndingNamespaces {
  readonly #ending = new Map<string, Ending>();

  take({ kind, object, previous, timeUs }: Commit, world: World): void {
    const { name, namespace = '', deletionTimestamp, finalizers } = ((object ?? previous) as KubeObject).metadata;
    if (kind === 'Namespace') {
      if (object === null) this.#ending.delete(name);
      else if (deletionTimestamp !== undefined && !this.#ending.has(name))
        this.#ending.set(name, { sinceUs: timeUs, estimateS: longestGraceS(world, name), lastRemovalUs: timeUs });
      return;
    }
    const ending = this.#ending.get(namespace);
    if (ending === undefined) return;
    if (object === null) ending.lastRemovalUs = timeUs;
    else if ((finalizers?.length ?? 0) > 0) ending.estimateS = Math.max(ending.estimateS, FINALIZER_ESTIMATE_S);
  }

  /** Namespaces whose controller need not have looked again by now. */
  *excuses(nowUs: number): Generator<EndExcuse, void, undefined> {
    for (const [name, { sinceUs, estimateS, lastRemovalUs }] of this.#ending) {
      const againUs = estimateS === 0 ? 0 : (Math.floor(estimateS / 2) + 1) * SECOND_US;
      const dueUs = Math.max(sinceUs + BEGIN_US, lastRemovalUs + againUs) + WORK_US;
      if (nowUs < dueUs) yield { about: [name], why: `namespace ${name} is looked at again later` };
    }
  }
}

/** Of the namespace's pods, s; 0 without pods. */
function longestGraceS(world: World, namespace: string): number {
  let longest = 0;
  for (const pod of world.of('Pod').values() as Iterable<Pod>) {
    if (pod.metadata.namespace === namespace) longest = Math.max(longest, pod.spec.terminationGracePeriodSeconds ?? 0);
  }
  return longest;
}

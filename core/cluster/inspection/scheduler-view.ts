/**
 * What is inside a scheduler: its queue, its node table, its caches.
 */
import type { Decider } from '../../scheduler/decider.ts';
import { QUEUE_PLACES, type QueuedPod } from '../../scheduler/queue/queued-pod.ts';
import type { Scheduler } from '../../scheduler/scheduler.ts';
import type { Parts } from './cluster-view.ts';
import { cachesView } from './informer-view.ts';
import { Branch, objectsByName } from './view.ts';

/** The scheduler's parts; a standby has only its caches, and says so for the others. Times are µs of its clock. */
export function schedulerParts(scheduler: Scheduler): Parts {
  return {
    active: () => scheduler.active,
    queue: () => (scheduler.decider === null ? 'a standby has no queue' : queueView(scheduler.decider)),
    nodes: () => (scheduler.decider === null ? 'a standby has no node table' : nodesView(scheduler.decider)),
    caches: () => cachesView(scheduler.informers),
  };
}

/** Pods without a node, by namespace and name, with where they wait and why. */
function queueView({ queue, core }: Decider): Branch {
  return objectsByName(
    queue.entries().map((queued) => ({
      metadata: queued.pod.metadata,
      ...queueStateOf(queued, core.filterNames(queued.profile)),
    })),
  );
}

/** Where and why a pod waits; `plugins` are the filters' names. */
export function queueStateOf(queued: QueuedPod, plugins: readonly string[]) {
  const { where, priority, attempts, unschedulableCount, errorCount, queuedAtUs, backoffEndUs, rejectors } = queued;
  return {
    where: QUEUE_PLACES[where] ?? '',
    priority,
    attempts,
    unschedulableCount,
    errorCount,
    queuedAtUs,
    backoffEndUs,
    rejectedBy: plugins.filter((_, bit) => (rejectors & (1 << bit)) !== 0),
    preempting: queued.preempting,
  };
}

/** The node table by name: allocatable and requested, in the units of the scheduler's columns. */
function nodesView({ core }: Decider): Branch {
  const { nodes } = core;
  const parts = new Map<string, () => unknown>();
  for (let slot = 0; slot < nodes.slotCount; slot++) {
    const name = nodes.names[slot] as string;
    if (nodes.find(name) !== slot) continue;
    parts.set(name, () => ({
      live: nodes.live[slot] === 1,
      unschedulable: nodes.unschedulable[slot] === 1,
      taints: nodes.nodes[slot]?.spec?.taints ?? [],
      ...Object.fromEntries(
        Array.from({ length: nodes.resources.count }, (_, resource) => [
          nodes.resources.nameOf(resource),
          { allocatable: nodes.allocatableOf(slot, resource), requested: nodes.requestedOf(slot, resource) },
        ]),
      ),
    }));
  }
  return new Branch(parts);
}

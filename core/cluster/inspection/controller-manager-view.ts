/**
 * What is inside a controller manager: whether it leads, each controller's work queue, its caches.
 */
import type { WorkQueue } from '../../client/work-queue.ts';
import type { ControllerManager } from '../../controllers/controller-manager.ts';
import type { Parts } from './cluster-view.ts';
import { cachesView } from './informer-view.ts';
import { Branch } from './view.ts';

/** The manager's parts. */
export function controllerManagerParts(manager: ControllerManager): Parts {
  const queues = manager.scopes.flatMap((scope) => scope.queues);
  return {
    leading: () => manager.running,
    queues: () => new Branch(new Map(queues.map((queue) => [queue.name, () => queueState(queue)]))),
    caches: () => cachesView(manager.informers),
  };
}

/** A queue's counts, and every key that waits, is delayed or worked on. */
function queueState(queue: WorkQueue): unknown {
  const keys = [...queue.entries()].sort((left, right) => (left.key < right.key ? -1 : 1));
  return {
    ready: queue.depth,
    working: queue.workingCount,
    keys: Object.fromEntries(keys.map(({ key, ...state }) => [key, state])),
  };
}

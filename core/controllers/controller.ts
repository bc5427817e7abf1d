/**
 * What a controller of the controller manager is: a name and a way to hook itself into a leader's machinery.
 *
 * A controller object holds no state of a run: `register` is called each time an instance begins to lead and builds queues, caches
 * and expectations anew, so that nothing survives a crash or a fail-over that would not in reality.
 */
import type { ControllerScope } from './controller-scope.ts';

export interface Controller {
  /** As the real manager names it, e.g. `replicaset-controller`: the suffix of its user and the component of its events. */
  readonly name: string;
  /** Asks `scope` for informers, queues, loops. Nothing runs before the informers asked for have synced. */
  register(scope: ControllerScope): void;
}

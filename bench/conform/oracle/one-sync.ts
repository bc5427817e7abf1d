/**
 * One sync of one controller over objects that are given, without servers: its requests are kept and answered at once, as client-go's fake
 * clientset does. So a case is the same here and for the real controller as a library.
 */
import { ClusterNames } from '../../../core/api/cluster-names.ts';
import { L4Balancer } from '../../../core/client/balancer.ts';
import type { WorkQueue } from '../../../core/client/work-queue.ts';
import type { Controller } from '../../../core/controllers/controller.ts';
import { ControllerManager } from '../../../core/controllers/controller-manager.ts';
import type { ControllerScope, QueueOptions } from '../../../core/controllers/controller-scope.ts';
import { Simulation } from '../../../core/sim/simulation.ts';
import type { Wait } from '../../../core/sim/task.ts';
import { claimType } from '../../../core/types/claim-types.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import {
  CONTROLLERREVISIONS,
  DAEMONSETS,
  DEPLOYMENTS,
  ENDPOINTSLICES,
  JOBS,
  NODES,
  PODDISRUPTIONBUDGETS,
  PODS,
  REPLICASETS,
  type ResourceType,
  SERVICES,
  STATEFULSETS,
} from '../../../core/types/resource-type.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import { formatTime } from '../../../core/types/time.ts';

const S = 1_000_000;
/** When the sync is, µs. */
const SYNC_US = 2 * S;
const TYPES = [
  SERVICES,
  DEPLOYMENTS,
  REPLICASETS,
  STATEFULSETS,
  DAEMONSETS,
  JOBS,
  PODDISRUPTIONBUDGETS,
  CONTROLLERREVISIONS,
  NODES,
  PODS,
  ENDPOINTSLICES,
];

/** One request that changes something. */
export interface Write {
  readonly verb: 'create' | 'update' | 'patch' | 'delete';
  /** e.g. `replicasets` or `deployments/status`. */
  readonly resource: string;
  readonly name: string;
  /** The object or the patch. */
  readonly object: unknown;
}

export interface OneSyncOptions {
  /** The error that a write gets instead of an answer. */
  readonly refuse?: (write: Write) => StatusError | undefined;
  /** The queue whose key is synced, where the controller has others before it. */
  readonly queue?: string;
  /** Settings of the controller. */
  readonly settings?: Readonly<Record<string, number>>;
}

/** What came of the sync. */
export interface OneSync {
  readonly writes: Write[];
  /** Type, reason and message of each. */
  readonly events: string[];
  /** When the key comes back by itself, s; 0 = rate-limited. */
  readonly again: number[];
  /** '' where it did not fail. */
  error: string;
  /** The wall time of the sync, µs. */
  wallUs: number;
}

type Answer<T> = Generator<Wait, T, unknown>;

/** Syncs the object `key` (`namespace/name`). Times in the objects are seconds before now, written `@30`. */
export function oneSync(
  controller: Controller,
  key: string,
  objects: readonly unknown[],
  options: OneSyncOptions = {},
): OneSync {
  const result: OneSync = { writes: [], events: [], again: [], error: 'the sync waits', wallUs: 0 };
  const sim = new Simulation({ seed: 7 });
  const cluster = new ClusterNames();
  const nobody = sim.addProcess('nobody', 'm0', () => ({ start() {}, receive() {} }));
  const stand = new Stand(result, options);
  const register = (scope: ControllerScope): void => stand.hold(scope, controller);
  const pid = sim.addProcess('controller-manager', 'm1', (ctx) => {
    const { names, types } = cluster;
    const controllers = [{ name: controller.name, register }];
    const manager = new ControllerManager(ctx, {
      names,
      types,
      balancer: new L4Balancer([nobody]),
      leaderElection: false,
      controllers,
      settings: { [controller.name]: options.settings ?? {} },
    });
    stand.manager = manager;
    return manager;
  });
  sim.run(SYNC_US / 2);
  sim.at(SYNC_US, 'sync', () => {
    const ctx = sim.contextOf(pid);
    result.wallUs = ctx.wallUs();
    const text = JSON.stringify(objects).replace(
      /"@(-?\d+)"/g,
      (_, seconds) => `"${formatTime(result.wallUs - Number(seconds) * S)}"`,
    );
    stand.manager.library.during(() => {
      stand.fill(JSON.parse(text) as KubeObject[], cluster);
      ctx.startTask('sync', key, stand.sync(key));
    });
  });
  // Long enough for what a sync waits between tries.
  sim.run(SYNC_US + S / 2);
  return result;
}

/** Holds the controller's requests, queue and caches. */
class Stand {
  manager!: ControllerManager;
  readonly #result: OneSync;
  readonly #options: OneSyncOptions;
  readonly #objects = new Map<string, KubeObject>();
  #scope!: ControllerScope;
  #queue: QueueOptions | undefined;

  constructor(result: OneSync, options: OneSyncOptions) {
    this.#result = result;
    this.#options = options;
  }

  hold(scope: ControllerScope, controller: Controller): void {
    const { again, events } = this.#result;
    const queue = {
      add() {},
      forget() {},
      failures: () => 0,
      addAfter: (_id: number, us: number) => again.push(us / S),
      addRateLimited: () => again.push(0),
    };
    scope.queue = (options) => {
      if (this.#queue === undefined || options.name === this.#options.queue) this.#queue = options;
      return queue as unknown as WorkQueue;
    };
    scope.recorder.event = (_object, type, reason, message) => {
      events.push(`${type} ${reason} ${message}`);
    };
    this.#scope = scope;
    Object.assign(scope.client, this.#client());
    controller.register(scope);
  }

  /** Puts the objects into the caches. */
  fill(objects: readonly KubeObject[], { types }: ClusterNames): void {
    for (const type of [...TYPES, claimType(types, 'PersistentVolumeClaim')]) {
      const items = objects.filter(({ kind }) => kind === type.kind);
      const informer = this.manager.informer(type);
      const ids = items.map(({ metadata }) => informer.keys.intern(metadata.namespace ?? '', metadata.name));
      for (const item of items) this.#objects.set(`${type.plural}/${item.metadata.name}`, item);
      informer.onReplace(
        items.map((item, i) => ({ ...item, metadata: { ...item.metadata, resourceVersion: `${i + 1}` } })),
        ids,
        1,
      );
    }
    this.#result.again.length = 0;
  }

  *sync(key: string): Generator<Wait, void, unknown> {
    const [namespace = '', name = ''] = key.split('/');
    const result = this.#result;
    const queue = this.#queue as QueueOptions;
    try {
      yield* queue.reconcile(this.#scope.keys(queue.type).find(namespace, name));
      result.error = '';
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      result.error = error.message;
    }
  }

  #write(verb: Write['verb'], { plural }: ResourceType, subresource: string, name: string, object: unknown): void {
    const resource = subresource === '' ? plural : `${plural}/${subresource}`;
    const write: Write = { verb, resource, name, object: object && JSON.parse(JSON.stringify(object)) };
    this.#result.writes.push(write);
    const error = this.#options.refuse?.(write);
    if (error !== undefined) throw error;
  }

  #client() {
    const stand = this;
    return {
      *get(type: ResourceType, _namespace: string, name: string): Answer<KubeObject> {
        const found = stand.#objects.get(`${type.plural}/${name}`);
        if (found === undefined) throw StatusError.notFound(type, name);
        return found;
      },
      *create(type: ResourceType, object: KubeObject): Answer<KubeObject> {
        const { metadata } = object;
        stand.#write('create', type, '', metadata.name, object);
        if (metadata.name === '') return { ...object, metadata: { ...metadata, name: `${metadata.generateName}new` } };
        const key = `${type.plural}/${metadata.name}`;
        if (stand.#objects.has(key)) throw StatusError.alreadyExists(type, metadata.name);
        stand.#objects.set(key, object);
        return object;
      },
      *update(type: ResourceType, object: KubeObject): Answer<KubeObject> {
        stand.#write('update', type, '', object.metadata.name, object);
        return object;
      },
      *updateStatus(type: ResourceType, object: KubeObject): Answer<KubeObject> {
        stand.#write('update', type, 'status', object.metadata.name, object);
        return object;
      },
      *patch(type: ResourceType, _namespace: string, name: string, patch: unknown): Answer<KubeObject | undefined> {
        stand.#write('patch', type, '', name, patch);
        return stand.#objects.get(`${type.plural}/${name}`);
      },
      *delete(type: ResourceType, _namespace: string, name: string): Answer<null> {
        stand.#write('delete', type, '', name, undefined);
        if (!stand.#objects.delete(`${type.plural}/${name}`)) throw StatusError.notFound(type, name);
        return null;
      },
    };
  }
}

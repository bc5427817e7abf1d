/**
 * What one controller gets from its manager: a client with a token bucket of its own, shared informers, queues, events.
 *
 * Queues and loops begin once every informer that this controller asked for has synced, as the real controllers wait for their
 * caches; handlers run before that and fill the queues. Source: Kubernetes 1.34 cmd/kube-controller-manager, client-go
 * WaitForNamedCacheSync.
 */
import type { Client } from '../client/client.ts';
import { EventRecorder } from '../client/event-recorder.ts';
import { Informer, waitForSync } from '../client/informer.ts';
import type { RateLimiter, RateLimiterOptions } from '../client/rate-limiter.ts';
import { WorkQueue } from '../client/work-queue.ts';
import type { Context } from '../sim/context.ts';
import { defineBug, defineCounter } from '../sim/registry.ts';
import type { Wait } from '../sim/task.ts';
import type { NameTable, ResourceKeys } from '../types/names.ts';
import type { KubeObject } from '../types/object.ts';
import type { ResourceType } from '../types/resource-type.ts';
import { StatusError } from '../types/status-error.ts';
import type { ControllerManager } from './controller-manager.ts';

const BUG_NO_RETRY = defineBug('controller-no-retry', 'a controller does not come back to a key whose sync failed');
const COUNT_RECONCILES = defineCounter('controllers.reconciles', 'reconciles of all controllers');

/** A queue of one controller whose keys are objects of `type`. */
export interface QueueOptions {
  /** Label of its tasks, e.g. `replicaset`. */
  readonly name: string;
  /** The keys are local ids of this type. */
  readonly type: ResourceType;
  readonly workers: number;
  /** One sync; its fixed cost (`controllerSyncUs`) is spent before it by the scope. */
  readonly reconcile: (id: number) => Generator<Wait, void, unknown>;
  /** Text of a key where keys are not ids of `type`. */
  readonly keyText?: (id: number) => string;
  readonly limiter?: RateLimiterOptions | RateLimiter;
  /** Decides about a failed key instead of the default (rate-limited retry). */
  readonly onError?: (id: number, error: StatusError) => void;
}

/** Names under which controllers tell of events, where these are not their own. Source: Kubernetes 1.34, the recorders made in pkg/controller. */
const EVENT_SOURCES: ReadonlyMap<string, string> = new Map([
  ['persistentvolume-binder-controller', 'persistentvolume-controller'],
  ['ephemeral-volume-controller', 'ephemeral_volume'],
  ['resourceclaim-controller', 'resource_claim'],
]);

export class ControllerScope {
  readonly manager: ControllerManager;
  readonly ctx: Context;
  readonly names: NameTable;
  /** e.g. `deployment-controller`. */
  readonly controllerName: string;
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly #informers: Informer<KubeObject>[] = [];
  readonly #queues: WorkQueue[] = [];
  readonly #starts: (() => void)[] = [];

  constructor(manager: ControllerManager, controllerName: string) {
    this.manager = manager;
    this.ctx = manager.ctx;
    this.names = manager.names;
    this.controllerName = controllerName;
    this.client = manager.newClient(controllerName);
    const component = EVENT_SOURCES.get(controllerName) ?? controllerName;
    const settings = { component, enabled: manager.options.events ?? true };
    this.recorder = new EventRecorder(this.client.connection, settings, manager.library);
  }

  /** The manager's one informer of `type`; this controller starts only once it has synced. */
  informer<T extends KubeObject>(type: ResourceType): Informer<T> {
    const informer = this.manager.informer<T>(type);
    this.#informers.push(informer as unknown as Informer<KubeObject>);
    return informer;
  }

  /** An informer of this controller alone, not started: for types that appear while the manager runs. */
  newInformer<T extends KubeObject>(type: ResourceType): Informer<T> {
    return new Informer<T>(this.manager.sharedClient, type);
  }

  /** The local ids of a type's names. */
  keys(type: ResourceType): ResourceKeys {
    return this.names.keys(type);
  }

  /** A work queue that starts with the controller. A failed key comes back rate-limited, unless `onError` decides. */
  queue(options: QueueOptions): WorkQueue {
    const { ctx } = this;
    const keys = this.keys(options.type);
    const queue = new WorkQueue(this.manager.library, {
      name: options.name,
      workers: options.workers,
      reconcile: (id) => {
        ctx.count(COUNT_RECONCILES);
        ctx.spend(ctx.costs.controllerSyncUs);
        return options.reconcile(id);
      },
      keyText: (id) => {
        if (options.keyText !== undefined) return options.keyText(id);
        const namespace = keys.namespaceOf(id);
        return namespace === '' ? keys.nameOf(id) : `${namespace}/${keys.nameOf(id)}`;
      },
      onError: (id, error) => {
        if (ctx.bug(BUG_NO_RETRY)) return;
        if (options.onError !== undefined) options.onError(id, error);
        else queue.addRateLimited(id);
      },
      ...(options.limiter === undefined ? {} : { limiter: options.limiter }),
    });
    this.#queues.push(queue);
    return queue;
  }

  /** Runs `start` once when this controller's informers have synced. */
  onStarted(start: () => void): void {
    this.#starts.push(start);
  }

  /**
   * Runs `body` when the controller starts and then `periodUs` after the end of each run (client-go wait.Until). A StatusError
   * ends one run, not the loop.
   */
  every(label: string, periodUs: number, body: () => Generator<Wait, void, unknown>): void {
    this.onStarted(() => {
      this.ctx.startTask(label, '', this.#loop(periodUs, body));
    });
  }

  /** Called by the manager when all controllers are registered and the informers run. */
  start(): void {
    this.ctx.startTask('controller-start', this.controllerName, this.#start());
  }

  /** Queues of this controller, for liveness bounds and measurements. */
  get queues(): readonly WorkQueue[] {
    return this.#queues;
  }

  *#start(): Generator<Wait, void, unknown> {
    yield* waitForSync(this.client, this.#informers);
    for (const queue of this.#queues) queue.start();
    for (const start of this.#starts) start();
  }

  *#loop(periodUs: number, body: () => Generator<Wait, void, unknown>): Generator<Wait, void, unknown> {
    for (;;) {
      try {
        yield* body();
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
      }
      yield* this.ctx.sleep(periodUs);
    }
  }
}

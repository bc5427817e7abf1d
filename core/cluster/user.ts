/**
 * The user of the cluster: a process that does what a person does with kubectl, through the same client library as every component.
 *
 * It retries like a person would: what fails because the API server is away is tried again every second until it succeeds, or the operation's own
 * time is up. Objects are applied in the order given; a missing namespace is created first.
 */
import { Client } from '../client/client.ts';
import { Dispatcher } from '../client/dispatcher.ts';
import type { Context } from '../sim/context.ts';
import type { Behaviour, Conn, Payload, Pid } from '../sim/process.ts';
import type { Wait } from '../sim/task.ts';
import { withDistinctKind } from '../types/foreign-kind.ts';
import type { NameTable } from '../types/names.ts';
import type { KubeObject } from '../types/object.ts';
import type { Pod } from '../types/pod.ts';
import { isPodTerminal } from '../types/pod-conditions.ts';
import { NAMESPACES, NODES, PODS, type ResourceType, type ResourceTypes } from '../types/resource-type.ts';
import { StatusError } from '../types/status-error.ts';
import { ADMIN_USER } from '../types/user-names.ts';
import type { PropagationPolicy } from '../types/wire.ts';
import { Others } from './others.ts';

const RETRY_US = 1_000_000;
/** kubectl drain asks again after 5 s when a budget refuses an eviction. */
const EVICT_RETRY_US = 5_000_000;
const DRAIN_POLL_US = 1_000_000;

/** What became of an operation. `error` is the last answer that was not a success. */
export interface UserResult {
  readonly what: string;
  readonly startUs: number;
  readonly endUs: number;
  readonly error: string | null;
}

export interface UserOptions {
  readonly servers: readonly Pid[];
  readonly names: NameTable;
  readonly types: ResourceTypes;
}

export class User implements Behaviour {
  readonly #ctx: Context;
  readonly #library: Dispatcher;
  readonly #client: Client;
  readonly #types: ResourceTypes;
  /** Other people with access, who work on the same machine. */
  readonly others: Others;
  /** Finished operations, in order of their end. */
  readonly results: UserResult[] = [];
  pending = 0;

  constructor(ctx: Context, options: UserOptions) {
    this.#ctx = ctx;
    this.#types = options.types;
    this.#library = new Dispatcher(ctx);
    this.#client = new Client(this.#library, {
      servers: options.servers,
      user: ADMIN_USER,
      qps: 0,
      burst: 0,
      names: options.names,
    });
    this.others = new Others(ctx, this.#library, options.names);
  }

  start(): void {}

  receive(op: number, from: Pid, a: number, b: number, payload: Payload | null, conn: Conn): void {
    this.#library.receive(op, from, a, b, payload, conn);
  }

  /** Creates the objects in order, or updates those that exist. Calls `done` when all are stored or refused. */
  apply(objects: readonly KubeObject[], done?: () => void): void {
    this.#run(`apply ${objects.length} ${objects.length === 1 ? 'object' : 'objects'}`, this.#applyAll(objects), done);
  }

  /** Sets spec.replicas of `Kind/ns/name`. */
  scale(workload: string, replicas: number): void {
    this.#patch(`scale ${workload} to ${replicas}`, workload, { spec: { replicas } }, 'merge');
  }

  /** Sets the image of the first container of a workload's template. */
  setImage(workload: string, image: string, container: string): void {
    const patch = { spec: { template: { spec: { containers: [{ name: container, image }] } } } };
    this.#patch(`set image of ${workload} to ${image}`, workload, patch, 'strategic');
  }

  /** Deletes an object; the policy says what becomes of what it owns. */
  delete(workload: string, propagationPolicy: PropagationPolicy = 'Background'): void {
    const { type, namespace, name } = this.#resolve(workload);
    this.#run(
      `delete ${workload}`,
      this.#insist(() => this.#client.delete(type, namespace, name, { propagationPolicy })),
    );
  }

  cordon(node: string, unschedulable: boolean): void {
    const body = this.#insist(() => this.#client.patch(NODES, '', node, { spec: { unschedulable } }, 'strategic'));
    this.#run(`${unschedulable ? 'cordon' : 'uncordon'} ${node}`, body);
  }

  /** As `kubectl drain --ignore-daemonsets --delete-emptydir-data --force`. */
  drain(node: string, timeoutUs: number, uncordon: boolean, done?: () => void): void {
    this.#run(`drain ${node}`, this.#drain(node, timeoutUs, uncordon), done);
  }

  #patch(what: string, workload: string, patch: unknown, patchType: 'merge' | 'strategic'): void {
    const { type, namespace, name } = this.#resolve(workload);
    this.#run(
      what,
      this.#insist(() => this.#client.patch(type, namespace, name, patch, patchType)),
    );
  }

  #resolve(workload: string): { type: ResourceType; namespace: string; name: string } {
    const [kind = '', ...rest] = workload.split('/');
    const [name = '', namespace = ''] = rest.reverse();
    const type = this.#types.all.find((candidate) => candidate.kind === kind);
    if (type === undefined) throw new Error(`unknown kind in "${workload}"`);
    return { type, namespace, name };
  }

  #run(what: string, body: Generator<Wait, unknown, unknown>, done?: () => void): void {
    this.pending++;
    this.#ctx.startTask('user', what, this.#record(what, body, done));
  }

  *#record(
    what: string,
    body: Generator<Wait, unknown, unknown>,
    done: (() => void) | undefined,
  ): Generator<Wait, void, unknown> {
    const startUs = this.#ctx.now();
    let error: string | null = null;
    try {
      yield* body;
    } catch (thrown) {
      if (!(thrown instanceof StatusError)) throw thrown;
      error = thrown.message;
    }
    this.pending--;
    this.results.push({ what, startUs, endUs: this.#ctx.now(), error });
    done?.();
  }

  *#applyAll(objects: readonly KubeObject[]): Generator<Wait, void, unknown> {
    const namespaces = new Set<string>();
    for (const given of objects) {
      const object = withDistinctKind(given);
      const type = this.#types.register(object.apiVersion, object.kind);
      if (type === NAMESPACES) namespaces.add(object.metadata.name);
      const namespace = type.namespaced ? (object.metadata.namespace ?? 'default') : '';
      if (namespace !== '' && !namespaces.has(namespace)) {
        namespaces.add(namespace);
        yield* this.#ensureNamespace(namespace);
      }
      const { apiVersion } = type;
      const known = object.apiVersion === apiVersion ? object : { ...object, apiVersion };
      const named =
        namespace === '' || object.metadata.namespace === namespace
          ? known
          : { ...known, metadata: { ...object.metadata, namespace } };
      yield* this.#insist(() => this.#createOrUpdate(type, named));
    }
  }

  *#ensureNamespace(name: string): Generator<Wait, void, unknown> {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    yield* this.#insist(() => this.#ignoring(409, this.#client.create(NAMESPACES, namespace)));
  }

  *#createOrUpdate(type: ResourceType, object: KubeObject): Generator<Wait, void, unknown> {
    try {
      yield* this.#client.create(type, object);
    } catch (error) {
      // In a namespace that goes away nothing is created, but what is there can be changed.
      if (!(error instanceof StatusError) || (error.code !== 409 && !error.isNamespaceTerminating)) throw error;
      const { namespace = '', name } = object.metadata;
      const { apiVersion: _version, kind: _kind, ...patch } = object;
      yield* this.#client.patch(type, namespace, name, patch, 'merge');
    }
  }

  *#ignoring(code: number, body: Generator<Wait, unknown, unknown>): Generator<Wait, void, unknown> {
    try {
      yield* body;
    } catch (error) {
      if (!(error instanceof StatusError) || error.code !== code) throw error;
    }
  }

  /** Tries again each second while the server is away or busy; other refusals are final. */
  *#insist(attempt: () => Generator<Wait, unknown, unknown>): Generator<Wait, void, unknown> {
    for (;;) {
      try {
        yield* attempt();
        return;
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        if (error.code < 500 && error.code !== 429 && error.code !== 409 && !error.outcomeUnknown) throw error;
      }
      yield* this.#ctx.sleep(RETRY_US);
    }
  }

  *#drain(node: string, timeoutUs: number, uncordon: boolean): Generator<Wait, void, unknown> {
    const deadline = this.#ctx.now() + timeoutUs;
    yield* this.#insist(() => this.#client.patch(NODES, '', node, { spec: { unschedulable: true } }, 'strategic'));
    const evicted = new Map<string, number>();
    for (;;) {
      const pods = yield* this.#podsToEvict(node);
      if (pods.length === 0 || this.#ctx.now() >= deadline) break;
      for (const pod of pods) {
        const uid = pod.metadata.uid ?? '';
        if (pod.metadata.deletionTimestamp !== undefined || (evicted.get(uid) ?? 0) > this.#ctx.now()) continue;
        const allowed = yield* this.#evict(pod);
        evicted.set(uid, allowed ? Number.POSITIVE_INFINITY : this.#ctx.now() + EVICT_RETRY_US);
      }
      yield* this.#ctx.sleep(DRAIN_POLL_US);
    }
    const left = yield* this.#podsToEvict(node);
    if (uncordon)
      yield* this.#insist(() => this.#client.patch(NODES, '', node, { spec: { unschedulable: false } }, 'strategic'));
    if (left.length > 0) throw StatusError.timeout(`drain of ${node} did not finish: ${left.length} pods stay`);
  }

  *#evict(pod: Pod): Generator<Wait, boolean, unknown> {
    try {
      yield* this.#client.evict(pod.metadata.namespace ?? 'default', pod.metadata.name);
      return true;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return error.code === 404;
    }
  }

  /** Pods of the node that drain has to move: neither of DaemonSets nor mirror pods nor ended. */
  *#podsToEvict(node: string): Generator<Wait, Pod[], unknown> {
    let pods: readonly Pod[] = [];
    for (;;) {
      try {
        pods = (yield* this.#client.list<Pod>(PODS, '', { fieldSelector: `spec.nodeName=${node}` })).items;
        break;
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
      }
      yield* this.#ctx.sleep(RETRY_US);
    }
    return pods.filter(
      (pod) => !isPodTerminal(pod) && !pod.metadata.ownerReferences?.some((owner) => owner.kind === 'DaemonSet'),
    );
  }
}

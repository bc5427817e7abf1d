/**
 * The garbage collector: deletes objects whose owners are gone, and carries out foreground deletion and orphaning.
 *
 * Follows every type but events, kinds that appear later too (looked for each 30 s). An event that changes neither owners, finalizers
 * nor the deletion mark costs three comparisons. Before anything is deleted the object and its owners are read live.
 * Source: Kubernetes 1.34 pkg/controller/garbagecollector.
 */
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { runParallel } from '../../client/slow-start.ts';
import type { WorkQueue } from '../../client/work-queue.ts';
import { defineBug, defineMark } from '../../sim/registry.ts';
import type { Wait } from '../../sim/task.ts';
import { distinctKind } from '../../types/foreign-kind.ts';
import { jsonEqual } from '../../types/json-value.ts';
import type { KubeObject, OwnerReference } from '../../types/object.ts';
import { isTerminating, namespaceOf, uidOf } from '../../types/object.ts';
import { BUILT_IN_TYPES, EVENTS, PODS, type ResourceType } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import type { PropagationPolicy } from '../../types/wire.ts';
import type { Controller } from '../controller.ts';
import type { ControllerScope } from '../controller-scope.ts';
import { fasterClient } from '../faster-client.ts';
import { BUG_OWNER_BY_NAME, OwnerCheck } from './owner-check.ts';
import {
  FOREGROUND_FINALIZER,
  isDeletingDependents,
  isOrphaning,
  ORPHAN_FINALIZER,
  OwnerGraph,
  type Watched,
} from './owner-graph.ts';

const BUG_ENDING_IS_GONE = defineBug(
  'gc-ending-is-gone',
  'an owner that is being deleted counts as gone, whatever still holds it',
);
const MARK_COLLECTED = defineMark('gc-collected', 'an object was deleted because none of its owners exists');
const MARK_ORPHANED = defineMark('gc-orphaned', 'the dependents of a deleted owner were let go');
const MARK_FOREGROUND = defineMark('gc-foreground', 'an owner waited for its dependents and then went');
const MARK_OTHER_NAMESPACE = defineMark('gc-owner-other-namespace', 'an object names an owner of another namespace');
const MARK_UNBLOCKED = defineMark('gc-cycle-unblocked', 'owner references were made non-blocking to break a cycle');
const MARK_DELETE_CONFLICT = defineMark('gc-delete-conflict', 'an object that was to be deleted had changed meanwhile');
const MARK_FINALIZER_CONFLICT = defineMark('gc-finalizer-conflict', 'taking a finalizer off met a newer version');

const DISCOVERY_US = 30_000_000;
const WORKERS = 20;
const CONFLICT_TRIES = 5;

/** The garbage collector; no settings. */
export const garbageCollector: Controller = {
  name: 'generic-garbage-collector',
  register: (scope) => {
    new GarbageCollector(scope);
  },
};

class GarbageCollector {
  readonly #scope: ControllerScope;
  readonly #client: Client;
  readonly #graph = new OwnerGraph();
  readonly #check: OwnerCheck;
  readonly #deletions: WorkQueue;
  readonly #orphanings: WorkQueue;
  #started = false;
  #typesSeen = 0;

  constructor(scope: ControllerScope) {
    this.#scope = scope;
    this.#client = fasterClient(scope, 2, 1);
    this.#check = new OwnerCheck(this.#client, this.#graph, (reference) => this.#typeOf(reference));
    const common = { type: PODS, workers: WORKERS, keyText: (node: number) => this.#graph.textOf(node) };
    this.#deletions = scope.queue({ name: 'gc-delete', reconcile: (node) => this.#attemptDelete(node), ...common });
    this.#orphanings = scope.queue({ name: 'gc-orphan', reconcile: (node) => this.#attemptOrphan(node), ...common });
    this.#discover((type) => scope.informer<KubeObject>(type));
    scope.onStarted(() => this.#begin());
    scope.every('gc-discovery', DISCOVERY_US, () => this.#discoverMore());
  }

  get #types(): readonly ResourceType[] {
    return this.#scope.manager.options.types?.all ?? BUILT_IN_TYPES;
  }

  #typeOf(reference: OwnerReference): ResourceType | undefined {
    const { types } = this.#scope.manager.options;
    if (types !== undefined) {
      return types.byKind(reference.apiVersion, distinctKind(reference.apiVersion, reference.kind));
    }
    return BUILT_IN_TYPES.find(
      ({ apiVersion, kind }) => apiVersion === reference.apiVersion && kind === reference.kind,
    );
  }

  #discover(informerOf: (type: ResourceType) => Informer<KubeObject>): void {
    const types = this.#types;
    for (; this.#typesSeen < types.length; this.#typesSeen++) {
      const type = types[this.#typesSeen] as ResourceType;
      if (type === EVENTS) continue;
      const informer = informerOf(type);
      const watched = this.#graph.watch(type, informer);
      informer.addHandler({
        onAdd: (id, object) => this.#added(watched, id, object),
        onUpdate: (id, old, object) => this.#updated(watched, id, old, object),
        onDelete: (id, object) => this.#deleted(watched, id, object),
      });
    }
  }

  *#discoverMore(): Generator<Wait, void, unknown> {
    if (this.#types.length === this.#typesSeen) return;
    const started: Informer<KubeObject>[] = [];
    // Handlers have to be there before the informer starts, so these are not the manager's shared ones.
    this.#discover((type) => {
      const informer = this.#scope.newInformer<KubeObject>(type);
      started.push(informer);
      return informer;
    });
    for (const informer of started) informer.start();
  }

  /** All informers have synced: owners that are missing can be told from owners that were not listed yet. */
  #begin(): void {
    this.#started = true;
    for (const uid of this.#graph.owners()) {
      for (const node of this.#graph.dependents(uid)) this.#checkOwner(node, uid);
    }
  }

  #added(watched: Watched, id: number, object: KubeObject): void {
    const references = object.metadata.ownerReferences;
    if (references !== undefined && references.length > 0) {
      const node = this.#graph.nodeOf(watched, id);
      for (const reference of references) this.#graph.link(node, reference);
      if (this.#started) for (const { uid } of references) this.#checkOwner(node, uid);
    }
    if (isTerminating(object)) this.#transition(watched, id, undefined, object);
  }

  #updated(watched: Watched, id: number, old: KubeObject, object: KubeObject): void {
    const before = old.metadata;
    const after = object.metadata;
    if (before.uid !== after.uid) {
      this.#deleted(watched, id, old);
      this.#added(watched, id, object);
      return;
    }
    if (before.ownerReferences !== after.ownerReferences) this.#ownersChanged(watched, id, old, object);
    // Only what is being deleted can be in a transition; of most updates nothing more is looked at.
    if (after.deletionTimestamp === undefined) return;
    if (before.deletionTimestamp === undefined && this.#scope.ctx.bug(BUG_ENDING_IS_GONE))
      this.#deleted(watched, id, object);
    if (before.deletionTimestamp === after.deletionTimestamp && before.finalizers === after.finalizers) return;
    this.#transition(watched, id, old, object);
  }

  #ownersChanged(watched: Watched, id: number, old: KubeObject, object: KubeObject): void {
    const node = this.#graph.nodeOf(watched, id);
    const before = old.metadata.ownerReferences ?? [];
    const after = object.metadata.ownerReferences ?? [];
    for (const reference of before) {
      const kept = after.find(({ uid }) => uid === reference.uid);
      if (kept === undefined) this.#graph.unlink(node, reference);
      if (reference.blockOwnerDeletion === true && kept?.blockOwnerDeletion !== true)
        this.#unblocked(object, reference);
    }
    for (const reference of after) {
      if (before.some(({ uid }) => uid === reference.uid)) continue;
      this.#graph.link(node, reference);
      if (this.#started) this.#checkOwner(node, reference.uid);
    }
  }

  #transition(watched: Watched, id: number, old: KubeObject | undefined, object: KubeObject): void {
    if (isOrphaning(object) && !(old !== undefined && isOrphaning(old))) {
      this.#orphanings.add(this.#graph.nodeOf(watched, id));
    }
    if (isDeletingDependents(object) && !(old !== undefined && isDeletingDependents(old))) {
      for (const dependent of this.#graph.dependents(uidOf(object))) this.#deletions.add(dependent);
      this.#deletions.add(this.#graph.nodeOf(watched, id));
    }
  }

  #deleted(watched: Watched, id: number, object: KubeObject): void {
    const references = object.metadata.ownerReferences;
    if (references !== undefined && references.length > 0) {
      const node = this.#graph.nodeOf(watched, id);
      for (const reference of references) {
        this.#graph.unlink(node, reference);
        this.#unblocked(object, reference);
      }
    }
    const dependents = this.#graph.dependents(uidOf(object));
    if (dependents.size === 0) return;
    this.#check.gone(object);
    for (const dependent of dependents) this.#deletions.add(dependent);
  }

  /** A dependent stopped blocking an owner. */
  #unblocked(dependent: KubeObject, reference: OwnerReference): void {
    const type = this.#typeOf(reference);
    const watched = type === undefined ? undefined : this.#graph.of(type);
    if (watched === undefined) return;
    const { informer } = watched;
    const id = informer.keys.find(watched.type.namespaced ? namespaceOf(dependent) : '', reference.name);
    const owner = id < 0 ? undefined : informer.get(id);
    if (owner === undefined || uidOf(owner) !== reference.uid || !isDeletingDependents(owner)) return;
    this.#deletions.add(this.#graph.nodeOf(watched, id));
  }

  /** Looks for the owner in the informers; what cannot be found there is looked at live. */
  #checkOwner(node: number, uid: string): void {
    const object = this.#graph.objectOf(node);
    const reference = object?.metadata.ownerReferences?.find((known) => known.uid === uid);
    if (object === undefined || reference === undefined) return;
    const type = this.#typeOf(reference);
    const informer = type === undefined ? undefined : this.#graph.of(type)?.informer;
    if (type === undefined || informer === undefined) return;
    const namespace = type.namespaced ? namespaceOf(object) : '';
    const found = informer.find(namespace, reference.name);
    if (found?.metadata.uid === uid || (found !== undefined && this.#scope.ctx.bug(BUG_OWNER_BY_NAME))) return;
    if (type.namespaced) this.#reportOtherNamespace(object, reference, informer);
    this.#deletions.add(node);
  }

  #reportOtherNamespace(object: KubeObject, reference: OwnerReference, informer: Informer<KubeObject>): void {
    let elsewhere = false;
    informer.forEach((owner) => {
      elsewhere ||= uidOf(owner) === reference.uid && namespaceOf(owner) !== namespaceOf(object);
    });
    if (!elsewhere) return;
    this.#scope.ctx.mark(MARK_OTHER_NAMESPACE);
    const { apiVersion, kind, name, uid } = reference;
    const namespace = namespaceOf(object);
    const owner = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
    const message = `ownerRef ${owner} does not exist in namespace "${namespace}"`;
    this.#scope.recorder.event(object, 'Warning', 'OwnerRefInvalidNamespace', message);
  }

  *#attemptDelete(node: number): Generator<Wait, void, unknown> {
    const cached = this.#graph.objectOf(node);
    if (cached === undefined) return;
    const deletingDependents = isDeletingDependents(cached);
    if (isTerminating(cached) && !deletingDependents) return;
    const type = this.#graph.typeOf(node);
    const latest = yield* this.#find(type, cached);
    if (latest === undefined || uidOf(latest) !== uidOf(cached)) return;
    if (deletingDependents) {
      yield* this.#deleteDependents(type, latest);
      return;
    }
    const classes = yield* this.#check.classify(latest);
    if (classes === undefined) return;
    const { solid, dangling, waiting } = classes;
    if (solid.length > 0) {
      const superfluous = [...dangling, ...waiting];
      if (superfluous.length > 0)
        yield* this.#removeOwners(
          type,
          latest,
          superfluous.map(({ uid }) => uid),
        );
      return;
    }
    if (dangling.length + waiting.length === 0) return;
    const dependents = this.#graph.dependents(uidOf(latest));
    if (waiting.length > 0 && dependents.size > 0) {
      yield* this.#breakCycle(type, latest, dependents);
      yield* this.#delete(type, latest, 'Foreground');
      return;
    }
    this.#scope.ctx.mark(MARK_COLLECTED);
    const { finalizers = [] } = latest.metadata;
    if (finalizers.includes(ORPHAN_FINALIZER)) yield* this.#delete(type, latest, 'Orphan');
    else yield* this.#delete(type, latest, finalizers.includes(FOREGROUND_FINALIZER) ? 'Foreground' : 'Background');
  }

  *#deleteDependents(type: ResourceType, owner: KubeObject): Generator<Wait, void, unknown> {
    const uid = uidOf(owner);
    let blocked = false;
    for (const node of this.#graph.dependents(uid)) {
      const dependent = this.#graph.objectOf(node);
      const reference = dependent?.metadata.ownerReferences?.find((known) => known.uid === uid);
      if (dependent === undefined || reference?.blockOwnerDeletion !== true) continue;
      blocked = true;
      if (!isDeletingDependents(dependent)) this.#deletions.add(node);
    }
    if (blocked) return;
    this.#scope.ctx.mark(MARK_FOREGROUND);
    yield* this.#removeFinalizer(type, owner, FOREGROUND_FINALIZER);
  }

  /** Owners and dependents that wait for each other: the references stop blocking. */
  *#breakCycle(type: ResourceType, item: KubeObject, dependents: ReadonlySet<number>): Generator<Wait, void, unknown> {
    const waits = [...dependents].some((node) => {
      const dependent = this.#graph.objectOf(node);
      return dependent !== undefined && isDeletingDependents(dependent);
    });
    if (!waits) return;
    this.#scope.ctx.mark(MARK_UNBLOCKED);
    const ownerReferences = (item.metadata.ownerReferences ?? []).map((reference) => {
      return reference.blockOwnerDeletion === true ? { ...reference, blockOwnerDeletion: false } : reference;
    });
    const { name, resourceVersion } = item.metadata;
    const patch = { metadata: { resourceVersion, ownerReferences } };
    yield* this.#client.patch(type, namespaceOf(item), name, patch, 'merge');
  }

  *#attemptOrphan(node: number): Generator<Wait, void, unknown> {
    const owner = this.#graph.objectOf(node);
    if (owner === undefined || !isOrphaning(owner)) return;
    const uid = uidOf(owner);
    const dependents = [...this.#graph.dependents(uid)];
    this.#scope.ctx.mark(MARK_ORPHANED);
    const { error } = yield* runParallel(this.#scope.ctx, 0, dependents.length, (i) =>
      this.#letGo(dependents[i] as number, uid),
    );
    if (error !== null) throw error;
    yield* this.#removeFinalizer(this.#graph.typeOf(node), owner, ORPHAN_FINALIZER);
  }

  *#letGo(node: number, uid: string): Generator<Wait, void, unknown> {
    const dependent = this.#graph.objectOf(node);
    if (dependent !== undefined) yield* this.#removeOwners(this.#graph.typeOf(node), dependent, [uid]);
  }

  *#removeOwners(type: ResourceType, item: KubeObject, uids: readonly string[]): Generator<Wait, void, unknown> {
    const { name, uid, resourceVersion, ownerReferences = [] } = item.metadata;
    try {
      if (type.simulated) {
        const deletions = uids.map((owner) => ({ $patch: 'delete', uid: owner }));
        const patch = { metadata: { ownerReferences: deletions, uid } };
        yield* this.#client.patch(type, namespaceOf(item), name, patch, 'strategic');
        return;
      }
      const rest = ownerReferences.filter((reference) => !uids.includes(reference.uid));
      const patch = { metadata: { resourceVersion, ownerReferences: rest } };
      yield* this.#client.patch(type, namespaceOf(item), name, patch, 'merge');
    } catch (error) {
      if (!(error instanceof StatusError) || !(error.isNotFound || error.isInvalid)) throw error;
    }
  }

  *#removeFinalizer(type: ResourceType, item: KubeObject, finalizer: string): Generator<Wait, void, unknown> {
    for (let tries = 1; ; tries++) {
      const latest = yield* this.#find(type, item);
      const finalizers = latest?.metadata.finalizers ?? [];
      if (latest === undefined || !finalizers.includes(finalizer)) return;
      const { name, resourceVersion } = latest.metadata;
      const patch = { metadata: { resourceVersion, finalizers: finalizers.filter((known) => known !== finalizer) } };
      try {
        yield* this.#client.patch(type, namespaceOf(item), name, patch, 'merge');
        return;
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        if (error.isNotFound) return;
        if (!error.isConflict || tries === CONFLICT_TRIES) throw error;
      }
      this.#scope.ctx.mark(MARK_FINALIZER_CONFLICT);
    }
  }

  *#find(type: ResourceType, item: KubeObject): Generator<Wait, KubeObject | undefined, unknown> {
    try {
      return yield* this.#client.get<KubeObject>(type, namespaceOf(item), item.metadata.name);
    } catch (error) {
      if (error instanceof StatusError && error.isNotFound) return undefined;
      throw error;
    }
  }

  *#delete(type: ResourceType, item: KubeObject, policy: PropagationPolicy): Generator<Wait, void, unknown> {
    const { name, uid = '', resourceVersion = '', ownerReferences } = item.metadata;
    const options = { propagationPolicy: policy, preconditions: { uid, resourceVersion } };
    try {
      yield* this.#client.delete(type, namespaceOf(item), name, options);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      if (error.isNotFound) return;
      if (!error.isConflict) throw error;
      const live = yield* this.#find(type, item);
      if (live === undefined) return;
      // Rapid changes of something else must not keep it alive.
      if (uidOf(live) !== uid || !jsonEqual(live.metadata.ownerReferences, ownerReferences)) throw error;
      this.#scope.ctx.mark(MARK_DELETE_CONFLICT);
      yield* this.#client.delete(type, namespaceOf(item), name, { propagationPolicy: policy, preconditions: { uid } });
    }
  }
}

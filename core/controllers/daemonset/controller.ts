/**
 * The DaemonSet controller: one pod on every node that fits, pinned by node affinity and bound by the scheduler.
 *
 * A sync costs the nodes at which something changed since the last one. Source: Kubernetes 1.34
 * pkg/controller/daemon/daemon_controller.go.
 */

import { TrackedExpectations } from '../../client/expectations.ts';
import type { Informer } from '../../client/informer.ts';
import { runParallel, slowStart } from '../../client/slow-start.ts';
import type { WorkQueue } from '../../client/work-queue.ts';
import type { Wait } from '../../sim/task.ts';
import type { ControllerRevision } from '../../types/controller-revision.ts';
import type { DaemonSet, DaemonSetStatus } from '../../types/daemon-set.ts';
import { jsonEqual } from '../../types/json-value.ts';
import type { Node } from '../../types/node.ts';
import { isTerminating, labelsOf, namespaceOf, uidOf } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodReady } from '../../types/pod-conditions.ts';
import { podTemplateHash } from '../../types/pod-template-hash.ts';
import { CONTROLLERREVISIONS, DAEMONSETS, NODES } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import { orAbsent } from '../absent-count.ts';
import type { Controller } from '../controller.ts';
import { ControllerRevisions, type Templated } from '../controller-revisions.ts';
import type { ControllerScope } from '../controller-scope.ts';
import { PodControl } from '../pod-control.ts';
import { PodOwners } from '../pod-owners.ts';
import {
  BUG_IGNORES_MAX_UNAVAILABLE,
  BUG_REPLACES_AT_ONCE,
  type DaemonChange,
  type DaemonReplacement,
  POINT_DAEMONSET_CHANGE,
  POINT_DAEMONSET_REPLACE,
} from './bugs.ts';
import { DaemonState } from './daemon-state.ts';
import { FailedPodBackoff } from './failed-pod-backoff.ts';
import { actionsOnNode, type DaemonActions, rollingActions } from './node-actions.ts';
import { DaemonTemplate, HASH_LABEL, SHOULD_RUN } from './placement.ts';

const WORKERS = 2;
/** Most creations and most deletions of one sync. */
const BURST_REPLICAS = 250;

/** The controller as the manager lists it. */
export const DAEMONSET_CONTROLLER: Controller = {
  name: 'daemonset-controller',
  register: (scope) => {
    new DaemonSetController(scope);
  },
};

class DaemonSetController {
  readonly #scope: ControllerScope;
  readonly #owners: PodOwners<DaemonSet>;
  readonly #nodes: Informer<Node>;
  readonly #revisions: ControllerRevisions;
  readonly #expectations: TrackedExpectations;
  readonly #control: PodControl;
  readonly #queue: WorkQueue;
  readonly #backoff: FailedPodBackoff;
  readonly #states = new Map<string, DaemonState>();

  constructor(scope: ControllerScope) {
    this.#scope = scope;
    this.#owners = new PodOwners<DaemonSet>(scope, DAEMONSETS);
    this.#nodes = scope.informer<Node>(NODES);
    this.#revisions = new ControllerRevisions(scope, DAEMONSETS, {
      hashOf: (template, collisionCount) =>
        podTemplateHash(template, collisionCount === 0 ? undefined : collisionCount),
      hashLabel: HASH_LABEL,
      annotations: (owner) => owner.metadata.annotations,
    });
    this.#expectations = new TrackedExpectations(scope.ctx);
    this.#control = new PodControl(scope);
    this.#backoff = new FailedPodBackoff();
    this.#queue = scope.queue({
      name: 'daemonset',
      type: DAEMONSETS,
      workers: WORKERS,
      reconcile: (id) => this.#sync(id),
    });
    this.#watchPods();
    this.#watchNodes();
    this.#watchHistory();
  }

  #watchPods(): void {
    const queue = this.#queue;
    const { owners } = this.#owners;
    const forget = (id: number, set: DaemonSet): void => {
      this.#expectations.delete(id);
      this.#states.delete(uidOf(set));
      queue.add(id);
    };
    owners.addHandler({
      onAdd: (id) => queue.add(id),
      onUpdate: (id, old, set) => {
        if (old.metadata.uid !== set.metadata.uid) forget(id, old);
        queue.add(id);
      },
      onDelete: forget,
    });
    const stateOf = (owner: number): DaemonState | undefined => this.#states.get(uidOf(owners.get(owner) as DaemonSet));
    this.#owners.watch({
      added: (owner, id, pod) => {
        stateOf(owner)?.podChanged(id, pod);
        this.#expectations.creationObserved(owner);
        queue.add(owner);
      },
      updated: (owner, id, old, pod) => {
        stateOf(owner)?.podChanged(id, pod);
        queue.add(owner);
        const minReady = owners.get(owner)?.spec.minReadySeconds ?? 0;
        if (minReady > 0 && !isPodReady(old) && isPodReady(pod)) queue.addAfter(owner, (minReady + 1) * 1_000_000);
      },
      removed: (owner, id, pod, gone) => {
        if (gone) stateOf(owner)?.podGone(id);
        else stateOf(owner)?.podChanged(id, pod);
        this.#expectations.deletionObservedOf(owner, id);
        queue.add(owner);
      },
      orphan: (owner) => {
        // Ownership changed hands: what is known of the nodes is made anew.
        this.#states.delete(uidOf(owners.get(owner) as DaemonSet));
        queue.add(owner);
      },
    });
  }

  #watchNodes(): void {
    const changed = (id: number): void => {
      for (const state of this.#states.values()) state.nodeChanged(id);
    };
    this.#nodes.addHandler({
      onAdd: (id, node) => {
        changed(id);
        this.#wakeFor(node, undefined);
      },
      onUpdate: (id, old, node) => {
        const same = old.metadata.labels === node.metadata.labels && old.spec === node.spec;
        if (same || (jsonEqual(old.metadata.labels, node.metadata.labels) && jsonEqual(old.spec, node.spec))) return;
        changed(id);
        this.#wakeFor(node, old);
      },
      // No sync: the set hears of it when the pod goes, as in the real controller.
      onDelete: changed,
    });
  }

  /** A revision that comes wakes nobody: its set has made it. */
  #watchHistory(): void {
    const wakeOwner = (revision: ControllerRevision): void => {
      const owner = this.#owners.ownerOf(revision);
      if (owner >= 0) this.#queue.add(owner);
    };
    const wakeMatching = (revision: ControllerRevision): void => {
      this.#owners.owners.forEach((set, id) => {
        const matches = this.#owners.selectorOf(set).matches(labelsOf(revision));
        if (matches && namespaceOf(set) === namespaceOf(revision)) this.#queue.add(id);
      });
    };
    this.#scope.informer<ControllerRevision>(CONTROLLERREVISIONS).addHandler({
      onAdd: (_id, revision) => {
        if (isTerminating(revision)) wakeOwner(revision);
        else if (controllerOf(revision) === undefined) wakeMatching(revision);
      },
      onUpdate: (_id, old, revision) => {
        const moved = controllerOf(old)?.uid !== controllerOf(revision)?.uid;
        if (moved) wakeOwner(old);
        if (controllerOf(revision) !== undefined) wakeOwner(revision);
        else if (moved || old.metadata.labels !== revision.metadata.labels) wakeMatching(revision);
      },
      onDelete: (_id, revision) => wakeOwner(revision),
    });
  }

  /** Wakes the sets that would treat the node differently than before. */
  #wakeFor(node: Node, old: Node | undefined): void {
    this.#owners.owners.forEach((set, id) => {
      const state = this.#states.get(uidOf(set));
      if (state === undefined) this.#queue.add(id);
      else if (old === undefined) {
        if ((state.placement(node) & SHOULD_RUN) !== 0) this.#queue.add(id);
      } else if (state.placement(old) !== state.placement(node)) this.#queue.add(id);
    });
  }

  *#sync(id: number): Generator<Wait, void, unknown> {
    const set = this.#owners.owners.get(id);
    // A sync that was under way when the set went may have left some behind for the next one of that name.
    if (set === undefined) this.#expectations.delete(id);
    if (set === undefined || isTerminating(set)) return;
    const selector = this.#owners.selectorOf(set);
    const given = set.status?.collisionCount ?? 0;
    yield* this.#revisions.adoptOrphans(set as Templated, selector);
    const known = this.#revisions.list(set, selector);
    const { revision, collisionCount } = yield* this.#revisions.current(set as Templated, known, given);
    const hash = revision.metadata.labels?.[HASH_LABEL] ?? '';
    const claimed = yield* this.#owners.settle(set, set.spec.template.metadata?.labels);
    if (claimed !== null) this.#states.set(uidOf(set), new DaemonState(this.#nodes, this.#owners.pods, claimed));
    if (!this.#expectations.satisfied(id)) {
      yield* this.#writeStatus(id, set, hash, collisionCount, set.status?.observedGeneration);
      return;
    }
    const error = (yield* this.#manage(id, set, hash)) ?? (yield* this.#rollOut(id, set, hash));
    if (error === null) yield* this.#truncate(set, known, revision);
    yield* this.#writeStatus(id, set, hash, collisionCount, set.metadata.generation);
    if (error !== null) throw error;
  }

  /** The state of a set, up to date. */
  #fresh(set: DaemonSet, hash: string): DaemonState {
    const uid = uidOf(set);
    let state = this.#states.get(uid);
    if (state === undefined) {
      state = new DaemonState(this.#nodes, this.#owners.pods, this.#owners.groups.find(uid)?.ids ?? []);
      this.#states.set(uid, state);
    }
    state.refresh(set, hash, this.#scope.ctx.wallUs());
    return state;
  }

  *#manage(id: number, set: DaemonSet, hash: string): Generator<Wait, StatusError | null, unknown> {
    const state = this.#fresh(set, hash);
    const { ctx } = this.#scope;
    const actions: DaemonActions = { create: [], delete: [] };
    const ended = (pod: Pod, node: number): boolean => this.#mayDelete(id, set, pod, node);
    for (const node of state.pending) {
      actionsOnNode(set, state, node, this.#nodes.get(node), ctx.wallUs(), ended, actions);
    }
    return yield* this.#perform(id, set, hash, actions);
  }

  *#rollOut(id: number, set: DaemonSet, hash: string): Generator<Wait, StatusError | null, unknown> {
    if ((set.spec.updateStrategy?.type ?? 'RollingUpdate') !== 'RollingUpdate') return null;
    if (!this.#expectations.satisfied(id)) return null;
    const state = this.#fresh(set, hash);
    if (state.counts.updated === state.counts.current && state.pending.size === 0) return null;
    const { ctx } = this.#scope;
    let actions: DaemonActions;
    try {
      actions = rollingActions(set, state, ctx.wallUs(), ctx.bug(BUG_IGNORES_MAX_UNAVAILABLE));
    } catch (error) {
      if (error instanceof StatusError) return error;
      throw error;
    }
    if (actions.delete.length > 0 && ctx.sim.observation.isObserved(POINT_DAEMONSET_REPLACE)) {
      const pods = [...state.nodesWithPods()].flatMap((node) => state.podsOn(node));
      const view: DaemonReplacement = { set, desired: state.counts.desired, pods, deleted: actions.delete };
      ctx.observe(POINT_DAEMONSET_REPLACE, view);
    }
    return yield* this.#perform(id, set, hash, actions);
  }

  /** A pod that failed is deleted at once the first time, then with a growing back-off; one that ended well always. */
  #mayDelete(id: number, set: DaemonSet, pod: Pod, node: number): boolean {
    const { ctx, recorder } = this.#scope;
    const { namespace, name } = pod.metadata;
    const subject = `daemon pod ${namespace}/${name} on node ${this.#nodes.keys.nameOf(node)}`;
    if (pod.status?.phase === 'Succeeded') {
      recorder.event(set, 'Normal', 'SucceededDaemonPod', `Found succeeded ${subject}, will try to delete it`);
      return true;
    }
    const waitUs = this.#backoff.waitUs(uidOf(set), node, ctx.now());
    if (waitUs > 0 && !ctx.bug(BUG_REPLACES_AT_ONCE)) {
      this.#queue.addAfter(id, waitUs);
      return false;
    }
    recorder.event(set, 'Warning', 'FailedDaemonPod', `Found failed ${subject}, will try to kill it`);
    return true;
  }

  /** Creates and deletes, at most the burst of each; the answer is the first failure. */
  *#perform(
    id: number,
    set: DaemonSet,
    hash: string,
    actions: DaemonActions,
  ): Generator<Wait, StatusError | null, unknown> {
    const nodes = actions.create.slice(0, BURST_REPLICAS);
    const pods = actions.delete.slice(0, BURST_REPLICAS);
    if (nodes.length + pods.length === 0) return null;
    const { ctx } = this.#scope;
    if (ctx.sim.observation.isObserved(POINT_DAEMONSET_CHANGE)) {
      const change: DaemonChange = { set, create: nodes.length, delete: pods.length };
      ctx.observe(POINT_DAEMONSET_CHANGE, change);
    }
    const podKeys = this.#owners.pods.keys;
    const ids = pods.map((pod) => podKeys.find(namespaceOf(pod), pod.metadata.name));
    this.#expectations.expectDeletionsOf(id, ids);
    this.#expectations.expect(id, nodes.length, ids.length);
    const template = new DaemonTemplate(set, hash);
    const nodeKeys = this.#nodes.keys;
    const { successes, error } = yield* slowStart(ctx, nodes.length, (index) => {
      return this.#create(set, template, nodeKeys.nameOf(nodes[index] as number));
    });
    if (successes < nodes.length) this.#expectations.creationObserved(id, nodes.length - successes);
    const deletion = yield* runParallel(ctx, 0, pods.length, (index) => {
      return this.#delete(id, set, pods[index] as Pod, ids[index] as number);
    });
    return error ?? deletion.error;
  }

  *#create(set: DaemonSet, template: DaemonTemplate, nodeName: string): Generator<Wait, void, unknown> {
    try {
      yield* this.#control.create(set, template.for(nodeName));
    } catch (error) {
      if (error instanceof StatusError && error.isNamespaceTerminating) return;
      throw error;
    }
  }

  *#delete(owner: number, set: DaemonSet, pod: Pod, id: number): Generator<Wait, void, unknown> {
    try {
      yield* this.#control.delete(set, pod);
    } catch (error) {
      this.#expectations.deletionObservedOf(owner, id);
      if (!(error instanceof StatusError) || !error.isNotFound) throw error;
    }
  }

  *#truncate(
    set: DaemonSet,
    known: readonly ControllerRevision[],
    current: ControllerRevision,
  ): Generator<Wait, void, unknown> {
    const limit = set.spec.revisionHistoryLimit ?? 10;
    const old = known.filter(({ metadata }) => metadata.name !== current.metadata.name);
    if (old.length <= limit) return;
    const live = new Set<string | undefined>();
    for (const id of this.#owners.groups.find(uidOf(set))?.ids ?? [])
      live.add(this.#owners.pods.get(id)?.metadata.labels?.[HASH_LABEL]);
    // Those that are used count, too, but stay.
    const unused = old.filter(({ metadata }) => !live.has(metadata.labels?.[HASH_LABEL] ?? ''));
    yield* this.#revisions.deleteFirst(unused, old.length - limit);
  }

  *#writeStatus(
    id: number,
    set: DaemonSet,
    hash: string,
    collisionCount: number,
    observedGeneration: number | undefined,
  ): Generator<Wait, void, unknown> {
    const { counts } = this.#fresh(set, hash);
    const status: DaemonSetStatus = {
      currentNumberScheduled: counts.current,
      numberMisscheduled: counts.misscheduled,
      desiredNumberScheduled: counts.desired,
      numberReady: counts.ready,
      observedGeneration,
      updatedNumberScheduled: orAbsent(counts.updated),
      numberAvailable: orAbsent(counts.available),
      numberUnavailable: orAbsent(counts.desired - counts.available),
      collisionCount: orAbsent(collisionCount),
      conditions: set.status?.conditions,
    };
    if (!jsonEqual(set.status ?? {}, status)) yield* this.#putStatus(set, status);
    const minReady = set.spec.minReadySeconds ?? 0;
    if (minReady > 0 && counts.ready !== counts.available) this.#queue.addAfter(id, minReady * 1_000_000);
  }

  /** Once more from a fresh copy after a failure. */
  *#putStatus(set: DaemonSet, status: DaemonSetStatus): Generator<Wait, void, unknown> {
    const { client } = this.#scope;
    try {
      yield* client.updateStatus<DaemonSet>(DAEMONSETS, { ...set, status });
      return;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
    const fresh = yield* client.get<DaemonSet>(DAEMONSETS, namespaceOf(set), set.metadata.name);
    // Upstream does not look: what was counted of a set that has gone is none of the next one's of that name.
    if (uidOf(fresh) !== uidOf(set)) return;
    yield* client.updateStatus<DaemonSet>(DAEMONSETS, { ...fresh, status });
  }
}

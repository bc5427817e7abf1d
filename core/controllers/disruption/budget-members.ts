/**
 * The pods of each disruption budget, counted by every pod event instead of at each sync.
 *
 * A pod event costs the budgets of its namespace (selector matches) and a Map entry a match; a new budget looks at the pods of its
 * namespace once. Source of what is counted: Kubernetes 1.34 pkg/controller/disruption (countHealthyPods, getExpectedScale).
 */
import type { Informer } from '../../client/informer.ts';
import { compileSelector, type Selector } from '../../types/label-selector.ts';
import type { OwnerReference } from '../../types/object.ts';
import { namespaceOf } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodReady } from '../../types/pod-conditions.ts';
import type { PodDisruptionBudget } from '../../types/pod-disruption-budget.ts';

interface Member {
  readonly healthy: boolean;
  readonly terminating: boolean;
  readonly owner: OwnerReference | undefined;
}

/** One budget's pods. */
export class BudgetMembers {
  readonly selector: Selector;
  readonly #members = new Map<number, Member>();
  /** Controllers of the pods by uid, with how many pods each has here. */
  readonly controllers = new Map<string, { readonly reference: OwnerReference; count: number }>();
  /** Pods that are Ready and not terminating. */
  healthy = 0;
  /** Pods without a controller: no scale counts them. */
  unmanaged = 0;
  /** Something changed of which the budget has not been told: another one was, that matches the same pod. */
  isStale = false;

  constructor(selector: Selector) {
    this.selector = selector;
  }

  /** All pods that match, terminating ones included. */
  get count(): number {
    return this.#members.size;
  }

  has(pod: number): boolean {
    return this.#members.has(pod);
  }

  /** The first of the pods that this controller has here; it has one. */
  podOf(controller: string): number {
    for (const [id, { owner }] of this.#members) if (owner?.uid === controller) return id;
    throw new Error(`unreachable: no pod of ${controller}`);
  }

  /** Takes a pod as it is now, undefined when it is gone; true when something a status depends on changed. */
  set(id: number, pod: Pod | undefined): boolean {
    const old = this.#members.get(id);
    if (pod === undefined || !this.selector.matches(pod.metadata.labels)) {
      if (old === undefined) return false;
      this.#members.delete(id);
      this.#count(old, -1);
      return true;
    }
    const terminating = pod.metadata.deletionTimestamp !== undefined;
    const healthy = !terminating && isPodReady(pod);
    const owner = controllerOf(pod);
    if (old !== undefined) {
      if (old.healthy === healthy && old.terminating === terminating && old.owner?.uid === owner?.uid) return false;
      this.#count(old, -1);
    }
    const member = { healthy, terminating, owner };
    this.#members.set(id, member);
    this.#count(member, 1);
    return true;
  }

  #count(member: Member, sign: 1 | -1): void {
    if (member.healthy) this.healthy += sign;
    const reference = member.owner;
    if (reference === undefined) {
      this.unmanaged += sign;
      return;
    }
    const known = this.controllers.get(reference.uid);
    if (known === undefined) this.controllers.set(reference.uid, { reference, count: 1 });
    else {
      known.count += sign;
      if (known.count === 0) this.controllers.delete(reference.uid);
    }
  }
}

/** All budgets, by id and by namespace. */
export class Budgets {
  readonly #pods: Informer<Pod>;
  readonly #podsOfNamespace: (namespace: string) => readonly number[];
  readonly #byNamespace = new Map<string, Map<number, BudgetMembers>>();

  constructor(pods: Informer<Pod>, podsOfNamespace: (namespace: string) => readonly number[]) {
    this.#pods = pods;
    this.#podsOfNamespace = podsOfNamespace;
  }

  /** A budget is new or its selector changed. */
  set(id: number, budget: PodDisruptionBudget): void {
    const namespace = namespaceOf(budget);
    let budgets = this.#byNamespace.get(namespace);
    if (budgets === undefined) {
      budgets = new Map();
      this.#byNamespace.set(namespace, budgets);
    }
    const members = new BudgetMembers(compileSelector(budget.spec?.selector));
    for (const pod of this.#podsOfNamespace(namespace)) members.set(pod, this.#pods.get(pod));
    budgets.set(id, members);
  }

  delete(id: number, namespace: string): void {
    this.#byNamespace.get(namespace)?.delete(id);
  }

  of(id: number, namespace: string): BudgetMembers | undefined {
    return this.#byNamespace.get(namespace)?.get(id);
  }

  /**
   * A pod changed, came or went (`pod` undefined): `changed` is called for the budget that matches it, of several for the first one alone, if anything it counts has
   * changed since it was told last; the others keep the status they have. One that the pod has left is told as well. The answer is the first of several, −1 where
   * no more than one matches. Source: Kubernetes 1.34.1, pkg/controller/disruption/disruption.go getPdbForPod.
   */
  podChanged(id: number, namespace: string, pod: Pod | undefined, changed: (budget: number) => void): number {
    const budgets = this.#byNamespace.get(namespace);
    if (budgets === undefined) return -1;
    let first = -1;
    let matches = 0;
    for (const [budget, members] of budgets) {
      const wasIn = members.has(id);
      if (members.set(id, pod)) members.isStale = true;
      const isIn = pod === undefined ? wasIn : members.has(id);
      if (isIn && matches++ > 0) continue;
      if (isIn) first = budget;
      if (!members.isStale || !(isIn || wasIn)) continue;
      members.isStale = false;
      changed(budget);
    }
    return matches > 1 ? first : -1;
  }
}

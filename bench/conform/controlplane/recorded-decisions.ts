/**
 * What components must have decided, told from what they committed: placements, preemptions, rollout steps, evictions, heartbeats heard.
 *
 * Each is shown at the observation point at which the simulated component shows it, so that a predicate hears a recording as it hears a run. The view
 * of a component is taken to be the store at its write: a component may have known less, never more. A placement on a node that changed just before is not shown.
 */
import type { Jury } from '../../../core/chaos/jury.ts';
import type { Commit, World } from '../../../core/chaos/world.ts';
import { type DESIRED_REPLICAS, sizeAnnotation } from '../../../core/controllers/deployment/annotations.ts';
import {
  maxSurge,
  maxUnavailable,
  sizeOf,
  statusSum,
  totalSize,
} from '../../../core/controllers/deployment/replica-sets.ts';
import type { Pid } from '../../../core/sim/process.ts';
import { findPoint } from '../../../core/sim/registry.ts';
import type { Deployment } from '../../../core/types/deployment.ts';
import type { Event } from '../../../core/types/event.ts';
import type { Job } from '../../../core/types/job.ts';
import { jsonEqual } from '../../../core/types/json-value.ts';
import type { Node } from '../../../core/types/node.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { controllerOf } from '../../../core/types/owner-references.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { findCondition, isPodActive, isPodTerminal } from '../../../core/types/pod-conditions.ts';
import { podRequests } from '../../../core/types/pod-requests.ts';
import { amountOf } from '../../../core/types/quantity.ts';
import type { ReplicaSet } from '../../../core/types/replica-set.ts';
import { ScaleDowns } from './scale-downs.ts';

const DESIRED: typeof DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';
const ASSIGNED = /^Successfully assigned (\S+)\/(\S+) to (\S+)$/;
/** How old the copies of a component may be that no fault keeps behind, µs. */
const BEHIND_US = 1_000_000;

/** Pids under which decisions are shown. */
export interface Deciders {
  readonly scheduler: Pid;
  readonly controllerManager: Pid;
}

export class RecordedDecisions {
  readonly #jury: Jury;
  readonly #deciders: Deciders;
  readonly #scaleDowns: ScaleDowns;
  /** Victims of a preemption whose preemptor is not known yet, by node. */
  readonly #victims = new Map<string, Pod[]>();
  /** When what a scheduler goes by changed at nodes, or they went, by name, µs. */
  readonly #nodesChangedUs = new Map<string, number>();

  constructor(jury: Jury, deciders: Deciders) {
    this.#jury = jury;
    this.#deciders = deciders;
    this.#scaleDowns = new ScaleDowns((choice) => this.#show('replicaset.delete', deciders.controllerManager, choice));
  }

  /** Shows what the commit tells; the world has taken it in. */
  take(commit: Commit): void {
    const { scheduler, controllerManager } = this.#deciders;
    this.#scaleDowns.take(commit, this.#jury.world);
    if (commit.kind === 'Node') this.#node(commit);
    if (commit.object === null) return;
    if (commit.kind === 'Pod') this.#pod(commit.object as Pod, commit.previous as Pod | null, scheduler);
    if (commit.kind === 'ReplicaSet')
      this.#replicaSet(commit.object as ReplicaSet, commit.previous as ReplicaSet | null);
    if (commit.kind === 'Event' && commit.previous === null) this.#event(commit.object as Event);
    const seen = { object: commit.object, revision: commit.revision };
    this.#show('informer.event', controllerManager, seen);
  }

  #pod(pod: Pod, before: Pod | null, scheduler: Pid): void {
    if (before === null) {
      this.#createdForJob(pod);
      return;
    }
    const nodeName = pod.spec.nodeName ?? '';
    if (nodeName !== '' && (before.spec.nodeName ?? '') === '') this.#placed(pod, nodeName, scheduler);
    const reason = disruptionReason(pod);
    if (reason === '' || reason === disruptionReason(before)) {
      const nominated = pod.status?.nominatedNodeName ?? '';
      if (nominated !== '' && nominated !== (before.status?.nominatedNodeName ?? '')) this.#nominated(pod, nominated);
      return;
    }
    if (reason === 'DeletionByTaintManager')
      this.#show('taint-eviction.evict', this.#deciders.controllerManager, before);
    if (reason === 'PreemptionByScheduler') this.#preempted(pod, nodeName);
  }

  /** One pod more of a Job, which had decided on it alone as far as anybody can tell. */
  #createdForJob(pod: Pod): void {
    const owner = controllerOf(pod);
    if (owner?.kind !== 'Job') return;
    const { world } = this.#jury;
    const job = findByName(world, 'Job', owner.name, pod.metadata.namespace) as Job | undefined;
    if (job?.metadata.uid !== owner.uid) return;
    const all = ([...world.of('Pod').values()] as Pod[]).filter((other) => controllerOf(other)?.uid === owner.uid);
    const others = all.filter(({ metadata }) => metadata.uid !== pod.metadata.uid);
    const succeeded = (job.status?.succeeded ?? 0) + (job.status?.uncountedTerminatedPods?.succeeded?.length ?? 0);
    const index = pod.metadata.annotations?.[COMPLETION_INDEX];
    const indexes = index === undefined ? [] : [Number(index)];
    const view = { job, active: others.filter(isPodActive).length, succeeded, create: 1, indexes };
    this.#show('job.create', this.#deciders.controllerManager, view);
  }

  #node({ object, previous, timeUs }: Commit): void {
    if (previous === null) return;
    const { name, labels } = previous.metadata;
    const stays = object !== null && jsonEqual([object.spec, object.metadata.labels], [previous.spec, labels]);
    if (!stays) this.#nodesChangedUs.set(name, timeUs);
  }

  /** Not shown where the scheduler may have gone by another state of the node than it has now. */
  #placed(pod: Pod, nodeName: string, scheduler: Pid): void {
    const { world, sim } = this.#jury;
    if (sim.now - (this.#nodesChangedUs.get(nodeName) ?? Number.NEGATIVE_INFINITY) < BEHIND_US) return;
    const node = (findByName(world, 'Node', nodeName) ?? null) as Node | null;
    const room = (resource: string): number => amountOf(resource, node?.status?.allocatable?.[resource] ?? '0');
    this.#show('scheduler.assume', scheduler, {
      pod,
      nodeName,
      node,
      allocatable: room,
      requestedAfter: (resource: string) => requestedOn(world, nodeName, resource),
    });
  }

  #nominated(pod: Pod, nodeName: string): void {
    const victims = this.#victims.get(nodeName) ?? [];
    this.#victims.delete(nodeName);
    this.#show('scheduler.nominate', this.#deciders.scheduler, asNomination(pod, nodeName, victims));
  }

  /** A victim belongs to the most important pod that waits for its node; if none does yet, to the next one that will. */
  #preempted(victim: Pod, nodeName: string): void {
    const waiting = ([...this.#jury.world.of('Pod').values()] as Pod[]).filter(
      ({ spec, status }) => status?.nominatedNodeName === nodeName && (spec.nodeName ?? '') === '',
    );
    const [preemptor] = waiting.sort((left, right) => (right.spec.priority ?? 0) - (left.spec.priority ?? 0));
    if (preemptor !== undefined) {
      this.#show('scheduler.nominate', this.#deciders.scheduler, asNomination(preemptor, nodeName, [victim]));
      return;
    }
    this.#victims.set(nodeName, [...(this.#victims.get(nodeName) ?? []), victim]);
  }

  #replicaSet(set: ReplicaSet, before: ReplicaSet | null): void {
    const [from, to] = [before === null ? 0 : sizeOf(before), sizeOf(set)];
    const deployment = this.#deploymentOf(set);
    if (from === to || deployment === undefined) return;
    const others = this.#setsOf(deployment).filter(({ metadata }) => metadata.uid !== set.metadata.uid);
    const known = before === null ? others : [...others, before];
    // The annotation says how many replicas the controller knew of; the user may have asked for others since.
    const replicas = sizeAnnotation(set, DESIRED) ?? sizeOf(deployment);
    const asKnown = { ...deployment, spec: { ...deployment.spec, replicas } };
    this.#show('deployment.scale', this.#deciders.controllerManager, {
      deployment: asKnown,
      replicaSet: before ?? set,
      from,
      to,
      replicas,
      maxSurge: maxSurge(asKnown),
      maxUnavailable: maxUnavailable(asKnown),
      total: totalSize(known),
      available: statusSum(known, 'availableReplicas'),
      all: known,
    });
  }

  #deploymentOf(set: ReplicaSet): Deployment | undefined {
    const owner = controllerOf(set);
    if (owner?.kind !== 'Deployment') return undefined;
    for (const object of this.#jury.world.of('Deployment').values()) {
      if (object.metadata.uid === owner.uid) return object as Deployment;
    }
    return undefined;
  }

  #setsOf(deployment: Deployment): ReplicaSet[] {
    const sets = [...this.#jury.world.of('ReplicaSet').values()] as ReplicaSet[];
    return sets.filter((set) => controllerOf(set)?.uid === deployment.metadata.uid);
  }

  /** The scheduler says that a binding has succeeded. */
  #event(event: Event): void {
    const { reason, message } = event as { readonly reason?: string; readonly message?: string };
    const [, namespace = '', name = '', nodeName] = ASSIGNED.exec(message ?? '') ?? [];
    if (reason !== 'Scheduled' || nodeName === undefined) return;
    const pod = findByName(this.#jury.world, 'Pod', name, namespace);
    if (pod !== undefined) this.#show('scheduler.bound', this.#deciders.scheduler, { pod, nodeName });
  }

  #show(point: string, pid: Pid, subject: unknown): void {
    const id = findPoint(point);
    if (id === undefined) throw new Error(`no observation point is named ${point}`);
    this.#jury.sim.observation.observe(id, pid, subject);
  }
}

function asNomination(pod: Pod, nodeName: string, victims: readonly Pod[]): object {
  return { pod, nodeName, victims: victims.map((victim) => ({ pod: victim })) };
}

function disruptionReason(pod: Pod): string {
  return findCondition(pod.status?.conditions, 'DisruptionTarget')?.reason ?? '';
}

function findByName(world: World, kind: string, name: string, namespace = ''): KubeObject | undefined {
  for (const object of world.of(kind).values()) {
    if (object.metadata.name === name && (object.metadata.namespace ?? '') === namespace) return object;
  }
  return undefined;
}

/** What the pods of a node that have not ended ask for together: thousandths of a cpu, bytes, pods. */
function requestedOn(world: World, nodeName: string, resource: string): number {
  let sum = 0;
  for (const object of world.of('Pod').values()) {
    const pod = object as Pod;
    if (pod.spec.nodeName !== nodeName || isPodTerminal(pod)) continue;
    const { cpuMilli, memoryBytes } = podRequests(pod.spec);
    sum += resource === 'pods' ? 1 : resource === 'cpu' ? cpuMilli : memoryBytes;
  }
  return sum;
}

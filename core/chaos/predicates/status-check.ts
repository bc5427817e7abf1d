/**
 * X12: what a workload's status counts is there: pods that are Ready and available, by revision, and what a budget has left.
 *
 * Each count is made a second time from the pods by committed history, as the documentation of its field says. Pods that are going, or not Ready for long enough,
 * are on their way to another count: an object with one of them is not judged, nor one that its controller has yet to look at (RS1, X1).
 * Nor are budgets of which another one matches a pod as well: their controller is told of one of them only (disruption.go, getPdbForPod).
 * Source: Kubernetes 1.34 API reference, ReplicaSetStatus, DeploymentStatus, StatefulSetStatus, DaemonSetStatus, JobStatus, PodDisruptionBudgetStatus.
 */
import type { DaemonSet } from '../../types/daemon-set.ts';
import type { Deployment } from '../../types/deployment.ts';
import { scaledValue } from '../../types/int-or-percent.ts';
import { isJobFinished, isManagedElsewhere, type Job } from '../../types/job.ts';
import { compileSelector } from '../../types/label-selector.ts';
import { isTerminating, type KubeObject, labelsOf } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import { findCondition, isPodActive, isPodAvailable, isPodReady } from '../../types/pod-conditions.ts';
import type { PodDisruptionBudget } from '../../types/pod-disruption-budget.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';
import type { StatefulSet } from '../../types/stateful-set.ts';
import { isEnding } from '../ending.ts';
import { type Judge, keyOf, lacks, type Predicate } from '../predicate.ts';
import { Settled } from '../settled.ts';
import type { World } from '../world.ts';
import { targetOf } from './daemon-pods-check.ts';

/** Clocks of nodes and controllers may be apart by so much, and an alarm is late, µs. */
const CLOCK_SLACK_US = 60_000_000;
const REVISION_LABEL = 'controller-revision-hash';

/** Names of counts with what they should be; an absent count is 0. */
type Counts = Readonly<Record<string, number>>;

/** What one look goes by. */
interface Look {
  readonly world: World;
  /** Pods by the uid of their controller. */
  readonly pods: ReadonlyMap<string, readonly Pod[]>;
  readonly wallUs: number;
}

export function statusesMatch(judge: Judge): Predicate {
  const settled = new Settled(judge);
  const predicate: Predicate = {
    id: 'X12',
    about: 'the status of a workload or budget counts the pods that are there',
    evaluations: 0,
    missing() {
      if (settled.holds) return null;
      const { world, sim } = judge;
      const look: Look = { world, pods: podsByController(world), wallUs: sim.clocks.trueWallUs };
      for (const [kind, countsOf] of COUNTS) {
        for (const object of world.of(kind).values()) {
          const { status } = object as { readonly status?: Readonly<Record<string, unknown>> };
          if (status === undefined || isEnding(world, object)) continue;
          const counts = countsOf(object, look);
          if (counts === null) continue;
          predicate.evaluations++;
          for (const name of Object.keys(counts)) {
            const says = status[name] ?? 0;
            if (says === counts[name]) continue;
            const lack = `status says ${name} ${says}, ${counts[name]} are`;
            return lacks(predicate, kind, object, `${kind} ${keyOf(object)}: ${lack}`);
          }
        }
      }
      settled.held();
      return null;
    },
  };
  return predicate;
}

/** What each kind's status should count; null where nothing can be said now. */
const COUNTS: readonly (readonly [string, (object: KubeObject, look: Look) => Counts | null])[] = [
  ['ReplicaSet', (object, look) => replicaSetCounts(object as ReplicaSet, look)],
  ['Deployment', (object, look) => deploymentCounts(object as Deployment, look)],
  ['StatefulSet', (object, look) => statefulSetCounts(object as StatefulSet, look)],
  ['DaemonSet', (object, look) => daemonSetCounts(object as DaemonSet, look)],
  ['Job', (object, look) => jobCounts(object as Job, look)],
  ['PodDisruptionBudget', (object, look) => budgetCounts(object as PodDisruptionBudget, look)],
];

function podsByController(world: World): Map<string, Pod[]> {
  const pods = new Map<string, Pod[]>();
  for (const object of world.of('Pod').values()) {
    const uid = controllerOf(object)?.uid;
    if (uid === undefined) continue;
    const owned = pods.get(uid);
    if (owned === undefined) pods.set(uid, [object as Pod]);
    else owned.push(object as Pod);
  }
  return pods;
}

/** The pods that an object controls; null while one of them is on its way to another count. */
function restingPods({ metadata }: KubeObject, { pods, wallUs }: Look, minReadySeconds = 0): readonly Pod[] | null {
  const owned = pods.get(metadata.uid ?? '') ?? [];
  const soon = (pod: Pod): boolean =>
    minReadySeconds > 0 && isPodReady(pod) && !isPodAvailable(pod, minReadySeconds, wallUs - CLOCK_SLACK_US);
  return owned.some((pod) => isTerminating(pod) || soon(pod)) ? null : owned;
}

function replicaSetCounts(set: ReplicaSet, look: Look): Counts | null {
  const pods = restingPods(set, look, set.spec.minReadySeconds)?.filter(isPodActive);
  if (pods === undefined) return null;
  const ready = pods.filter(isPodReady).length;
  const labels = compileSelector({ matchLabels: set.spec.template?.metadata?.labels ?? {} });
  const fullyLabeledReplicas = pods.filter((pod) => labels.matches(labelsOf(pod))).length;
  return { replicas: pods.length, fullyLabeledReplicas, readyReplicas: ready, availableReplicas: ready };
}

function deploymentCounts(deployment: Deployment, look: Look): Counts | null {
  const total = { replicas: 0, readyReplicas: 0, availableReplicas: 0, unavailableReplicas: 0 };
  let wanted = 0;
  for (const object of look.world.of('ReplicaSet').values()) {
    if (controllerOf(object)?.uid !== deployment.metadata.uid) continue;
    const counts = replicaSetCounts(object as ReplicaSet, look);
    if (counts === null) return null;
    wanted += (object as ReplicaSet).spec.replicas ?? 1;
    total.replicas += counts['replicas'] as number;
    total.readyReplicas += counts['readyReplicas'] as number;
    total.availableReplicas += counts['availableReplicas'] as number;
  }
  total.unavailableReplicas = Math.max(0, wanted - total.availableReplicas);
  return total;
}

function statefulSetCounts(set: StatefulSet, look: Look): Counts | null {
  const pods = restingPods(set, look, set.spec.minReadySeconds)?.filter(({ status }) => (status?.phase ?? '') !== '');
  if (pods === undefined) return null;
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod)).length;
  const at = (revision = ''): number => pods.filter((pod) => labelsOf(pod)[REVISION_LABEL] === revision).length;
  return {
    replicas: pods.length,
    readyReplicas: ready,
    availableReplicas: ready,
    currentReplicas: at(set.status?.currentRevision),
    updatedReplicas: at(set.status?.updateRevision),
  };
}

function daemonSetCounts(set: DaemonSet, look: Look): Counts | null {
  const pods = restingPods(set, look, set.spec.minReadySeconds)?.filter(isPodActive);
  if (pods === undefined || (set.status?.numberMisscheduled ?? 0) > 0) return null;
  const ready = new Set(pods.filter(isPodReady).map(({ spec }) => targetOf(spec))).size;
  return {
    currentNumberScheduled: new Set(pods.map(({ spec }) => targetOf(spec))).size,
    numberReady: ready,
    numberAvailable: ready,
    numberUnavailable: (set.status?.desiredNumberScheduled ?? 0) - ready,
  };
}

function jobCounts(job: Job, look: Look): Counts | null {
  const pods = restingPods(job, look);
  // One that waits out a back-off counts nobody.
  if (pods === null || isManagedElsewhere(job)) return null;
  if (!isJobFinished(job)) return null;
  const active = pods.filter(isPodActive);
  return { active: active.length, ready: active.filter(isPodReady).length, terminating: 0 };
}

function budgetCounts({ metadata, spec = {}, status }: PodDisruptionBudget, { world }: Look): Counts | null {
  if (findCondition(status?.conditions, 'DisruptionAllowed')?.reason === 'SyncFailed') return null;
  const { minAvailable, maxUnavailable } = spec;
  const selector = compileSelector(spec.selector);
  const { expectedPods = 0, disruptedPods = {} } = status ?? {};
  const others = [...world.of('PodDisruptionBudget').values()].filter(
    (other) => other.metadata.uid !== metadata.uid && other.metadata.namespace === metadata.namespace,
  );
  const selectors = others.map((other) => compileSelector((other as PodDisruptionBudget).spec?.selector));
  let healthy = 0;
  for (const object of world.of('Pod').values()) {
    if (object.metadata.namespace !== metadata.namespace || !selector.matches(labelsOf(object))) continue;
    if (isTerminating(object) || object.metadata.name in disruptedPods) return null;
    if (selectors.some((other) => other.matches(labelsOf(object)))) return null;
    if (isPodReady(object as Pod)) healthy++;
  }
  const desiredHealthy =
    maxUnavailable === undefined
      ? scaledValue(minAvailable ?? 0, expectedPods, true)
      : Math.max(0, expectedPods - scaledValue(maxUnavailable, expectedPods, true));
  const disruptionsAllowed = expectedPods === 0 ? 0 : Math.max(0, healthy - desiredHealthy);
  return { currentHealthy: healthy, desiredHealthy, disruptionsAllowed };
}

/**
 * DS1: a DaemonSet has exactly one live pod on each node where it belongs and none elsewhere, in the end of its template, and its rollouts disturb no more nodes than allowed.
 *
 * Where it belongs is written a second time, plainly: node selector and affinity, and every NoSchedule or NoExecute taint tolerated (a pod that is there may
 * stay under NoSchedule). The rollout is judged in the controller's view. Source: Kubernetes documentation, DaemonSet.
 */
import type { DaemonSet } from '../../types/daemon-set.ts';
import { scaledValue } from '../../types/int-or-percent.ts';
import type { Node } from '../../types/node.ts';
import { fitsNodeAffinity } from '../../types/node-affinity.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod, PodSpec, Toleration } from '../../types/pod.ts';
import { isPodActive, isPodAvailable } from '../../types/pod-conditions.ts';
import { isTolerated } from '../../types/tolerations.ts';
import { isEnding } from '../ending.ts';
import { type Judge, keyOf, lacks, listen, type Predicate } from '../predicate.ts';
import { Settled } from '../settled.ts';
import { newestRevision, revisionLacks } from './template-truth.ts';

const REVISION = 'controller-revision-hash';

/** What every daemon pod tolerates besides, and those of the host's network. */
const ALWAYS_TOLERATED: readonly Toleration[] = [
  ...['not-ready', 'unreachable'].map((name) => exists(name, 'NoExecute')),
  ...['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'].map((name) => exists(name, 'NoSchedule')),
];
const HOST_NETWORK: Toleration = exists('network-unavailable', 'NoSchedule');

function exists(name: string, effect: 'NoSchedule' | 'NoExecute'): Toleration {
  return { key: `node.kubernetes.io/${name}`, operator: 'Exists', effect };
}

/** What the controller saw when it decided which old pods a rollout deletes. */
interface Replacement {
  readonly set: DaemonSet;
  /** Nodes that should have a pod. */
  readonly desired: number;
  readonly pods: readonly Pod[];
  readonly deleted: readonly Pod[];
}

export function daemonPods(judge: Judge): Predicate {
  const settled = new Settled(judge);
  const predicate: Predicate = {
    id: 'DS1',
    about: 'a DaemonSet has one pod on each node where it belongs and none elsewhere, and keeps to its maxUnavailable',
    evaluations: 0,
    missing() {
      if (settled.holds) return null;
      for (const object of judge.world.of('DaemonSet').values()) {
        const set = object as DaemonSet;
        if (isEnding(judge.world, set)) continue;
        predicate.evaluations++;
        const lack = misplaced(judge, set) ?? outdated(judge, set);
        if (lack !== null) return lacks(predicate, 'DaemonSet', set, `DaemonSet ${keyOf(set)}: ${lack}`);
      }
      settled.held();
      return null;
    },
  };
  listen(judge, 'daemonset.replace', (pid, subject) => {
    const replacement = subject as Replacement;
    predicate.evaluations++;
    const wallUs = judge.sim.clocks.wall(pid);
    const { disturbed, unavailable, maxUnavailable } = disturbance(judge, replacement, wallUs);
    if (disturbed === 0 || unavailable + disturbed <= maxUnavailable) return;
    const what = `its rollout takes ${disturbed} available pods while ${unavailable} nodes have none`;
    judge.violate(predicate, `DaemonSet ${keyOf(replacement.set)}: ${what}, at most ${maxUnavailable} may`);
  });
  return predicate;
}

/** The first node with too many or too few pods, or null. */
function misplaced({ world }: Judge, set: DaemonSet): string | null {
  const podsOn = new Map<string, number>();
  for (const object of world.of('Pod').values()) {
    const pod = object as Pod;
    if (!isPodActive(pod) || controllerOf(pod)?.uid !== set.metadata.uid) continue;
    const node = targetOf(pod.spec);
    podsOn.set(node, (podsOn.get(node) ?? 0) + 1);
  }
  const { spec } = set.spec.template;
  for (const object of world.of('Node').values()) {
    const node = object as Node;
    const count = podsOn.get(node.metadata.name) ?? 0;
    podsOn.delete(node.metadata.name);
    if (node.metadata.deletionTimestamp !== undefined) continue;
    const belongs = belongsOn(node, spec, 'NoSchedule') && belongsOn(node, spec, 'NoExecute');
    if (belongs ? count === 1 : count === 0) continue;
    if (count === 1 && belongsOn(node, spec, 'NoExecute')) continue;
    return `${count} pods on ${node.metadata.name}, where it ${belongs ? 'wants one' : 'does not belong'}`;
  }
  for (const [node, count] of podsOn) return `${count} pods on ${node}, which is no Node`;
  return null;
}

/** Why the set does not run what it declares, or null; that of one whose pods are replaced by hand is its user's matter. */
function outdated({ world }: Judge, set: DaemonSet): string | null {
  const newest = newestRevision(world, set);
  const lack = revisionLacks(newest, set.spec.template);
  if (newest === undefined || lack !== null || set.spec.updateStrategy?.type === 'OnDelete') return lack;
  const hash = newest.metadata.labels?.[REVISION];
  for (const object of world.of('Pod').values()) {
    const pod = object as Pod;
    if (!isPodActive(pod) || controllerOf(pod)?.uid !== set.metadata.uid) continue;
    if (pod.metadata.labels?.[REVISION] !== hash) return `pod ${pod.metadata.name} is not at its newest revision`;
  }
  return null;
}

/** Whether affinity and the taints of one effect let the set's pods onto the node. */
function belongsOn(node: Node, spec: PodSpec, effect: 'NoSchedule' | 'NoExecute'): boolean {
  if ((spec.nodeName ?? node.metadata.name) !== node.metadata.name || !fitsNodeAffinity(spec, node)) return false;
  const added = spec.hostNetwork === true ? [...ALWAYS_TOLERATED, HOST_NETWORK] : ALWAYS_TOLERATED;
  const tolerations = [...(spec.tolerations ?? []), ...added];
  return (node.spec?.taints ?? []).every((taint) => taint.effect !== effect || isTolerated(tolerations, taint));
}

/** The node that a daemon pod is on or waits for. */
export function targetOf(spec: PodSpec): string {
  if ((spec.nodeName ?? '') !== '') return spec.nodeName as string;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const fields = required?.nodeSelectorTerms.flatMap(({ matchFields }) => matchFields ?? []);
  return fields?.find(({ key }) => key === 'metadata.name')?.values?.[0] ?? '';
}

/**
 * How many nodes lose their only available pod, how many have none before, and how many may. Where pods stay under a NoSchedule taint none is wanted: a rollout
 * that surges takes them at once (Kubernetes 1.34.1, pkg/controller/daemon/update.go, rollingUpdate).
 */
function disturbance({ world }: Judge, { set, desired, pods, deleted }: Replacement, wallUs: number) {
  const { minReadySeconds = 0 } = set.spec;
  const before = new Set<string>();
  const after = new Set<string>();
  for (const pod of pods) {
    if (!isPodActive(pod) || !isPodAvailable(pod, minReadySeconds, wallUs)) continue;
    before.add(targetOf(pod.spec));
    if (!deleted.includes(pod)) after.add(targetOf(pod.spec));
  }
  // An old pod that is not available is replaced without being counted.
  const replaced = new Set(deleted.map(({ spec }) => targetOf(spec)).filter((node) => !before.has(node)));
  const { maxUnavailable = 1, maxSurge = 0 } = set.spec.updateStrategy?.rollingUpdate ?? {};
  const may = scaledValue(maxUnavailable, desired, true);
  const surges = scaledValue(maxSurge, desired, true) > 0;
  const { spec } = set.spec.template;
  let disturbed = 0;
  for (const name of before) {
    const node = world.nodeNamed(name);
    if (!after.has(name) && (node === undefined || belongsOn(node, spec, 'NoSchedule'))) disturbed++;
  }
  return {
    disturbed,
    unavailable: Math.max(0, desired - before.size - replaced.size),
    maxUnavailable: may === 0 && !surges ? 1 : may,
  };
}

/**
 * SC6: no pod starves: in the end none is pending for which a node has room. Judged for pods whose needs are of their own node
 * alone (no pod affinity of theirs or against them, spread constraints, host ports, gates, gangs, claims or volumes that the
 * scheduler looks at), written down a second time, plainly.
 */
import { compileSelector } from '../../types/label-selector.ts';
import type { Node, Taint } from '../../types/node.ts';
import { fitsNodeAffinity } from '../../types/node-affinity.ts';
import type { Pod, PodAffinityTerm, PodSpec, Volume } from '../../types/pod.ts';
import { isPodTerminal } from '../../types/pod-conditions.ts';
import { podRequests } from '../../types/pod-requests.ts';
import { findUntolerated, isTolerated } from '../../types/tolerations.ts';
import { holds, type Room, requestsOf, roomsOf } from '../node-room.ts';
import { type Judge, keyOf, lacks, type Predicate } from '../predicate.ts';
import { Settled } from '../settled.ts';

/** Sources of a volume that no plugin of the scheduler reads; any other may need a driver, a claim or a free disk. */
const FREE_VOLUMES: readonly string[] = ['configMap', 'secret', 'projected', 'downwardAPI', 'emptyDir', 'hostPath'];

/** Names the gang of a pod (kubernetes-sigs/scheduler-plugins, coscheduling). */
const GANG_LABEL = 'pod-group.scheduling.sigs.k8s.io/name';

const CORDON: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

export function noStarvation(judge: Judge): Predicate {
  const settled = new Settled(judge);
  const predicate: Predicate = {
    id: 'SC6',
    about: 'no pod stays pending for which a node has room',
    evaluations: 0,
    missing() {
      predicate.evaluations++;
      // What waits is known from commits of pods alone; room is made by heartbeats of nodes as well.
      if (settled.holds) return null;
      const pods = [...judge.world.of('Pod').values()] as Pod[];
      const terms = pods.flatMap(({ spec }) => antiAffinityOf(spec));
      const pending = pods.filter((pod) => isJudged(pod) && !terms.some((term) => selects(term, pod)));
      if (pending.length === 0) {
        settled.held();
        return null;
      }
      const rooms = roomsOf([...judge.world.of('Node').values()] as Node[], pods);
      for (const pod of pending) {
        const requests = requestsOf(pod);
        for (const [node, room] of rooms) {
          if (fits(pod, requests, node, room))
            return lacks(predicate, 'Pod', pod, `pod ${keyOf(pod)} is pending although ${node.metadata.name} has room`);
        }
      }
      return null;
    },
  };
  return predicate;
}

function isJudged(pod: Pod): boolean {
  const { spec, metadata } = pod;
  if ((spec.nodeName ?? '') !== '' || metadata.deletionTimestamp !== undefined || isPodTerminal(pod)) return false;
  const simple = spec.affinity?.podAffinity === undefined && spec.affinity?.podAntiAffinity === undefined;
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const ports = containers.some((container) => container.ports?.some(({ hostPort }) => (hostPort ?? 0) > 0));
  const waits = (spec.schedulingGates ?? []).length + (spec.topologySpreadConstraints ?? []).length > 0;
  // All of a gang get nodes or none does: room for one says nothing.
  const gang = spec.schedulingGroup?.podGroupName !== undefined || (metadata.labels?.[GANG_LABEL] ?? '') !== '';
  const claims = (spec.resourceClaims ?? []).length > 0 || !(spec.volumes ?? []).every(isFree);
  const extended = podRequests(spec).extended.length > 0 || podRequests(spec).ephemeralStorageBytes > 0;
  return (
    simple &&
    !ports &&
    !waits &&
    !gang &&
    !claims &&
    !extended &&
    (spec.schedulerName ?? 'default-scheduler') === 'default-scheduler'
  );
}

function isFree(volume: Volume): boolean {
  return Object.keys(volume).every((key) => key === 'name' || FREE_VOLUMES.includes(key));
}

function antiAffinityOf({ affinity }: PodSpec): readonly PodAffinityTerm[] {
  return affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
}

/** Whether a term may be about the pod; namespaces and topology are left out: such a pod is not judged. */
function selects({ labelSelector }: PodAffinityTerm, { metadata }: Pod): boolean {
  return labelSelector !== undefined && compileSelector(labelSelector).matches(metadata.labels);
}

function fits({ spec }: Pod, requests: Room, node: Node, room: Room): boolean {
  if (!holds(room, requests) || !fitsNodeAffinity(spec, node)) return false;
  if (node.spec?.unschedulable === true && !isTolerated(spec.tolerations, CORDON)) return false;
  return findUntolerated(node.spec?.taints, spec.tolerations, (effect) => effect !== 'PreferNoSchedule') === undefined;
}

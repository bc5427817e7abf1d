/**
 * Why a pod goes where it goes, or nowhere: on a cluster given as objects, or in the eyes of a scheduler that stands still.
 *
 * Decided on the scheduler's reference framework; a pod that has a node already is asked about as if it had none and were
 * not there.
 */
import type { Informer } from '../client/informer.ts';
import type { ProfileConfiguration, SchedulerConfiguration } from '../scheduler/configuration/configuration.ts';
import { configurationOf, versionOf } from '../scheduler/configuration/profile.ts';
import { bestNodes, decide } from '../scheduler/framework/decide.ts';
import { Framework } from '../scheduler/framework/framework.ts';
import { PlainCluster } from '../scheduler/framework/plain-cluster.ts';
import { podInfoOf } from '../scheduler/framework/pod-info.ts';
import { Gangs } from '../scheduler/groups/gangs.ts';
import { QueuedPod } from '../scheduler/queue/queued-pod.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import type { DeviceGate } from '../types/device-gates.ts';
import type { KubeObject } from '../types/object.ts';
import type { Pod } from '../types/pod.ts';
import { isPodTerminal } from '../types/pod-conditions.ts';
import { isPodGroup, minCountOf, type PodGroup } from '../types/pod-group.ts';
import { PODS } from '../types/resource-type.ts';
import { changedProfile, type Explanation, explanationOf, type ProfileChange } from './explanation.ts';

const DEFAULT_SCHEDULER = 'default-scheduler';
const VOLUME_PLUGINS: readonly string[] = ['VolumeRestrictions', 'NodeVolumeLimits', 'VolumeBinding', 'VolumeZone'];

/** Explains a pod of the objects, with these feature gates of devices on; `null` when it is not among them or no profile is for it. */
export function explainPod(
  objects: readonly KubeObject[],
  namespace: string,
  name: string,
  configuration: SchedulerConfiguration,
  change: ProfileChange | null = null,
  deviceGates: readonly DeviceGate[] = [],
): Explanation | null {
  const cluster = new PlainCluster(deviceGates);
  // A node that is there first takes its pods as they come.
  for (const object of objects) if (object.kind === 'Node') cluster.put(object);
  for (const object of objects) if (object.kind !== 'Node') cluster.put(object);
  const given = cluster.pod(namespace, name);
  const named = configuration.profiles.find(
    ({ schedulerName }) => schedulerName === (given?.spec.schedulerName ?? DEFAULT_SCHEDULER),
  );
  if (given === undefined || named === undefined) return null;
  const { version } = configuration;
  const claims = !cluster.objects.isEmpty('PersistentVolumeClaim');
  const left = { without: claims ? [] : VOLUME_PLUGINS, weights: new Map() };
  const profile = changedProfile(named, left, version);
  const pod = pendingAgain(given);
  cluster.delete('Pod', namespace, name);
  cluster.put(pod);
  const decideOn = (asked: Pod, plugins: ProfileConfiguration, postFilter: boolean) =>
    decide(new Framework(plugins, version), podInfoOf(asked), cluster, { postFilter, limits: null });
  const nodeName = given.spec.nodeName ?? '';
  const place = (asked: Pod) => bestNodes(decideOn(asked, profile, false))[0]?.name ?? '';
  const heldByGroup = nodeName === '' ? heldInObjects(pod, objects, cluster, place) : '';
  return explanationOf({ pod, nodeName, heldByGroup, view: cluster, profile, version, decide: decideOn }, change);
}

/**
 * Explains a pod as a scheduler would decide on it now, from its own caches, assumed and nominated pods; `null` when it does not know the
 * pod or is not responsible for it. A standby is asked as if it led from now on, and the pod is taken off its node in the scheduler's view: only
 * for a run that is not continued.
 */
export function explainToScheduler(
  scheduler: Scheduler,
  namespace: string,
  name: string,
  change: ProfileChange | null,
): Explanation | null {
  const { core, placed, queue, gangs } = scheduler.prepare();
  const pods = scheduler.informers.find(({ type }) => type === PODS) as Informer<KubeObject>;
  const id = pods.keys.find(namespace, name);
  const given = id < 0 ? undefined : (queue.get(id)?.pod ?? (pods.get(id) as Pod | undefined));
  const index = core.profileOf(given?.spec.schedulerName ?? DEFAULT_SCHEDULER);
  if (given === undefined || index < 0) return null;
  if (placed.has(id)) placed.remove(id);
  const profile = core.profile(index);
  const pod = pendingAgain(given);
  return explanationOf(
    {
      pod,
      nodeName: given.spec.nodeName ?? '',
      heldByGroup: (given.spec.nodeName ?? '') === '' ? (gangs?.heldBack(given) ?? '') : '',
      view: core.view,
      profile: configurationOf(profile),
      version: versionOf(profile),
      decide: (asked, plugins) => core.decide(asked, index, plugins),
    },
    change,
  );
}

/** What the group of a pod keeps it from, when all its pods are tried one after the other; the cluster is left as it was. */
function heldInObjects(
  pod: Pod,
  objects: readonly KubeObject[],
  cluster: PlainCluster,
  place: (pod: Pod) => string,
): string {
  const gangs = new Gangs((namespace, name) => {
    const group = objects.find((each) => isPodGroup(each) && isNamed(each, namespace, name));
    return group === undefined ? null : minCountOf(group as PodGroup);
  });
  const key = gangs.keyOf(pod);
  if (key === '') return '';
  const members = objects.filter(({ kind }) => kind === 'Pod').map((each) => each as Pod);
  const live = members.filter((each) => !isPodTerminal(each) && gangs.keyOf(each) === key);
  for (const [id, each] of live.entries()) gangs.seen(id, each, (each.spec.nodeName ?? '') !== '');
  const waits = gangs.heldBack(pod);
  if (waits !== '') return waits;
  const tried: Pod[] = [];
  for (const [id, each] of live.entries()) {
    const nodeName = (each.spec.nodeName ?? '') === '' ? place(each) : '';
    if (nodeName === '') continue;
    tried.push(each);
    cluster.put({ ...each, spec: { ...each.spec, nodeName } });
    gangs.assumed({ queued: new QueuedPod(id, each, 0, 0, id), nodeName }, 0);
  }
  for (const each of tried) cluster.put(each);
  return gangs.heldBack(pod);
}

function isNamed({ metadata }: KubeObject, namespace: string, name: string): boolean {
  return metadata.name === name && (metadata.namespace ?? '') === namespace;
}

/** The pod as if it had no node. */
function pendingAgain(given: Pod): Pod {
  const { nodeName: _nodeName, ...spec } = given.spec;
  return { ...given, spec };
}

/**
 * Why a pod goes where it goes, or nowhere: on a cluster given as objects, or in the eyes of a scheduler that stands still.
 *
 * Decided on the scheduler's reference framework; a pod that has a node already is asked about as if it had none and were
 * not there.
 */
import type { Informer } from '../client/informer.ts';
import type { ProfileConfiguration, SchedulerConfiguration } from '../scheduler/configuration/configuration.ts';
import { decide } from '../scheduler/framework/decide.ts';
import { Framework } from '../scheduler/framework/framework.ts';
import { PlainCluster } from '../scheduler/framework/plain-cluster.ts';
import { podInfoOf } from '../scheduler/framework/pod-info.ts';
import { configurationOf, versionOf } from '../scheduler/profile.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import type { KubeObject } from '../types/object.ts';
import type { Pod } from '../types/pod.ts';
import { PODS } from '../types/resource-type.ts';
import { changedProfile, type Explanation, explanationOf, type ProfileChange } from './explanation.ts';

const DEFAULT_SCHEDULER = 'default-scheduler';
const VOLUME_PLUGINS: readonly string[] = ['VolumeRestrictions', 'NodeVolumeLimits', 'VolumeBinding', 'VolumeZone'];

/** Explains a pod of the objects; `null` when it is not among them or no profile is for it. */
export function explainPod(
  objects: readonly KubeObject[],
  namespace: string,
  name: string,
  configuration: SchedulerConfiguration,
  change: ProfileChange | null = null,
): Explanation | null {
  const cluster = new PlainCluster();
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
  return explanationOf({ pod, nodeName, view: cluster, profile, version, decide: decideOn }, change);
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
  const { core, placed, queue } = scheduler.prepare();
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
      view: core.view,
      profile: configurationOf(profile),
      version: versionOf(profile),
      decide: (asked, plugins) => core.decide(asked, index, plugins),
    },
    change,
  );
}

/** The pod as if it had no node. */
function pendingAgain(given: Pod): Pod {
  const { nodeName: _nodeName, ...spec } = given.spec;
  return { ...given, spec };
}

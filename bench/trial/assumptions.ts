/**
 * What is taken for granted where the manifests say nothing: the head of the card lists it, one line each.
 */
import { nameOf } from '../../core/chaos/workloads.ts';
import { assumedStorageClasses, claimsVolumes } from '../../core/cluster/claimed.ts';
import { costTable, describePodDefaults, type KubeObject, podDefaultsInShort } from '../../core/cluster/vocabulary.ts';
import { appliedNamespace } from '../../scenarios/manifests.ts';
import type { Autoscaled } from './autoscalers.ts';
import type { Inventory } from './inventory.ts';
import type { PreparedTrial } from './prepare.ts';
import { templateOf } from './templates.ts';

/** Namespaces that every cluster has. */
const GIVEN_NAMESPACES: readonly string[] = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** All assumptions of a trial: namespaces that had to be made, then what pods do, a line for each default. */
export function assumptionsOf(prepared: Pick<PreparedTrial, 'inventory' | 'cluster'>): string[] {
  return [...ofManifests(prepared), ...describePodDefaults(costTable(prepared.cluster.description.costs))];
}

/** The same with one line for the defaults of pods, of which only those stand there that these manifests have a use for. */
export function assumptionsInShort(prepared: Pick<PreparedTrial, 'inventory' | 'cluster'>): string[] {
  const { inventory, cluster } = prepared;
  const runnable = new Set(inventory.workloads.filter((each) => each.runnable).map(({ id }) => id));
  const specs = inventory.objects
    .filter((object) => runnable.has(nameOf(object)))
    .map((each) => templateOf(each)?.spec);
  const traits = {
    probes: specs.some((spec) => spec?.containers.some(({ readinessProbe }) => readinessProbe != null)),
    jobs: inventory.workloads.some(({ kind, runnable: runs }) => runs && kind === 'Job'),
    initContainers: specs.some(
      (spec) => spec?.initContainers?.some(({ restartPolicy }) => restartPolicy !== 'Always') === true,
    ),
  };
  const defaults = podDefaultsInShort(costTable(cluster.description.costs), traits);
  return [...ofManifests(prepared), `${defaults} (other times: annotations seatrial.dev/…, see --verbose)`];
}

function ofManifests({ inventory }: Pick<PreparedTrial, 'inventory'>): string[] {
  const missing = missingNamespaces(inventory.objects);
  return [
    ...(missing.length === 0 ? [] : [`not among the manifests and created: Namespace ${missing.join(', ')}`]),
    ...sourceAssumption(inventory.assumedSources),
    ...operatorAssumption(inventory.notSimulated),
    ...scalerAssumptions(inventory.autoscaled),
    ...harmlessAssumption(inventory),
    ...volumeAssumptions(inventory.objects),
    ...drainAssumption(inventory),
  ];
}

/** What kubectl drain has to be told before it evicts pods like these, where that is more than to leave DaemonSets alone. Source: Kubernetes 1.34 kubectl, drain/filters.go. */
function drainAssumption({ objects, workloads }: Inventory): string[] {
  const runs = new Set(workloads.filter(({ runnable }) => runnable).map(({ id }) => id));
  const run = objects.filter((object) => runs.has(nameOf(object)));
  const hasEmptyDir = (object: KubeObject): boolean =>
    object.kind !== 'DaemonSet' &&
    templateOf(object)?.spec?.volumes?.some((volume) => volume.emptyDir != null) === true;
  const flags = [
    ...(run.some(hasEmptyDir) ? ['--delete-emptydir-data'] : []),
    ...(run.some(({ kind }) => kind === 'Pod') ? ['--force'] : []),
  ];
  if (flags.length === 0) return [];
  if (run.some(({ kind }) => kind === 'DaemonSet')) flags.unshift('--ignore-daemonsets');
  return [`drains are those of kubectl drain ${flags.join(' ')}: it refuses without`];
}

/** A line for the workloads of each minReplicas. */
function scalerAssumptions(autoscaled: Inventory['autoscaled']): string[] {
  const counts = [...new Set(autoscaled.map(({ replicas }) => replicas))];
  return counts.map((count) => {
    const [first, ...more] = autoscaled.filter(({ replicas }) => replicas === count) as [Autoscaled, ...Autoscaled[]];
    if (more.length === 0)
      return `${first.workload} runs with minReplicas of HorizontalPodAutoscaler ${first.autoscaler}: ${count}`;
    const names = [first, ...more].map(({ workload }) => workload).join(', ');
    return `with minReplicas ${count} of their HorizontalPodAutoscalers run ${names}`;
  });
}

/** ConfigMaps and Secrets by namespace; the default one is not named. */
function sourceAssumption(sources: readonly KubeObject[]): string[] {
  const names = sources.map(({ kind, metadata: { namespace, name } }) =>
    namespace === 'default' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`,
  );
  return names.length === 0 ? [] : [`not among the manifests and there, empty: ${names.join(', ')}`];
}

/** Custom objects, which are what operators make pods of. */
function operatorAssumption(stored: PreparedTrial['inventory']['notSimulated']): string[] {
  const custom = stored.filter(({ apiVersion }) => /\..*\//.test(apiVersion) && !/\bk8s\.io\//.test(apiVersion));
  const kinds = [...new Set(custom.map(({ kind }) => kind))];
  return kinds.length === 0 ? [] : [`no operator acts on ${kinds.join(', ')}: what one makes of them is not tried`];
}

/** What the user declared harmless. */
function harmlessAssumption({ harmless, untried }: PreparedTrial['inventory']): string[] {
  if (harmless.length === 0) return [];
  const left = untried.length === 0 ? '' : `; not tried: ${untried.join(', ')}`;
  return [`harmless, as --assume says: ${harmless.join(', ')}${left}`];
}

/** Where volumes come from, in a trial that has any. */
function volumeAssumptions(objects: PreparedTrial['inventory']['objects']): string[] {
  const classes = assumedStorageClasses(objects).map(({ metadata }) => metadata.name);
  const named = classes.map(
    (name) => `StorageClass ${name}: its volumes are made in the zone of the pod that comes first`,
  );
  const claims = claimsVolumes(objects) ? ['volumes are attached at once, and what is on them is not simulated'] : [];
  return [...named, ...claims];
}

/** Namespaces that objects are in and no manifest declares, in order of appearance. */
function missingNamespaces(objects: PreparedTrial['inventory']['objects']): string[] {
  const declared = new Set(objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name));
  const used = new Set(objects.map(({ metadata }) => appliedNamespace(metadata)));
  return [...used].filter((name) => !declared.has(name) && !GIVEN_NAMESPACES.includes(name));
}

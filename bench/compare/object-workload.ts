/**
 * The workload of Kubernetes objects: manifests on a cluster that is sized for them or given, or a dump that is placed anew.
 *
 * Pods of DaemonSets (and static ones of a dump) stand on their nodes from the beginning; so do all bound pods of a dump when
 * manifests are given as well. Everything else is placed by the policies.
 */
import { resolveCluster } from '../../core/cluster/description.ts';
import { mayClaim } from '../../core/cluster/placement-claims.ts';
import {
  amountOf,
  controllerOf,
  type DeviceGate,
  type KubeObject,
  type Node,
  type OwnerReference,
  type Pod,
} from '../../core/cluster/vocabulary.ts';
import { parseDuration } from '../../scenarios/duration.ts';
import { countOf } from '../report/counted.ts';
import { OPENB_SPAN_S } from '../traces/lifetimes.ts';
import { type ClusterDump, isPinned } from '../trial/cluster-dump.ts';
import { replicasOf } from '../trial/replicas.ts';
import type { TrialCluster } from '../trial/sizing.ts';
import { templateOf } from '../trial/templates.ts';
import { RUNNABLE_KINDS } from '../trial/workload.ts';
import { DeviceCatalogue, type Stays } from './device-claims.ts';
import { GangCatalogue } from './gang-catalogue.ts';
import { meanCpuUsage } from './measured-usage.ts';
import { ATTACHED_VOLUMES, PodKindTable } from './pod-kinds.ts';
import { PriorityClasses } from './priority-classes.ts';
import { VolumeCatalogue } from './volume-places.ts';
import type { CompareWorkload } from './workload.ts';

/** What is assumed of the lifetimes of pods. */
export const OBJECT_LIFETIMES =
  'lifetimes are drawn from the quantiles of the openb trace where no annotation seatrial.dev/run-for names one';

/** What is assumed of all objects. */
export const OBJECT_ASSUMPTION = 'pods of a kind arrive one by one, gangs together; victims of preemption end at once';

/** Where any pod claims something that its node decides. */
const CLAIMS_ASSUMPTION =
  'claims are satisfied as soon as their pod has its node; what was made for a pod goes with it, a claim that pods name is one for all, copies too; bounds on what any policy could place leave devices out';

const USAGE_ANNOTATION = 'seatrial.dev/cpu-usage';
const RUN_FOR_ANNOTATION = 'seatrial.dev/run-for';
const ZONE_LABEL = 'topology.kubernetes.io/zone';
/** Kinds that the scheduler's core looks up while it places. */
const LOOKED_UP: readonly string[] = [
  'Service',
  'ReplicationController',
  'ReplicaSet',
  'StatefulSet',
  'PodDisruptionBudget',
];
/** A driver without a limit on a node, of one that has one on another. */
const UNLIMITED = '1000000';

/** A workload with what is to be said about its making. */
export interface ObjectWorkload {
  readonly workload: CompareWorkload;
  readonly notes: readonly string[];
}

/** The workload of manifests on a cluster; `gates`: feature gates of devices that are on. */
export function manifestWorkload(
  name: string,
  objects: readonly KubeObject[],
  cluster: TrialCluster,
  gates: readonly DeviceGate[] = [],
): ObjectWorkload {
  const nodes = cluster.dump?.nodes ?? nodesOf(cluster);
  const given = [...objects, ...(cluster.dump?.objects ?? []), ...(cluster.dump?.priorityClasses ?? [])];
  const builder = new WorkloadBuilder(nodes, given, { live: false, stays: () => true, gates });
  for (const object of objects) builder.addManifest(object);
  const waiting = cluster.dump === undefined ? 0 : builder.addDump(cluster.dump, () => true);
  const { workload, notes } = builder.build(name, `${name} on ${cluster.text}`, waiting);
  const timed = objects.filter(({ kind }) => kind === 'CronJob').length;
  const leftOut = timed === 0 ? [] : [`${countOf(timed, 'CronJob')} left out: nobody starts their Jobs here`];
  return { workload, notes: [...notes, ...leftOut] };
}

/** The workload of a dump alone: its movable pods are placed anew; `gates`: feature gates of devices that are on. */
export function dumpWorkload(name: string, dump: ClusterDump, gates: readonly DeviceGate[] = []): ObjectWorkload {
  const pinned = new Set<string>();
  for (const { metadata, spec } of dump.pods.filter(isPinned)) {
    const { namespace = 'default', name } = metadata;
    pinned.add(`pods ${namespace}/${name}`).add(`podgroups ${namespace}/${spec.schedulingGroup?.podGroupName ?? ''}`);
  }
  const stays: Stays = (namespace, name, resource = 'pods') => pinned.has(`${resource} ${namespace}/${name}`);
  const given = [...dump.objects, ...dump.priorityClasses, ...dump.budgets];
  const builder = new WorkloadBuilder(dump.nodes, given, { live: true, stays, gates });
  builder.addDump(dump, isPinned);
  return builder.build(name, `dump ${name}, its pods placed anew`, 0);
}

/** What the objects are of. */
interface Origin {
  /** A running cluster, whose pods are placed anew. */
  readonly live: boolean;
  /** Which of its pods keep their node. */
  readonly stays: Stays;
  readonly gates: readonly DeviceGate[];
}

class WorkloadBuilder {
  readonly #nodes: readonly Node[];
  readonly #objects: readonly KubeObject[];
  readonly #volumes: VolumeCatalogue;
  readonly #devices: DeviceCatalogue;
  readonly #priorities: PriorityClasses;
  readonly #table = new PodKindTable();
  readonly #rows: number[] = [];
  readonly #lifetimesS: number[] = [];
  readonly #bound: number[] = [];
  readonly #keptNodes = new Set<number>();
  readonly #lookedUp: KubeObject[];
  readonly #stuck: string[] = [];
  readonly #gangs: GangCatalogue;
  readonly #gates: readonly DeviceGate[];

  constructor(nodes: readonly Node[], objects: readonly KubeObject[], { live, stays, gates }: Origin) {
    this.#gates = gates;
    this.#nodes = nodes;
    this.#objects = objects;
    const zones = new Map(nodes.map(({ metadata }) => [metadata.name, metadata.labels?.[ZONE_LABEL]]));
    this.#volumes = new VolumeCatalogue(objects, live, (name) => zones.get(name));
    this.#devices = new DeviceCatalogue(objects, stays, gates);
    this.#priorities = new PriorityClasses(objects);
    this.#gangs = new GangCatalogue(objects);
    this.#lookedUp = objects.filter(({ kind }) => LOOKED_UP.includes(kind)).map(inNamespace);
  }

  addManifest(object: KubeObject): void {
    const template = (RUNNABLE_KINDS as readonly string[]).includes(object.kind) ? templateOf(object) : null;
    if (template === null) return;
    const namespace = object.metadata.namespace ?? 'default';
    this.#priorities.check(`${namespace}/${object.metadata.name}`, template.spec);
    const { labels, annotations } = template.metadata ?? {};
    const kind = this.#table.intern({
      name: object.metadata.name,
      namespace,
      labels,
      spec: this.#priorities.resolved(template.spec),
      owner: this.#ownerOf(object),
      cpuUsage: quantityOf(annotations?.[USAGE_ANNOTATION]),
      ...this.#claimsOf(namespace, object.metadata.name, { spec: withClaimTemplates(object, template.spec) }),
    });
    const replicas = replicasOf(object);
    const lifetimeS = lifetimeOf(annotations);
    for (let i = 0; i < replicas; i++) this.#addRow(kind, lifetimeS);
    if (replicas >= 0) return;
    this.#nodes.forEach((node, index) => {
      if (hasLabels(node, template.spec.nodeSelector)) this.#bound.push(kind, index);
    });
  }

  /** The owner of a workload's pods; a Deployment's ReplicaSet is known by the Deployment's name here. */
  #ownerOf(object: KubeObject): OwnerReference | undefined {
    const { name, namespace } = object.metadata;
    if (object.kind === 'StatefulSet') return controllerRef('StatefulSet', name);
    if (object.kind !== 'Deployment') return undefined;
    const { selector } = (object.spec ?? {}) as { readonly selector?: unknown };
    const replicaSet = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name, namespace }, spec: { selector } };
    this.#lookedUp.push(inNamespace(replicaSet as KubeObject));
    return controllerRef('ReplicaSet', name);
  }

  /** Adds the pods of a dump: those that stay on their nodes, the others as rows, which are counted. */
  addDump({ pods, objects }: ClusterDump, stays: (pod: Pod) => boolean): number {
    const before = this.#rows.length;
    const indexes = new Map(this.#nodes.map(({ metadata }, index) => [metadata.name, index]));
    const usageOf = meanCpuUsage(pods, objects);
    const owners = new Set(
      objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? 'default'} ${metadata.name}`),
    );
    for (const pod of pods) {
      const namespace = pod.metadata.namespace ?? 'default';
      const owner = controllerOf(pod);
      const known = owners.has(`${owner?.kind} ${namespace} ${owner?.name}`);
      const node = indexes.get(pod.spec.nodeName ?? '');
      const isBound = node !== undefined && stays(pod);
      const kind = this.#table.intern({
        name: owner?.name ?? pod.metadata.name,
        namespace,
        labels: pod.metadata.labels,
        spec: this.#priorities.resolved(pod.spec),
        owner: known ? owner : undefined,
        keptLabels: known && owner?.kind === 'ReplicaSet' ? ['pod-template-hash'] : [],
        cpuUsage: quantityOf(pod.metadata.annotations?.[USAGE_ANNOTATION]) ?? usageOf(pod),
        ...(isBound
          ? { volumes: this.#volumes.attachedBy(namespace, pod.metadata.name, pod.spec) }
          : this.#claimsOf(namespace, pod.metadata.name, pod)),
      });
      if (isBound) {
        this.#bound.push(kind, node);
        if (!isPinned(pod)) this.#keptNodes.add(node);
      } else this.#addRow(kind, lifetimeOf(pod.metadata.annotations));
    }
    return this.#rows.length - before;
  }

  /** What a pod's claims mean; notes what stands in their way. */
  #claimsOf(namespace: string, name: string, pod: Pick<Pod, 'spec' | 'status'>) {
    const volumes = this.#volumes.placesOf(namespace, name, pod.spec);
    const { entries, problem } = this.#devices.entriesOf(namespace, name, pod);
    const stuck = volumes.problem || problem;
    if (stuck !== '') this.#stuck.push(`${namespace}/${name} fits nowhere: ${stuck}`);
    return { volumes, devices: entries };
  }

  #addRow(kind: number, lifetimeS: number): void {
    this.#rows.push(kind);
    this.#lifetimesS.push(lifetimeS);
  }

  build(name: string, source: string, waiting: number): ObjectWorkload {
    const { kinds } = this.#table;
    const gangOf = Int32Array.from(this.#rows, (kind) => this.#gangs.gangOf(kinds[kind] as Pod));
    const bound = this.#bound.filter((_, i) => i % 2 === 0).map((kind) => kinds[kind] as Pod);
    const gangRules = this.#gangs.rules(bound);
    const [first, ...more] = this.#stuck;
    const claims = mayClaim(kinds, this.#objects, this.#gates);
    const workload: CompareWorkload = {
      name,
      source,
      nodes: withVolumeLimits(this.#nodes.map(readNode), this.#objects, kinds),
      kinds,
      kindOf: Int32Array.from(this.#rows),
      waiting,
      lifetimesS: this.#lifetimesS.every(Number.isNaN) ? null : Float64Array.from(this.#lifetimesS),
      spanS: OPENB_SPAN_S,
      bound: Int32Array.from(this.#bound),
      keptNodes: [...this.#keptNodes].sort((a, b) => a - b),
      gangOf: gangOf.every((gang) => gang < 0) ? null : gangOf,
      gangRules,
      objects: claims ? [...this.#lookedUp, ...this.#claimObjects()] : this.#lookedUp,
      deviceGates: this.#gates,
      orders: null,
      nodeOrders: null,
    };
    const notes = [
      ...(claims ? [CLAIMS_ASSUMPTION] : []),
      ...this.#priorities.notes(),
      ...this.#devices.notes(),
      ...this.#gangs.notes(),
    ];
    notes.push(...this.#gangs.tooSmall(gangRules, gangOf));
    if (first !== undefined) notes.push(`${first}${more.length === 0 ? '' : `; so do ${more.length} more pods`}`);
    return { workload, notes };
  }

  /** Claims, what satisfies them, and groups that share some. */
  #claimObjects(): KubeObject[] {
    const prioritised = this.#gangs
      .groups()
      .map((group) => ({ ...group, spec: this.#priorities.resolved(group.spec ?? {}) }));
    const groups = this.#devices.groups(prioritised);
    return [...groups, ...this.#volumes.objects(), ...this.#devices.objects()];
  }
}

/** The pod spec of a StatefulSet with its claim templates as volumes: each pod has its own. */
function withClaimTemplates({ kind, spec }: KubeObject, podSpec: Pod['spec']): Pod['spec'] {
  const { volumeClaimTemplates } = (spec ?? {}) as { readonly volumeClaimTemplates?: readonly KubeObject[] };
  if (kind !== 'StatefulSet' || !Array.isArray(volumeClaimTemplates)) return podSpec;
  const made = (volumeClaimTemplates as readonly KubeObject[]).map((volumeClaimTemplate) => ({
    name: volumeClaimTemplate.metadata.name,
    ephemeral: { volumeClaimTemplate },
  }));
  const others = (podSpec.volumes ?? []).filter(({ name }) => !made.some((each) => each.name === name));
  return { ...podSpec, volumes: [...others, ...made] };
}

function controllerRef(kind: string, name: string): OwnerReference {
  return { apiVersion: 'apps/v1', kind, name, uid: '', controller: true };
}

function inNamespace(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, namespace: object.metadata.namespace ?? 'default' } };
}

/** An annotation of a dump that is no quantity says nothing; one of a manifest was refused before. */
function quantityOf(text: string | undefined): string | undefined {
  try {
    return text !== undefined && amountOf('cpu', text) >= 0 ? text : undefined;
  } catch {
    return undefined;
  }
}

/** Lifetime that an annotation names, s; NaN where none does. */
function lifetimeOf(annotations: Readonly<Record<string, string>> | undefined): number {
  const text = annotations?.[RUN_FOR_ANNOTATION];
  const parsed = text === undefined ? undefined : parseDuration(text);
  return parsed === undefined || !parsed.ok ? Number.NaN : parsed.us / 1_000_000;
}

/** The nodes of a cluster description as objects. */
function nodesOf({ description }: TrialCluster): Node[] {
  return resolveCluster(description).nodes.map(({ name, zone, allocatable, labels, taints }) => {
    const zoneLabel = zone === '' ? {} : { [ZONE_LABEL]: zone };
    return {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: { 'kubernetes.io/hostname': name, ...zoneLabel, ...labels } },
      spec: { taints },
      status: { allocatable },
    } as Node;
  });
}

/** What the scheduler reads of a node; a dump's conditions, images and managed fields stay behind. */
function readNode({ metadata, spec, status }: Node): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: metadata.name, labels: metadata.labels ?? {} },
    spec: { taints: spec?.taints ?? [], unschedulable: spec?.unschedulable === true },
    status: { allocatable: status?.allocatable ?? status?.capacity ?? {} },
  } as Node;
}

/** Nodes with their drivers' limits on attached volumes, where pods attach any. */
function withVolumeLimits(nodes: readonly Node[], objects: readonly KubeObject[], kinds: readonly Pod[]): Node[] {
  const drivers = new Set(
    kinds.flatMap(({ spec }) =>
      Object.keys(spec.containers[0]?.resources?.requests ?? {}).filter((name) => name.startsWith(ATTACHED_VOLUMES)),
    ),
  );
  if (drivers.size === 0) return [...nodes];
  const csiNodes = new Map(
    objects.flatMap((each) => (each.kind === 'CSINode' ? [[each.metadata.name, each] as const] : [])),
  );
  return nodes.map((node) => {
    const { drivers: listed = [] } = (csiNodes.get(node.metadata.name)?.spec ?? {}) as {
      readonly drivers?: readonly { readonly name: string; readonly allocatable?: { readonly count?: number } }[];
    };
    const limits = [...drivers].map((resource) => {
      const driver = listed.find(({ name }) => `${ATTACHED_VOLUMES}${name}` === resource);
      return [resource, String(driver?.allocatable?.count ?? UNLIMITED)];
    });
    const allocatable = { ...node.status?.allocatable, ...Object.fromEntries(limits) };
    return { ...node, status: { ...node.status, allocatable } } as Node;
  });
}

function hasLabels(node: Node, selector: Readonly<Record<string, string>> | undefined): boolean {
  return Object.entries(selector ?? {}).every(([key, value]) => node.metadata.labels?.[key] === value);
}

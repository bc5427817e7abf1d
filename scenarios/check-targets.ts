/**
 * Targets of faults and operations: nodes, zones, labels, workloads and instances that have to exist, and modes that fit.
 */
import { COMPONENTS, labelOf } from '../core/chaos/targets.ts';
import { SCALABLE } from '../core/chaos/workloads.ts';
import { apiUsers } from '../core/cluster/api-users.ts';
import { resolveCluster } from '../core/cluster/description.ts';
import { CLAIM_TYPES } from '../core/types/claim-types.ts';
import type { KubeObject } from '../core/types/object.ts';
import { BUILT_IN_TYPES, ResourceTypes } from '../core/types/resource-type.ts';
import { present } from './fault-steps.ts';
import type { ProblemList } from './problem.ts';
import type { ClusterFile, ScenarioFile, TargetFile } from './schema.ts';
import type { YamlDocument } from './yaml-source.ts';

type Path = (string | number)[];

/** Built-in kinds with a pod template that may change. */
export const WITH_TEMPLATE: readonly string[] = [...SCALABLE, 'DaemonSet'];
/** Built-in kinds that are pods or own some. */
const WITH_PODS: readonly string[] = [...WITH_TEMPLATE, 'Job', 'CronJob', 'Pod'];
/** Kinds of which the cluster makes objects that no file names, under names that begin with the name of what owns them. */
const NAMED_AFTER_OWNERS: readonly string[] = ['Pod', 'ReplicaSet', 'ControllerRevision', 'EndpointSlice'];
/** All kinds of which the cluster makes objects that no file names. */
const MADE_KINDS: readonly string[] = [
  ...[...NAMED_AFTER_OWNERS, 'PersistentVolumeClaim', 'PersistentVolume', 'ResourceClaim', 'Lease', 'Event'],
  ...['Namespace', 'ServiceAccount', 'ConfigMap'],
];
/** Types that a cluster may have besides the built-in ones and those of its objects. */
const MADE_TYPES: readonly Pick<KubeObject, 'apiVersion' | 'kind'>[] = [
  ...CLAIM_TYPES,
  { apiVersion: 'resource.k8s.io/v1', kind: 'DeviceTaintRule' },
  { apiVersion: 'scheduling.k8s.io/v1', kind: 'PodGroup' },
];
/** What controllers make in every namespace. */
const IN_EVERY_NAMESPACE: readonly string[] = ['ServiceAccount/default', 'ConfigMap/kube-root-ca.crt'];
const SYSTEM_NAMESPACES: readonly string[] = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];
/** Fields of a target of which exactly one is set. */
const SELECTORS = ['node', 'zone', 'nodeSelector', 'topologyKey', 'hosting', 'anyNode', 'component'] as const;
/** Labels that every node gets by itself. */
const WELL_KNOWN_LABELS = ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'];

function groupsOf({ nodes }: ClusterFile) {
  return Array.isArray(nodes) ? nodes : [nodes];
}

/** `Kind/name`, or `Kind/namespace/name` and the namespace. */
function namesOf(kind: string, namespace = 'default', name = ''): string[] {
  const type = BUILT_IN_TYPES.find((known) => known.kind === kind);
  if (type?.namespaced === false) return [`${kind}/${name}`];
  return [`${kind}/${namespace}/${name}`, `Namespace/${namespace}`];
}

/** Names of a cluster's nodes. */
export function* nodeNames(cluster: ClusterFile): Generator<string, void> {
  for (const { name = 'node', names, count } of groupsOf(cluster)) {
    for (let i = 0; i < count; i++) yield names?.[i] ?? `${name}-${i}`;
  }
}

/** Store members that operations have added by `atUs`. */
export function storeMembersAdded({ operations = [] }: ScenarioFile, atUs: number): number {
  return operations.filter(({ kind, at }) => kind === 'store-member-add' && at <= atUs).length;
}

/** Of what the names in a file are known. */
export interface Known {
  /** false where the file's cluster is wrong: nothing is said of its nodes, zones and instances. */
  readonly clusterKnown: boolean;
  /** null when not all of it could be read: nothing is said of its names. */
  readonly workload: readonly KubeObject[] | null;
}

export class TargetChecker {
  readonly #file: ScenarioFile;
  readonly #cluster: ClusterFile;
  readonly #known: Known;
  readonly #document: YamlDocument;
  readonly #problems: ProblemList;
  readonly #zones: string[] = [];
  readonly #nodes: readonly string[];

  constructor(file: ScenarioFile, known: Known, document: YamlDocument, problems: ProblemList) {
    const { cluster } = file;
    this.#file = file;
    this.#cluster = cluster;
    this.#known = known;
    this.#document = document;
    this.#problems = problems;
    for (const group of groupsOf(cluster)) {
      for (const zone of group.zones ?? []) if (!this.#zones.includes(zone)) this.#zones.push(zone);
    }
    this.#nodes = [...nodeNames(cluster)];
  }

  /** Names of all processes. */
  get processes(): string[] {
    const members = Object.keys(COMPONENTS).flatMap((component) =>
      Array.from({ length: this.#instances(component) }, (_, index) => `${component}-${index}`),
    );
    const kubelets = this.#nodes.map((name) => `kubelet-${name}`);
    return ['harness', 'user', 'compactor', ...members, 'node-fleet', ...kubelets];
  }

  /** Names under which the API servers are asked, but for operators; null where the cluster is not known. */
  get users(): readonly string[] | null {
    return this.#known.clusterKnown ? apiUsers(this.#nodes) : null;
  }

  /** Plural names of all kinds that there are; null where those of the scenario or of its operators are not known. */
  get resources(): readonly string[] | null {
    const objects = this.#known.workload;
    if (objects === null || this.#hasOperators) return null;
    const types = new ResourceTypes();
    for (const { apiVersion, kind } of [...MADE_TYPES, ...objects]) types.register(apiVersion, kind);
    return types.all.map(({ plural }) => plural);
  }

  /** Of operators only their modules know the names. */
  hasProcess(name: string): boolean {
    const ofOperators = name.startsWith('operator-') && (this.#cluster.operators ?? []).length > 0;
    return ofOperators || this.processes.includes(name);
  }

  /** `nodesOnly` names who can hit nodes alone; '' = components too. */
  check(target: TargetFile, path: Path, nodesOnly: string): void {
    const chosen = SELECTORS.filter((field) => target[field] !== undefined);
    if (chosen.length !== 1) {
      const found = chosen.length === 0 ? 'none' : chosen.join(' and ');
      this.#problems.error(
        this.#document.place(path),
        'SCN-022',
        `a target names exactly one of ${SELECTORS.join(', ')}; found ${found}`,
      );
      return;
    }
    if (this.#known.clusterKnown) this.#places(target, path);
    if (target.hosting !== undefined) this.workload(target.hosting, [...path, 'hosting'], WITH_PODS, 'has no pods');
    if (target.component !== undefined) this.#component(target, path, nodesOnly);
    this.#mode(target, path);
  }

  /** Nodes, zones and labels that the cluster has. */
  #places(target: TargetFile, path: Path): void {
    const { node, zone } = target;
    if (node !== undefined && !this.#nodes.includes(node)) this.#unknown([...path, 'node'], 'node', node, this.#nodes);
    if (zone !== undefined && !this.#zones.includes(zone)) this.#unknown([...path, 'zone'], 'zone', zone, this.#zones);
    this.#labels(target, path);
  }

  /** Labels that no node has select nothing. */
  #labels({ nodeSelector, topologyKey }: TargetFile, path: Path): void {
    const nodes = resolveCluster(present(this.#cluster)).nodes;
    const keys = [...new Set([...WELL_KNOWN_LABELS, ...nodes.flatMap(({ labels }) => Object.keys(labels))])];
    const hasKey = (key: string): boolean => nodes.some((node) => labelOf(node, key) !== undefined);
    for (const key of [...Object.keys(nodeSelector ?? {}), ...(topologyKey === undefined ? [] : [topologyKey])]) {
      const at = topologyKey === undefined ? [...path, 'nodeSelector', key] : [...path, 'topologyKey'];
      if (!hasKey(key))
        this.#problems.unknownName(
          this.#document.place(at, topologyKey === undefined),
          'SCN-020',
          'node label',
          key,
          keys,
        );
    }
    const wanted = Object.entries(nodeSelector ?? {});
    if (wanted.length === 0 || !wanted.every(([key]) => hasKey(key))) return;
    if (nodes.some((node) => wanted.every(([key, value]) => labelOf(node, key) === value))) return;
    const values = wanted.map(([key, value]) => `${key}=${value}`).join(', ');
    this.#problems.error(
      this.#document.place([...path, 'nodeSelector']),
      'SCN-029',
      `no node has the labels ${values}`,
    );
  }

  /** A mode and its value, and what they go with. */
  #mode(target: TargetFile, path: Path): void {
    const { mode, value, instance, component } = target;
    const conflict = (field: string, message: string): void =>
      this.#problems.error(this.#document.place([...path, field], true), 'SCN-027', message);
    if (instance !== undefined && component === undefined)
      conflict('instance', '"instance" goes with a component only');
    if (instance !== undefined && mode !== undefined) conflict('mode', '"instance" and "mode" exclude each other');
    const takesValue = mode === 'fixed' || mode === 'fixed-percent' || mode === 'random-max-percent';
    if (value !== undefined && !takesValue)
      conflict(
        'value',
        `"value" goes with mode fixed, fixed-percent or random-max-percent${mode === undefined ? '' : `, not ${mode}`}`,
      );
    if (value === undefined && takesValue) conflict('mode', `mode ${mode} needs a "value"`);
    if (value === undefined || !takesValue) return;
    if (mode === 'fixed' && !Number.isInteger(value))
      conflict('value', `mode fixed counts: ${value} is no whole number`);
    if (mode !== 'fixed' && value > 100) conflict('value', `${value} percent are more than all`);
    const most = mode === 'fixed' && this.#known.clusterKnown ? this.#most(target) : 0;
    if (value <= most || most === 0) return;
    const message = `mode fixed means ${value}, and there ${most === 1 ? 'is' : 'are'} at most ${most}: all are hit`;
    this.#problems.warning(this.#document.place([...path, 'value']), 'SCN-034', message);
  }

  /** Most that a target can mean: nodes, domains of a label, instances; 0: not known. */
  #most({ node, zone, nodeSelector, topologyKey, component }: TargetFile): number {
    if (component !== undefined) return this.#instances(component);
    const { nodes } = resolveCluster(present(this.#cluster));
    if (topologyKey !== undefined) {
      return new Set(nodes.flatMap((each) => labelOf(each, topologyKey) ?? [])).size;
    }
    const wanted = Object.entries(nodeSelector ?? {});
    const isMeant = (each: (typeof nodes)[number]): boolean =>
      (node === undefined || each.name === node) &&
      (zone === undefined || each.zone === zone) &&
      wanted.every(([key, label]) => labelOf(each, key) === label);
    return nodes.filter(isMeant).length;
  }

  /** The one process that a target can mean, whenever it is asked; '' where there may be others, or nothing is known of it. */
  onlyProcess({ node, component, instance, mode }: TargetFile): string {
    if (node !== undefined) return `kubelet-${node}`;
    if (component === undefined || !this.#known.clusterKnown) return '';
    if (mode === undefined && typeof (instance ?? 0) === 'number') return `${component}-${instance ?? 0}`;
    if (this.#instances(component) === 1) return `${component}-0`;
    return instance === 'leader' ? `the leader of ${component}` : '';
  }

  #component(target: TargetFile, path: Path, nodesOnly: string): void {
    const component = target.component as string;
    const { clusterKnown } = this.#known;
    const hasOperators = (this.#cluster.operators ?? []).length > 0;
    if (component.startsWith('operator-') && (!clusterKnown || hasOperators)) return;
    const known = [...Object.keys(COMPONENTS), ...(hasOperators ? ['operator-<name>'] : [])];
    if (!known.includes(component)) this.#unknown([...path, 'component'], 'component', component, known);
    else if (nodesOnly !== '')
      this.#problems.error(
        this.#document.place([...path, 'component'], true),
        'SCN-023',
        `${nodesOnly} hits nodes, not a component`,
      );
    else if (target.instance === 'leader' && component !== 'etcd' && COMPONENTS[component] === '')
      this.#problems.error(this.#document.place([...path, 'instance']), 'SCN-024', `${component} elects no leader`);
    else if (clusterKnown) this.#instance(target, component, path);
  }

  #instance({ instance }: TargetFile, component: string, path: Path): void {
    const count = this.#instances(component);
    if (count === 0)
      this.#problems.error(this.#document.place([...path, 'component']), 'SCN-024', `the cluster has no ${component}`);
    else if (typeof instance === 'number' && instance >= count) {
      const message = `instance ${instance} does not exist: the cluster has ${count} of ${component}, counted from 0`;
      this.#problems.error(this.#document.place([...path, 'instance']), 'SCN-024', message);
    }
  }

  #instances(component: string): number {
    const plane = this.#cluster.controlPlane ?? {};
    const counts: Record<string, number> = {
      etcd: (plane.storeMembers ?? 1) + storeMembersAdded(this.#file, Number.POSITIVE_INFINITY),
      apiserver: plane.apiServers ?? 1,
      scheduler: plane.schedulers ?? 1,
      'controller-manager': plane.controllerManagers ?? 1,
      'cloud-controller-manager': plane.cloudControllerManagers ?? 0,
    };
    return counts[component] ?? 0;
  }

  /**
   * An object that the scenario has, `Kind/namespace/name` or `Kind/name`; a namespace that any of them is in is one, too.
   * Of built-in kinds only those in `kinds` make sense there: any other `isNot`.
   */
  workload(workload: string, path: Path, kinds: readonly string[] | null = null, isNot = ''): void {
    const kind = workload.split('/')[0] ?? '';
    if (kinds !== null && !kinds.includes(kind) && BUILT_IN_TYPES.some((type) => type.kind === kind)) {
      const message = `a ${kind} ${isNot}, expected one of ${kinds.join(', ')}`;
      this.#problems.error(this.#document.place(path), 'SCN-027', message);
      return;
    }
    const names = this.#objects;
    if (names === null || names.includes(workload) || this.#isMade(workload)) return;
    this.#unknown(path, 'workload', workload, names);
  }

  /**
   * An object that is there at some time, or with a star at its end any whose name begins so: one of the scenario's, or of a kind that the cluster makes objects of, in a
   * namespace that there is.
   */
  changeable(object: string, path: Path): void {
    const names = this.#objects;
    if (names === null || this.#hasOperators || this.#isThere(object, names)) return;
    const [kind = '', ...place] = object.split('/');
    const kinds = new Set([...BUILT_IN_TYPES, ...(this.#known.workload ?? [])].map((each) => each.kind));
    if (!kinds.has(kind)) this.#unknown(path, 'kind', kind, [...kinds]);
    else if (kind === 'Node') {
      if (this.#known.clusterKnown) this.#unknown(path, 'node', place.join('/'), this.#nodes);
    } else if (!MADE_KINDS.includes(kind)) this.#unknown(path, 'workload', object, names);
    else if (place.length === 2) this.#madeIn(object, path, names);
  }

  /** Whether it is one of `names` or comes while the scenario runs, or with a star at its end any is. */
  #isThere(object: string, names: readonly string[]): boolean {
    if (!object.endsWith('*')) return names.includes(object) || this.#isMade(object);
    const start = object.slice(0, -1);
    return [...names, ...this.#nodes.map((node) => `Node/${node}`)].some((name) => name.startsWith(start));
  }

  /** An object `Kind/namespace/name` that the cluster may make: in a namespace that there is, by the name of an owner where it has that. */
  #madeIn(object: string, path: Path, names: readonly string[]): void {
    const [kind = '', namespace = '', name = ''] = object.split('/');
    const namespaces = namespacesOf(names);
    if (!namespaces.includes(namespace)) return this.#unknown(path, 'namespace', namespace, namespaces);
    if (!NAMED_AFTER_OWNERS.includes(kind)) return;
    const owners = names
      .map((each) => each.split('/'))
      .flatMap(([, where, owner]) => (where === namespace ? (owner ?? []) : []));
    const begins = name.replace(/\*$/, '');
    if (owners.some((owner) => owner.startsWith(begins) || begins.startsWith(`${owner}-`))) return;
    const known = owners.map((owner) => `${kind}/${namespace}/${owner}-*`);
    this.#unknown(path, 'object', object, known);
  }

  get #hasOperators(): boolean {
    return (this.#cluster.operators ?? []).length > 0;
  }

  /** The scenario's objects and those that operations apply, as `Kind/namespace/name` or `Kind/name`, and their namespaces; null where not all are known. */
  get #objects(): readonly string[] | null {
    const names = this.#known.workload?.flatMap(({ kind, metadata }) =>
      namesOf(kind, metadata.namespace, metadata.name),
    );
    return names === undefined ? null : [...new Set(names)];
  }

  /** Whether the object comes while the scenario runs: a node, a pod of a StatefulSet, what every namespace has. */
  #isMade(object: string): boolean {
    const [kind = '', ...place] = object.split('/');
    const name = place.at(-1) ?? '';
    if (kind === 'Node') return this.#nodes.includes(name);
    if (IN_EVERY_NAMESPACE.includes(`${kind}/${name}`)) {
      return place.length === 2 && namespacesOf(this.#objects ?? []).includes(place[0] as string);
    }
    const set = kind === 'Pod' ? /^(.+)-\d+$/.exec(name)?.[1] : undefined;
    const isSet = ({ kind, metadata }: KubeObject) => kind === 'StatefulSet' && metadata.name === set;
    return set !== undefined && (this.#known.workload ?? []).some(isSet);
  }

  #unknown(path: Path, what: string, name: string, known: readonly string[]): void {
    this.#problems.unknownName(this.#document.place(path), 'SCN-020', what, name, known);
  }
}

/** The namespaces among objects `Kind/name`, and those that each cluster has. */
function namespacesOf(names: readonly string[]): readonly string[] {
  const named = names.filter((each) => each.startsWith('Namespace/')).map((each) => each.slice('Namespace/'.length));
  return [...new Set([...SYSTEM_NAMESPACES, ...named])];
}

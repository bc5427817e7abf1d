/**
 * Names in a scenario that must exist: zones, nodes, components, instances, predicates, excuses, bug switches, costs; and values that cannot go together.
 */

import { COST_ROWS } from '../core/base/costs.ts';
import { EXCUSE_NAMES } from '../core/chaos/excuses.ts';
import { predicateIds } from '../core/chaos/predicates/index.ts';
import { COMPONENTS } from '../core/chaos/targets.ts';
import { knownBugs } from '../core/cluster/declared.ts';
import { decodeSchedulerConfiguration } from '../core/scheduler/configuration/decode.ts';
import type { KubeObject } from '../core/types/object.ts';
import { checkCondition } from './check-conditions.ts';
import { formatDuration } from './duration.ts';
import { SAFETY_US_DEFAULT, WARM_UP_US_DEFAULT } from './file-to-plan.ts';
import type { ProblemList } from './problem.ts';
import { reportConfigurationProblems } from './scheduler-configuration-file.ts';
import type { OperationFile, ScenarioFile, TargetFile } from './schema.ts';
import type { YamlDocument } from './yaml-source.ts';

type Path = (string | number)[];

/** Faults that act inside an API server. */
const SERVER_FAULTS: readonly string[] = ['watch-lag', 'refused-requests', 'slow-watchers'];
/** Faults that act inside a store member. */
const STORE_FAULTS: readonly string[] = [
  'bit-flip',
  'leader-transfer',
  'slow-snapshot',
  'slow-apply',
  'crash-in-apply',
  'compaction-storm',
];

/** Checks all names of a scenario whose shape is right; `workload` is null when not all of it could be read, then nothing is said of its names. */
export function checkNames(
  file: ScenarioFile,
  workload: readonly KubeObject[] | null,
  document: YamlDocument,
  problems: ProblemList,
): void {
  const checker = new NameChecker(file, workload, document, problems);
  checker.check();
}

type ClusterFile = ScenarioFile['cluster'];

/** Checks what the shape of a cluster section leaves open: costs that exist, nodes with names of their own, a number of store members that makes sense. */
export function checkCluster(cluster: ClusterFile, path: Path, document: YamlDocument, problems: ProblemList): void {
  const storeMembers = cluster.controlPlane?.storeMembers ?? 1;
  if (storeMembers % 2 === 0) {
    const message = `${storeMembers} store members tolerate no more failures than ${storeMembers - 1}; use an odd number`;
    problems.warning(document.place([...path, 'controlPlane', 'storeMembers']), 'SCN-030', message);
  }
  const configuration = cluster.settings?.schedulerConfiguration;
  if (configuration !== undefined) {
    const at = [...path, 'settings', 'schedulerConfiguration'];
    reportConfigurationProblems(decodeSchedulerConfiguration(configuration).problems, document, at, problems);
  }
  const costs = Object.keys(COST_ROWS);
  for (const name of Object.keys(cluster.costs ?? {})) {
    if (!costs.includes(name))
      problems.unknownName(document.place([...path, 'costs', name], true), 'SCN-020', 'cost', name, costs);
  }
  const names = new Set<string>();
  for (const name of nodeNames(cluster)) {
    if (names.has(name)) {
      const message = `two nodes are named "${name}": give the groups different names`;
      problems.error(document.place([...path, 'nodes']), 'SCN-031', message);
      return;
    }
    names.add(name);
  }
}

function groupsOf({ nodes }: ClusterFile) {
  return Array.isArray(nodes) ? nodes : [nodes];
}

function* nodeNames(cluster: ClusterFile): Generator<string, void> {
  for (const { name = 'node', count } of groupsOf(cluster)) for (let i = 0; i < count; i++) yield `${name}-${i}`;
}

class NameChecker {
  readonly #file: ScenarioFile;
  readonly #workload: readonly KubeObject[] | null;
  readonly #document: YamlDocument;
  readonly #problems: ProblemList;
  readonly #zones: string[] = [];
  readonly #nodes: readonly string[];

  constructor(
    file: ScenarioFile,
    workload: readonly KubeObject[] | null,
    document: YamlDocument,
    problems: ProblemList,
  ) {
    this.#file = file;
    this.#workload = workload;
    this.#document = document;
    this.#problems = problems;
    for (const group of groupsOf(file.cluster)) {
      for (const zone of group.zones ?? []) if (!this.#zones.includes(zone)) this.#zones.push(zone);
    }
    this.#nodes = [...nodeNames(file.cluster)];
  }

  check(): void {
    const { cluster, faults = [], operations = [], checks = {}, bugs = [] } = this.#file;
    checkCluster(cluster, ['cluster'], this.#document, this.#problems);
    faults.forEach((fault, index) => {
      this.#fault(fault, ['faults', index]);
    });
    this.#faultIds(faults);
    operations.forEach((operation, index) => {
      this.#operation(operation, ['operations', index]);
    });
    this.#each(checks.predicates ?? [], ['checks', 'predicates'], 'predicate', predicateIds());
    this.#each(checks.excuses ?? [], ['checks', 'excuses'], 'excuse', EXCUSE_NAMES);
    this.#each(bugs, ['bugs'], 'bug switch', knownBugs());
    const { expect } = this.#file;
    if (typeof expect === 'object' && !predicateIds().includes(expect.fail)) {
      this.#problems.unknownName(
        this.#document.place(['expect', 'fail']),
        'SCN-020',
        'predicate',
        expect.fail,
        predicateIds(),
      );
    }
  }

  #faultIds(faults: NonNullable<ScenarioFile['faults']>): void {
    const ids = faults.map(({ id }, index) => id ?? `f${index + 1}`);
    ids.forEach((id, index) => {
      if (ids.indexOf(id) === index) return;
      this.#problems.error(this.#document.place(['faults', index, 'id']), 'SCN-025', `two faults have the id "${id}"`);
    });
    const core = this.#file.phases?.heal?.core;
    if (Array.isArray(core)) this.#each(core, ['phases', 'heal', 'core'], 'fault id', ids);
  }

  #operation(operation: OperationFile, path: Path): void {
    if ('target' in operation) this.#target(operation.target, [...path, 'target'], 'this operation');
    if ('workload' in operation) this.#hosting(operation.workload, [...path, 'workload']);
    if (operation.kind.startsWith('store-')) this.#storeOperation(operation, path);
    this.#beforeHeal(operation.at, [...path, 'at'], 'an operation');
  }

  /** A group of members is there to be changed, and the member is there, or added before. */
  #storeOperation(operation: OperationFile, path: Path): void {
    const first = this.#file.cluster.controlPlane?.storeMembers ?? 1;
    if (first === 1) {
      const message = `${operation.kind} needs a group of store members: set cluster.controlPlane.storeMembers to 3`;
      this.#problems.error(this.#document.place([...path, 'kind']), 'SCN-024', message);
    }
    if (!('instance' in operation)) return;
    const added = this.#addedStoreMembers(operation.at);
    const isThere = operation.instance < first + added;
    const wasLearner = operation.kind !== 'store-member-promote' || operation.instance >= first;
    if (isThere && wasLearner) return;
    const message = isThere
      ? `etcd-${operation.instance} is a voter from the beginning: a learner comes by store-member-add`
      : `instance ${operation.instance} does not exist at ${formatDuration(operation.at)}: there are ${first} members and ${added} added by store-member-add, counted from 0`;
    this.#problems.error(this.#document.place([...path, 'instance']), 'SCN-024', message);
  }

  /** Members that operations have added by `atUs`. */
  #addedStoreMembers(atUs: number): number {
    const { operations = [] } = this.#file;
    return operations.filter(({ kind, at }) => kind === 'store-member-add' && at <= atUs).length;
  }

  /** What begins after the safety phase would disturb the judgement of recovery. */
  #beforeHeal(at: number, path: Path, what: string): void {
    const { warmUp = WARM_UP_US_DEFAULT, safety = SAFETY_US_DEFAULT } = this.#file.phases ?? {};
    if (at < warmUp + safety) return;
    this.#problems.error(
      this.#document.place(path),
      'SCN-026',
      `${what} at ${formatDuration(at)} lies after the heal point: warm-up and safety phase end at ${formatDuration(warmUp + safety)}`,
    );
  }

  #fault(fault: NonNullable<ScenarioFile['faults']>[number], path: Path): void {
    const nodeFault = fault.kind === 'node-crash' || fault.kind === 'kubelet-stop' || fault.kind === 'instance-removed';
    this.#target(fault.target, [...path, 'target'], nodeFault ? 'this fault' : '');
    if ('peer' in fault) this.#target(fault.peer, [...path, 'peer'], '');
    this.#insideComponent(fault, path);
    if (fault.when !== undefined) checkCondition(fault.when, [...path, 'when'], this.#document, this.#problems);
    if (fault.at !== undefined) this.#beforeHeal(fault.at, [...path, 'at'], 'a fault');
    if (fault.at === undefined && fault.when === undefined) {
      this.#problems.error(
        this.#document.place(path),
        'SCN-021',
        'a fault needs "at" (a time) or "when" (a condition)',
      );
    }
    if (fault.at !== undefined && fault.when !== undefined) {
      this.#problems.error(
        this.#document.place([...path, 'when'], true),
        'SCN-021',
        '"at" and "when" exclude each other',
      );
    }
  }

  /** Faults that act inside a component can hit no other. */
  #insideComponent(fault: NonNullable<ScenarioFile['faults']>[number], path: Path): void {
    const { component } = fault.target;
    const { kind } = fault;
    let wanted = '';
    if (SERVER_FAULTS.includes(kind) && component !== 'apiserver') wanted = 'component: apiserver';
    else if (STORE_FAULTS.includes(kind) && component !== 'etcd') wanted = 'component: etcd';
    else if (kind === 'lost-replies' && (component === undefined || component === 'apiserver' || component === 'etcd'))
      wanted = 'a component that is a client of the API servers';
    if (wanted === '') return;
    const message = `${kind} needs a target with ${wanted}`;
    this.#problems.error(this.#document.place([...path, 'target']), 'SCN-022', message);
  }

  /** `nodesOnly` names who can hit nodes alone; '' = components too. */
  #target(target: TargetFile, path: Path, nodesOnly: string): void {
    const chosen = (['node', 'zone', 'hosting', 'anyNode', 'component'] as const).filter(
      (field) => target[field] !== undefined,
    );
    if (chosen.length !== 1) {
      const found = chosen.length === 0 ? 'none' : chosen.join(' and ');
      this.#problems.error(
        this.#document.place(path),
        'SCN-022',
        `a target names exactly one of node, zone, hosting, anyNode, component; found ${found}`,
      );
      return;
    }
    if (target.node !== undefined && !this.#nodes.includes(target.node))
      this.#unknown([...path, 'node'], 'node', target.node, this.#nodes);
    if (target.zone !== undefined && !this.#zones.includes(target.zone))
      this.#unknown([...path, 'zone'], 'zone', target.zone, this.#zones);
    if (target.hosting !== undefined) this.#hosting(target.hosting, [...path, 'hosting']);
    if (target.component !== undefined) this.#component(target, path, nodesOnly);
    const stray = (target.component === undefined ? (['instance'] as const) : (['count', 'percent'] as const)).find(
      (field) => target[field] !== undefined,
    );
    if (stray !== undefined) {
      const goesWith = target.component === undefined ? 'a component' : 'nodes';
      this.#problems.error(
        this.#document.place([...path, stray], true),
        'SCN-027',
        `"${stray}" goes with ${goesWith} only`,
      );
    }
  }

  #component(target: TargetFile, path: Path, nodesOnly: string): void {
    const component = target.component as string;
    const known = Object.keys(COMPONENTS);
    const ofOperators = component.startsWith('operator-') && (this.#file.cluster.operators ?? []).length > 0;
    if (ofOperators) return;
    if (!known.includes(component)) this.#unknown([...path, 'component'], 'component', component, known);
    else if (nodesOnly !== '')
      this.#problems.error(
        this.#document.place([...path, 'component'], true),
        'SCN-023',
        `${nodesOnly} hits nodes, not a component`,
      );
    else if (target.instance === 'leader' && component !== 'etcd' && COMPONENTS[component] === '')
      this.#problems.error(this.#document.place([...path, 'instance']), 'SCN-024', `${component} elects no leader`);
    else if (typeof target.instance === 'number' && target.instance >= this.#instances(component)) {
      const message = `instance ${target.instance} does not exist: the cluster has ${this.#instances(component)} of ${component}, counted from 0`;
      this.#problems.error(this.#document.place([...path, 'instance']), 'SCN-024', message);
    }
  }

  #instances(component: string): number {
    const plane = this.#file.cluster.controlPlane ?? {};
    const counts: Record<string, number> = {
      etcd: (plane.storeMembers ?? 1) + this.#addedStoreMembers(Number.POSITIVE_INFINITY),
      apiserver: plane.apiServers ?? 1,
      scheduler: plane.schedulers ?? 1,
      'controller-manager': plane.controllerManagers ?? 1,
      'cloud-controller-manager': plane.cloudControllerManagers ?? 0,
    };
    return counts[component] ?? 0;
  }

  #hosting(workload: string, path: Path): void {
    if (this.#workload === null) return;
    const names = this.#workload.map(
      ({ kind, metadata }) => `${kind}/${metadata.namespace ?? 'default'}/${metadata.name}`,
    );
    if (!names.includes(workload)) this.#unknown(path, 'workload', workload, names);
  }

  #each(names: readonly string[], path: Path, what: string, known: readonly string[]): void {
    names.forEach((name, index) => {
      if (!known.includes(name)) this.#unknown([...path, index], what, name, known);
    });
  }

  #unknown(path: Path, what: string, name: string, known: readonly string[]): void {
    this.#problems.unknownName(this.#document.place(path), 'SCN-020', what, name, known);
  }
}

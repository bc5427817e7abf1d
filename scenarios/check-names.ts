/**
 * Names in a scenario that must exist: zones, nodes, components, instances, predicates, excuses, bug switches, costs; and values that cannot go together.
 */

import { COST_ROWS } from '../core/base/costs.ts';
import { COMPARISONS } from '../core/chaos/comparison/compare-runs.ts';
import { EXCUSE_NAMES } from '../core/chaos/excuses.ts';
import { predicateIds } from '../core/chaos/predicates/index.ts';
import { SCALABLE } from '../core/chaos/workloads.ts';
import { knownBugs } from '../core/cluster/declared.ts';
import { resolveCluster } from '../core/cluster/description.ts';
import { decodeSchedulerConfiguration } from '../core/scheduler/configuration/decode.ts';
import { tryParseQuantity } from '../core/types/quantity.ts';
import { checkBeforeHeal, FaultChecker } from './check-faults.ts';
import { type Known, nodeNames, storeMembersAdded, TargetChecker, WITH_TEMPLATE } from './check-targets.ts';
import { formatDuration } from './duration.ts';
import { present } from './fault-steps.ts';
import type { FieldPath } from './manifest-fields.ts';
import type { ProblemList } from './problem.ts';
import { warnUnusedProfiles } from './profile-checks.ts';
import { reportConfigurationProblems } from './scheduler-configuration-file.ts';
import type { OperationFile, ScenarioFile } from './schema.ts';
import type { YamlDocument } from './yaml-source.ts';

type Path = (string | number)[];

/** Checks all names of a scenario whose shape is right. */
export function checkNames(file: ScenarioFile, known: Known, document: YamlDocument, problems: ProblemList): void {
  const checker = new NameChecker(file, known, document, problems);
  checker.check();
  const configuration = file.cluster.settings?.schedulerConfiguration;
  if (configuration === undefined || known.workload === null || !known.clusterKnown) return;
  const decoded = decodeSchedulerConfiguration(configuration);
  if (decoded.problems.length > 0) return;
  const placeOf = (path: FieldPath) => document.place(['cluster', 'settings', 'schedulerConfiguration', ...path]);
  warnUnusedProfiles(decoded.configuration, known.workload, placeOf, problems);
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
  checkNamesGiven(cluster, path, document, problems);
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

/** Nodes that are named one by one have a name each, and no prefix. */
function checkNamesGiven(cluster: ClusterFile, path: Path, document: YamlDocument, problems: ProblemList): void {
  const groups = Array.isArray(cluster.nodes) ? cluster.nodes : [cluster.nodes];
  groups.forEach(({ name, names, count }, index) => {
    if (names === undefined) return;
    const at = [...path, 'nodes', ...(Array.isArray(cluster.nodes) ? [index] : []), 'names'];
    if (name !== undefined)
      problems.error(document.place(at, true), 'SCN-027', '"name" and "names" exclude each other');
    if (names.length !== count)
      problems.error(document.place(at, true), 'SCN-031', `count is ${count}, here are ${names.length} names`);
  });
}

/** Operations on the store that need no group. */
const ANY_STORE: readonly string[] = ['store-defragment', 'store-alarm-disarm'];

class NameChecker {
  readonly #file: ScenarioFile;
  readonly #targets: TargetChecker;
  readonly #clusterKnown: boolean;
  readonly #document: YamlDocument;
  readonly #problems: ProblemList;

  constructor(file: ScenarioFile, known: Known, document: YamlDocument, problems: ProblemList) {
    this.#file = file;
    this.#targets = new TargetChecker(file, known, document, problems);
    this.#clusterKnown = known.clusterKnown;
    this.#document = document;
    this.#problems = problems;
  }

  check(): void {
    const { cluster, operations = [], checks = {}, bugs = [] } = this.#file;
    if (this.#clusterKnown) checkCluster(cluster, ['cluster'], this.#document, this.#problems);
    new FaultChecker(this.#file, this.#targets, this.#document, this.#problems).check();
    operations.forEach((operation, index) => {
      this.#operation(operation, ['operations', index]);
    });
    this.#each(checks.predicates ?? [], ['checks', 'predicates'], 'predicate', predicateIds());
    this.#each(checks.excuses ?? [], ['checks', 'excuses'], 'excuse', EXCUSE_NAMES);
    this.#each(bugs, ['bugs'], 'bug switch', knownBugs());
    this.#reorderings();
    const { expect } = this.#file;
    const breakable = [...predicateIds(), ...COMPARISONS.map(([id]) => id)];
    if (typeof expect === 'object' && !breakable.includes(expect.fail)) {
      this.#problems.unknownName(
        this.#document.place(['expect', 'fail']),
        'SCN-020',
        'predicate',
        expect.fail,
        breakable,
      );
    }
  }

  /** Processes that are there, each once; and one way only to say what comes first. */
  #reorderings(): void {
    const { reorderings = [], interleaving } = this.#file;
    if (reorderings.length > 0 && interleaving !== undefined) {
      const message = '"interleaving" and "reorderings" exclude each other';
      this.#problems.error(this.#document.place(['reorderings'], true), 'SCN-027', message);
    }
    reorderings.forEach(({ order }, index) => {
      const path = ['reorderings', index, 'order'];
      order.forEach((name, place) => {
        const at = [...path, place];
        if (order.indexOf(name) !== place)
          this.#problems.error(this.#document.place(at), 'SCN-027', `"${name}" stands there twice`);
        else if (this.#clusterKnown && !this.#targets.hasProcess(name))
          this.#unknown(at, 'process', name, this.#targets.processes);
      });
    });
  }

  #operation(operation: OperationFile, path: Path): void {
    if ('target' in operation) this.#targets.check(operation.target, [...path, 'target'], 'this operation');
    if ('workload' in operation) {
      const at = [...path, 'workload'];
      if (operation.kind === 'scale') {
        this.#targets.workload(operation.workload, at, SCALABLE, 'has no scale');
        this.#warnOfRoom(operation.replicas, [...path, 'replicas']);
      } else if (operation.kind === 'set-image')
        this.#targets.workload(operation.workload, at, WITH_TEMPLATE, 'has no pod template that may change');
      else this.#targets.workload(operation.workload, at);
    }
    if (operation.kind.startsWith('store-') && this.#clusterKnown) this.#storeOperation(operation, path);
    checkBeforeHeal(this.#file, operation.at, [...path, 'at'], 'an operation', this.#document, this.#problems);
  }

  /** More replicas than pods that the nodes may hold: each of the others waits and is tried again, which takes its time. */
  #warnOfRoom(replicas: number, path: Path): void {
    if (!this.#clusterKnown) return;
    const { nodes } = resolveCluster(present(this.#file.cluster));
    const room = nodes.reduce(
      (sum, { allocatable }) => sum + (tryParseQuantity(allocatable.pods ?? '')?.value() ?? replicas),
      0,
    );
    if (replicas <= room) return;
    const message = `${replicas} replicas, and the ${nodes.length} nodes hold at most ${room} pods: the others stay pending, and the run takes long`;
    this.#problems.warning(this.#document.place(path), 'SCN-041', message);
  }

  /** Where a group is to be changed, it is one; and the member is there, or added before. */
  #storeOperation(operation: OperationFile, path: Path): void {
    const first = this.#file.cluster.controlPlane?.storeMembers ?? 1;
    if (first === 1 && !ANY_STORE.includes(operation.kind)) {
      const message = `${operation.kind} needs a group of store members: set cluster.controlPlane.storeMembers to 3`;
      this.#problems.error(this.#document.place([...path, 'kind']), 'SCN-024', message);
    }
    if (!('instance' in operation) || operation.instance === undefined) return;
    const added = storeMembersAdded(this.#file, operation.at);
    const isThere = operation.instance < first + added;
    const wasLearner = operation.kind !== 'store-member-promote' || operation.instance >= first;
    if (isThere && wasLearner) return;
    const message = isThere
      ? `etcd-${operation.instance} is a voter from the beginning: a learner comes by store-member-add`
      : `instance ${operation.instance} does not exist at ${formatDuration(operation.at)}: there are ${first} members and ${added} added by store-member-add, counted from 0`;
    this.#problems.error(this.#document.place([...path, 'instance']), 'SCN-024', message);
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

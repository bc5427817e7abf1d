/**
 * Everything before the first run: reads the input, takes the inventory, chooses the cluster, lists the cases.
 *
 * Always: all problems of all files and flags at once; nothing is written.
 */

import { DEFAULT_HEEDED, heededBy } from '../../core/cluster/claimed.ts';
import { resolveCluster } from '../../core/cluster/description.ts';
import type { KubeObject } from '../../core/cluster/vocabulary.ts';
import { warnUnheededGroups } from '../../scenarios/gang-checks.ts';
import { isOfReadObject } from '../../scenarios/manifest-checks.ts';
import type { ManifestObject } from '../../scenarios/manifests.ts';
import { type Problem, ProblemList } from '../../scenarios/problem.ts';
import { warnSlips } from '../../scenarios/slip-checks.ts';
import { CLI_CODES } from '../cli/user-error.ts';
import { assumeHarmless } from './assume-harmless.ts';
import { casesOf, TRIAL_NAMES, type TrialCase, type TrialName, type TrialSetup } from './battery.ts';
import { checkTwoRoles, readClusterFile } from './cluster-file.ts';
import { takenOver, withoutDumpedPods } from './dumped-pods.ts';
import { readTrialInput, type TrialInput } from './input.ts';
import type { Inventory } from './inventory.ts';
import { takeInventory } from './inventory.ts';
import { sizeCluster, type TrialCluster } from './sizing.ts';

export const DEFAULT_SEED_COUNT = 2;
export const DEFAULT_TOLERATE_US = 10_000_000;
/** The largest cluster that Kubernetes is built for (Considerations for large clusters: 150,000 pods in sum). */
const PODS_MAX = 150_000;

/** What a user asks for. */
export interface TrialRequest {
  /** Files, folders, `-`. */
  readonly paths: readonly string[];
  /** Gives standard input; called at most once. */
  readonly readStdin: () => string;
  readonly nodes?: number | undefined;
  readonly zones?: number | undefined;
  readonly clusterFile?: string | undefined;
  /** Trials to run; undefined = all. */
  readonly only?: readonly TrialName[] | undefined;
  readonly seeds: readonly number[];
  /** What is not simulated and does no harm, see assume-harmless.ts. */
  readonly assume?: readonly string[] | undefined;
}

/** A trial that is ready to run. */
export interface PreparedTrial {
  readonly input: TrialInput;
  readonly inventory: Inventory;
  readonly cluster: TrialCluster;
  readonly setup: TrialSetup;
  readonly cases: readonly TrialCase[];
  readonly warnings: readonly Problem[];
}

/** Reads and checks everything. @throws UserError with all problems. */
export function prepareTrial(request: TrialRequest): PreparedTrial {
  const problems = new ProblemList();
  const { nodes, zones, clusterFile } = request;
  if (clusterFile !== undefined && (nodes !== undefined || zones !== undefined)) {
    problems.error(
      {},
      CLI_CODES.conflict,
      '--cluster says how many nodes and zones there are: leave --nodes and --zones out',
    );
  }
  if (nodes !== undefined && zones !== undefined && zones > nodes) {
    problems.error({}, CLI_CODES.badValue, `--zones ${zones}: more zones than nodes (${nodes})`);
  }
  if (clusterFile !== undefined) checkTwoRoles(clusterFile, request.paths);
  const described = clusterFile === undefined ? null : readClusterFile(clusterFile, problems);
  const heeded = described === null ? DEFAULT_HEEDED : heededBy(described.description);
  const input = readTrialInput(request.paths, request.readStdin, problems, heeded.deviceGates);
  if (!heeded.podGroups) for (const { object, placeOf } of input.objects) warnUnheededGroups(object, placeOf, problems);
  if (problems.errorCount > 0 && problems.problems.every(isOfReadObject)) {
    const named = input.objects.map(({ object }) => object);
    warnReferences(input, named, described, problems);
  }
  problems.throwIfErrors();
  const found = takeInventory(withDump(input.objects, described), problems, heeded);
  problems.throwIfErrors();
  const inventory = assumeHarmless(found, request.assume ?? [], problems);
  warnReferences(input, inventory.objects, described, problems);
  checkPodCount(inventory, problems);
  problems.throwIfErrors();
  const cluster = roomOf(described, inventory) ?? sizeCluster(inventory.objects, nodes, zones);
  reportStraySlices(inventory, cluster, problems);
  const setup: TrialSetup = {
    objects: inventory.objects,
    workloads: inventory.workloads,
    cluster: cluster.description,
    trials: TRIAL_NAMES.filter((name) => request.only?.includes(name) ?? true),
    seeds: request.seeds,
  };
  const cases = casesOf(setup);
  reportIdle(setup.trials, cases, problems);
  problems.throwIfErrors();
  return { input, inventory, cluster, setup, cases, warnings: problems.warnings };
}

/** Warns of names and labels in the manifests that none of `objects` has, labels nor a pod of the cluster. */
function warnReferences(
  { objects: manifests }: TrialInput,
  objects: readonly KubeObject[],
  described: TrialCluster | null,
  problems: ProblemList,
): void {
  const there = [...objects, ...(described?.dump?.pods ?? [])];
  warnSlips(manifests, there, ['ServiceAccount', 'PriorityClass'], problems);
}

/** Devices of a node that the cluster does not have serve nobody. */
function reportStraySlices({ objects }: Inventory, cluster: TrialCluster, problems: ProblemList): void {
  const names = new Set(resolveCluster(cluster.description).nodes.map(({ name }) => name));
  for (const { kind, metadata, spec } of objects) {
    const nodeName = (spec as { readonly nodeName?: string } | null | undefined)?.nodeName ?? '';
    if (kind !== 'ResourceSlice' || nodeName === '' || names.has(nodeName)) continue;
    const message = `ResourceSlice ${metadata.name}: there is no node ${nodeName}, nobody can use its devices`;
    problems.warning({}, 'MAN-016', message, {
      hint: `the nodes of this trial: ${[...names].slice(0, 3).join(', ')}…`,
    });
  }
}

/** Trials that have nothing to be done to are told; a battery of nothing else is an error. */
function reportIdle(trials: readonly TrialName[], cases: readonly TrialCase[], problems: ProblemList): void {
  const idle = trials.filter((name) => !cases.some(({ trial }) => trial === name));
  for (const name of idle) {
    const why =
      name === 'zone-loss'
        ? 'no node has a zone (label topology.kubernetes.io/zone)'
        : 'no workload has a rolling update';
    const message = `${name} is left out: ${why}`;
    if (cases.length === 0) problems.error({}, 'MAN-015', message);
    else problems.warning({}, 'MAN-015', message);
  }
}

/** The manifests with what a dump adds to them. */
function withDump(manifests: readonly ManifestObject[], cluster: TrialCluster | null): readonly ManifestObject[] {
  const dump = cluster?.dump;
  if (dump === undefined) return manifests;
  const added = takenOver(
    dump,
    manifests.map(({ object }) => object),
  );
  return [...manifests, ...added.map((object) => ({ object, place: {}, placeOf: () => ({}) }))];
}

/** The cluster of a file with the room that a dump's pods leave. */
function roomOf(cluster: TrialCluster | null, { objects }: Inventory): TrialCluster | null {
  if (cluster?.dump === undefined) return cluster;
  const { description, kept } = withoutDumpedPods(cluster.description, cluster.dump, objects);
  const reason = `${kept} pod${kept === 1 ? ' of the dump keeps its' : 's of the dump keep their'} place: what they request is not free`;
  return { ...cluster, description, reasons: [...cluster.reasons, reason] };
}

/** A slip of the keyboard in `replicas` must not fill the memory. */
export function checkPodCount({ workloads }: Inventory, problems: ProblemList): void {
  let pods = 0;
  for (const { runnable, replicas } of workloads) if (runnable) pods += Math.max(0, replicas);
  if (pods <= PODS_MAX) return;
  const largest = workloads.reduce((left, right) => (right.replicas > left.replicas ? right : left));
  problems.error({}, 'MAN-012', `${pods} pods, expected at most ${PODS_MAX}`, {
    hint: `the most are of ${largest.id}: ${largest.replicas} replicas`,
  });
}

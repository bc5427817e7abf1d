/**
 * Reads `--cluster FILE`: a scenario file, its `cluster:` section alone, Node objects as `kubectl get nodes -o yaml` prints
 * them, or a dump with pods, budgets and priority classes.
 */
import { resolve } from 'node:path';
import { type ClusterDescription, type NodeGroup, resolveCluster } from '../../core/cluster/description.ts';
import { amountOf, type Node } from '../../core/cluster/vocabulary.ts';
import { checkCluster } from '../../scenarios/check-names.ts';
import { clusterOf } from '../../scenarios/file-to-plan.ts';
import { readManifestTexts } from '../../scenarios/files.ts';
import { knownFieldsOf } from '../../scenarios/known-fields.ts';
import { checkManifest, reportUnserved } from '../../scenarios/manifest-checks.ts';
import { type ManifestText, readManifests } from '../../scenarios/manifests.ts';
import { ProblemList } from '../../scenarios/problem.ts';
import { clusterSchema } from '../../scenarios/schema.ts';
import { reportIssues } from '../../scenarios/schema-problems.ts';
import { readYaml, type YamlDocument } from '../../scenarios/yaml-source.ts';
import { readStandardInput, STDIN_NAME } from '../cli/standard-input.ts';
import { statPath } from '../cli/stat-path.ts';
import { CLI_CODES, userError } from '../cli/user-error.ts';
import { countOf } from '../report/counted.ts';
import { type ClusterDump, DUMP_BYTES_MAX, holds, isDump, readClusterDump } from './cluster-dump.ts';
import type { TrialCluster } from './sizing.ts';

/** Highly available, as a managed control plane is. */
const CONTROL_PLANE = { apiServers: 2, schedulers: 2, controllerManagers: 2 } as const;
const ZONE_LABEL = 'topology.kubernetes.io/zone';

/** @throws UserError when `file` cannot be the cluster because it is among the manifests of `paths`: only a dump that has its nodes is both. */
export function checkTwoRoles(file: string, paths: readonly string[]): void {
  if (!paths.some((each) => resolve(each) === resolve(file))) return;
  if (file === '-') {
    const message = 'standard input holds manifests or the cluster, not both: name a file for one';
    throw userError({ code: CLI_CODES.conflict, message });
  }
  const unread = new ProblemList();
  const texts = readManifestTexts([file], unread, DUMP_BYTES_MAX);
  const values = texts.flatMap((each) => readYaml(each.file, each.text, unread, 'SCN')).map(({ value }) => value);
  if (unread.errorCount > 0 || (values.some(isDump) && values.some((value) => holds(value, ['Node'])))) return;
  throw userError({
    file,
    code: CLI_CODES.conflict,
    message: 'it is named as manifests and as --cluster; only a dump that holds its nodes, too, is both',
    hint: 'for nodes that are made to fit leave --cluster out; the nodes of yours: kubectl get nodes,pods,pdb,pc -A -o json',
  });
}

/** The cluster that `file` describes; null with problems. What a dump's pods take is no longer allocatable. */
export function readClusterFile(file: string, problems: ProblemList): TrialCluster | null {
  const found = readCluster(file, problems);
  if (found === null) return null;
  const { description, dump } = found;
  return { description, dump, text: describe(description), reasons: [`--cluster ${file}`] };
}

/** A cluster description, and the dump that it comes from if it does. */
export interface ClusterInput {
  readonly description: ClusterDescription;
  readonly dump?: ClusterDump | undefined;
}

/**
 * Reads `--cluster FILE`, telling by content what it is; null with problems. A folder, or files separated by commas, are the parts of one dump or
 * list of nodes; `-` is standard input.
 */
export function readCluster(name: string, problems: ProblemList): ClusterInput | null {
  const before = problems.errorCount;
  const texts =
    name === '-'
      ? [{ file: STDIN_NAME, text: readStandardInput(DUMP_BYTES_MAX) }]
      : readManifestTexts(filesOf(name), problems, DUMP_BYTES_MAX);
  const [first] = texts;
  if (first === undefined || problems.errorCount > before) return null;
  const parts = texts.flatMap(({ file, text }) => readYaml(file, text, problems, 'SCN'));
  if (problems.errorCount > before) return null;
  if (parts.some(({ value }) => isDump(value))) return fromDump(readClusterDump(texts, problems));
  const [document] = parts;
  if (document === undefined) {
    problems.error({ file: first.file, line: 1, column: 1 }, 'SCN-004', 'the file is empty, expected a cluster');
    return null;
  }
  const value = document.value as { kind?: unknown; cluster?: unknown } | null;
  const description =
    texts.length > 1 || (typeof value?.kind === 'string' && value.kind !== 'Scenario')
      ? fromNodes(texts, problems)
      : fromSection(document, value?.cluster === undefined ? [] : ['cluster'], problems);
  return description === null || problems.errorCount > before ? null : { description };
}

/** The name itself where there is such a file or folder, else the names between its commas. */
function filesOf(name: string): string[] {
  return statPath(name) === undefined && name.includes(',') ? name.split(',').map((part) => part.trim()) : [name];
}

function fromDump(dump: ClusterDump | null): ClusterInput | null {
  if (dump === null) return null;
  const groups = dump.nodes.map((node) => nodeGroup(node)).filter((group) => group !== null);
  return { description: { nodes: groups, controlPlane: CONTROL_PLANE }, dump };
}

function fromSection(document: YamlDocument, path: string[], problems: ProblemList): ClusterDescription | null {
  const whole = document.value as Record<string, unknown>;
  const parsed = clusterSchema.safeParse(path.length === 0 ? whole : whole['cluster']);
  if (parsed.success) {
    checkCluster(parsed.data, path, document, problems);
    return clusterOf(parsed.data);
  }
  const shifted: YamlDocument = { value: whole, place: (inner, key) => document.place([...path, ...inner], key) };
  reportIssues(parsed.error.issues, shifted, problems, (inner, value) => knownFieldsOf(['cluster', ...inner], value));
  return null;
}

function fromNodes(texts: readonly ManifestText[], problems: ProblemList): ClusterDescription | null {
  const groups: NodeGroup[] = [];
  const names = new Set<string>();
  for (const { object, place, placeOf } of readManifests(texts, problems)) {
    if (reportUnserved(object, placeOf, problems) !== '') continue;
    if (object.kind !== 'Node') {
      problems.error(place, 'SCN-032', `expected Node objects or a cluster section, found ${object.kind}`);
      return null;
    }
    if (names.has(object.metadata.name))
      problems.error(place, 'SCN-031', `two nodes are named "${object.metadata.name}"`);
    names.add(object.metadata.name);
    const { resourceVersion, ...metadata } = object.metadata;
    const before = problems.errorCount;
    checkManifest({ ...object, metadata }, placeOf, problems);
    if (problems.errorCount > before) continue;
    const group = nodeGroup(object as Node);
    if (group === null)
      problems.error(
        place,
        'SCN-033',
        `Node ${object.metadata.name}: status.allocatable must hold cpu and memory as quantities`,
      );
    else groups.push(group);
  }
  return groups.length === 0 ? null : { nodes: groups, controlPlane: CONTROL_PLANE };
}

function nodeGroup(node: Node): NodeGroup | null {
  const given = quantities(node.status?.capacity);
  const allocatable = quantities(node.status?.allocatable) ?? given;
  const capacity = given ?? allocatable;
  if (capacity === null || allocatable === null) return null;
  const { [ZONE_LABEL]: zone, ...labels } = node.metadata.labels ?? {};
  return {
    names: [node.metadata.name],
    count: 1,
    ...(zone === undefined ? {} : { zones: [zone] }),
    capacity,
    allocatable,
    labels,
    taints: (node.spec?.taints ?? [])
      .filter(({ key }) => !key.startsWith('node.kubernetes.io/'))
      .map(({ key, value, effect }) => (value === undefined ? { key, effect } : { key, value, effect })),
    ...(node.spec?.unschedulable === true ? { unschedulable: true } : {}),
  };
}

function quantities(list: Readonly<Record<string, string | number>> | undefined): Record<string, string> | null {
  if (list === undefined || list['cpu'] === undefined || list['memory'] === undefined) return null;
  try {
    for (const [name, text] of Object.entries(list)) if (amountOf(name, text) < 0) return null;
  } catch {
    return null;
  }
  return Object.fromEntries(Object.entries(list).map(([name, text]) => [name, String(text)]));
}

function describe(description: ClusterDescription): string {
  const { nodes } = resolveCluster(description);
  const zones = new Set(nodes.map(({ zone }) => zone).filter((zone) => zone !== ''));
  const where = zones.size === 0 ? 'without zones' : `in ${countOf(zones.size, 'zone')}`;
  return `${countOf(nodes.length, 'node')} ${where}`;
}

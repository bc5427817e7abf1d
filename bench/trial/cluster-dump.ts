/**
 * Reads a dump of a cluster, as `kubectl get nodes,pods,pdb,pc -A -o json` (or `-o yaml`) prints it.
 *
 * Services, owners, volumes, claims, classes and measurements are kept for whoever places the pods anew; other kinds are counted
 * and left out. Always: what is taken over has been
 * checked (names, quantities, lists where lists belong), every problem is reported; a large JSON file is read without
 * positions, its problems name the item instead.
 */
import type { KubeObject, Node, Pod } from '../../core/cluster/vocabulary.ts';
import { amountOf, controllerOf, ownKind } from '../../core/cluster/vocabulary.ts';
import { checkTypes, reportUnserved } from '../../scenarios/manifest-checks.ts';
import { type ManifestText, readManifests, reportDoubles } from '../../scenarios/manifests.ts';
import type { ProblemList } from '../../scenarios/problem.ts';
import { absurdRequests } from './request-limits.ts';

/** Largest dump, bytes. */
export const DUMP_BYTES_MAX = 400 * 1024 * 1024;
const TERMINAL: readonly string[] = ['Succeeded', 'Failed'];

/** A cluster as it was when it was dumped. */
export interface ClusterDump {
  readonly nodes: readonly Node[];
  /** Pods that are not over. */
  readonly pods: readonly Pod[];
  readonly budgets: readonly KubeObject[];
  readonly priorityClasses: readonly KubeObject[];
  /** Objects of the kinds in {@link LOOKED_UP}. */
  readonly objects: readonly KubeObject[];
  /** Objects of other kinds, and pods that are over. */
  readonly leftOut: number;
}

/** Kinds that say where pods may go or would like to. */
const LOOKED_UP: readonly string[] = [
  'Service',
  'ReplicationController',
  'ReplicaSet',
  'StatefulSet',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'StorageClass',
  'CSINode',
  'CSIDriver',
  'CSIStorageCapacity',
  'ResourceSlice',
  'DeviceClass',
  'ResourceClaim',
  'ResourceClaimTemplate',
  'DeviceTaintRule',
  'PodGroup',
  'PodMetrics',
];

/** Kinds that tell a dump from a list of nodes. */
const DUMPED: readonly unknown[] = ['Pod', 'PodDisruptionBudget', 'PriorityClass', ...LOOKED_UP];
/** Kinds that are not left out. */
const READ: readonly unknown[] = ['Node', ...DUMPED];

/** Whether a parsed document is of a dump: it is or lists something besides nodes. */
export function isDump(value: unknown): boolean {
  return holds(value, DUMPED);
}

/** Whether a parsed document is or lists an object of one of these kinds. */
export function holds(value: unknown, kinds: readonly unknown[]): boolean {
  const { kind, items } = (value ?? {}) as { kind?: unknown; items?: unknown };
  if (typeof kind !== 'string') return false;
  if (kind !== 'List' || !Array.isArray(items)) return kinds.includes(kind.replace(/List$/, ''));
  return items.some((item: { kind?: unknown } | null) => kinds.includes(item?.kind));
}

/** Takes a dump of one or several files apart; null with problems. */
export function readClusterDump(texts: readonly ManifestText[], problems: ProblemList): ClusterDump | null {
  const before = problems.errorCount;
  const items = readManifests(texts, problems);
  const nodes: Node[] = [];
  const pods: Pod[] = [];
  const budgets: KubeObject[] = [];
  const priorityClasses: KubeObject[] = [];
  const objects: KubeObject[] = [];
  let leftOut = 0;
  for (const { object: given, place, placeOf } of items) {
    const problem = problemOf(given);
    if (problem !== '') problems.error(place, 'DMP-002', problem);
    if (READ.includes(ownKind(given.kind)) && reportUnserved(given, placeOf, problems) !== '') continue;
    const object = problem === '' ? checkTypes(given, placeOf, problems) : null;
    if (object === null) continue;
    if (object.kind === 'Node') nodes.push(object as Node);
    else if (object.kind === 'PodDisruptionBudget') budgets.push(object);
    else if (object.kind === 'PriorityClass') priorityClasses.push(object);
    else if (object.kind === 'Pod' && !isOver(object as Pod)) pods.push(object as Pod);
    else if (LOOKED_UP.includes(object.kind)) objects.push(object);
    else leftOut++;
  }
  if (nodes.length === 0 && problems.errorCount === before) {
    problems.error({ file: texts[0]?.file }, 'DMP-001', 'the dump holds no Node', {
      hint: 'kubectl get nodes,pods,pdb,pc -A -o json > cluster.json',
    });
  }
  reportDoubles(
    items.filter(({ object }) => problemOf(object) === ''),
    problems,
  );
  return problems.errorCount > before ? null : { nodes, pods, budgets, priorityClasses, objects, leftOut };
}

/** A pod that stays where it is whatever a scheduler does: of a DaemonSet, or started by its kubelet alone. */
export function isPinned(pod: Pod): boolean {
  const owner = controllerOf(pod);
  return owner?.kind === 'DaemonSet' || owner?.kind === 'Node' || isMirror(pod.metadata.annotations);
}

function isMirror(annotations: Readonly<Record<string, string>> | undefined): boolean {
  return annotations?.['kubernetes.io/config.mirror'] !== undefined;
}

function isOver({ status }: Pod): boolean {
  return TERMINAL.includes(status?.phase ?? '');
}

/** '' for an object that can be used. */
function problemOf(object: KubeObject): string {
  const isObject = typeof object === 'object' && object !== null;
  if (!isObject || typeof object.kind !== 'string' || typeof object.apiVersion !== 'string') {
    return 'not an object with apiVersion and kind';
  }
  const name: unknown = object.metadata?.name;
  if (typeof name !== 'string' || name === '') return `${object.kind} without metadata.name`;
  if (object.kind === 'Node') return nodeProblem(object as Node, name);
  if (object.kind === 'PersistentVolume') return volumeProblem(object, name);
  return object.kind === 'Pod' ? podProblem(object as Pod, name) : '';
}

function nodeProblem({ status, spec }: Node, name: string): string {
  const allocatable = status?.allocatable ?? status?.capacity;
  if (badQuantities(allocatable) || allocatable?.['cpu'] === undefined || allocatable['memory'] === undefined) {
    return `Node ${name}: status.allocatable must hold cpu and memory as quantities`;
  }
  return spec?.taints !== undefined && !Array.isArray(spec.taints) ? `Node ${name}: spec.taints must be a list` : '';
}

function podProblem({ spec }: Pod, name: string): string {
  const lists = [spec?.containers, spec?.initContainers ?? []];
  if (!lists.every(Array.isArray) || spec.containers.length === 0) return `Pod ${name}: no list of containers`;
  for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
    const { requests, limits } = container?.resources ?? {};
    if (badQuantities(requests ?? {}) || badQuantities(limits ?? {})) {
      return `Pod ${name}: container ${container?.name ?? ''} asks for what is no quantity`;
    }
  }
  const [absurd] = absurdRequests(spec);
  return absurd === undefined ? '' : `Pod ${name}: ${absurd.message}`;
}

const OPERATORS: readonly unknown[] = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'];

/** Node terms of a volume go into the scheduler as they are. */
function volumeProblem({ spec }: KubeObject, name: string): string {
  const affinity = (spec as { nodeAffinity?: { required?: { nodeSelectorTerms?: unknown } } } | undefined)
    ?.nodeAffinity;
  const terms = affinity?.required?.nodeSelectorTerms ?? [];
  const isExpression = (each: { key?: unknown; operator?: unknown; values?: unknown } | null): boolean =>
    typeof each?.key === 'string' &&
    OPERATORS.includes(each.operator) &&
    (each.values === undefined ||
      (Array.isArray(each.values) && each.values.every((value) => typeof value === 'string')));
  const isTerm = (term: { matchExpressions?: unknown; matchFields?: unknown } | null): boolean =>
    [term?.matchExpressions ?? [], term?.matchFields ?? []].every(
      (list) => Array.isArray(list) && list.every(isExpression),
    );
  return Array.isArray(terms) && terms.every(isTerm)
    ? ''
    : `PersistentVolume ${name}: spec.nodeAffinity.required.nodeSelectorTerms is no list of node selector terms`;
}

function badQuantities(list: Readonly<Record<string, string | number>> | undefined): boolean {
  if (typeof list !== 'object' || list === null) return true;
  try {
    return Object.entries(list).some(([name, quantity]) => !(amountOf(name, quantity) >= 0));
  } catch {
    return true;
  }
}

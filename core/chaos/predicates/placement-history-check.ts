/**
 * SC2', SC3': what holds in a scheduler's own view when it chooses a node holds by committed history when the binding is stored, unless something explains why not.
 *
 * Explained is what the scheduler could not know when it chose: a pod that was bound, or a version of the node that was stored, after the last change that its
 * informers had taken in. What they had taken in must count. Pods that another scheduler or a person bound are no exception: they were seen or not. The rules stand
 * here plainly: room for cpu, memory and number of pods; taints, cordon, node selector and affinity; host ports; required anti-affinity on the very node, in both
 * directions. Not judged: what allocatable was before, spread over domains, volumes and devices.
 */
import type { Pid } from '../../sim/process.ts';
import { compileSelector } from '../../types/label-selector.ts';
import type { Node } from '../../types/node.ts';
import type { Pod, PodAffinityTerm } from '../../types/pod.ts';
import { isPodTerminal } from '../../types/pod-conditions.ts';
import { podRequests } from '../../types/pod-requests.ts';
import { amountOf } from '../../types/quantity.ts';
import type { WatchEvent } from '../../types/wire.ts';
import { type Judge, keyOf, listen, type Predicate, type PredicateFactory } from '../predicate.ts';
import type { Commit } from '../world.ts';
import { whyForbidden } from './scheduler-constraints-check.ts';

/** The newest revisions that a scheduler's informers have taken in. */
interface Sight {
  readonly incarnation: number;
  pods: number;
  nodes: number;
}

/** A list that an informer has taken in. */
interface Listed {
  readonly revision: number;
}

/** A pod on a node by committed history, and since which revision it is as it is. */
interface Placed {
  pod: Pod;
  revision: number;
}

/** A binding, the node as stored, and the other pods there that whoever chose it had to count. */
interface Binding {
  readonly pod: Pod;
  readonly node: Node;
  readonly known: readonly Pod[];
}

/** SC2'. */
export const roomByHistory: PredicateFactory = (judge) =>
  bindingsJudged(
    judge,
    "SC2'",
    'no binding takes more than a node has by what its scheduler had been told',
    whyTooMuch,
  );

/** SC3'. */
export const constraintsByHistory: PredicateFactory = (judge) =>
  bindingsJudged(judge, "SC3'", 'no binding is against a constraint by what its scheduler had been told', whyNotThere);

function bindingsJudged(judge: Judge, id: string, about: string, fault: (binding: Binding) => string): Predicate {
  const history = PlacementHistory.of(judge);
  const predicate: Predicate = {
    id,
    about,
    evaluations: 0,
    commitKinds: ['Pod'],
    onCommit(commit: Commit) {
      const binding = history.take(commit);
      if (binding === null) return;
      predicate.evaluations++;
      const why = fault(binding);
      if (why !== '')
        judge.violate(predicate, `pod ${keyOf(binding.pod)} is bound to ${binding.node.metadata.name}: ${why}`);
    },
  };
  return predicate;
}

class PlacementHistory {
  readonly #judge: Judge;
  /** By process; null for those that are no schedulers. */
  readonly #sights: (Sight | null | undefined)[] = [];
  /** What the scheduler had seen that has chosen a node for a pod, by uid. */
  readonly #choices = new Map<string, Sight>();
  /** By node and uid. */
  readonly #placed = new Map<string, Map<string, Placed>>();
  #commit: Commit | null = null;
  #binding: Binding | null = null;

  /** The one history that both predicates of a run read. */
  static of(judge: Judge): PlacementHistory {
    return judge.sim.observation.shared(PlacementHistory, () => new PlacementHistory(judge));
  }

  private constructor(judge: Judge) {
    this.#judge = judge;
    for (const kind of ['Pod', 'Node']) {
      listen(judge, 'informer.event', (pid, subject) => this.#seen(pid, kind, (subject as WatchEvent).revision), [
        kind,
      ]);
      listen(judge, 'informer.listed', (pid, subject) => this.#seen(pid, kind, (subject as Listed).revision), [kind]);
    }
    listen(judge, 'scheduler.assume', (pid, subject) => {
      const sight = this.#sights[pid];
      const { pod } = subject as { readonly pod: Pod };
      if (sight) this.#choices.set(pod.metadata.uid ?? '', { ...sight });
    });
  }

  #seen(pid: Pid, kind: string, revision: number): void {
    let sight = this.#sights[pid];
    if (sight === null) return;
    const { names, incarnation } = this.#judge.sim.processes;
    const life = incarnation[pid] as number;
    if (sight?.incarnation !== life) {
      sight = names[pid]?.startsWith('scheduler-') === true ? { incarnation: life, pods: 0, nodes: 0 } : null;
      this.#sights[pid] = sight;
      if (sight === null) return;
    }
    if (kind === 'Pod') sight.pods = revision;
    else sight.nodes = revision;
  }

  /** Takes a change of a pod in; the binding that it is if that can be judged, or null. */
  take(commit: Commit): Binding | null {
    if (commit === this.#commit) return this.#binding;
    this.#commit = commit;
    this.#binding = this.#take(commit);
    return this.#binding;
  }

  #take({ object, previous, revision }: Commit): Binding | null {
    const pod = object as Pod | null;
    const before = previous as Pod | null;
    const nodeName = (pod ?? before)?.spec.nodeName ?? '';
    const uid = (pod ?? before)?.metadata.uid ?? '';
    const isOver = pod === null || isPodTerminal(pod);
    if (isOver) this.#choices.delete(uid);
    if (nodeName === '') return null;
    if (isOver) {
      this.#placed.get(nodeName)?.delete(uid);
      return null;
    }
    let there = this.#placed.get(nodeName);
    if (there === undefined) {
      there = new Map();
      this.#placed.set(nodeName, there);
    }
    const known = there.get(uid);
    if (known !== undefined) {
      if (known.pod.spec !== pod.spec || known.pod.metadata.labels !== pod.metadata.labels) known.revision = revision;
      known.pod = pod;
      return null;
    }
    const sight = this.#choices.get(uid);
    const binding = before === null || sight === undefined ? null : this.#bindingOf(pod, nodeName, sight, there);
    this.#choices.delete(uid);
    there.set(uid, { pod, revision });
    return binding;
  }

  #bindingOf(pod: Pod, nodeName: string, sight: Sight, there: ReadonlyMap<string, Placed>): Binding | null {
    const node = this.#judge.world.nodeNamed(nodeName);
    // A version that the scheduler had not seen explains everything.
    if (node === undefined || Number(node.metadata.resourceVersion) > sight.nodes) return null;
    const known: Pod[] = [];
    for (const other of there.values()) if (other.revision <= sight.pods) known.push(other.pod);
    return { pod, node, known };
  }
}

function whyTooMuch({ pod, node, known }: Binding): string {
  const list = node.status?.allocatable ?? {};
  let { cpuMilli, memoryBytes } = podRequests(pod.spec);
  for (const { spec } of known) {
    const other = podRequests(spec);
    cpuMilli += other.cpuMilli;
    memoryBytes += other.memoryBytes;
  }
  const sums = { cpu: cpuMilli, memory: memoryBytes, pods: known.length + 1 };
  for (const resource of ['cpu', 'memory', 'pods'] as const) {
    const allocatable = amountOf(resource, list[resource] ?? '0');
    if (sums[resource] > allocatable) return `${resource} requested ${sums[resource]}, allocatable ${allocatable}`;
  }
  return '';
}

function whyNotThere({ pod, node, known }: Binding): string {
  const reason = whyForbidden(pod, node);
  if (reason !== '') return reason;
  for (const other of known) {
    if (sharesPort(pod, other)) return `pod ${keyOf(other)} has the same host port`;
    if (repels(pod, other, node) || repels(other, pod, node)) return `pod ${keyOf(other)} and it are to be apart`;
  }
  return '';
}

function sharesPort(left: Pod, right: Pod): boolean {
  const ports = hostPortsOf(left);
  return ports.length > 0 && hostPortsOf(right).some((port) => ports.includes(port));
}

/** `protocol/port` of each host port that is taken on all addresses. */
function hostPortsOf({ spec }: Pod): readonly string[] {
  const found: string[] = [];
  for (const { ports = [] } of spec.containers) {
    for (const { hostPort = 0, hostIP = '', protocol = 'TCP' } of ports) {
      if (hostPort > 0 && (hostIP === '' || hostIP === '0.0.0.0')) found.push(`${protocol}/${hostPort}`);
    }
  }
  return found;
}

/** Whether a required term keeps `other` off the node of `pod`, which has a value for the term's key. */
function repels(pod: Pod, other: Pod, node: Node): boolean {
  const terms = pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.some((term) => node.metadata.labels?.[term.topologyKey] !== undefined && selects(term, pod, other));
}

/** Whether the term is about the pod; what goes by labels of namespaces or of the pod itself is left out. */
function selects(term: PodAffinityTerm, owner: Pod, { metadata }: Pod): boolean {
  const { labelSelector, namespaceSelector, namespaces = [], matchLabelKeys = [], mismatchLabelKeys = [] } = term;
  if (labelSelector === undefined || namespaceSelector !== undefined) return false;
  if (matchLabelKeys.length + mismatchLabelKeys.length > 0) return false;
  const among = namespaces.length > 0 ? namespaces : [owner.metadata.namespace ?? ''];
  return among.includes(metadata.namespace ?? '') && compileSelector(labelSelector).matches(metadata.labels);
}

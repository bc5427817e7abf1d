/**
 * Listens to one run and fills the frames of its replay.
 *
 * Always: reads committed history only and changes nothing, so a run with it has the digest of a run without. A commit that
 * says nothing new about a pod's place, a node's state or a leader costs a few comparisons.
 */
import type { Jury } from '../../core/chaos/jury.ts';
import type { RunObserver, RunResult } from '../../core/chaos/run-plan.ts';
import { holderOf } from '../../core/chaos/targets.ts';
import type { Commit } from '../../core/chaos/world.ts';
import type { Cluster } from '../../core/cluster/cluster.ts';
import {
  findCondition,
  isPodReady,
  isPodTerminal,
  type KubeObject,
  type Node,
  type Pod,
} from '../../core/cluster/vocabulary.ts';
import { Timeline } from '../campaign/timeline.ts';
import { type ClusterReplay, type LeaderChange, NODE_STATES, type ReplayFault } from './cluster-replay.ts';
import { FrameColumns } from './frame-columns.ts';

/** Names kept of a fault's targets. */
const TARGETS_SHOWN_MAX = 6;
/** Most changes of leader kept of a lease. */
const LEADER_CHANGES_MAX = 200;
const KUBELET = 'kubelet-';
/** The store's leader is looked up once in so much virtual time; a group without one commits nothing and is not seen. */
const STORE_LOOK_US = 500_000;
const STORE = 'etcd (Raft)';

const ABSENT = NODE_STATES.indexOf('absent');
const READY = NODE_STATES.indexOf('Ready');
const NOT_READY = NODE_STATES.indexOf('not Ready');
const CORDONED = NODE_STATES.indexOf('cordoned');

/** How a replay is headed. */
export interface ReplayTitle {
  readonly title: string;
  readonly outcome: string;
  readonly again: string;
}

/** Listens to one run. */
export class ReplayRecorder implements RunObserver {
  readonly #timeline = new Timeline();
  readonly #leaders = new Map<string, LeaderChange[]>();
  #columns = new FrameColumns(0);
  #cluster: Cluster | null = null;
  #originUs = 0;
  #nextStoreLookUs = 0;

  begin(cluster: Cluster, jury: Jury): void {
    this.#cluster = cluster;
    this.#originUs = cluster.sim.now;
    this.#columns = new FrameColumns(cluster.description.nodes.length);
    for (const object of jury.world.of('Node').values()) this.#node(null, object);
    for (const object of jury.world.of('Lease').values()) this.#lease(object, 0);
    for (const object of jury.world.of('Pod').values()) this.#pod(null, object);
    this.#columns.sample();
    this.#timeline.begin(cluster, jury);
    jury.onCommit.push((commit) => this.#commit(commit));
  }

  /** The replay of the finished run. */
  replay(result: RunResult, title: ReplayTitle): ClusterReplay {
    const { description } = this.#cluster as Cluster;
    const columns = this.#columns;
    columns.finish(result.times.endUs);
    const zones = [...new Set(description.nodes.map(({ zone }) => zone))].sort();
    return {
      ...title,
      seed: result.seed,
      frameUs: columns.frameUs,
      frameCount: columns.frameCount,
      endUs: result.times.endUs,
      healUs: result.times.healUs,
      zones,
      nodes: description.nodes.map(({ name }) => name),
      nodeZones: zones.length < 2 ? '' : description.nodes.map(({ zone }) => zones.indexOf(zone)).join(' '),
      cells: columns.cells(),
      podsMax: columns.podsMax,
      pending: columns.series('pending'),
      readyPods: columns.series('readyPods'),
      notReadyPods: columns.series('notReadyPods'),
      notReadyNodes: columns.series('notReadyNodes'),
      leaders: Object.fromEntries([...this.#leaders].sort(([left], [right]) => (left < right ? -1 : 1))),
      faults: result.faults.filter(({ beginUs }) => beginUs >= 0).map((report) => this.#fault(report)),
      timeline: this.#timeline.entries(result),
    };
  }

  #commit(commit: Commit): void {
    const { kind, previous, object } = commit;
    if (commit.timeUs >= this.#nextStoreLookUs) this.#lookAtStore(commit.timeUs);
    if (kind !== 'Pod' && kind !== 'Node' && kind !== 'Lease') return;
    const timeUs = commit.timeUs - this.#originUs;
    if (kind === 'Lease') {
      if (object !== null) this.#lease(object, timeUs);
      return;
    }
    this.#columns.advance(timeUs);
    if (kind === 'Node') this.#node(previous, object);
    else this.#pod(previous, object);
    this.#columns.sample();
  }

  #pod(previous: KubeObject | null, object: KubeObject | null): void {
    const was = previous as Pod | null;
    const is = object as Pod | null;
    this.#countPod(was, -1);
    this.#countPod(is, 1);
    const from = placeOf(was);
    const to = placeOf(is);
    if (from === to) return;
    this.#move(from, -1);
    this.#move(to, 1);
  }

  #countPod(pod: Pod | null, change: 1 | -1): void {
    if (pod === null || isPodTerminal(pod)) return;
    const { now } = this.#columns;
    if (!pod.spec.nodeName) now.pending += change;
    else if (pod.metadata.deletionTimestamp === undefined && isPodReady(pod)) now.readyPods += change;
    else now.notReadyPods += change;
  }

  #move(node: string, change: 1 | -1): void {
    const index = node === '' ? -1 : (this.#cluster as Cluster).nodeIndex(node);
    if (index >= 0) this.#columns.addPods(index, change);
  }

  #node(previous: KubeObject | null, object: KubeObject | null): void {
    const was = stateOf(previous as Node | null);
    const is = stateOf(object as Node | null);
    if (was === is) return;
    const index = (this.#cluster as Cluster).nodeIndex((object ?? previous)?.metadata.name ?? '');
    if (index < 0) return;
    if (was === NOT_READY) this.#columns.now.notReadyNodes--;
    if (is === NOT_READY) this.#columns.now.notReadyNodes++;
    this.#columns.setState(index, is);
  }

  #lease(lease: KubeObject, timeUs: number): void {
    if (lease.metadata.namespace !== 'kube-system') return;
    this.#lead(lease.metadata.name, holderOf(lease), timeUs);
  }

  #lookAtStore(nowUs: number): void {
    const cluster = this.#cluster as Cluster;
    this.#nextStoreLookUs = nowUs + STORE_LOOK_US;
    if (cluster.instancesOf('etcd').length < 2) return;
    const leader = cluster.storeLeader();
    if (leader !== undefined) this.#lead(STORE, cluster.sim.processes.names[leader] ?? '', nowUs - this.#originUs);
  }

  #lead(name: string, holder: string, timeUs: number): void {
    let changes = this.#leaders.get(name);
    if (changes === undefined) {
      changes = [];
      this.#leaders.set(name, changes);
    }
    if (changes.at(-1)?.holder === holder || changes.length >= LEADER_CHANGES_MAX) return;
    changes.push({ timeUs, holder });
  }

  #fault({ id, kind, targets, beginUs, endUs }: RunResult['faults'][number]): ReplayFault {
    const cluster = this.#cluster as Cluster;
    const nodes = targets
      .map((name) => (name.startsWith(KUBELET) ? cluster.nodeIndex(name.slice(KUBELET.length)) : -1))
      .filter((index) => index >= 0);
    const shown = kind === 'node-crash' ? nodes.map((node) => cluster.description.nodes[node]?.name ?? '') : targets;
    return { id, kind, targets: shown.slice(0, TARGETS_SHOWN_MAX), targetCount: targets.length, nodes, beginUs, endUs };
  }
}

/** Node of a pod that takes room on it; '' for none. */
function placeOf(pod: Pod | null): string {
  return pod === null || isPodTerminal(pod) ? '' : (pod.spec.nodeName ?? '');
}

function stateOf(node: Node | null): number {
  if (node === null) return ABSENT;
  if (findCondition(node.status?.conditions, 'Ready')?.status !== 'True') return NOT_READY;
  return node.spec?.unschedulable === true ? CORDONED : READY;
}

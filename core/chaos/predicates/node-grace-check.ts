/**
 * NL1: a node is given up (Ready becomes Unknown) only when the last heartbeat that the controller has seen is older than the grace period.
 *
 * A heartbeat is a renewal with a later time than any before: of a node whose wall clock was put back the controller hears nothing until that clock has
 * caught up (node_lifecycle_controller.go, tryUpdateNodeHealth, Kubernetes 1.34).
 *
 * What counts is when its informer took the heartbeat in: a controller whose API server lags, or that was paused, knows no better. Who wrote is not in the history, so a
 * node may be given up while any running controller manager has not heard of it for so long. Half of the grace period is enough here, because the controller's
 * clock may run at another rate.
 */
import type { Pid } from '../../sim/process.ts';
import { PART_STATUS } from '../../types/changed-parts.ts';
import type { Lease } from '../../types/lease.ts';
import type { Node } from '../../types/node.ts';
import type { KubeObject } from '../../types/object.ts';
import { type Judge, listen, type Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';

const CLOCK_SLACK = 0.5;
/** What is heard so shortly before the write came after the decision, which may have waited for a paused or slow process, µs. */
const UNDER_WAY_US = 5_000_000;

/** When the last heartbeat was heard, and the last one that came clearly before it, µs. */
interface Heard {
  lastUs: number;
  beforeUs: number;
  /** The latest time of renewal; of one format, so that texts compare as times do. */
  renewTime: string;
}

/** What one instance has heard, by node. */
interface Instance {
  readonly incarnation: number;
  readonly nodes: Map<string, Heard>;
}

export function nodeGrace(judge: Judge): Predicate {
  const { sim } = judge;
  const instances = new Map<Pid, Instance>();
  /** The longest ago that a running instance has heard of the node, µs; −1 where none has. */
  const longestAgo = (name: string, nowUs: number): number => {
    let longestUs = -1;
    for (const [pid, { incarnation, nodes }] of instances) {
      const heard = nodes.get(name);
      if (heard === undefined || sim.processes.incarnation[pid] !== incarnation) continue;
      const untilUs = nowUs - UNDER_WAY_US;
      longestUs = Math.max(longestUs, nowUs - (heard.lastUs <= untilUs ? heard.lastUs : heard.beforeUs));
    }
    return longestUs;
  };
  const predicate: Predicate = {
    id: 'NL1',
    about: 'no node is given up before its last heartbeat is older than the grace period',
    evaluations: 0,
    commitKinds: ['Node'],
    commitParts: PART_STATUS,
    onCommit({ kind, object, previous, timeUs }: Commit) {
      if (kind !== 'Node' || object === null || previous === null || judge.truth === undefined) return;
      if (readyOf(object as Node) !== 'Unknown' || readyOf(previous as Node) === 'Unknown') return;
      predicate.evaluations++;
      const { name } = object.metadata;
      const agoUs = longestAgo(name, timeUs);
      const graceUs = judge.truth.nodeMonitorGraceUs;
      if (agoUs < 0 || agoUs >= graceUs * CLOCK_SLACK) return;
      const ago = Math.round(agoUs / 1_000_000);
      const what = `is given up ${ago} s after a heartbeat, the grace period is ${graceUs / 1_000_000} s`;
      judge.violate(predicate, `node ${name} ${what}`);
    },
  };
  const heard = (pid: Pid, object: KubeObject): void => {
    if (object.metadata.namespace !== 'kube-node-lease') return;
    const incarnation = sim.processes.incarnation[pid] as number;
    let instance = instances.get(pid);
    if (instance?.incarnation !== incarnation) {
      instance = { incarnation, nodes: new Map() };
      instances.set(pid, instance);
    }
    note(instance.nodes, object as Lease, sim.now);
  };
  listen(judge, 'informer.event', (pid, subject) => heard(pid, (subject as { readonly object: KubeObject }).object), [
    'Lease',
  ]);
  listen(
    judge,
    'informer.listed',
    (pid, subject) => {
      for (const object of (subject as { readonly objects: readonly KubeObject[] }).objects) heard(pid, object);
    },
    ['Lease'],
  );
  return predicate;
}

function note(nodes: Map<string, Heard>, { metadata: { name }, spec }: Lease, nowUs: number): void {
  const renewTime = spec?.renewTime ?? '';
  const known = nodes.get(name);
  if (known === undefined) {
    nodes.set(name, { lastUs: nowUs, beforeUs: Number.NEGATIVE_INFINITY, renewTime });
    return;
  }
  // Recordings leave the time out: then each renewal counts.
  if (renewTime !== '' && renewTime <= known.renewTime) return;
  known.renewTime = renewTime;
  if (nowUs - known.lastUs >= UNDER_WAY_US) known.beforeUs = known.lastUs;
  known.lastUs = nowUs;
}

function readyOf(node: Node): string {
  return node.status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? '';
}

/**
 * NL1: a node is given up (Ready becomes Unknown) only when the last heartbeat that a controller manager has seen is older than the grace period.
 *
 * What counts is when its informer took the heartbeat in: a controller whose API server lags knows no better. Half of the grace period is enough
 * here, because the controller's clock may run at another rate.
 */
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
}

export function nodeGrace(judge: Judge): Predicate {
  /** Heartbeats of each node that any controller manager took in. */
  const heard = new Map<string, Heard>();
  const predicate: Predicate = {
    id: 'NL1',
    about: 'no node is given up before its last heartbeat is older than the grace period',
    evaluations: 0,
    commitKinds: ['Node'],
    onCommit({ kind, object, previous, timeUs }: Commit) {
      if (kind !== 'Node' || object === null || previous === null || judge.truth === undefined) return;
      if (readyOf(object as Node) !== 'Unknown' || readyOf(previous as Node) === 'Unknown') return;
      predicate.evaluations++;
      const { name } = object.metadata;
      const lastUs = heardBefore(heard.get(name), timeUs - UNDER_WAY_US);
      const graceUs = judge.truth.nodeMonitorGraceUs;
      if (lastUs === undefined || timeUs - lastUs >= graceUs * CLOCK_SLACK) return;
      const ago = Math.round((timeUs - lastUs) / 1_000_000);
      const what = `is given up ${ago} s after a heartbeat, the grace period is ${graceUs / 1_000_000} s`;
      judge.violate(predicate, `node ${name} ${what}`);
    },
  };
  listen(judge, 'informer.event', (_pid, subject) => {
    const { kind, metadata } = (subject as { readonly object: KubeObject }).object;
    if (kind !== 'Lease' || metadata.namespace !== 'kube-node-lease') return;
    const { now } = judge.sim;
    const known = heard.get(metadata.name);
    if (known === undefined) heard.set(metadata.name, { lastUs: now, beforeUs: Number.NEGATIVE_INFINITY });
    else {
      if (now - known.lastUs >= UNDER_WAY_US) known.beforeUs = known.lastUs;
      known.lastUs = now;
    }
  });
  return predicate;
}

/** The last heartbeat that was heard until `untilUs`, as far as it is known. */
function heardBefore(heard: Heard | undefined, untilUs: number): number | undefined {
  if (heard === undefined) return undefined;
  return heard.lastUs <= untilUs ? heard.lastUs : heard.beforeUs;
}

function readyOf(node: Node): string {
  return node.status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? '';
}

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

export function nodeGrace(judge: Judge): Predicate {
  /** When any controller manager last took in a heartbeat of the node, µs. */
  const heardUs = new Map<string, number>();
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
      const lastUs = heardUs.get(name);
      const graceUs = judge.truth.nodeMonitorGraceUs;
      if (lastUs === undefined || timeUs - lastUs >= graceUs * CLOCK_SLACK) return;
      const ago = Math.round((timeUs - lastUs) / 1_000_000);
      const what = `is given up ${ago} s after a heartbeat, the grace period is ${graceUs / 1_000_000} s`;
      judge.violate(predicate, `node ${name} ${what}`);
    },
  };
  listen(judge, 'informer.event', (_pid, subject) => {
    const { kind, metadata } = (subject as { readonly object: KubeObject }).object;
    if (kind === 'Lease' && metadata.namespace === 'kube-node-lease') heardUs.set(metadata.name, judge.sim.now);
  });
  return predicate;
}

function readyOf(node: Node): string {
  return node.status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? '';
}

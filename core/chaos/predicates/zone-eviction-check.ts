/**
 * NL2: nodes are not given up (tainted NoExecute by the node lifecycle controller) where a network failure is the likelier cause: in a small zone of
 * which most nodes are away but not all, and when every zone is away; elsewhere a zone loses one in ten seconds.
 *
 * A state counts once it has lasted two rounds of the controller, by committed history. Source: Kubernetes 1.34 node lifecycle controller,
 * handleDisruption: more than 2 and at least 55 % of a zone's nodes, zones up to 50 nodes.
 */
import type { Node } from '../../types/node.ts';
import { isConditionTrue } from '../../types/pod-conditions.ts';
import type { Judge, Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';

const UNHEALTHY_SHARE = 0.55;
const LARGE_ZONE_NODES = 50;
/** Two rounds of the monitor, and the time a taint may be on its way, µs. */
const SETTLED_US = 15_000_000;
/** Three of a zone within half of ten seconds are too many even where a new leader begins with a token of its own. */
const BURST = 3;
const BURST_US = 5_000_000;
const GIVEN_UP: ReadonlySet<string> = new Set(['node.kubernetes.io/unreachable', 'node.kubernetes.io/not-ready']);

export function zoneEvictions(judge: Judge): Predicate {
  /** Since when a zone's nodes must not be given up, µs. */
  const stoppedUs = new Map<string, number>();
  /** When the last nodes of a zone were given up, µs. */
  const lostUs = new Map<string, readonly number[]>();
  const predicate: Predicate = {
    id: 'NL2',
    about:
      'no node is given up in a small zone of which most nodes are away, nor when all zones are, nor three at once',
    evaluations: 0,
    commitKinds: ['Node'],
    onCommit({ kind, object, previous, timeUs }: Commit) {
      if (kind !== 'Node' || object === null) return;
      const node = object as Node;
      const before = previous as Node | null;
      if (before !== null && givenUp(node) && !givenUp(before)) {
        predicate.evaluations++;
        const times = lostUs.get(zoneOf(node)) ?? [];
        lostUs.set(zoneOf(node), [...times, timeUs].slice(-BURST));
        if (times.length >= BURST - 1 && timeUs - (times.at(1 - BURST) as number) < BURST_US)
          judge.violate(predicate, `node ${node.metadata.name} is given up as the third of its zone within 5 s`);
        const sinceUs = stoppedUs.get(zoneOf(node));
        if (sinceUs !== undefined && timeUs - sinceUs >= SETTLED_US) {
          const seconds = Math.round((timeUs - sinceUs) / 1_000_000);
          judge.violate(
            predicate,
            `node ${node.metadata.name} is given up although its zone has been cut off for ${seconds} s`,
          );
        }
      }
      if (before === null || isReady(before) !== isReady(node)) note(judge, stoppedUs, timeUs);
    },
  };
  return predicate;
}

function note(judge: Judge, stoppedUs: Map<string, number>, nowUs: number): void {
  const zones = new Map<string, { nodes: number; ready: number }>();
  for (const object of judge.world.of('Node').values()) {
    const node = object as Node;
    let zone = zones.get(zoneOf(node));
    if (zone === undefined) {
      zone = { nodes: 0, ready: 0 };
      zones.set(zoneOf(node), zone);
    }
    zone.nodes++;
    if (isReady(node)) zone.ready++;
  }
  const allAway = [...zones.values()].every(({ ready }) => ready === 0);
  for (const [name, { nodes, ready }] of zones) {
    const away = nodes - ready;
    const partial = ready > 0 && away > 2 && away >= UNHEALTHY_SHARE * nodes && nodes <= LARGE_ZONE_NODES;
    if (!partial && !allAway) stoppedUs.delete(name);
    else if (!stoppedUs.has(name)) stoppedUs.set(name, nowUs);
  }
}

function givenUp(node: Node): boolean {
  return node.spec?.taints?.some(({ key, effect }) => effect === 'NoExecute' && GIVEN_UP.has(key)) === true;
}

function isReady(node: Node): boolean {
  return isConditionTrue(node.status?.conditions, 'Ready');
}

function zoneOf({ metadata }: Node): string {
  return metadata.labels?.['topology.kubernetes.io/zone'] ?? '';
}

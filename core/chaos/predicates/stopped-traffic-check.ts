/**
 * KP3: no node sends traffic to the address of a pod that stopped long ago.
 *
 * A minute in which no fault acts is long: the endpoint goes when the pod is marked for deletion, and proxies program what they hear within a second. Looked at every ten seconds at most, at
 * eight nodes in turn, for the Services of the pods' namespaces. An address that another pod has by then is no dead one.
 * A Service that publishes addresses that are not ready keeps those of pods that have stopped. (Session affinity is not modelled: nothing sends requests here.)
 */
import type { Service } from '../../types/service.ts';
import { type Judge, keyOf, listen, type Predicate } from '../predicate.ts';

const DEAD_US_MAX = 60_000_000;
const LOOK_US = 10_000_000;
const NODES_A_LOOK = 8;

interface Containers {
  readonly namespace: string;
  readonly name: string;
  /** '' on the host's network. */
  readonly ip: string;
}

/** An address whose pod has stopped. */
interface Dead {
  readonly pod: string;
  readonly namespace: string;
  readonly sinceUs: number;
}

export function stoppedTraffic(judge: Judge): Predicate {
  /** By address, oldest first. */
  const dead = new Map<string, Dead>();
  let lookedUs = 0;
  let nextNode = 0;
  const look = (): void => {
    const { sim, calmSinceUs, truth } = judge;
    if (truth === undefined || dead.size === 0 || sim.now - lookedUs < LOOK_US || calmSinceUs > sim.now) return;
    lookedUs = sim.now;
    const due = new Map<string, Dead>();
    for (const [ip, entry] of dead) {
      if (sim.now - Math.max(entry.sinceUs, calmSinceUs) < DEAD_US_MAX) break;
      due.set(ip, entry);
    }
    if (due.size === 0) return;
    predicate.evaluations += due.size;
    for (const ip of due.keys()) dead.delete(ip);
    const nodes = truth.connectedNodes();
    for (let i = 0; i < Math.min(NODES_A_LOOK, nodes.length); i++) {
      const node = nodes[nextNode++ % nodes.length] as (typeof nodes)[number];
      const found = deadTarget(judge, node.index, due);
      if (found === null) continue;
      judge.violate(predicate, `${node.name} ${found}, which stopped more than a minute ago`);
      return;
    }
  };
  const predicate: Predicate = {
    id: 'KP3',
    about: 'no node sends to the address of a pod that stopped more than a minute ago',
    evaluations: 0,
    commitKinds: ['EndpointSlice'],
    onCommit: look,
    conclude: look,
  };
  listen(judge, 'kubelet.run', (_pid, subject) => dead.delete((subject as Containers).ip));
  listen(judge, 'kubelet.stop', (_pid, subject) => {
    const { namespace, name, ip } = subject as Containers;
    if (ip === '' || judge.world.of('Service').size === 0) return;
    dead.delete(ip);
    dead.set(ip, { pod: `${namespace}/${name}`, namespace, sinceUs: judge.sim.now });
  });
  return predicate;
}

/** Whom of the dead the node sends to, as a text, or null. */
function deadTarget({ world, truth }: Judge, node: number, due: ReadonlyMap<string, Dead>): string | null {
  const namespaces = new Set([...due.values()].map(({ namespace }) => namespace));
  for (const object of world.of('Service').values()) {
    const service = object as Service;
    const { namespace = '', name } = service.metadata;
    if (!namespaces.has(namespace) || service.spec?.publishNotReadyAddresses === true) continue;
    const ip = truth?.rulesOf(node, namespace, name).find((address) => due.has(address));
    if (ip !== undefined) return `sends Service ${keyOf(service)} to ${ip} of pod ${due.get(ip)?.pod}`;
  }
  return null;
}

/**
 * KP1: the rules of a node are the slices as they were at one revision, and that never goes back.
 *
 * Each time proxies have programmed rules, one connected node in turn is looked at, for the Services whose slices changed last. Its rules must be those of some committed state that is not older than
 * the one it was seen with before. Nodes that are further behind than what is kept are not judged, which begins anew when the Service itself
 * changes. A node without rules for a Service knows nothing of it yet, or no more.
 */
import type { Endpoint, EndpointSlice } from '../../types/endpoint-slice.ts';
import type { Service } from '../../types/service.ts';
import { type Judge, keyOf, listen, type Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';
import { wantedRules } from './proxy-rules-check.ts';

const SERVICE_NAME = 'kubernetes.io/service-name';
const STATES_KEPT = 64;
/** Services looked at each time. */
const SERVICES_A_LOOK = 4;

/** All endpoints of a Service from a revision on. */
interface State {
  readonly revision: number;
  readonly endpoints: readonly Endpoint[];
}

/** What was committed of one Service. */
interface History {
  readonly slices: Map<number, readonly Endpoint[]>;
  states: State[];
  /** Whether states older than the first one are no longer known. */
  isCut: boolean;
  /** The oldest state that each node can be in, by node. */
  readonly seen: Map<number, number>;
}

type Node = ReturnType<NonNullable<Judge['truth']>['connectedNodes']>[number];

export function rulesAreStates(judge: Judge): Predicate {
  /** By `namespace/name`; those that changed last are last. */
  const histories = new Map<string, History>();
  let nextNode = 0;
  const predicate: Predicate = {
    id: 'KP1',
    about: 'the proxy rules of a node are the slices of one revision, which never goes back',
    evaluations: 0,
    commitKinds: ['EndpointSlice', 'Service'],
    onCommit({ kind, object, previous, keyId, revision }: Commit) {
      const { metadata } = (object ?? previous) as Service | EndpointSlice;
      if (kind === 'Service') {
        if (previous !== null && previous.spec !== object?.spec) cut(histories.get(keyOf({ metadata })));
        return;
      }
      const name = metadata.labels?.[SERVICE_NAME];
      if (name === undefined) return;
      const key = `${metadata.namespace}/${name}`;
      const history = histories.get(key) ?? newHistory();
      histories.delete(key);
      histories.set(key, history);
      if (object === null) history.slices.delete(keyId);
      else history.slices.set(keyId, (object as EndpointSlice).endpoints ?? []);
      history.states.push({ revision, endpoints: [...history.slices.values()].flat() });
      if (history.states.length <= 2 * STATES_KEPT) return;
      history.states = history.states.slice(-STATES_KEPT);
      history.isCut = true;
    },
  };
  listen(judge, 'proxy.sync', () => {
    const nodes = judge.truth?.connectedNodes() ?? [];
    const node = nodes[nextNode++ % Math.max(1, nodes.length)];
    if (node === undefined) return;
    for (const key of [...histories.keys()].slice(-SERVICES_A_LOOK)) {
      predicate.evaluations++;
      const rules = foreignRules(judge, node, key, histories.get(key) as History);
      if (rules === null) continue;
      const what = `sends Service ${key} to (${rules}), which its slices never said since it was looked at before`;
      judge.violate(predicate, `${node.name} ${what}`);
    }
  });
  return predicate;
}

/** A Service was changed: what its slices said before was meant for another one. */
function cut(history: History | undefined): void {
  if (history === undefined) return;
  history.states = [];
  history.isCut = true;
}

function newHistory(): History {
  return { slices: new Map(), states: [], isCut: false, seen: new Map() };
}

/** The node's rules where they are no state that it may be in; null where they are, or nothing can be said. */
function foreignRules({ world, truth }: Judge, node: Node, key: string, history: History): string | null {
  const [namespace = '', name = ''] = key.split('/');
  const rules = [...(truth?.rulesOf(node.index, namespace, name) ?? [])].sort().join(' ');
  if (rules === '' || truth === undefined) return null;
  const service = [...world.of('Service').values()].find((object) => keyOf(object) === key) as Service | undefined;
  const local = service?.spec.internalTrafficPolicy === 'Local';
  const since = history.seen.get(node.index) ?? 0;
  for (const { revision, endpoints } of history.states) {
    if (revision < since || wantedRules(endpoints, local, truth.proxyMode, node.name, node.zone).join(' ') !== rules)
      continue;
    history.seen.set(node.index, revision);
    return null;
  }
  const mayBeOlder = history.isCut && since < (history.states[0]?.revision ?? Number.POSITIVE_INFINITY);
  return mayBeOlder || service === undefined ? null : rules;
}

/**
 * KP2: at quiescence the proxy of every running, connected node sends to exactly the endpoints that the store's slices say.
 *
 * The choice of endpoints stands here a second time, plainly. Source: kube-proxy 1.34, proxy/topology.go.
 */
import { PART_BIRTH, PART_END } from '../../types/changed-parts.ts';
import type { Endpoint, EndpointSlice } from '../../types/endpoint-slice.ts';
import type { Service } from '../../types/service.ts';
import { type GroundTruth, type Judge, keyOf, type Predicate } from '../predicate.ts';
import { Settled } from '../settled.ts';
import type { Commit, World } from '../world.ts';

/** All endpoints of a service in committed slices. */
function endpointsOf(world: World, service: Service): Endpoint[] {
  const found: Endpoint[] = [];
  for (const object of world.of('EndpointSlice').values()) {
    const slice = object as EndpointSlice;
    if (slice.metadata.namespace !== service.metadata.namespace) continue;
    if (slice.metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name) found.push(...slice.endpoints);
  }
  return found;
}

/** Addresses a node must send to: sorted, duplicates kept. */
export function wantedRules(
  endpoints: readonly Endpoint[],
  local: boolean,
  mode: GroundTruth['proxyMode'],
  node: string,
  zone: string,
): string[] {
  const eligible = local ? endpoints.filter((endpoint) => endpoint.nodeName === node) : endpoints;
  const ready = eligible.filter(({ conditions }) => conditions?.ready !== false);
  const draining = eligible.filter(
    ({ conditions }) => conditions?.serving !== false && conditions?.terminating === true,
  );
  const near = local ? [] : nearest(ready, mode, node, zone);
  const wanted = [near, ready, draining].find(({ length }) => length > 0) ?? [];
  return wanted.flatMap(({ addresses }) => addresses).sort();
}

function nearest(usable: readonly Endpoint[], mode: GroundTruth['proxyMode'], node: string, zone: string): Endpoint[] {
  if (mode === 'same-node') return usable.filter(({ nodeName }) => nodeName === node);
  if (mode === 'same-zone') return usable.filter((endpoint) => zone !== '' && endpoint.zone === zone);
  const forNode = usable.filter(({ hints }) => hints?.forNodes?.some(({ name }) => name === node) === true);
  const allForNodes = usable.every(({ hints }) => (hints?.forNodes?.length ?? 0) > 0);
  if (allForNodes && forNode.length > 0) return forNode;
  const allForZones = usable.every(({ hints }) => (hints?.forZones?.length ?? 0) > 0);
  if (!allForZones || zone === '') return [];
  return usable.filter(({ hints }) => hints?.forZones?.some(({ name }) => name === zone) === true);
}

/** true if every node must send to the same endpoints. */
function sameForAll(endpoints: readonly Endpoint[], local: boolean, mode: GroundTruth['proxyMode']): boolean {
  return !local && mode === 'default' && endpoints.every(({ hints }) => hints === undefined);
}

function sameList(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((text, index) => text === right[index]);
}

/** What one service lacks at some connected node, or null. */
function serviceLacks(
  truth: GroundTruth,
  service: Service,
  endpoints: readonly Endpoint[],
  nodes: ReturnType<GroundTruth['connectedNodes']>,
): string | null {
  const { namespace = '', name } = service.metadata;
  const local = service.spec.internalTrafficPolicy === 'Local';
  const shared = sameForAll(endpoints, local, truth.proxyMode)
    ? wantedRules(endpoints, local, truth.proxyMode, '', '').join(' ')
    : null;
  /** Rules that were found right for all nodes: most nodes have the very same. */
  let right: readonly string[] | null = null;
  for (const node of nodes) {
    const rules = truth.rulesOf(node.index, namespace, name);
    if (right !== null && sameList(rules, right)) continue;
    const wanted = shared ?? wantedRules(endpoints, local, truth.proxyMode, node.name, node.zone).join(' ');
    const found = [...rules].sort().join(' ');
    if (found !== wanted)
      return `${node.name} sends Service ${keyOf(service)} to (${found}), the slices say (${wanted})`;
    if (shared !== null) right = rules;
  }
  return null;
}

export function proxyRulesMatch(judge: Judge): Predicate {
  const gone = new Map<number, Service>();
  const settled = new Settled(judge);
  const predicate: Predicate = {
    id: 'KP2',
    about: 'the proxy rules of every running, connected node equal the slices',
    evaluations: 0,
    commitKinds: ['Service'],
    commitParts: PART_BIRTH | PART_END,
    onCommit(commit: Commit) {
      if (commit.kind !== 'Service') return;
      if (commit.object === null) gone.set(commit.keyId, commit.previous as Service);
      else gone.delete(commit.keyId);
    },
    missing() {
      const { truth, world } = judge;
      if (truth === undefined || settled.holds) return null;
      const nodes = truth.connectedNodes();
      for (const object of world.of('Service').values()) {
        const service = object as Service;
        predicate.evaluations += nodes.length;
        const lack = serviceLacks(truth, service, endpointsOf(world, service), nodes);
        if (lack !== null) return lack;
      }
      for (const service of gone.values()) {
        const lack = serviceLacks(truth, service, [], nodes);
        if (lack !== null) return lack;
      }
      settled.held();
      return null;
    },
  };
  return predicate;
}

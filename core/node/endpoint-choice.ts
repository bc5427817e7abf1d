/**
 * Which endpoints of a service a node's rules lead to.
 *
 * Those of internalTrafficPolicy that are ready, if none those serving while terminating; among ready ones the mode's preference, and hints: same node if
 * every endpoint carries node hints and one names this node, else same zone likewise. Source: kube-proxy 1.34, proxy/topology.go.
 */
import type { Endpoint } from '../types/endpoint-slice.ts';
import type { ServiceRules } from './rule-table.ts';

/** `same-node` and `same-zone` prefer such endpoints whenever there are ready ones, hints or not. */
export type ProxyMode = 'default' | 'same-node' | 'same-zone';

/** The endpoints that `node` in `zone` sends to. */
export function chooseEndpoints(rules: ServiceRules, mode: ProxyMode, node: string, zone: string): readonly Endpoint[] {
  const { service, endpoints } = rules;
  if (service === null) return [];
  const isLocal = service.spec.internalTrafficPolicy === 'Local';
  const offered = isLocal ? endpoints.filter((endpoint) => endpoint.nodeName === node) : endpoints;
  const ready = offered.filter((endpoint) => endpoint.conditions?.ready !== false);
  // Whoever has to make do with those that end takes any of them.
  if (ready.length === 0)
    return offered.filter(({ conditions }) => conditions?.serving !== false && conditions?.terminating === true);
  const preferred = isLocal ? [] : preference(ready, mode, node, zone);
  return preferred.length > 0 ? preferred : ready;
}

function preference(endpoints: readonly Endpoint[], mode: ProxyMode, node: string, zone: string): readonly Endpoint[] {
  if (mode === 'same-node') return endpoints.filter((endpoint) => endpoint.nodeName === node);
  if (mode === 'same-zone') return zone === '' ? [] : endpoints.filter((endpoint) => endpoint.zone === zone);
  const hasNodes = endpoints.every((endpoint) => (endpoint.hints?.forNodes?.length ?? 0) > 0);
  if (hasNodes) {
    const here = endpoints.filter((endpoint) => endpoint.hints?.forNodes?.some(({ name }) => name === node) === true);
    if (here.length > 0) return here;
  }
  if (zone === '' || !endpoints.every((endpoint) => (endpoint.hints?.forZones?.length ?? 0) > 0)) return [];
  return endpoints.filter((endpoint) => endpoint.hints?.forZones?.some(({ name }) => name === zone) === true);
}

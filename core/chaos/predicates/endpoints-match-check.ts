/**
 * E2: at quiescence the slices of a service list exactly its ready selected pods, each once, and none that has ended.
 */
import type { EndpointSlice } from '../../types/endpoint-slice.ts';
import { compileSelector } from '../../types/label-selector.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodReady, isPodTerminal } from '../../types/pod-conditions.ts';
import type { Service } from '../../types/service.ts';
import { type Judge, keyOf, type Predicate } from '../predicate.ts';
import { Settled, UNTIL_WORK } from '../settled.ts';
import type { World } from '../world.ts';

const SERVICE_NAME = 'kubernetes.io/service-name';

/** Addresses of the ready endpoints in the slices of a service; duplicates stay. */
function readyAddresses(world: World, service: Service): string[] {
  const addresses: string[] = [];
  for (const object of world.of('EndpointSlice').values()) {
    const slice = object as EndpointSlice;
    if (slice.metadata.namespace !== service.metadata.namespace) continue;
    if (slice.metadata.labels?.[SERVICE_NAME] !== service.metadata.name) continue;
    for (const endpoint of slice.endpoints ?? []) {
      if (endpoint.conditions?.ready !== false) addresses.push(...endpoint.addresses);
    }
  }
  return addresses.sort();
}

/** The pod of an endpoint that no longer exists or has ended, or null. */
function endedTarget(world: World, { metadata }: Service): string | null {
  let live: Set<string> | null = null;
  for (const object of world.of('EndpointSlice').values()) {
    const { endpoints, metadata: own } = object as EndpointSlice;
    if (own.namespace !== metadata.namespace || own.labels?.[SERVICE_NAME] !== metadata.name) continue;
    for (const { targetRef } of endpoints ?? []) {
      if (targetRef?.kind !== 'Pod') continue;
      live ??= livePods(world);
      if (!live.has(targetRef.uid ?? '')) return targetRef.name ?? '';
    }
  }
  return null;
}

function livePods(world: World): Set<string> {
  const pods = [...world.of('Pod').values()] as Pod[];
  return new Set(pods.filter((pod) => !isPodTerminal(pod)).map(({ metadata }) => metadata.uid ?? ''));
}

/** Addresses of the ready pods that a service selects. */
function selectedAddresses(world: World, service: Service): string[] {
  const selector = compileSelector({ matchLabels: service.spec?.selector ?? {} });
  const addresses: string[] = [];
  for (const object of world.of('Pod').values()) {
    const pod = object as Pod;
    if (pod.metadata.namespace !== service.metadata.namespace || pod.metadata.deletionTimestamp !== undefined) continue;
    const ready = isPodReady(pod) || service.spec?.publishNotReadyAddresses === true;
    if (!ready || isPodTerminal(pod) || !selector.matches(pod.metadata.labels)) continue;
    if (pod.status?.podIP !== undefined) addresses.push(pod.status.podIP);
  }
  return addresses.sort();
}

export function endpointsMatch(judge: Judge): Predicate {
  const settled = new Settled(judge, UNTIL_WORK);
  const predicate: Predicate = {
    id: 'E2',
    about: 'the slices of each service list exactly its ready selected pods, each once',
    evaluations: 0,
    missing() {
      if (settled.holds) return null;
      for (const object of judge.world.of('Service').values()) {
        const service = object as Service;
        if (Object.keys(service.spec?.selector ?? {}).length === 0) continue;
        predicate.evaluations++;
        const listed = readyAddresses(judge.world, service);
        const wanted = selectedAddresses(judge.world, service);
        if (listed.join() !== wanted.join()) {
          return `Service ${keyOf(service)}: slices list ${listed.length} ready endpoints (${listed.join(' ')}), pods ready: ${wanted.length} (${wanted.join(' ')})`;
        }
        const ended = endedTarget(judge.world, service);
        if (ended !== null) return `Service ${keyOf(service)}: slices list pod ${ended}, which has ended`;
      }
      settled.held();
      return null;
    },
  };
  return predicate;
}

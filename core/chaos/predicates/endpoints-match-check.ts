/**
 * E2: at quiescence the slices of a service list exactly its selected pods, each once, as they are (ready, serving, terminating) and under the names that they have in its
 * domain, and none that has ended; and its slices carry the labels and ports of the service and say of each endpoint which pod it is, on which node and for whom.
 *
 * Source: Kubernetes documentation, EndpointSlices (conditions); DNS for Services and Pods (hostname and subdomain); Kubernetes 1.34
 * staging/src/k8s.io/endpointslice/utils.go (setEndpointSliceLabels: the service's labels are mirrored, three belong to the controller).
 */
import type { EndpointSlice } from '../../types/endpoint-slice.ts';
import { compileSelector } from '../../types/label-selector.ts';
import type { StringMap } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodReady, isPodTerminal } from '../../types/pod-conditions.ts';
import type { Service } from '../../types/service.ts';
import { type Judge, keyOf, lacks, type Predicate } from '../predicate.ts';
import { Settled, UNTIL_WORK } from '../settled.ts';
import type { World } from '../world.ts';
import { wrongDetail } from './slice-details.ts';

const SERVICE_NAME = 'kubernetes.io/service-name';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const CONTROLLER = 'endpointslice-controller.k8s.io';
/** Labels of a slice that its controller owns; a change of these alone makes it write nothing. */
const CONTROLLERS_LABELS: ReadonlySet<string> = new Set([SERVICE_NAME, MANAGED_BY, 'service.kubernetes.io/headless']);

/** What is compared of an endpoint: `10.0.0.1 ready serving as web-0`. An absent condition means ready, and serving where ready. */
function textOf(address: string, ready: boolean, serving: boolean, terminating: boolean, hostname = ''): string {
  const name = hostname === '' ? '' : ` as ${hostname}`;
  return `${address}${ready ? ' ready' : ''}${serving ? ' serving' : ''}${terminating ? ' terminating' : ''}${name}`;
}

/** The endpoints in the slices of a service that its controller manages; duplicates stay. */
function listedEndpoints(world: World, service: Service): string[] {
  const texts: string[] = [];
  for (const object of world.of('EndpointSlice').values()) {
    const { metadata, addressType, endpoints } = object as EndpointSlice;
    if (metadata.namespace !== service.metadata.namespace || addressType === 'IPv6') continue;
    if (metadata.labels?.[SERVICE_NAME] !== service.metadata.name) continue;
    if ((metadata.labels[MANAGED_BY] ?? CONTROLLER) !== CONTROLLER) continue;
    for (const { addresses, conditions, hostname } of endpoints ?? []) {
      const ready = conditions?.ready !== false;
      const serving = conditions?.serving ?? ready;
      const terminating = conditions?.terminating === true;
      for (const address of addresses) texts.push(textOf(address, ready, serving, terminating, hostname));
    }
  }
  return texts.sort();
}

/** The labels of an object that are mirrored: `app=web,tier=front`. */
function mirroredLabels({ labels = {} }: { readonly labels?: StringMap | undefined }): string {
  const own = Object.entries(labels).filter(([key]) => !CONTROLLERS_LABELS.has(key));
  return own
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join();
}

/** What is wrong with the labels of a slice that the controller manages, or null. */
function wrongLabels(world: World, { metadata }: Service): string | null {
  const wanted = mirroredLabels(metadata);
  for (const { metadata: own } of world.of('EndpointSlice').values()) {
    if (own.namespace !== metadata.namespace || own.labels?.[SERVICE_NAME] !== metadata.name) continue;
    if (own.labels[MANAGED_BY] !== CONTROLLER || own.deletionTimestamp !== undefined) continue;
    const labels = mirroredLabels(own);
    if (labels !== wanted) return `slice ${own.name} is labelled (${labels}), the service (${wanted})`;
  }
  return null;
}

/** What a slice of the service says that is not so, or null: a pod that no longer exists or has ended, and what stands beside addresses. */
function wrongSlice(world: World, service: Service): string | null {
  const { metadata } = service;
  let live: Map<string, Pod> | null = null;
  for (const object of world.of('EndpointSlice').values()) {
    const slice = object as EndpointSlice;
    const own = slice.metadata;
    if (own.namespace !== metadata.namespace || own.labels?.[SERVICE_NAME] !== metadata.name) continue;
    live ??= livePods(world);
    for (const { targetRef } of slice.endpoints ?? []) {
      if (targetRef?.kind === 'Pod' && !live.has(targetRef.uid ?? ''))
        return `slices list pod ${targetRef.name ?? ''}, which has ended`;
    }
    if (own.labels[MANAGED_BY] !== CONTROLLER || own.deletionTimestamp !== undefined) continue;
    const wrong = wrongDetail(slice, service, live);
    if (wrong !== null) return `slice ${own.name} ${wrong}`;
  }
  return null;
}

function livePods(world: World): Map<string, Pod> {
  const pods = [...world.of('Pod').values()] as Pod[];
  return new Map(pods.filter((pod) => !isPodTerminal(pod)).map((pod) => [pod.metadata.uid ?? '', pod]));
}

/** The endpoints that the pods are that a service selects: all with an address that have not ended, on nodes that there are. */
function wantedEndpoints(world: World, service: Service): string[] {
  const selector = compileSelector({ matchLabels: service.spec?.selector ?? {} });
  const texts: string[] = [];
  for (const object of world.of('Pod').values()) {
    const pod = object as Pod;
    const { namespace, labels, deletionTimestamp } = pod.metadata;
    const address = pod.status?.podIP ?? '';
    if (namespace !== service.metadata.namespace || address === '' || address.includes(':')) continue;
    if (isPodTerminal(pod) || !selector.matches(labels)) continue;
    if (world.nodeNamed(pod.spec.nodeName ?? '') === undefined) continue;
    const serving = isPodReady(pod);
    const terminating = deletionTimestamp !== undefined;
    const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating);
    const { hostname, subdomain } = pod.spec;
    const isNamed = subdomain === service.metadata.name;
    texts.push(textOf(address, ready, serving, terminating, isNamed ? hostname : ''));
  }
  return texts.sort();
}

export function endpointsMatch(judge: Judge): Predicate {
  const settled = new Settled(judge, UNTIL_WORK);
  const predicate: Predicate = {
    id: 'E2',
    about:
      'the slices of each service list exactly its selected pods, each once, as it is, by its name and for whom it is',
    evaluations: 0,
    missing() {
      if (settled.holds) return null;
      for (const object of judge.world.of('Service').values()) {
        const service = object as Service;
        if (Object.keys(service.spec?.selector ?? {}).length === 0) continue;
        predicate.evaluations++;
        const listed = listedEndpoints(judge.world, service).join(', ');
        const wanted = wantedEndpoints(judge.world, service).join(', ');
        const differing = listed === wanted ? null : `slices list (${listed}), its pods are (${wanted})`;
        const wrong = differing ?? wrongSlice(judge.world, service) ?? wrongLabels(judge.world, service);
        if (wrong !== null) return lacks(predicate, 'Service', service, `Service ${keyOf(service)}: ${wrong}`);
      }
      settled.held();
      return null;
    },
  };
  return predicate;
}

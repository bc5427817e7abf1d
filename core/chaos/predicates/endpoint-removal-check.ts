/**
 * E3: a pod that is no longer ready, or is being deleted, is soon no ready endpoint any more.
 *
 * Soon is a minute in which no fault acts and the pod stays so, and a fifth of a second more for each pod that is on its way out as well: the controller writes a few slices a second. Looked at
 * every ten seconds at most. Slices that nobody made for a Service's pods are left alone, and Services that publish addresses that are not ready. Source: Kubernetes 1.34
 * pkg/controller/endpointslice; it takes milliseconds there.
 */
import type { EndpointSlice } from '../../types/endpoint-slice.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodActive, isPodReady } from '../../types/pod-conditions.ts';
import type { Service } from '../../types/service.ts';
import { type Judge, keyOf, type Predicate } from '../predicate.ts';
import type { Commit, World } from '../world.ts';

const STALE_US_MAX = 60_000_000;
const EACH_US = 200_000;
const LOOK_US = 10_000_000;
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const SERVICE = 'kubernetes.io/service-name';

const serves = (pod: Pod | null): boolean => pod !== null && isPodActive(pod) && isPodReady(pod);

export function endpointsRemoved(judge: Judge): Predicate {
  /** Since when pods that were ready are not, by uid, oldest first, µs. */
  const lost = new Map<string, number>();
  let lookedUs = 0;
  const look = (): void => {
    const { now } = judge.sim;
    if (lost.size === 0 || now - lookedUs < LOOK_US || judge.calmSinceUs > now) return;
    lookedUs = now;
    const due = dueOf(lost, judge.calmSinceUs, now - STALE_US_MAX - EACH_US * lost.size);
    if (due.size === 0) return;
    predicate.evaluations += due.size;
    for (const uid of due) lost.delete(uid);
    const stale = staleEndpoint(judge, due);
    if (stale !== null) judge.violate(predicate, stale);
  };
  const predicate: Predicate = {
    id: 'E3',
    about: 'no pod is a ready endpoint a minute after it is not ready or is being deleted',
    evaluations: 0,
    commitKinds: ['Pod', 'EndpointSlice'],
    onCommit({ kind, object, previous, timeUs }: Commit) {
      if (kind === 'Pod') {
        const uid = (object ?? previous)?.metadata.uid ?? '';
        const is = serves(object as Pod | null);
        if (is && lost.size > 0) lost.delete(uid);
        else if (!is && serves(previous as Pod | null)) lost.set(uid, timeUs);
      }
      look();
    },
    conclude: look,
  };
  return predicate;
}

/** Those that are lost since `untilUs` or before, all of that time undisturbed. */
function dueOf(lost: ReadonlyMap<string, number>, calmSinceUs: number, untilUs: number): Set<string> {
  const due = new Set<string>();
  for (const [uid, sinceUs] of lost) {
    if (Math.max(sinceUs, calmSinceUs) > untilUs) break;
    due.add(uid);
  }
  return due;
}

function staleEndpoint(judge: Judge, uids: ReadonlySet<string>): string | null {
  for (const object of judge.world.of('EndpointSlice').values()) {
    const slice = object as EndpointSlice;
    const { labels, namespace } = slice.metadata;
    if (labels?.[MANAGED_BY] !== 'endpointslice-controller.k8s.io') continue;
    const stale = (slice.endpoints ?? []).find(
      ({ conditions, targetRef }) => conditions?.ready !== false && uids.has(targetRef?.uid ?? ''),
    );
    if (stale === undefined || publishesAll(judge.world, namespace, labels[SERVICE])) continue;
    return `EndpointSlice ${keyOf(slice)} still lists pod ${stale.targetRef?.name} as ready, which it has not been for a minute`;
  }
  return null;
}

/** Whether the Service wants every address as ready; one that is gone wants nothing any more, which excuses as well. */
export function publishesAll(world: World, namespace: string | undefined, name: string | undefined): boolean {
  for (const object of world.of('Service').values()) {
    const { metadata, spec } = object as Service;
    if (metadata.name === name && metadata.namespace === namespace) return spec.publishNotReadyAddresses === true;
  }
  return true;
}

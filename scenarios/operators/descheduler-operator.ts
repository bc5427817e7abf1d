/**
 * A descheduler: every minute it deletes pods that stand badly by its policy, and leaves it to the scheduler where they go next.
 *
 * Two strategies. `duplicates` (the default): of pods of one owner on one node all but the first go, and it never asks whether another node has
 * room. `spread`: a topology spread constraint whose fullest domain has more than maxSkew pods above the emptiest loses pods there; `soft: true`
 * takes ScheduleAnyway for as binding as DoNotSchedule.
 */
import type { KubeObject, ObjectKind, Operator, OperatorApi } from 'seatrial/controller';

const POLICY: ObjectKind = { apiVersion: 'example.com/v1', kind: 'DeschedulerPolicy' };
const POD: ObjectKind = { apiVersion: 'v1', kind: 'Pod' };
const NODE: ObjectKind = { apiVersion: 'v1', kind: 'Node' };
const INTERVAL_SECONDS = 60;

interface Policy extends KubeObject {
  readonly spec: { readonly strategy?: 'duplicates' | 'spread'; readonly soft?: boolean };
}

interface Constraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly whenUnsatisfiable: string;
}

interface Pod extends KubeObject {
  readonly spec: { readonly nodeName?: string; readonly topologySpreadConstraints?: readonly Constraint[] };
}

const operator: Operator = {
  name: 'descheduler',
  reconciles: POLICY,
  reads: [POD, NODE],
  *reconcile(api, namespace, name) {
    const policy = api.get<Policy>(POLICY, namespace, name);
    if (policy === undefined) return;
    api.requeueAfter(INTERVAL_SECONDS);
    const { strategy = 'duplicates', soft = false } = policy.spec;
    const pods = placedPods(api, namespace);
    for (const { metadata } of strategy === 'spread' ? unevenPods(api, pods, soft) : duplicatePods(pods))
      yield* api.delete(POD, namespace, metadata.name, metadata.uid);
  },
};

export default operator;

function placedPods(api: OperatorApi, namespace: string): Pod[] {
  return api.list<Pod>(POD, namespace).filter(({ metadata, spec }) => {
    return metadata.ownerReferences?.[0] !== undefined && spec.nodeName !== undefined && !metadata.deletionTimestamp;
  });
}

function ownerOf({ metadata }: Pod): string {
  return metadata.ownerReferences?.[0]?.uid ?? '';
}

function duplicatePods(pods: readonly Pod[]): Pod[] {
  const seen = new Set<string>();
  return pods.filter((pod) => {
    const place = `${ownerOf(pod)} ${pod.spec.nodeName}`;
    const again = seen.has(place);
    seen.add(place);
    return again;
  });
}

/** Of each owner and constraint the pods that would have to go elsewhere for the skew to be kept. */
function unevenPods(api: OperatorApi, pods: readonly Pod[], soft: boolean): Set<Pod> {
  const uneven = new Set<Pod>();
  for (const owner of new Set(pods.map(ownerOf))) {
    const owned = pods.filter((pod) => ownerOf(pod) === owner);
    for (const { maxSkew, topologyKey, whenUnsatisfiable } of owned[0]?.spec.topologySpreadConstraints ?? []) {
      if (whenUnsatisfiable !== 'DoNotSchedule' && !soft) continue;
      const domains = [...podsByDomain(api, owned, topologyKey)];
      for (;;) {
        domains.sort((left, right) => right.length - left.length);
        const [fullest, emptiest] = [domains[0] ?? [], domains.at(-1) ?? []];
        if (fullest.length - emptiest.length <= maxSkew) break;
        const moved = fullest.pop() as Pod;
        emptiest.unshift(moved);
        uneven.add(moved);
      }
    }
  }
  return uneven;
}

/** Pods of each domain of the nodes that have the label. */
function podsByDomain(api: OperatorApi, pods: readonly Pod[], topologyKey: string): Iterable<Pod[]> {
  const domains = new Map<string, Pod[]>();
  const domainOf = new Map<string, string>();
  for (const { metadata } of api.list(NODE, '')) {
    const domain = metadata.labels?.[topologyKey];
    if (domain === undefined) continue;
    domainOf.set(metadata.name, domain);
    domains.set(domain, []);
  }
  for (const pod of pods) domains.get(domainOf.get(pod.spec.nodeName ?? '') ?? '')?.push(pod);
  return domains.values();
}

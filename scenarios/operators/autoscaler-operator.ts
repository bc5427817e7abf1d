/**
 * A horizontal autoscaler: every 15 s it sizes the Deployment of its own name so that its pods use the target share of the cpu they request.
 *
 * As the HorizontalPodAutoscaler computes it: desired = ⌈pods × usage ÷ target⌉, within 10 % nothing changes, up by 4 pods or twofold a round
 * at most, within min and max. The usage of a pod is declared (`usage`), since nothing runs in simulated pods: one share while it starts up, another
 * later. `initializationSeconds` is the time for which a young pod counts as one that uses nothing before scaling up and as on target before scaling
 * down. Without `maxReplicas` it keeps to `minReplicas`. Not here: the five minutes for which a fall is held back, which only delay it.
 */
import type { KubeObject, ObjectKind, Operator, OperatorApi } from 'seatrial/controller';

const AUTOSCALER: ObjectKind = { apiVersion: 'example.com/v1', kind: 'Autoscaler' };
const DEPLOYMENT: ObjectKind = { apiVersion: 'apps/v1', kind: 'Deployment' };
const POD: ObjectKind = { apiVersion: 'v1', kind: 'Pod' };
const SYNC_SECONDS = 15;
const TOLERANCE = 0.1;
/** Pods that may be added at once, unless doubling gives more. */
const STEP = 4;

interface Autoscaler extends KubeObject {
  readonly spec: {
    readonly minReplicas: number;
    readonly maxReplicas?: number;
    readonly targetPercent?: number;
    /** Percent of the request. */
    readonly usage?: { readonly startPercent: number; readonly startSeconds: number; readonly percent: number };
    readonly initializationSeconds?: number;
  };
}

interface Scalable extends KubeObject {
  readonly spec: {
    readonly replicas?: number;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  };
}

interface Pod extends KubeObject {
  readonly status?: { readonly startTime?: string };
}

const operator: Operator = {
  name: 'autoscaler',
  reconciles: AUTOSCALER,
  reads: [DEPLOYMENT, POD],
  *reconcile(api, namespace, name) {
    const autoscaler = api.get<Autoscaler>(AUTOSCALER, namespace, name);
    if (autoscaler === undefined) return;
    api.requeueAfter(SYNC_SECONDS);
    const deployment = api.get<Scalable>(DEPLOYMENT, namespace, name);
    if (deployment === undefined) return;
    const replicas = deployment.spec.replicas ?? 1;
    const { minReplicas, maxReplicas = Number.POSITIVE_INFINITY } = autoscaler.spec;
    const highest = Math.min(maxReplicas, Math.max(replicas + STEP, 2 * replicas));
    const wanted = Math.max(minReplicas, Math.min(highest, desired(api, autoscaler, deployment)));
    if (wanted !== replicas) yield* api.patch(DEPLOYMENT, namespace, name, { spec: { replicas: wanted } });
  },
};

export default operator;

/** How many pods the usage asks for. */
function desired(api: OperatorApi, { spec }: Autoscaler, deployment: Scalable): number {
  const { targetPercent = 80, usage, initializationSeconds = 0 } = spec;
  const replicas = deployment.spec.replicas ?? 1;
  if (usage === undefined) return replicas;
  const ages = agesOf(api, deployment);
  const counted = ages.filter((age) => age >= initializationSeconds);
  const used = counted.reduce((sum, age) => sum + (age < usage.startSeconds ? usage.startPercent : usage.percent), 0);
  if (counted.length === 0) return replicas;
  const first = used / counted.length / targetPercent;
  if (Math.abs(1 - first) <= TOLERANCE) return replicas;
  // Young pods and missing ones: 0 before scaling up, on target before scaling down.
  const others = Math.max(replicas, ages.length) - counted.length;
  const assumed = first > 1 ? 0 : others * targetPercent;
  const ratio = (used + assumed) / (counted.length + others) / targetPercent;
  const isSame = Math.abs(1 - ratio) <= TOLERANCE || ratio > 1 !== first > 1;
  return isSame ? replicas : Math.ceil((counted.length + others) * ratio);
}

/** Seconds since each of the Deployment's pods has started; those that have not are left out. */
function agesOf(api: OperatorApi, { metadata, spec }: Scalable): number[] {
  const labels = Object.entries(spec.selector.matchLabels);
  return api.list<Pod>(POD, metadata.namespace ?? '').flatMap((pod) => {
    const isOurs = labels.every(([key, value]) => pod.metadata.labels?.[key] === value);
    const { startTime } = pod.status ?? {};
    if (!isOurs || pod.metadata.deletionTimestamp !== undefined || startTime === undefined) return [];
    return [(api.nowMs() - Date.parse(startTime)) / 1000];
  });
}

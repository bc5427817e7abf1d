/**
 * Who writes a field again that somebody else has changed, and when: nobody looks at a field all the time.
 *
 * Source: Kubernetes 1.34 (kubelet status manager, node status every 5 min where nothing changes, leader election's renewals, the controllers' syncs).
 */

/** Who writes it again, and when. */
interface FieldOwner {
  readonly who: string;
  readonly when: string;
}

/** By `Kind field`; the first that fits counts. */
const OWNERS: readonly [of: RegExp, who: string, when: string][] = [
  [/^Pod status\b/, 'its kubelet', 'when the pod or a container of it changes'],
  [/^Node status\b/, 'its kubelet', 'every 5 minutes, or when a condition changes'],
  [/^Node spec\.taints\b/, 'the node lifecycle controller', 'when a condition of the node changes'],
  [/^Lease spec\b/, 'its holder', 'at its next renewal'],
  [
    /^ReplicaSet (status|spec\.replicas)\b/,
    'the ReplicaSet or Deployment controller',
    'when one of them or a pod changes',
  ],
  [/^EndpointSlice (endpoints|ports)\b/, 'the endpoint slice controller', 'when the Service or a pod of it changes'],
  [/^(Deployment|StatefulSet|DaemonSet|Job) status\b/, 'its controller', 'when it or a pod of it changes'],
  [/^PodDisruptionBudget status\b/, 'the disruption controller', 'when the budget or a pod of it changes'],
  [/^PersistentVolume(Claim)? status\b/, 'the volume controller', 'when the claim or the volume changes'],
];

/** Who rewrites a field (dotted path) of a kind; null: nobody, it stays until somebody puts it back. */
export function ownerOf(kind: string, field: string): FieldOwner | null {
  const found = OWNERS.find(([of]) => of.test(`${kind} ${field}`));
  return found === undefined ? null : { who: found[1], when: found[2] };
}

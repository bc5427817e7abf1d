/**
 * A pod's status as the server reads it: the address and the list of addresses say the same, and statuses of containers have all that theirs must
 * have. Source: Kubernetes 1.34, pkg/apis/core/v1/conversion.go Convert_v1_PodStatus_To_core_PodStatus and back; API types of ContainerStatus.
 */
import { isRecord } from '../json-value.ts';
import type { ContainerStatus, Pod, PodStatus } from '../pod.ts';

const WHOLE = { image: '', imageID: '', ready: false, restartCount: 0 };

function wholeStatuses(statuses: readonly ContainerStatus[] | undefined): readonly ContainerStatus[] | undefined {
  return Array.isArray(statuses) ? statuses.map((each) => (isRecord(each) ? { ...WHOLE, ...each } : each)) : statuses;
}

/**
 * `pod` with its status completed; itself where that is none. Of two different addresses the single one is right; what was there before, `old`, keeps
 * its QoS class and generation (registry/core/pod podStatusStrategy.PrepareForUpdate).
 */
export function withWholePodStatus(pod: Pod, old: PodStatus = {}): Pod {
  const { status = {} } = pod;
  if (!isRecord(status)) return pod;
  const { podIP = '', podIPs } = status as PodStatus;
  const [first] = podIPs ?? [];
  const next = { ...(status as PodStatus) };
  if ((next.qosClass ?? '') === '' && old.qosClass !== undefined) next.qosClass = old.qosClass;
  if ((next.observedGeneration ?? 0) === 0 && old.observedGeneration !== undefined)
    next.observedGeneration = old.observedGeneration;
  if (podIP !== '' && first?.ip !== podIP) next.podIPs = [{ ip: podIP }];
  else if (first !== undefined) next.podIP = first.ip;
  for (const list of ['containerStatuses', 'initContainerStatuses'] as const) {
    const whole = wholeStatuses(next[list]);
    if (whole !== undefined) next[list] = whole;
  }
  return { ...pod, status: next };
}

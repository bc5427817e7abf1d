/**
 * Observation points, bug switches and marks of the node side.
 */
import { defineBug, defineMark, definePoint } from '../sim/registry.ts';

/** Subject: {@link Admission}. */
export const POINT_ADMIT = definePoint('kubelet.admit', 'a kubelet admitted a pod: node, pod, used and allocatable');
/** Subject: {@link RunningPod}. */
export const POINT_RUN = definePoint('kubelet.run', 'the containers of a pod run on a node');
/** Subject: a RestartedContainer, before the pod's run where it is the only one that runs. */
export const POINT_RESTART = definePoint('kubelet.restart', 'a container of a pod is started again');
/** Subject: {@link StoppedPod}. */
export const POINT_STOP = definePoint('kubelet.stop', 'the containers of a pod no longer run on a node');
/** Subject: {@link ProxySync}. */
export const POINT_PROXY_SYNC = definePoint('proxy.sync', 'proxies programmed a version of the rule table');

export const BUG_ADMITS_ALL = defineBug('kubelet-admits-all', 'a kubelet admits pods without looking for room');
export const BUG_HIDES_REFUSAL = defineBug('kubelet-hides-refusal', 'a kubelet refuses a pod and tells nobody');
export const BUG_REUSES_IP = defineBug(
  'kubelet-reuses-ip',
  'the address of a stopping pod is given to the next pod at once',
);
export const BUG_READY_EARLY = defineBug(
  'kubelet-ready-early',
  'a pod is reported Ready when started, without waiting for its readiness',
);
export const BUG_STOPS_READY = defineBug(
  'kubelet-stops-ready',
  'a pod that is being stopped counts as one that has been ready',
);
export const BUG_RESTARTS_AT_ONCE = defineBug(
  'kubelet-restarts-at-once',
  'a container that has crashed is started again without a back-off',
);
export const BUG_SKIPS_PRE_STOP = defineBug(
  'kubelet-skips-pre-stop',
  'containers are stopped without a run of their preStop hook',
);
export const BUG_RESTARTS_ENDED = defineBug(
  'kubelet-restarts-never',
  'after a power loss a pod is started again whatever its restart policy says',
);
export const BUG_STARTS_DELETED = defineBug(
  'kubelet-starts-deleted',
  'a pod that is being deleted when its kubelet hears of it first is started',
);
export const BUG_IGNORES_SOURCES = defineBug(
  'kubelet-ignores-sources',
  'a kubelet starts pods without the ConfigMaps, Secrets and claims that they need',
);
export const BUG_ENDS_FAILING = defineBug(
  'kubelet-ends-failing',
  'a pod whose containers are restarted on failure ends when one has failed',
);
export const BUG_FORGETS_PODS = defineBug(
  'kubelet-forgets-pods',
  'a kubelet whose watch has broken takes it that it has no pods until it has listed them again',
);
export const BUG_DELETES_ONCE = defineBug(
  'kubelet-deletes-once',
  'a kubelet does not repeat a final deletion that has failed',
);
export const BUG_REMOVES_UNTOLD = defineBug(
  'kubelet-removes-untold',
  'a kubelet removes a pod that has ended and is deleted without looking whether its end was told',
);
export const BUG_KEEPS_REASONS = defineBug(
  'kubelet-keeps-reasons',
  'a kubelet does not take back why a condition was false when that is true',
);
export const BUG_PROXY_DROPS = defineBug('proxy-drops-slice', 'each proxy misses one change of a slice in four');
export const BUG_PROXY_ADDS_ONLY = defineBug(
  'proxy-adds-only',
  'proxies take in new endpoints of a slice, and no change or end of those that they know',
);

export const MARK_REJECTED = defineMark('kubelet-rejected', 'a kubelet refused a pod that had been bound to it');
export const MARK_PREEMPTED = defineMark('kubelet-preempted', 'a kubelet killed a pod to make room for a critical one');
export const MARK_ADOPTED = defineMark(
  'kubelet-adopted',
  'a restarted kubelet found containers of a pod still running',
);
export const MARK_REBOOTED = defineMark('kubelet-rebooted', 'a pod is started again after its machine was off');
export const MARK_ORPHAN = defineMark('kubelet-orphan', 'a pod vanished from the API while its containers ran');
export const MARK_WAITS_FOR_OLD = defineMark('kubelet-waits-for-old', 'a pod waits for an older one of the same name');
export const MARK_LEASE_CONFLICT = defineMark('kubelet-lease-conflict', 'a lease renewal met another version');
export const MARK_STATUS_RETRY = defineMark('kubelet-status-retry', 'a pod status had to be written again');
export const MARK_LEFT_COHORT = defineMark('kubelet-left-cohort', 'a node renewed its lease outside the cohort');
export const MARK_NO_ADDRESS = defineMark('kubelet-no-address', 'a node had no pod address left');
export const MARK_PROXY_BEHIND = defineMark('proxy-behind', 'a proxy missed a version and caught up later');

/** What a kubelet weighed when it admitted a pod: thousandths of a core and bytes, the pod included in `used`. */
export interface Admission {
  readonly node: string;
  readonly podUid: string;
  readonly used: { readonly cpuMilli: number; readonly memoryBytes: number; readonly pods: number };
  readonly allocatable: { readonly cpuMilli: number; readonly memoryBytes: number; readonly pods: number };
}

/** A pod whose containers really run, wherever the API thinks it is. */
export interface RunningPod {
  readonly node: string;
  readonly namespace: string;
  readonly name: string;
  readonly podUid: string;
  /** '' for pods on the host's network. */
  readonly ip: string;
  /** True time at which its containers were started last, µs. */
  readonly sinceUs: number;
  /** How often its first container has been started again, as its kubelet reports it. */
  readonly restarts: number;
}

/** A container, by its index among those of its pod that are no init containers. */
export interface RestartedContainer {
  readonly podUid: string;
  readonly container: number;
}

/** A pod whose containers have just stopped running. */
export interface StoppedPod extends RunningPod {
  /** Its kubelet stopped them; false: they ended of themselves (their sidecars after them), somebody killed them, or their machine lost power. */
  readonly byKubelet: boolean;
}

/** Proxies of `count` nodes now have `version`. */
export interface ProxySync {
  readonly version: number;
  readonly count: number;
}

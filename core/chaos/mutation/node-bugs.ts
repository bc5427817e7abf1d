/**
 * Planted bugs of kubelets and proxies, each in a situation that shows it.
 */
import type { KubeObject } from '../../types/object.ts';
import {
  annotated,
  at,
  deployment,
  drain,
  job,
  type PlantedBug,
  planted,
  pod,
  S,
  scale,
  service,
  setImage,
  unrestarted,
} from './situation.ts';
import { apply, held, onFailure, refusedPods, remove } from './sound-steps.ts';

/** The pod with variables from a ConfigMap. */
function configured(object: KubeObject): KubeObject {
  const { containers } = object.spec as { readonly containers: readonly object[] };
  const envFrom = [{ configMapRef: { name: 'settings' } }];
  return {
    ...object,
    spec: { ...(object.spec as object), containers: containers.map((each) => ({ ...each, envFrom })) },
  };
}

const crowdedKubelet = planted('K2', 'kubelet-admits-all', 1, {
  capacity: { cpu: '1', memory: '8Gi' },
  workload: [1, 2, 3].map((n) => pod(`pinned-${n}`, { cpu: '600m', nodeName: 'node-0' })),
});

const silentRefusal = planted('SC9', 'kubelet-hides-refusal', 1, {
  capacity: { cpu: '1', memory: '8Gi' },
  workload: [1, 2].map((n) => pod(`pinned-${n}`, { cpu: '600m', nodeName: 'node-0' })),
  boundS: 60,
});

const sharedAddress = planted('K7', 'kubelet-reuses-ip', 3, {
  nodes: 1,
  workload: [deployment(3, { preStopSleepSeconds: 15 })],
  operations: [setImage(20)],
  safetyS: 90,
});

const staleRules = planted('KP2', 'proxy-drops-slice', 5, {
  workload: [deployment(3), service],
  operations: [scale(20, 5)],
});

const earlyReady = planted('K4', 'kubelet-ready-early', 1, { workload: [deployment(2, { readyAfterSeconds: 10 })] });

/** They are stopped before they can have been ready, and that they run at all is told meanwhile. */
const readyAtTheEnd = planted('K4', 'kubelet-stops-ready', 1, {
  workload: [annotated(deployment(1, { preStopSleepSeconds: 20 }), { 'seatrial.dev/ready-after': '60s' })],
  operations: [scale(17, 3), scale(22, 1)],
  faults: [refusedPods('f1', 'patch', 16, 9)],
  predicates: ['K4'],
});

/** Its container ends five seconds after each start. */
const restlessPod = planted('K1', 'kubelet-restarts-at-once', 1, {
  workload: [annotated(pod('crashing'), { 'seatrial.dev/crash-after': '5s' })],
  operations: [{ kind: 'delete', atUs: 80 * S, workload: 'Pod/demo/crashing' }],
  safetyS: 90,
});

const skippedHook = planted('K3', 'kubelet-skips-pre-stop', 1, {
  workload: [deployment(3, { preStopSleepSeconds: 10 })],
  operations: [scale(20, 1)],
});

/** A pod that is not to be restarted runs on a node that loses power. */
const restartedPod = planted('K1', 'kubelet-restarts-never', 1, {
  workload: [unrestarted(pod('once', { nodeName: 'node-0' }))],
  faults: [{ kind: 'node-crash', id: 'f1', target: { node: 'node-0' }, trigger: at(20), forUs: 20 * S }],
});

const SETTINGS: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'demo' } };

/** What it is configured by comes later than the pod. */
const unconfiguredPod = planted('K9', 'kubelet-ignores-sources', 1, {
  workload: [configured(pod('early'))],
  operations: [apply(15, SETTINGS)],
});

/** It comes and is deleted, and held by somebody, while no kubelet looks. */
const deletedPod = planted('K9', 'kubelet-starts-deleted', 1, {
  workload: [pod('stays')],
  operations: [
    apply(22, held(pod('going', { nodeName: 'node-0' }))),
    remove(24, 'Pod/demo/going'),
    apply(55, held(pod('going'), [])),
  ],
  faults: [{ kind: 'kubelet-stop', id: 'f1', target: { node: 'node-0' }, trigger: at(20), forUs: 10 * S }],
});

/** The API server is away for a few seconds. */
const forgottenPods = planted('K6', 'kubelet-forgets-pods', 1, {
  workload: [deployment(3)],
  operations: [scale(40, 2)],
  faults: [
    {
      kind: 'process-crash',
      id: 'f1',
      target: { component: 'apiserver', instance: 0 },
      trigger: at(20),
      forUs: 5 * S,
    },
  ],
});

/** The API server refuses deletions when pods have been told to stop. */
const stuckPod = planted('DL1', 'kubelet-deletes-once', 1, {
  workload: [deployment(6)],
  operations: [scale(20, 3), scale(59.8, 2)],
  faults: [refusedPods('f1', 'delete', 20.1, 3)],
  boundS: 90,
});

/** The API server does not hear that they have ended, and takes their deletion. */
const untoldEnd = planted('K3', 'kubelet-removes-untold', 1, {
  workload: [annotated(job(2, { podReplacementPolicy: 'Failed' }), { 'seatrial.dev/run-for': '6s' })],
  operations: [drain(14, 'node-0'), drain(14, 'node-1')],
  faults: [refusedPods('unheard', 'patch', 5, 8)],
  predicates: ['K3'],
});

const endedForGood = planted('K8', 'kubelet-ends-failing', 1, {
  workload: [onFailure(annotated(job(1), { 'seatrial.dev/exit': 'error' }))],
  predicates: ['K8'],
});

const keptReason = planted('K8', 'kubelet-keeps-reasons', 1, {
  workload: [deployment(2, { readyAfterSeconds: 3 })],
  predicates: ['K8'],
});

const mixedRules = planted('KP1', 'proxy-adds-only', 1, {
  // Nobody takes the addresses of stopped pods away either.
  consequences: ['KP3'],
  workload: [deployment(4), service],
  operations: [scale(20, 2), scale(30, 4)],
  safetyS: 40,
});

const deadEndpoints = planted('KP3', 'proxy-adds-only', 1, {
  workload: [deployment(4), service],
  operations: [scale(20, 2), scale(82, 3)],
  safetyS: 90,
  predicates: ['KP3'],
});

export const NODE_BUGS: readonly PlantedBug[] = [
  crowdedKubelet,
  silentRefusal,
  sharedAddress,
  staleRules,
  earlyReady,
  readyAtTheEnd,
  restlessPod,
  skippedHook,
  restartedPod,
  unconfiguredPod,
  deletedPod,
  forgottenPods,
  stuckPod,
  untoldEnd,
  endedForGood,
  keptReason,
  mixedRules,
  deadEndpoints,
];

/**
 * Planted bugs of kubelets and proxies, each in a situation that shows it.
 */
import { annotated, deployment, type PlantedBug, planted, pod, S, scale, service, setImage } from './situation.ts';

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

export const NODE_BUGS: readonly PlantedBug[] = [
  crowdedKubelet,
  silentRefusal,
  sharedAddress,
  staleRules,
  earlyReady,
  restlessPod,
  skippedHook,
];

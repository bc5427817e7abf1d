/**
 * How long it takes to stop the containers of a pod.
 *
 * Source: Kubernetes 1.34.1, kuberuntime_container.go (killContainer, minimumGracePeriodInSeconds), kuberuntime_termination_order.go (waitForTurn).
 */
import type { PodScript } from './pod-script.ts';

/** What an application has at least between SIGTERM and SIGKILL, whatever its hook or the wait for its turn has used, µs. */
export const GRACE_US_MIN = 2_000_000;
const SECOND_US = 1_000_000;

/** What is left for the application after its preStop hook, which is cut off at the end of the grace, µs. */
function leftUs(preStopUs: number, graceUs: number): number {
  return Math.max(graceUs - preStopUs, GRACE_US_MIN);
}

/** Whether the application is still there at the end of its grace, and is killed. */
export function isKilled({ preStopUs, stopUs }: Pick<PodScript, 'preStopUs' | 'stopUs'>, graceUs: number): boolean {
  return stopUs > leftUs(preStopUs, graceUs);
}

/**
 * From the beginning of the stop to the end of the last container, µs. Sidecars get their signal one after the other, the last first, once the others have
 * ended or the grace is over. `preStopUs` is the longest hook.
 */
export function stopTimeUs(
  { stopUs, sidecars, sidecarStopUs }: Pick<PodScript, 'stopUs' | 'sidecars' | 'sidecarStopUs'>,
  preStopUs: number,
  graceUs: number,
): number {
  let endUs = Math.min(preStopUs, graceUs) + Math.min(stopUs, leftUs(preStopUs, graceUs));
  for (let i = 0; i < sidecars; i++) {
    const turnUs = Math.min(endUs, graceUs);
    // The kubelet counts what was waited in whole seconds.
    const waitedUs = Math.floor(turnUs / SECOND_US) * SECOND_US;
    endUs = Math.max(endUs, turnUs + Math.min(sidecarStopUs, leftUs(waitedUs, graceUs)));
  }
  return endUs;
}

/**
 * How long it takes to stop the containers of a pod.
 *
 * Source: Kubernetes 1.34.1, kuberuntime_container.go (killContainer, minimumGracePeriodInSeconds), kuberuntime_termination_order.go (waitForTurn).
 */
import type { PodScript } from './pod-script.ts';

/** What an application has at least between SIGTERM and SIGKILL, whatever its hook or the wait for its turn has used, µs. */
export const GRACE_US_MIN = 2_000_000;
const SECOND_US = 1_000_000;

function wholeSeconds(us: number): number {
  return Math.floor(us / SECOND_US) * SECOND_US;
}

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
 * ended or the grace is over; their hooks run at once, with those of the others. `preStopUs` is the longest hook of these.
 */
export function stopTimeUs(
  { stopUs, sidecarHooksUs, sidecarStopUs }: Pick<PodScript, 'stopUs' | 'sidecarHooksUs' | 'sidecarStopUs'>,
  preStopUs: number,
  graceUs: number,
): number {
  let endUs = Math.min(preStopUs, graceUs) + Math.min(stopUs, leftUs(preStopUs, graceUs));
  for (let i = sidecarHooksUs.length - 1; i >= 0; i--) {
    const hookUs = Math.min(sidecarHooksUs[i] as number, graceUs);
    // The kubelet counts what was used up in whole seconds.
    const afterHookUs = graceUs - wholeSeconds(hookUs);
    const turnUs = Math.max(hookUs, Math.min(endUs, hookUs + afterHookUs));
    const usedUs = wholeSeconds(hookUs) + wholeSeconds(turnUs - hookUs);
    endUs = Math.max(endUs, turnUs + Math.min(sidecarStopUs, leftUs(usedUs, graceUs)));
  }
  return endUs;
}

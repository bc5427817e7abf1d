/**
 * When a kubelet comes back to a pod whose container or image has failed.
 *
 * The wait is over only at a sync of the pod's worker after it: a sync that fails is repeated after 10 s and up to half of that more.
 * Source: Kubernetes 1.34.1, kubelet.go (backOffPeriod, imageBackOffPeriod, MaxImageBackOff), pod_workers.go (completeWork), client-go flowcontrol.Backoff.
 */
import type { Pod } from '../types/pod.ts';
import type { FleetState } from './fleet-state.ts';

const BACKOFF_US = 10_000_000;
const BACKOFF_US_MAX = 300_000_000;
const RESYNC_US = 10_000_000;
const RESYNC_JITTER_US = 5_000_000;
const DRAW_RESYNC = 0x4e5_71c;

/** Longest time from the end of a back-off to the sync that sees it, µs. */
export const RESYNC_US_MAX = RESYNC_US + RESYNC_JITTER_US;

/** 10 s, 20 s … 300 s for the n-th wait, n from 0. */
export function backOffUs(n: number): number {
  return Math.min(BACKOFF_US * 2 ** Math.min(n, 10), BACKOFF_US_MAX);
}

/** A back-off as Go writes durations of whole seconds: `40s`, `1m20s`, `5m0s`. */
export function backOffText(us: number): string {
  const seconds = us / 1_000_000;
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds % 60}s`;
}

/** From a sync of the pod in `row` that has failed to the next one, µs, by a draw. */
export function resyncUs(state: FleetState, row: number): number {
  const { uid = '' } = (state.pods.pod[row] as Pod).metadata;
  return RESYNC_US + state.draw(uid, Math.floor(state.sim.now / 1_000) ^ DRAW_RESYNC, RESYNC_JITTER_US + 1);
}

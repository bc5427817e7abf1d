/**
 * Counts that may be percentages (`maxSurge`, `minAvailable` …). Source: Kubernetes 1.34, apimachinery util/intstr.
 */
import type { IntOrString } from './object.ts';

const PERCENT = /^(\d{1,9})%$/;

/** The number before `%`, or undefined when the value is no percentage. */
export function percentOf(value: IntOrString): number | undefined {
  if (typeof value === 'number') return undefined;
  const match = PERCENT.exec(value);
  return match === null ? undefined : Number(match[1]);
}

/** Whether a value is an integer or a percentage. */
export function isIntOrPercent(value: IntOrString): boolean {
  return typeof value === 'number' ? Number.isInteger(value) : PERCENT.test(value);
}

/** The count that `value` means out of `total`; percentages are rounded up or down. Values that are neither count 0. */
export function scaledValue(value: IntOrString | undefined, total: number, roundUp: boolean): number {
  if (value === undefined) return 0;
  if (typeof value === 'number') return value;
  const percent = percentOf(value);
  if (percent === undefined) return 0;
  const product = percent * total;
  return roundUp ? Math.ceil(product / 100) : Math.floor(product / 100);
}

/** Pods above `replicas` that a rollout may create: `maxSurge`, rounded up. */
export function surgeOf(maxSurge: IntOrString | undefined, replicas: number): number {
  return scaledValue(maxSurge, replicas, true);
}

/**
 * Pods below `replicas` that a rollout may miss: `maxUnavailable`, rounded down, but 1 when that and the surge are both 0,
 * since a rollout could never start otherwise. Source: deployment util ResolveFenceposts.
 */
export function unavailableOf(
  maxUnavailable: IntOrString | undefined,
  maxSurge: IntOrString | undefined,
  replicas: number,
): number {
  const unavailable = scaledValue(maxUnavailable, replicas, false);
  return unavailable === 0 && surgeOf(maxSurge, replicas) === 0 ? 1 : unavailable;
}

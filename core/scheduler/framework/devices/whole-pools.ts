/**
 * Which pools devices are allocated from since Kubernetes 1.36: those of which every slice is there, whichever nodes they are for, and nothing
 * contradicts itself, in the order of their names; pools with binding conditions come last. Source: Kubernetes 1.36.3,
 * dynamic-resource-allocation/structured (GatherPools, buildPool, checkSlicesInPool).
 */
import { type Device, generationOf, type ResourceSlice } from '../../../types/device.ts';
import type { DevicePool } from './pools.ts';

/** How a pool stands of which a node reaches some slices, all of one generation: `obsolete` ones are being replaced and count as not there. */
export function standingOf(
  reached: readonly ResourceSlice[],
  ofPool: readonly ResourceSlice[],
): 'whole' | 'incomplete' | 'obsolete' {
  const [first] = reached;
  if (first === undefined) return 'obsolete';
  const announced = first.spec?.pool?.resourceSliceCount ?? 0;
  if (reached.length === announced) return 'whole';
  const generation = generationOf(first);
  if (ofPool.some((slice) => generationOf(slice) > generation)) return 'obsolete';
  return ofPool.filter((slice) => generationOf(slice) === generation).length === announced ? 'whole' : 'incomplete';
}

/** What contradicts itself in a whole pool, `''` for nothing. `counted`: all its slices with counters, or devices that take from them. */
export function contradictionIn(reached: readonly ResourceSlice[], counted: readonly ResourceSlice[]): string {
  const devices = new Set<string>();
  for (const slice of reached) {
    for (const { name } of devicesOf(slice)) {
      if (devices.has(name)) return `duplicate device name ${name}`;
      devices.add(name);
    }
  }
  const sets = new Map<string, object>();
  for (const { name, counters = {} } of counted.flatMap(({ spec }) => spec?.sharedCounters ?? [])) {
    if (sets.has(name)) return `duplicate counter set name ${name}`;
    sets.set(name, counters);
  }
  for (const { consumesCounters } of counted.flatMap(({ spec }) => spec?.devices ?? [])) {
    for (const { counterSet = '', counters = {} } of consumesCounters ?? []) {
      const set = sets.get(counterSet);
      if (set === undefined) return `counter set ${counterSet} not found`;
      const missing = Object.keys(counters).find((name) => !Object.hasOwn(set, name));
      if (missing !== undefined) return `counter ${missing} not found in counter set ${counterSet}`;
    }
  }
  return '';
}

/** The devices of a slice; one with counters for the devices of others has none of its own. */
export function devicesOf(slice: ResourceSlice): readonly Device[] {
  return hasCounterSets(slice) ? [] : (slice.spec?.devices ?? []);
}

/** Whether a slice has counters for the devices of others. */
export function hasCounterSets({ spec }: ResourceSlice): boolean {
  return (spec?.sharedCounters ?? []).length > 0;
}

/** By driver and name, those with binding conditions behind the others. */
export function inOrder(pools: readonly DevicePool[]): readonly DevicePool[] {
  return [...pools].sort(
    (a, b) => Number(isBound(a)) - Number(isBound(b)) || compare(a.driver, b.driver) || compare(a.name, b.name),
  );
}

/** Slices of a pool in the order in which their devices are tried. */
export function byName(slices: readonly ResourceSlice[]): readonly ResourceSlice[] {
  return [...slices].sort((a, b) => compare(a.metadata.name, b.metadata.name));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function isBound({ devices }: DevicePool): boolean {
  return devices.some(({ device }) => device.bindingConditions !== undefined);
}

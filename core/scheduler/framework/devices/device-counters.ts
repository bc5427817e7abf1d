/**
 * Devices that are parts of one piece of hardware: each takes from counters of its pool, and is to be had while these are not used up. Source:
 * Kubernetes 1.36 and 1.37, resource.k8s.io/v1 (CounterSet, DeviceCounterConsumption), gates DRAPartitionableDevices and
 * DRADeviceCompatibilityGroups.
 *
 * Devices count that some claim holds, wherever they can be reached from, once each, however many hold them. A counter that no slice of the pool
 * has is used up. With compatibility groups all devices in use that take from one set have a group in common, or all of them none.
 */
import type { CounterConsumption, Device, ResourceSlice } from '../../../types/device.ts';
import { tryParseQuantity } from '../../../types/quantity.ts';

/** What a device takes of one counter of its pool, exactly. */
interface CounterUse {
  /** Set and counter. */
  readonly name: string;
  readonly nanos: bigint;
}

/** What a device takes of one set, and with whom it goes together there. */
interface SetUse {
  readonly set: string;
  readonly groups: readonly string[];
}

/** What a device takes of its pool. */
export interface CounterDemand {
  readonly counters: readonly CounterUse[];
  readonly sets: readonly SetUse[];
}

function counterName(set: string, counter: string): string {
  return `${set}/${counter}`;
}

function nanosOf(value: string | undefined): bigint {
  return tryParseQuantity(String(value ?? '0'))?.nanos ?? 0n;
}

/** What a device takes; `null` for a device that takes nothing. */
export function counterDemandOf({ consumesCounters }: Device, withGroups: boolean): CounterDemand | null {
  if (consumesCounters === undefined || consumesCounters.length === 0) return null;
  const counters = consumesCounters.flatMap(({ counterSet = '', counters: taken = {} }: CounterConsumption) =>
    Object.entries(taken).map(([name, { value }]) => ({ name: counterName(counterSet, name), nanos: nanosOf(value) })),
  );
  const sets = consumesCounters.map(({ counterSet = '', compatibilityGroups }) => {
    return { set: counterSet, groups: compatibilityGroups ?? [] };
  });
  return { counters, sets: withGroups ? sets : [] };
}

/** What the slices of a pool have of each counter. */
export function countersOf(slices: readonly ResourceSlice[]): ReadonlyMap<string, bigint> {
  const total = new Map<string, bigint>();
  for (const { spec } of slices) {
    for (const { name: set, counters = {} } of spec?.sharedCounters ?? []) {
      for (const [name, { value }] of Object.entries(counters)) total.set(counterName(set, name), nanosOf(value));
    }
  }
  return total;
}

/** What is left of a pool's counters while devices are being chosen. */
export class CountersLeft {
  readonly #left: Map<string, bigint>;
  /** Devices in use by set. */
  readonly #users = new Map<string, (readonly string[])[]>();

  constructor(total: ReadonlyMap<string, bigint>) {
    this.#left = new Map(total);
  }

  /** Whether there is enough for one device more, and it goes with those in use. */
  allow({ counters, sets }: CounterDemand): boolean {
    for (const { name, nanos } of counters) {
      const left = this.#left.get(name);
      if (left === undefined || left < nanos) return false;
    }
    return sets.every(({ set, groups }) => goTogether([...(this.#users.get(set) ?? []), groups]));
  }

  /** A device is taken. */
  take({ counters, sets }: CounterDemand): void {
    for (const { name, nanos } of counters) this.#left.set(name, (this.#left.get(name) ?? 0n) - nanos);
    for (const { set, groups } of sets) this.#users.set(set, [...(this.#users.get(set) ?? []), groups]);
  }

  /** The device that was taken last is given back. */
  giveBack({ counters, sets }: CounterDemand): void {
    for (const { name, nanos } of counters) this.#left.set(name, (this.#left.get(name) ?? 0n) + nanos);
    for (const { set } of sets) this.#users.set(set, (this.#users.get(set) ?? []).slice(0, -1));
  }
}

/** Whether devices of one set may be in use at the same time. */
function goTogether(users: readonly (readonly string[])[]): boolean {
  const [first = [], ...others] = users;
  if (first.length === 0) return others.every((groups) => groups.length === 0);
  return first.some((group) => others.every((groups) => groups.includes(group)));
}

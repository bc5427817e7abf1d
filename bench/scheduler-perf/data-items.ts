/**
 * Results as the original writes them: perf-dash's data items.
 *
 * Throughput and duration come twice, told apart by the label `clock`: `host` is this machine's time, `virtual` the simulated
 * one; a threshold stands beside the host's. Latencies are virtual, memory is the host's. Source: Kubernetes 1.37,
 * scheduler_perf util.go (DataItem) and scheduler_perf.go (applyThreshold).
 */
import type { WorkloadPlan } from './config/plan.ts';
import type { PhaseResult } from './run/collector.ts';

/** One data point: buckets with values, their unit, and what they belong to. */
export interface DataItem {
  readonly data: Readonly<Record<string, number>>;
  readonly unit: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What perf-dash reads. */
export interface DataItems {
  readonly version: 'v1';
  readonly dataItems: readonly DataItem[];
}

const PERCENTILES: readonly number[] = [50, 90, 95, 99];

/** Value of a percentile as the original takes it: no interpolation. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil((sorted.length * share) / 100) - 1)] as number;
}

/** `Average`, `Perc50` … of some values; null without any. */
function buckets(values: readonly number[]): Record<string, number> | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const data: Record<string, number> = { Average: sorted.reduce((sum, value) => sum + value, 0) / sorted.length };
  for (const share of PERCENTILES) data[`Perc${share}`] = percentile(sorted, share);
  return data;
}

/** Pods a second of host time in a phase. */
export function hostThroughput({ pods, hostS }: PhaseResult): number {
  return hostS > 0 ? pods / hostS : 0;
}

/** Pods a second of virtual time: the average of the original's samples, of the whole phase where it is too short for any. */
export function virtualThroughput({ pods, virtualS, virtualSamples }: PhaseResult): number {
  const sampled = buckets(virtualSamples)?.['Average'];
  return sampled ?? (virtualS > 0 ? pods / virtualS : 0);
}

/** The items of one phase of a workload. */
export function dataItemsOf(plan: WorkloadPlan, phase: PhaseResult): readonly DataItem[] {
  const name = `${plan.name}/${phase.name}`;
  const item = (
    metric: string,
    clock: string,
    unit: string,
    data: Record<string, number> | null,
  ): readonly DataItem[] => {
    return data === null ? [] : [{ data, unit, labels: { Name: name, Metric: metric, clock } }];
  };
  const host = { ...buckets(phase.hostSamples), Average: hostThroughput(phase), ...thresholdOf(plan) };
  const virtual = { ...buckets(phase.virtualSamples), Average: virtualThroughput(phase) };
  return [
    ...item('SchedulingThroughput', 'host', 'pods/s', host),
    ...item('SchedulingThroughput', 'virtual', 'pods/s', virtual),
    ...item('SchedulingDuration', 'host', 's', { Duration: phase.hostS }),
    ...item('SchedulingDuration', 'virtual', 's', { Duration: phase.virtualS }),
    ...item('scheduler_pod_scheduling_duration_seconds', 'virtual', 'ms', buckets(phase.latenciesMs)),
    ...item('heap_memory_usage', 'host', 'MB', { Max: phase.heapMb }),
  ];
}

function thresholdOf({ threshold, selector }: WorkloadPlan): Record<string, number> {
  if (threshold === 0 || selector.name !== 'SchedulingThroughput') return {};
  return { [`${selector.dataBucket}Threshold`]: threshold };
}

/**
 * From a test case and one of its workloads to what is run: operations with numbers, objects' templates, gates, threshold.
 *
 * Every reference is resolved and every file is read here, so that a broken template or a missing parameter is told before
 * anything runs. Source: Kubernetes 1.37, scheduler_perf.go and operations.go (patchParams, unrollWorkloadTemplate).
 */
import type { Place, ProblemList } from '../../../scenarios/problem.ts';
import type { Operation } from './operation.ts';
import { Parameters } from './parameters.ts';
import type { PerfConfig } from './read-config.ts';
import { resolveOperations } from './resolve-operations.ts';
import { readSchedulerSettings } from './scheduler-settings.ts';
import type { WorkloadFile } from './schema.ts';
import type { TemplateFiles } from './template-files.ts';

/** Which data item a threshold is compared with. */
export interface MetricSelector {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly dataBucket: string;
  readonly expectLower: boolean;
}

/** One workload, ready to run. */
export interface WorkloadPlan {
  /** `case/workload`. */
  readonly name: string;
  readonly topic: string;
  readonly labels: readonly string[];
  /** The file's, of upstream's machines; 0 = none. */
  readonly threshold: number;
  readonly selector: MetricSelector;
  readonly gates: Readonly<Record<string, boolean>>;
  readonly operations: readonly Operation[];
  /** A KubeSchedulerConfiguration as plain data; null: the default. */
  readonly schedulerConfiguration: Readonly<Record<string, unknown>> | null;
  readonly schedulerQps: number | null;
  readonly schedulerBurst: number | null;
}

/** Where a workload stands in its file. */
export interface WorkloadPosition {
  readonly config: PerfConfig;
  readonly caseIndex: number;
  readonly workloadIndex: number;
}

/** Name and labels of a workload: enough to choose. */
export function describeWorkload({ config, caseIndex, workloadIndex }: WorkloadPosition): {
  readonly name: string;
  readonly labels: readonly string[];
} {
  const { testCase, workload } = entriesAt(config, caseIndex, workloadIndex);
  return {
    name: `${testCase.name}/${workload.name}`,
    labels: [...(testCase.labels ?? []), ...(workload.labels ?? [])],
  };
}

/** The plan of a workload; null with problems. */
export function planWorkload(
  position: WorkloadPosition,
  files: TemplateFiles,
  problems: ProblemList,
): WorkloadPlan | null {
  const before = problems.errorCount;
  const { config, caseIndex, workloadIndex } = position;
  const { testCase, workload } = entriesAt(config, caseIndex, workloadIndex);
  // Only one that could not be read has no name.
  if (workload.name === '') return null;
  const at = (...path: (string | number)[]): Place => config.document.place([caseIndex, ...path]);
  const placeOf = (name: string, ofKey = false) =>
    config.document.place([caseIndex, 'workloads', workloadIndex, 'params', name], ofKey);
  const described = describeWorkload(position);
  const parameters = new Parameters({ workload: described.name, values: workload.params ?? {}, placeOf }, problems);
  const operations = resolveOperations({ file: config.file, parameters, files, problems, testCase, at });
  // What an operation with problems would have used is not known.
  for (const name of config.incomplete.has(testCase) ? [] : parameters.unused) {
    problems.error(placeOf(name, true), 'SPF-014', `parameter "${name}" is used by no operation`);
  }
  const settings = readSchedulerSettings(
    config.file,
    testCase.schedulerConfigPath,
    at('schedulerConfigPath'),
    problems,
  );
  if (problems.errorCount > before) return null;
  const selector = workload.thresholdMetricSelector ?? testCase.defaultThresholdMetricSelector;
  return {
    ...described,
    topic: config.topic,
    threshold: thresholdOf(workload, config.topic),
    selector: {
      name: selector?.name ?? 'SchedulingThroughput',
      labels: selector?.labels ?? {},
      dataBucket: selector?.dataBucket ?? 'Average',
      expectLower: selector?.expectLower ?? false,
    },
    gates: { ...testCase.featureGates, ...workload.featureGates },
    operations,
    schedulerConfiguration: settings,
    schedulerQps: testCase.schedulerAPIClientQPS ?? null,
    schedulerBurst: testCase.schedulerAPIClientBurst ?? null,
  };
}

function entriesAt({ cases }: PerfConfig, caseIndex: number, workloadIndex: number) {
  const testCase = cases[caseIndex];
  const workload = testCase?.workloads[workloadIndex];
  if (testCase === undefined || workload === undefined) throw new RangeError('no such workload in the file');
  return { testCase, workload };
}

function thresholdOf({ threshold = 0 }: WorkloadFile, topic: string): number {
  return typeof threshold === 'number' ? threshold : (threshold[topic] ?? 0);
}

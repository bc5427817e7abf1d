/**
 * Replays a recorded case on the reference path of the scheduler and finds the first difference.
 *
 * Each step is decided on the state that the recorded steps before have left; the recorded `before` and `after` changes and
 * the recorded binding are applied, so that one difference does not hide behind another.
 */
import { decodeConfigurationBody } from '../../../core/scheduler/configuration/decode.ts';
import type { SchedulerVersion } from '../../../core/scheduler/configuration/default-plugins.ts';
import { pathText } from '../../../core/scheduler/configuration/problem.ts';
import { decide } from '../../../core/scheduler/framework/decide.ts';
import { Framework } from '../../../core/scheduler/framework/framework.ts';
import { PlainCluster } from '../../../core/scheduler/framework/plain-cluster.ts';
import { podInfoOf } from '../../../core/scheduler/framework/pod-info.ts';
import { defaultDeviceGates } from '../../../core/types/device-gates.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { firstDifference } from '../first-difference.ts';
import { observe } from './observed.ts';
import type { RecordedCase, RecordedChange, RecordedStep } from './recorded-case.ts';

const DEFAULT_NAME = 'default-scheduler';

/** The first difference between a recorded case and what is decided here, `null` when there is none. */
export function checkSchedulerCase(recorded: RecordedCase): string | null {
  const version = versionOf(recorded.version);
  if (version === null) return `version ${recorded.version} is not simulated (1.34 and 1.36 are)`;
  const { configuration, problems } = decodeConfigurationBody(recorded.config, version);
  const [problem] = problems;
  if (problem !== undefined) return `config ${pathText(problem.path)}: ${problem.message}`;
  const frameworks = new Map(
    configuration.profiles.map((profile) => [profile.schedulerName, new Framework(profile, version)]),
  );
  const cluster = new PlainCluster(defaultDeviceGates(version), version);
  apply(cluster, { upsert: recorded.objects });
  for (const [i, step] of recorded.steps.entries()) {
    apply(cluster, step.before);
    const pod: Pod = { apiVersion: 'v1', kind: 'Pod', ...step.pod };
    const framework = frameworks.get(pod.spec.schedulerName ?? DEFAULT_NAME);
    const where = `step ${i} (pod ${pod.metadata.namespace}/${pod.metadata.name})`;
    if (framework === undefined) return `${where}: no profile for scheduler name ${pod.spec.schedulerName}`;
    const difference = checkStep(framework, cluster, pod, step);
    if (difference !== null) return `${where}: ${difference}`;
    settle(cluster, pod, step);
    apply(cluster, step.after);
  }
  return null;
}

function versionOf(text: string): SchedulerVersion | null {
  if (/^1\.3[45](\.|$)/.test(text)) return '1.34';
  return /^1\.3[67](\.|$)/.test(text) ? '1.36' : null;
}

function apply(cluster: PlainCluster, change: RecordedChange | undefined): void {
  for (const text of change?.delete ?? []) {
    const parts = text.split('/');
    cluster.delete(parts[0] as string, parts.length > 2 ? (parts[1] as string) : '', parts.at(-1) as string);
  }
  for (const object of change?.upsert ?? []) cluster.put(object);
}

function checkStep(framework: Framework, cluster: PlainCluster, pod: Pod, step: RecordedStep): string | null {
  const gate = framework.preEnqueue(pod, cluster.objects);
  if (gate !== null || step.gated !== undefined) return firstDifference(step.gated, gate ?? undefined, 'gated');
  const asked = (pod.spec.nodeName ?? '') !== '';
  if (!asked) cluster.put(pod);
  cluster.beginCycle();
  const decision = decide(framework, podInfoOf(pod), cluster, { postFilter: !asked, limits: null });
  const observed = observe(decision, pod.status?.nominatedNodeName ?? '');
  const { prefilter, filter, via, scores, best, failure, preemption } = step;
  const expected = { prefilter: sorted(prefilter), filter: filter ?? {}, via, scores, best, failure, preemption };
  for (const key of ['prefilter', 'filter', 'via', 'scores', 'best', 'failure', 'preemption'] as const) {
    const difference = firstDifference(expected[key], observed[key], key);
    if (difference !== null) return difference;
  }
  return null;
}

function sorted(prefilter: RecordedStep['prefilter']): RecordedStep['prefilter'] {
  if (prefilter === null || prefilter === undefined) return null;
  return prefilter.nodeNames === undefined ? prefilter : { ...prefilter, nodeNames: [...prefilter.nodeNames].sort() };
}

/** The pod is bound, or stays pending with the nomination that the step left. */
function settle(cluster: PlainCluster, pod: Pod, step: RecordedStep): void {
  if (step.bound !== undefined) {
    const { nominatedNodeName: _gone, ...status } = pod.status ?? {};
    cluster.put({ ...pod, spec: { ...pod.spec, nodeName: step.bound }, status } as Pod);
  } else if ((pod.spec.nodeName ?? '') !== '') {
    return;
  } else if (step.gated !== undefined) {
    cluster.putGated(pod);
  } else {
    const nominatedNodeName =
      step.preemption?.nominated ?? (step.failure?.error === true ? '' : pod.status?.nominatedNodeName);
    cluster.put({ ...pod, status: { ...pod.status, nominatedNodeName } } as Pod);
  }
}

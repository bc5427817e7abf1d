/**
 * Defaults of pod specs. 50,000 pods share one template spec, so the result is kept by identity of the spec that came in
 * and is one shared object as well. Source: Kubernetes 1.34, pkg/apis/core/v1/defaults.go SetDefaults_PodSpec and _Pod.
 */
import type { StringMap } from '../object.ts';
import type { Pod, PodSpec, PodTemplateSpec } from '../pod.ts';
import { qosClassOf } from '../pod-requests.ts';
import { defaultContainer, defaultVolume, hostPorts, requestsFromLimits } from './container.ts';
import { canonicalList, mapShared, withDefaults, withField } from './fields.ts';
import { withoutNulls } from './without-nulls.ts';
import { POD_SPEC_ZEROES, withoutZeroes } from './without-zeroes.ts';

const NO_SECURITY: Readonly<Record<string, unknown>> = Object.freeze({});

const SPEC_DEFAULTS: Partial<PodSpec> = {
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  dnsPolicy: 'ClusterFirst',
  securityContext: NO_SECURITY,
  schedulerName: 'default-scheduler',
};

/** `serviceAccount` is the old name of `serviceAccountName`; both are always shown. */
function mirrorServiceAccount(spec: PodSpec): PodSpec {
  const name = spec.serviceAccountName ?? '';
  const old = spec.serviceAccount ?? '';
  if (name === old) return spec;
  return { ...spec, serviceAccountName: name === '' ? old : name, serviceAccount: name === '' ? old : name };
}

function templateDefaults(input: PodSpec): PodSpec {
  let spec = withoutZeroes(withoutNulls(input), POD_SPEC_ZEROES);
  if (spec.volumes !== undefined) spec = withField(spec, 'volumes', mapShared(spec.volumes, defaultVolume));
  if (spec.initContainers !== undefined) {
    spec = withField(spec, 'initContainers', mapShared(spec.initContainers, defaultContainer));
  }
  spec = withField(spec, 'containers', mapShared(spec.containers, defaultContainer) as PodSpec['containers']);
  // What is negative is 1, see Convert_v1_PodTemplateSpec_To_core_PodTemplateSpec and Convert_v1_Pod_To_core_Pod.
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) spec = withField(spec, 'terminationGracePeriodSeconds', 1);
  if (spec.overhead !== undefined) spec = withField(spec, 'overhead', canonicalList(spec.overhead));
  return mirrorServiceAccount(withDefaults(spec, SPEC_DEFAULTS));
}

function podDefaults(template: PodSpec): PodSpec {
  let spec = template;
  const change = (container: PodSpec['containers'][number]) =>
    requestsFromLimits(spec.hostNetwork === true ? hostPorts(container) : container);
  if (spec.initContainers !== undefined) {
    spec = withField(spec, 'initContainers', mapShared(spec.initContainers, change));
  }
  spec = withField(spec, 'containers', mapShared(spec.containers, change) as PodSpec['containers']);
  if (spec.schedulingGates?.length === 0) {
    const { schedulingGates: _none, ...rest } = spec;
    spec = rest;
  }
  return withDefaults(spec, { enableServiceLinks: true });
}

const templates = new WeakMap<PodSpec, PodSpec>();
const pods = new WeakMap<PodSpec, PodSpec>();

/** The spec of a pod template with its defaults; the same result object for the same input object. */
function defaultTemplateSpec(spec: PodSpec): PodSpec {
  const known = templates.get(spec);
  if (known !== undefined) return known;
  const result = templateDefaults(spec);
  templates.set(spec, result);
  templates.set(result, result);
  return result;
}

/** The spec of a pod with its defaults; the same result object for the same input object. */
export function defaultPodSpec(spec: PodSpec): PodSpec {
  const known = pods.get(spec);
  if (known !== undefined) return known;
  const result = podDefaults(defaultTemplateSpec(spec));
  pods.set(spec, result);
  pods.set(result, result);
  return result;
}

/** A template with its defaults; itself when nothing is missing. */
export function defaultTemplate(template: PodTemplateSpec): PodTemplateSpec {
  if (typeof template?.spec !== 'object') return template;
  const result = withField(template, 'spec', defaultTemplateSpec(template.spec));
  const { metadata } = result;
  if (metadata === undefined || !(isEmpty(metadata.labels) || isEmpty(metadata.annotations))) return result;
  const { labels, annotations, ...rest } = metadata;
  const kept = { ...(isEmpty(labels) ? {} : { labels }), ...(isEmpty(annotations) ? {} : { annotations }) };
  return { ...result, metadata: { ...rest, ...kept } };
}

/** A map that is there and holds nothing: it is not stored. */
function isEmpty(map: StringMap | undefined): boolean {
  return typeof map === 'object' && map !== null && Object.keys(map).length === 0;
}

/** A pod with its defaults; itself when nothing is missing. */
export function defaultPod(pod: Pod): Pod {
  return typeof pod.spec === 'object' ? withField(pod, 'spec', defaultPodSpec(pod.spec)) : pod;
}

/** The status that the server gives a new pod, made at `time` (of conditions: only one behind a gate has some). */
export function initialPodStatus(spec: PodSpec, time: string | null = null): NonNullable<Pod['status']> {
  const qosClass = qosClassOf(spec);
  if (spec.schedulingGates === undefined || spec.schedulingGates.length === 0) return { phase: 'Pending', qosClass };
  return {
    phase: 'Pending',
    conditions: [
      {
        type: 'PodScheduled',
        status: 'False',
        lastProbeTime: null,
        lastTransitionTime: time,
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      },
    ],
    qosClass,
  };
}

/**
 * Binding: gives a pod its node, once.
 *
 * Source: Kubernetes 1.34, registry/core/pod/storage BindingREST.setPodHostAndAnnotations.
 */

import { copyOf } from '../../types/json-value.ts';
import { noteChangedSpec } from '../../types/object-hash.ts';
import type { Binding, Pod, PodSpec, PodStatus } from '../../types/pod.ts';
import { setCondition } from '../../types/pod-conditions.ts';
import { PODS } from '../../types/resource-type.ts';
import { aggregateText, StatusError } from '../../types/status-error.ts';
import { formatTime } from '../../types/time.ts';
import { freshMeta } from '../../types/version-meta.ts';
import type { ApiCore } from '../core.ts';
import { BUG_BIND_OVERWRITES } from '../declarations.ts';
import { changedMeta } from '../metadata.ts';
import type { Mutation, Operation } from '../operation.ts';
import { mutateNamed } from '../storage/guaranteed-update.ts';
import { aboutPod } from '../verbs/given-object.ts';
import { checkUid, preconditionFailed } from '../verbs/update.ts';
import { CREATED_STATUS } from './success.ts';

const BINDING = { ...PODS, qualifiedName: 'pods/binding', plural: 'pods/binding' };
const BINDING_KIND = { ...PODS, kind: 'Binding' };

function refuse(name: string, why: string): never {
  throw StatusError.conflict(BINDING, name, why);
}

/** The spec with its node; all other parts are shared with the pod's template. Specs that were admitted have a place for it. */
function onNode(spec: PodSpec, nodeName: string): PodSpec {
  const bound: { -readonly [K in keyof PodSpec]: PodSpec[K] } = 'nodeName' in spec ? { ...spec } : copyOf(spec);
  bound.nodeName = nodeName;
  noteChangedSpec(bound, spec, 'nodeName');
  return bound;
}

/** What {@link scheduled} was asked last: pods of one template that are bound within a second share their status. */
let lastStatus: PodStatus | undefined;
let lastTime = '';
let lastScheduled: PodStatus = {};

/** The status with its condition PodScheduled. */
function scheduled(status: PodStatus | undefined, time: string): PodStatus {
  if (status !== lastStatus || time !== lastTime) {
    lastScheduled = withScheduled(status, time);
    lastStatus = status;
    lastTime = time;
  }
  return lastScheduled;
}

function withScheduled(status: PodStatus | undefined, time: string): PodStatus {
  const next: { -readonly [K in keyof PodStatus]: PodStatus[K] } = copyOf(status ?? {});
  next.conditions = setCondition(status?.conditions, {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: time,
  });
  return next;
}

const BIND: Mutation = {
  next(core, op, existing) {
    const pod = existing as Pod;
    const binding = op.request.object as Binding;
    const { metadata, spec } = pod;
    const { name } = metadata;
    const { resourceVersion } = binding.metadata;
    checkUid(PODS, binding, pod);
    if (resourceVersion !== undefined && resourceVersion !== '' && resourceVersion !== metadata.resourceVersion) {
      const which = `ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`;
      throw preconditionFailed(PODS, pod.metadata, which);
    }
    if (metadata.deletionTimestamp !== undefined) {
      refuse(name, `pod ${name} is being deleted, cannot be assigned to a host`);
    }
    if (spec.nodeName !== undefined && spec.nodeName !== '' && !core.ctx.bug(BUG_BIND_OVERWRITES)) {
      refuse(name, `pod ${name} is already assigned to node "${spec.nodeName}"`);
    }
    if (spec.schedulingGates !== undefined && spec.schedulingGates.length > 0) {
      refuse(name, `pod ${name} has non-empty .spec.schedulingGates`);
    }
    const extra = binding.metadata.annotations;
    return {
      apiVersion: pod.apiVersion,
      kind: pod.kind,
      metadata:
        extra === undefined
          ? freshMeta(metadata)
          : changedMeta(metadata, { annotations: { ...metadata.annotations, ...extra } }),
      spec: onNode(spec, binding.target.name),
      status: scheduled(pod.status, formatTime(core.ctx.wallUs())),
    };
  },
  done(core, op) {
    core.answer(op, 201, CREATED_STATUS);
  },
};

/** Starts a binding. Throws StatusError. */
export function bind(core: ApiCore, op: Operation): void {
  const binding = aboutPod(core, op, BINDING_KIND, op.request.object) as Binding;
  const { kind = '', name: node = '' } = (binding.target ?? {}) as Partial<Binding['target']>;
  const problems: string[] = [];
  if (kind !== '' && kind !== 'Node') {
    problems.push(`target.kind: Unsupported value: "${kind}": supported values: "Node", "<empty>"`);
  }
  if (typeof node !== 'string' || node === '') problems.push('target.name: Required value');
  if (problems.length > 0) {
    throw new StatusError(500, '', aggregateText(problems));
  }
  mutateNamed(core, op, core.cacheOf(PODS), BIND);
}

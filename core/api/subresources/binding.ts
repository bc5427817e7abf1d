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
import { StatusError } from '../../types/status-error.ts';
import { formatTime } from '../../types/time.ts';
import { freshMeta } from '../../types/version-meta.ts';
import type { ApiCore } from '../core.ts';
import { BUG_BIND_OVERWRITES } from '../declarations.ts';
import { changedMeta } from '../metadata.ts';
import type { Mutation, Operation } from '../operation.ts';
import { mutateNamed } from '../storage/guaranteed-update.ts';
import { CREATED_STATUS } from './success.ts';

const BINDING = { ...PODS, qualifiedName: 'pods/binding', plural: 'pods/binding' };

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
    const { uid, resourceVersion } = binding.metadata;
    if (uid !== undefined && uid !== '' && uid !== metadata.uid) {
      refuse(name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`);
    }
    if (resourceVersion !== undefined && resourceVersion !== '' && resourceVersion !== metadata.resourceVersion) {
      refuse(name, 'the object has been modified; please apply your changes to the latest version and try again');
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
  const { object, name } = op.request;
  const binding = object as Binding | null;
  const target = binding?.target;
  if (binding === null || target === undefined || target.name === '' || typeof target.name !== 'string') {
    throw StatusError.invalid(BINDING, name, [
      { reason: 'FieldValueRequired', message: 'Required value', field: 'target.name' },
    ]);
  }
  if (target.kind !== undefined && target.kind !== '' && target.kind !== 'Node') {
    const message = `Unsupported value: "${target.kind}": supported values: "Node", ""`;
    throw StatusError.invalid(BINDING, name, [{ reason: 'FieldValueNotSupported', message, field: 'target.kind' }]);
  }
  mutateNamed(core, op, core.cacheOf(PODS), BIND);
}

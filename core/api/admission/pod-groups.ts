/**
 * Admission of PodGroups: the priority that their class stands for. Source: Kubernetes 1.37, plug-in Priority. Not as upstream: a group may say its
 * priority without a class.
 */
import type { KubeObject } from '../../types/object.ts';
import { isPodGroup, type PodGroup } from '../../types/pod-group.ts';
import type { ResourceType } from '../../types/resource-type.ts';
import type { ApiCore } from '../core.ts';
import { computedPriority } from './pods.ts';

/** The group with its priority; any other object as it is. @throws StatusError (403) for a class that is not there, or says another priority */
export function withGroupPriority(core: ApiCore, type: ResourceType, object: KubeObject): KubeObject {
  if (!core.admission.priority || !isPodGroup(type)) return object;
  const { spec, metadata } = object as PodGroup;
  const { priorityClassName = '' } = spec ?? {};
  if (spec === undefined || (priorityClassName === '' && spec.priority !== undefined)) return object;
  const { name, priority } = computedPriority(core, type, spec, metadata.name);
  return { ...object, spec: { ...spec, priorityClassName: name, priority } } as KubeObject;
}

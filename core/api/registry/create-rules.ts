/**
 * What a new object gets from the server, kind by kind. Source: Kubernetes 1.34, PrepareForCreate of each registry's
 * strategy.
 */
import { isClaimType } from '../../types/claim-types.ts';
import { withGeneratedSelector } from '../../types/defaults/job-selector.ts';
import { withNamespaceFinalizer } from '../../types/defaults/others.ts';
import type { Job } from '../../types/job.ts';
import type { Namespace } from '../../types/namespace.ts';
import type { Node, Taint } from '../../types/node.ts';
import type { KubeObject } from '../../types/object.ts';
import {
  DAEMONSETS,
  DEPLOYMENTS,
  JOBS,
  NAMESPACES,
  NODES,
  PODDISRUPTIONBUDGETS,
  REPLICASETS,
  type ResourceType,
  SERVICES,
  STATEFULSETS,
} from '../../types/resource-type.ts';
import type { Service } from '../../types/service.ts';
import type { ApiCore } from '../core.ts';
import { withParts } from '../metadata.ts';
import { withAddresses } from './service-addresses.ts';
import { withTaintTimes } from './taint-times.ts';
import { withTemplateGeneration } from './template-generation.ts';

/** Statuses that new objects start with; the controllers fill in the rest. */
const FIRST_STATUS = new Map<number, Readonly<Record<string, unknown>>>([
  [DEPLOYMENTS.id, {}],
  [JOBS.id, {}],
  [REPLICASETS.id, { replicas: 0 }],
  [STATEFULSETS.id, { replicas: 0, availableReplicas: 0 }],
  [DAEMONSETS.id, { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 }],
  [PODDISRUPTIONBUDGETS.id, { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }],
  [SERVICES.id, { loadBalancer: {} }],
]);

/** An object with the counts that its status lacks: none is 0. */
export function withWholeStatus(type: ResourceType, object: KubeObject): KubeObject {
  const first = FIRST_STATUS.get(type.id);
  return first === undefined ? object : { ...object, status: { ...first, ...(object.status as object | undefined) } };
}

/** The same for volumes and their claims: the controllers find out more. */
const PENDING = { phase: 'Pending' } as const;
const FIRST_PHASES: ReadonlySet<string> = new Set(['PersistentVolume', 'PersistentVolumeClaim']);

const NOT_READY: Taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

const NOT_READY_ALONE: readonly Taint[] = [NOT_READY];

/** TaintNodesByCondition: a new node takes no pods before it was seen Ready. */
function withNotReadyTaint(node: Node): Node {
  const taints = node.spec?.taints ?? [];
  if (taints.some((taint) => taint.key === NOT_READY.key && taint.effect === NOT_READY.effect)) return node;
  return { ...node, spec: { ...node.spec, taints: taints.length === 0 ? NOT_READY_ALONE : [...taints, NOT_READY] } };
}

/** The object as it is stored first; `object` is defaulted, its metadata complete. Pods have their own way. */
export function prepareNew(core: ApiCore, type: ResourceType, object: KubeObject): KubeObject {
  const { metadata } = object;
  switch (type) {
    case NODES:
      return core.admission.taintNewNodes ? withNotReadyTaint(object as Node) : object;
    case NAMESPACES:
      return withNamespaceFinalizer(withParts(object, metadata, object.spec, { phase: 'Active' }) as Namespace);
    case JOBS:
      return withGeneratedSelector(withParts(object, metadata, object.spec, {}) as Job, metadata.uid as string);
    case SERVICES:
      return withAddresses(core, withParts(object, metadata, object.spec, FIRST_STATUS.get(type.id)) as Service, null);
    default:
  }
  if (type === DAEMONSETS) {
    const daemonSet = withParts(object, metadata, object.spec, FIRST_STATUS.get(type.id));
    return withTemplateGeneration(daemonSet, null);
  }
  if (!type.hasStatus) return withTaintTimes(type, object, core.ctx.wallUs());
  const claims = isClaimType(type) && FIRST_PHASES.has(type.kind) ? PENDING : undefined;
  return withParts(object, metadata, object.spec, claims ?? FIRST_STATUS.get(type.id));
}

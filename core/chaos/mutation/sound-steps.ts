/**
 * The language of the sound plans: what users do at a second, how copies lag and nodes crash, and workloads of many shapes.
 */
import type { KubeObject } from '../../types/object.ts';
import type { Cascade, FaultPlan, Operation } from '../plan.ts';
import {
  ALL_API_SERVERS,
  at,
  budget,
  labels,
  pod,
  S,
  service,
  tainted,
  withPodSpec,
  withSpec,
  workload,
} from './situation.ts';

export const apply = (atS: number, ...objects: readonly KubeObject[]): Operation => ({
  kind: 'apply',
  atUs: atS * S,
  objects,
});
export const remove = (atS: number, object: string, cascade?: Cascade): Operation => ({
  kind: 'delete',
  atUs: atS * S,
  workload: object,
  ...(cascade === undefined ? {} : { cascade }),
});
export const image = (atS: number, object: string, name = 'app:v2'): Operation => ({
  kind: 'set-image',
  atUs: atS * S,
  workload: object,
  image: name,
});
export const resize = (atS: number, object: string, replicas: number): Operation => ({
  kind: 'scale',
  atUs: atS * S,
  workload: object,
  replicas,
});
/** The object as somebody holds it by a finalizer of theirs, and as they let go of it. */
export const held = (object: KubeObject, finalizers: readonly string[] = ['example.com/hold']): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, finalizers },
});
export const lag = (latencyUs: number) => ({
  kind: 'watch-lag' as const,
  id: 'lag',
  target: ALL_API_SERVERS,
  latencyUs,
  trigger: at(10),
  forUs: 60 * S,
});
/** The API server refuses what is asked of pods. */
export const refusedPods = (id: string, verb: string, atS: number, forS: number): FaultPlan => ({
  kind: 'refused-requests',
  id,
  target: { component: 'apiserver', instance: 0 },
  code: 500,
  verb,
  resource: 'pods',
  trigger: at(atS),
  forUs: forS * S,
});
export const CONTROLLERS = { component: 'controller-manager', instance: 0 };
/** The controllers' copy of one resource is behind, their other copies are not; null: it stands still. */
export const staleCopy = (resource: string, latencyUs: number | null, atS: number, forS: number): FaultPlan => ({
  kind: 'informer-lag',
  id: `stale-${resource}`,
  target: CONTROLLERS,
  resource,
  latencyUs,
  trigger: at(atS),
  forUs: forS * S,
});
export const crash = (node: string, atS: number, forS: number) => ({
  kind: 'node-crash' as const,
  id: `crash-${node}`,
  target: { node },
  trigger: at(atS),
  forUs: forS * S,
});

/** Annotations of pods that fail soon. */
export const failing = { 'seatrial.dev/exit': 'error', 'seatrial.dev/run-for': '3s' };
/** A claim template of a StatefulSet. */
export const volumeClaim = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};
export const DATABASE = 'StatefulSet/demo/web';
export const database = (replicas: number, more = {}, shape = {}): KubeObject =>
  workload('StatefulSet', replicas, { tolerationSeconds: 20, ...shape }, { serviceName: 'web', ...more });
export const tolerant = workload('ReplicaSet', 3, { tolerationSeconds: 10 });
export const onPool = (set: KubeObject): KubeObject => withPodSpec(set, { nodeSelector: { pool: 'agents' } });

/** A budget over the pods of a workload, under its name. */
export function budgetOf(app: string, limit: object): KubeObject {
  const { metadata, ...rest } = budget(1);
  const spec = { selector: { matchLabels: labels(app) }, ...limit };
  return { ...rest, metadata: { ...metadata, name: app }, spec } as KubeObject;
}

export function partition(kept: number) {
  return { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: kept } } };
}

export function priorityClass(name: string, value: number): KubeObject {
  const metadata = { name };
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata,
    value,
    preemptionPolicy: 'Never',
  } as KubeObject;
}

export function important(name: string, priorityClassName: string): KubeObject {
  return withSpec(pod(name, { cpu: '900m' }), { priorityClassName });
}

/** The pod, which bears the taint of {@link tainted} for some seconds. */
export function bearing(object: KubeObject, tolerationSeconds: number): KubeObject {
  const tolerations = [{ key: 'dedicated', operator: 'Exists', effect: 'NoExecute', tolerationSeconds }];
  return withSpec(object, { tolerations });
}

/** The workload under another name, with labels of its own. */
export function named(object: KubeObject, name: string): KubeObject {
  const spec = object.spec as { readonly template: KubeObject; readonly selector?: object };
  const template = { ...spec.template, metadata: { ...spec.template.metadata, labels: labels(name) } };
  const selector = spec.selector === undefined ? {} : { selector: { matchLabels: labels(name) } };
  return { ...object, metadata: { ...object.metadata, name }, spec: { ...spec, ...selector, template } } as KubeObject;
}

export function relabelled(name: string, app: string, shape = {}): KubeObject {
  return { ...pod(name, shape), metadata: { name, namespace: 'demo', labels: labels(app) } };
}

/** The Job, whose pods are restarted in place. */
export function onFailure(object: KubeObject): KubeObject {
  return withPodSpec(object, { restartPolicy: 'OnFailure' });
}

/** The DaemonSet, whose new pods come before the old ones go. */
export function surging(object: KubeObject): KubeObject {
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
  return withSpec(object, { updateStrategy });
}

/** The Service, with the pods of another workload. */
export function selecting(app: string): KubeObject {
  return withSpec(service, { selector: labels(app) });
}

/** The workload, whose pods have these labels or annotations, too: all that is new in a template. */
export function marked(
  object: KubeObject,
  more: { readonly labels?: object; readonly annotations?: object },
): KubeObject {
  const { template } = object.spec as { readonly template: KubeObject };
  const { metadata } = template;
  const labelled = { ...metadata.labels, ...more.labels };
  const noted = { ...metadata.annotations, ...more.annotations };
  return withSpec(object, {
    template: { ...template, metadata: { ...metadata, labels: labelled, annotations: noted } },
  });
}

/** What kubectl rollout restart adds to a template. */
export const restarted = { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' } };

/**
 * From objects to workloads: which run, which Services and budgets select them, which kinds are only stored.
 *
 * Objects without a namespace get `default`, as kubectl does. Order of workloads = order of the manifests.
 */
import { DEFAULT_HEEDED, type Heeded } from '../../core/cluster/claimed.ts';
import {
  BUILT_IN_TYPES,
  isDeviceTaintRule,
  isManagedElsewhere,
  type Job,
  type KubeObject,
  ownKind,
  type PodTemplateSpec,
  ResourceTypes,
  type Service,
} from '../../core/cluster/vocabulary.ts';
import { appliedNamespace, type ManifestObject } from '../../scenarios/manifests.ts';
import type { ProblemList } from '../../scenarios/problem.ts';
import { CLI_CODES } from '../cli/user-error.ts';
import { assumedClaims } from './assumed-claims.ts';
import { assumedSources } from './assumed-sources.ts';
import { type Autoscaled, atMinReplicas } from './autoscalers.ts';
import { budgetFacts } from './budgets.ts';
import { missingReferences } from './missing-references.ts';
import { slowestPodUs } from './pod-times.ts';
import { isRecreated, replicasOf, rolloutLimits } from './replicas.ts';
import { suspicionsOf } from './suspicions.ts';
import { selects, templateOf } from './templates.ts';
import { uncertaintiesOf } from './uncertainties.ts';
import { RUNNABLE_KINDS, type Workload } from './workload.ts';

/** Versions that need no naming; a Deployment of `extensions/v1beta1` is another kind. */
const RUNNABLE_VERSIONS: readonly string[] = ['v1', 'apps/v1', 'batch/v1'];

/** What the manifests hold. */
export interface Inventory {
  /** All objects, namespaces filled in, in the order in which they are created, with the claims that are taken for granted. */
  readonly objects: readonly KubeObject[];
  /** Workloads that run, then those whose kind is not simulated. */
  readonly workloads: readonly Workload[];
  /** ConfigMaps and Secrets that are taken for granted, among {@link objects}. */
  readonly assumedSources: readonly KubeObject[];
  /** Workloads that run with the fewest replicas of their autoscaler. */
  readonly autoscaled: readonly Autoscaled[];
  /** Kinds that are stored and touched by nobody, with their count, in order of appearance. */
  readonly notSimulated: readonly { readonly kind: string; readonly apiVersion: string; readonly count: number }[];
  /** Kinds that were declared harmless, and on which marks would hang. */
  readonly harmless: readonly string[];
  /** Workloads that are not tried because their kind was declared harmless. */
  readonly untried: readonly string[];
  /** Number of objects by kind, in order of appearance. */
  readonly kinds: readonly { readonly kind: string; readonly count: number }[];
}

/** Takes the objects apart; without anything that runs a problem is added that names the kinds seen. `heeded`: by the cluster. */
export function takeInventory(
  manifests: readonly ManifestObject[],
  problems: ProblemList,
  heeded = DEFAULT_HEEDED,
): Inventory {
  const types = new ResourceTypes();
  const { objects, autoscaled } = atMinReplicas(
    inCreationOrder(manifests.map(({ object }) => withNamespace(object, types))),
  );
  const workloads: Workload[] = [];
  for (const object of objects) {
    const workload = workloadOf(object, objects, heeded);
    if (workload !== null) workloads.push(workload);
  }
  const sources = assumedSources(objects);
  const runnable = workloads.filter((workload) => workload.runnable);
  const kinds = countBy(objects, ({ kind }) => kind);
  if (runnable.length === 0 && problems.errorCount === 0) {
    const named = countBy(objects, ({ apiVersion, kind }) =>
      RUNNABLE_VERSIONS.includes(apiVersion) ? kind : `${apiVersion} ${ownKind(kind)}`,
    );
    const seen = named.map(({ kind, count }) => `${count} ${kind}`).join(', ') || 'nothing';
    const message = `nothing to run: expected ${RUNNABLE_KINDS.join(', ')}; found ${seen}`;
    problems.error({}, CLI_CODES.noInput, message);
  }
  return {
    objects: inCreationOrder([...objects, ...assumedClaims(objects), ...sources]),
    workloads: [...runnable, ...workloads.filter((workload) => !workload.runnable)],
    autoscaled,
    assumedSources: sources,
    notSimulated: notSimulatedOf(objects, heeded),
    harmless: [],
    untried: [],
    kinds,
  };
}

function withNamespace(object: KubeObject, types: ResourceTypes): KubeObject {
  const type = types.register(object.apiVersion, object.kind);
  if (!type.namespaced || object.metadata.namespace !== undefined) return object;
  return { ...object, metadata: { ...object.metadata, namespace: 'default' } };
}

/** Kinds that others need come first, as package managers do it; the rest keeps its order. */
const FIRST_KINDS = [
  'Namespace',
  'PriorityClass',
  'CustomResourceDefinition',
  'ServiceAccount',
  'Secret',
  'ConfigMap',
  'StorageClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'DeviceClass',
  'ResourceSlice',
  'DeviceTaintRule',
  'ResourceClaimTemplate',
  'ResourceClaim',
  'PodDisruptionBudget',
  'Service',
];

function inCreationOrder(objects: readonly KubeObject[]): KubeObject[] {
  const rank = ({ kind }: KubeObject): number => {
    const index = FIRST_KINDS.indexOf(kind);
    return index < 0 ? FIRST_KINDS.length : index;
  };
  return objects
    .map((object, index) => ({ object, index }))
    .sort((left, right) => rank(left.object) - rank(right.object) || left.index - right.index)
    .map(({ object }) => object);
}

function workloadOf(object: KubeObject, objects: readonly KubeObject[], heeded: Heeded): Workload | null {
  const template = templateOf(object);
  if (template === null || object.metadata.name === undefined) return null;
  const { kind, metadata } = object;
  const namespace = appliedNamespace(metadata);
  const managedBy =
    object.kind === 'Job' && isManagedElsewhere(object as Job) ? (object as Job).spec.managedBy : undefined;
  const runnable = isRunnable(object) && managedBy === undefined;
  const replicas = replicasOf(object);
  const { maxUnavailable, maxSurge } = rolloutLimits(object, replicas);
  const context = { object, template, objects, namespace, heeded };
  const services = kind === 'Job' ? [] : servicesOf(template, namespace, objects);
  return {
    id: `${kind}/${namespace}/${metadata.name}`,
    kind,
    namespace,
    name: metadata.name,
    runnable,
    replicas,
    isRecreated: isRecreated(object),
    maxUnavailable,
    maxSurge,
    image: template.spec.containers[0]?.image ?? '',
    services: services.map(({ metadata: { name } }) => name),
    budgets: budgetFacts(template, namespace, replicas, objects),
    uncertainties: runnable
      ? uncertaintiesOf(context)
      : [
          {
            what: managedBy === undefined ? `${kind} is not simulated` : `managedBy ${managedBy}`,
            kind: managedBy === undefined ? kind : 'managedBy',
            effect: 'either',
            scope: 'all',
          },
        ],
    assumed: [],
    missing: missingReferences(context),
    suspicions: suspicionsOf(context, replicas, services),
    slowestPodUs: slowestPodUs(object, template),
  };
}

function isRunnable(object: KubeObject): boolean {
  if (!(RUNNABLE_KINDS as readonly string[]).includes(object.kind)) return false;
  return BUILT_IN_TYPES.some(({ apiVersion, kind }) => apiVersion === object.apiVersion && kind === object.kind);
}

/** Services of the namespace that select the template's labels and follow readiness. */
function servicesOf(template: PodTemplateSpec, namespace: string, objects: readonly KubeObject[]): Service[] {
  return objects.filter((object): object is Service => {
    if (object.kind !== 'Service' || appliedNamespace(object.metadata) !== namespace) return false;
    const { spec } = object as Service;
    const selector = spec?.selector ?? {};
    if (Object.keys(selector).length === 0 || spec?.publishNotReadyAddresses === true) return false;
    return selects({ matchLabels: selector }, template);
  });
}

function notSimulatedOf(objects: readonly KubeObject[], { deviceGates }: Heeded): Inventory['notSimulated'] {
  const types = new ResourceTypes();
  const taints = deviceGates.includes('DRADeviceTaints');
  const rest = objects.filter((object) => {
    const { simulated } = types.register(object.apiVersion, object.kind);
    return !simulated && !(taints && isDeviceTaintRule(object));
  });
  return countBy(rest, ({ apiVersion, kind }) => `${apiVersion} ${kind}`).map(({ kind: id, count }) => {
    const [apiVersion = '', kind = ''] = id.split(' ');
    return { kind, apiVersion, count };
  });
}

function countBy(
  objects: readonly KubeObject[],
  nameOf: (object: KubeObject) => string,
): { kind: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const object of objects) counts.set(nameOf(object), (counts.get(nameOf(object)) ?? 0) + 1);
  return [...counts].map(([kind, count]) => ({ kind, count }));
}

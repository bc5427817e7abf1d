/**
 * The table of resource types: what the cluster knows about each kind apart from its behaviour.
 *
 * `id` is dense and equal in every cluster for the built-in types; types that manifests bring along (CRDs, kinds outside
 * the model) are registered in order of appearance and are *not simulated*: stored as they are, touched by nobody. The types
 * of claims are known as they are, and registered where a cluster has any.
 * Source: Kubernetes 1.34 API (group, version, scope; `hasGeneration` from each registry's strategy).
 */
import { assert } from '../base/assert.ts';
import { CLAIM_TYPES, isDeviceTaintRule, RESOURCE } from './claim-types.ts';
import { isPodGroup } from './pod-group.ts';

/** One resource type. Immutable. */
export interface ResourceType {
  /** Dense index, stable for built-in types. */
  readonly id: number;
  /** API group, `''` for core. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Lower-case plural, as in URLs. */
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  /** `version` or `group/version`. */
  readonly apiVersion: string;
  /** `plural` or `plural.group`, as messages name it. */
  readonly qualifiedName: string;
  readonly namespaced: boolean;
  /** Whether some component acts on it. */
  readonly simulated: boolean;
  /** Whether it has a status subresource: plain updates then leave `status` alone. */
  readonly hasStatus: boolean;
  /** Whether the server counts `metadata.generation` on changes of the spec. */
  readonly hasGeneration: boolean;
  readonly hasScale: boolean;
}

const BUILT_IN: ResourceType[] = [];

/** What a type is apart from its number. */
export interface TypeDefinition {
  readonly kind: string;
  readonly apiVersion: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly hasStatus: boolean;
  readonly hasGeneration: boolean;
  readonly hasScale?: boolean;
  readonly shortNames?: readonly string[];
}

function makeType(id: number, simulated: boolean, d: TypeDefinition): ResourceType {
  const slash = d.apiVersion.indexOf('/');
  const group = slash < 0 ? '' : d.apiVersion.slice(0, slash);
  return Object.freeze({
    id,
    group,
    version: d.apiVersion.slice(slash + 1),
    kind: d.kind,
    plural: d.plural,
    singular: ownKind(d.kind).toLowerCase(),
    shortNames: d.shortNames ?? [],
    apiVersion: d.apiVersion,
    qualifiedName: group === '' ? d.plural : `${d.plural}.${group}`,
    namespaced: d.namespaced,
    simulated,
    hasStatus: d.hasStatus,
    hasGeneration: d.hasGeneration,
    hasScale: d.hasScale ?? false,
  });
}

function builtIn(d: TypeDefinition): ResourceType {
  const type = makeType(BUILT_IN.length, true, d);
  BUILT_IN.push(type);
  return type;
}

const WORKLOAD = { namespaced: true, hasStatus: true, hasGeneration: true } as const;
const PLAIN = { namespaced: true, hasStatus: false, hasGeneration: false } as const;

export const PODS = builtIn({ kind: 'Pod', apiVersion: 'v1', plural: 'pods', ...WORKLOAD, shortNames: ['po'] });
export const NODES = builtIn({
  kind: 'Node',
  apiVersion: 'v1',
  plural: 'nodes',
  namespaced: false,
  hasStatus: true,
  hasGeneration: false,
  shortNames: ['no'],
});
export const NAMESPACES = builtIn({
  kind: 'Namespace',
  apiVersion: 'v1',
  plural: 'namespaces',
  namespaced: false,
  hasStatus: true,
  hasGeneration: false,
  shortNames: ['ns'],
});
export const REPLICASETS = builtIn({
  kind: 'ReplicaSet',
  apiVersion: 'apps/v1',
  plural: 'replicasets',
  ...WORKLOAD,
  hasScale: true,
  shortNames: ['rs'],
});
export const DEPLOYMENTS = builtIn({
  kind: 'Deployment',
  apiVersion: 'apps/v1',
  plural: 'deployments',
  ...WORKLOAD,
  hasScale: true,
  shortNames: ['deploy'],
});
export const STATEFULSETS = builtIn({
  kind: 'StatefulSet',
  apiVersion: 'apps/v1',
  plural: 'statefulsets',
  ...WORKLOAD,
  hasScale: true,
  shortNames: ['sts'],
});
export const DAEMONSETS = builtIn({
  kind: 'DaemonSet',
  apiVersion: 'apps/v1',
  plural: 'daemonsets',
  ...WORKLOAD,
  shortNames: ['ds'],
});
export const JOBS = builtIn({ kind: 'Job', apiVersion: 'batch/v1', plural: 'jobs', ...WORKLOAD });
export const SERVICES = builtIn({
  kind: 'Service',
  apiVersion: 'v1',
  plural: 'services',
  namespaced: true,
  hasStatus: true,
  hasGeneration: false,
  shortNames: ['svc'],
});
export const ENDPOINTSLICES = builtIn({
  kind: 'EndpointSlice',
  apiVersion: 'discovery.k8s.io/v1',
  plural: 'endpointslices',
  namespaced: true,
  hasStatus: false,
  hasGeneration: true,
});
export const LEASES = builtIn({ kind: 'Lease', apiVersion: 'coordination.k8s.io/v1', plural: 'leases', ...PLAIN });
export const EVENTS = builtIn({ kind: 'Event', apiVersion: 'v1', plural: 'events', ...PLAIN, shortNames: ['ev'] });
export const PRIORITYCLASSES = builtIn({
  kind: 'PriorityClass',
  apiVersion: 'scheduling.k8s.io/v1',
  plural: 'priorityclasses',
  namespaced: false,
  hasStatus: false,
  hasGeneration: true,
  shortNames: ['pc'],
});
export const PODDISRUPTIONBUDGETS = builtIn({
  kind: 'PodDisruptionBudget',
  apiVersion: 'policy/v1',
  plural: 'poddisruptionbudgets',
  ...WORKLOAD,
  shortNames: ['pdb'],
});
export const SERVICEACCOUNTS = builtIn({
  kind: 'ServiceAccount',
  apiVersion: 'v1',
  plural: 'serviceaccounts',
  ...PLAIN,
  shortNames: ['sa'],
});
export const CONFIGMAPS = builtIn({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  plural: 'configmaps',
  ...PLAIN,
  shortNames: ['cm'],
});
export const SECRETS = builtIn({ kind: 'Secret', apiVersion: 'v1', plural: 'secrets', ...PLAIN });
export const CONTROLLERREVISIONS = builtIn({
  kind: 'ControllerRevision',
  apiVersion: 'apps/v1',
  plural: 'controllerrevisions',
  ...PLAIN,
});

/** Every built-in type, in order of `id`. */
export const BUILT_IN_TYPES: readonly ResourceType[] = BUILT_IN;

/** Kinds that are known not to belong to a namespace, also in versions outside the model. Source: Kubernetes 1.34 API. */
const CLUSTER_SCOPED: ReadonlySet<string> = new Set([
  'APIService',
  'CSIDriver',
  'CSINode',
  'CertificateSigningRequest',
  'ClusterRole',
  'ClusterRoleBinding',
  'ClusterTrustBundle',
  'CustomResourceDefinition',
  'DeviceClass',
  'DeviceTaintRule',
  'FlowSchema',
  'IPAddress',
  'IngressClass',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'MutatingWebhookConfiguration',
  'PersistentVolume',
  'PodSecurityPolicy',
  'PriorityLevelConfiguration',
  'ResourceSlice',
  'RuntimeClass',
  'ServiceCIDR',
  'StorageClass',
  'StorageVersion',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
  'VolumeAttachment',
  'VolumeAttributesClass',
]);

/** The kind as its group has it: without what tells it apart (`foreign-kind.ts`). */
export function ownKind(kind: string): string {
  const dot = kind.indexOf('.');
  return dot < 0 ? kind : kind.slice(0, dot);
}

/** `.v2` for `Pod.v2` and `Deployment.v2.apps`, which do not lie beside those of `v1` in the store; `''` for a kind whose name has its group alone or nothing. */
function versionOf(kind: string, apiVersion: string): string {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  return kind === `${ownKind(kind)}.${version}${group === '' ? '' : `.${group}`}` ? `.${version}` : '';
}

/** English plural as the API's names form it (`policies`, `ingresses`, `gateways`). */
export function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (lower === 'endpoints') return lower;
  if (/(s|x|z|ch|sh)$/.test(lower)) return `${lower}es`;
  if (/[^aeiou]y$/.test(lower)) return `${lower.slice(0, -1)}ies`;
  return `${lower}s`;
}

/** The names a CustomResourceDefinition declares; used instead of guesses. */
export interface DeclaredNames {
  readonly plural?: string;
  readonly namespaced?: boolean;
  readonly hasStatus?: boolean;
}

/** At most so many types in one cluster; a manifest set with more is a mistake. */
export const MAX_RESOURCE_TYPES = 4096;

/** The types one cluster knows. Lookup costs two Map reads, no string is built. */
export class ResourceTypes {
  readonly #byApiVersion = new Map<string, Map<string, ResourceType>>();
  readonly #all: ResourceType[] = [];

  constructor() {
    for (const type of BUILT_IN) this.#add(type);
  }

  /** All types in order of id. */
  get all(): readonly ResourceType[] {
    return this.#all;
  }

  /** The type with this id; asserts that it exists. */
  byId(id: number): ResourceType {
    const type = this.#all[id];
    assert(type !== undefined, 'resource type id out of range');
    return type as ResourceType;
  }

  /** The type of `apiVersion` and `kind`, or undefined when nobody registered it. */
  byKind(apiVersion: string, kind: string): ResourceType | undefined {
    return this.#byApiVersion.get(apiVersion)?.get(kind);
  }

  /** The type a user means by `po`, `pod`, `pods`, `deployments.apps` or a kind, in any case. Linear. */
  byUserName(name: string): ResourceType | undefined {
    const lower = name.toLowerCase();
    return this.#all.find(
      (t) => t.plural === lower || t.singular === lower || t.qualifiedName === lower || t.shortNames.includes(lower),
    );
  }

  /** Registers an unknown kind as not simulated; returns the known type when there is one. A DeviceTaintRule of any version is one of v1. */
  register(apiVersion: string, kind: string, declared: DeclaredNames = {}): ResourceType {
    const known = this.byKind(apiVersion, kind);
    if (known !== undefined) return known;
    if (apiVersion !== RESOURCE && isDeviceTaintRule({ apiVersion, kind })) return this.register(RESOURCE, kind);
    assert(this.#all.length < MAX_RESOURCE_TYPES, 'too many resource types');
    const claim = CLAIM_TYPES.find((definition) => definition.kind === kind && definition.apiVersion === apiVersion);
    if (claim !== undefined) return this.#add(makeType(this.#all.length, true, claim));
    if (isPodGroup({ apiVersion, kind })) {
      return this.#add(makeType(this.#all.length, true, { kind, apiVersion, plural: pluralOf(kind), ...WORKLOAD }));
    }
    const type = makeType(this.#all.length, false, {
      kind,
      apiVersion,
      plural: declared.plural ?? pluralOf(ownKind(kind)) + versionOf(kind, apiVersion),
      namespaced: declared.namespaced ?? !CLUSTER_SCOPED.has(kind),
      hasStatus: declared.hasStatus ?? false,
      hasGeneration: apiVersion !== 'v1',
    });
    return this.#add(type);
  }

  #add(type: ResourceType): ResourceType {
    let kinds = this.#byApiVersion.get(type.apiVersion);
    if (kinds === undefined) {
      kinds = new Map();
      this.#byApiVersion.set(type.apiVersion, kinds);
    }
    kinds.set(type.kind, type);
    this.#all.push(type);
    return type;
  }
}

/**
 * Merge keys of the built-in kinds: how a strategic merge patch treats each list.
 *
 * A list without an entry is atomic (replaced as a whole): taints, tolerations, envFrom, commands, selector terms.
 * Source: Kubernetes 1.34 API types (patchStrategy and patchMergeKey tags).
 */
import type { ResourceType } from './resource-type.ts';

/** How one field is patched; fields without a rule are merged as objects or replaced. */
export interface FieldRule {
  /** Merge key of a list of objects. */
  readonly mergeKey?: string;
  /** A list of scalars that is merged as a set. */
  readonly set?: boolean;
  /** The object is replaced, not merged. */
  readonly replace?: boolean;
  /** Null is the field's empty value, which the server stores and shows, not a deletion (times that are no pointers). */
  readonly nullable?: boolean;
  /** Rules for the object or for the list's items. */
  readonly of?: PatchSchema;
}

/** Field name to rule. */
export interface PatchSchema {
  readonly [field: string]: FieldRule;
}

const CONDITIONS: PatchSchema = { conditions: { mergeKey: 'type' } };

const POD_CONDITIONS: FieldRule = {
  mergeKey: 'type',
  of: { lastProbeTime: { nullable: true }, lastTransitionTime: { nullable: true } },
};

const META: PatchSchema = { ownerReferences: { mergeKey: 'uid' }, finalizers: { set: true } };

const CONTAINER: PatchSchema = {
  ports: { mergeKey: 'containerPort' },
  env: { mergeKey: 'name' },
  volumeMounts: { mergeKey: 'mountPath' },
  volumeDevices: { mergeKey: 'devicePath' },
};

const POD_SPEC: PatchSchema = {
  volumes: { mergeKey: 'name' },
  initContainers: { mergeKey: 'name', of: CONTAINER },
  containers: { mergeKey: 'name', of: CONTAINER },
  ephemeralContainers: { mergeKey: 'name', of: CONTAINER },
  imagePullSecrets: { mergeKey: 'name' },
  hostAliases: { mergeKey: 'ip' },
  topologySpreadConstraints: { mergeKey: 'topologyKey' },
  schedulingGates: { mergeKey: 'name' },
  resourceClaims: { mergeKey: 'name' },
};

const WORKLOAD: PatchSchema = {
  metadata: { of: META },
  spec: { of: { template: { of: { metadata: { of: META }, spec: { of: POD_SPEC } } } } },
  status: { of: CONDITIONS },
};

const DEFAULT: PatchSchema = { metadata: { of: META }, status: { of: CONDITIONS } };

const BY_KIND: Readonly<Record<string, PatchSchema>> = {
  Pod: {
    metadata: { of: META },
    spec: { of: POD_SPEC },
    status: {
      of: {
        conditions: POD_CONDITIONS,
        podIPs: { mergeKey: 'ip' },
        hostIPs: { mergeKey: 'ip' },
        resourceClaimStatuses: { mergeKey: 'name' },
      },
    },
  },
  Node: {
    metadata: { of: META },
    spec: { of: { podCIDRs: { set: true } } },
    status: { of: { ...CONDITIONS, addresses: { mergeKey: 'type' } } },
  },
  Service: { metadata: { of: META }, spec: { of: { ports: { mergeKey: 'port' } } }, status: { of: CONDITIONS } },
  CSINode: { metadata: { of: META }, spec: { of: { drivers: { mergeKey: 'name' } } } },
  ResourceClaim: { metadata: { of: META }, status: { of: { reservedFor: { mergeKey: 'uid' } } } },
  ServiceAccount: { metadata: { of: META }, secrets: { mergeKey: 'name' } },
  PodDisruptionBudget: {
    metadata: { of: META },
    spec: { of: { selector: { replace: true } } },
    status: { of: CONDITIONS },
  },
  Deployment: WORKLOAD,
  ReplicaSet: WORKLOAD,
  StatefulSet: WORKLOAD,
  DaemonSet: WORKLOAD,
  Job: WORKLOAD,
};

const BUILT_IN_GROUPS: ReadonlySet<string> = new Set(['', 'apps', 'autoscaling', 'batch', 'extensions', 'policy']);

/** The rules of a type; null for custom resources, which take no strategic merge patches (415). */
export function patchSchemaOf(type: ResourceType): PatchSchema | null {
  if (type.simulated && Object.hasOwn(BY_KIND, type.kind)) return BY_KIND[type.kind] as PatchSchema;
  return BUILT_IN_GROUPS.has(type.group) || type.group.endsWith('.k8s.io') ? DEFAULT : null;
}

/**
 * Pods and pod templates: the fields that some component reads or writes. Fields outside this list are kept in objects
 * untouched; they have no effect. Source: Kubernetes 1.34, core/v1 Pod.
 */
import type {
  Condition,
  IntOrString,
  KubeObject,
  LabelSelector,
  ResourceList,
  StringMap,
  TemplateMeta,
} from './object.ts';

/** core/v1 ResourceRequirements. */
export interface ResourceRequirements {
  readonly requests?: ResourceList | undefined;
  readonly limits?: ResourceList | undefined;
}

/** core/v1 ContainerPort. */
export interface ContainerPort {
  readonly name?: string | undefined;
  readonly containerPort: number;
  readonly hostPort?: number | undefined;
  readonly hostIP?: string | undefined;
  readonly protocol?: string | undefined;
}

/** Source of one variable; a missing ConfigMap or Secret keeps the container waiting unless `optional`. */
export interface KeySelector {
  readonly name?: string | undefined;
  readonly key: string;
  readonly optional?: boolean | undefined;
}

/** core/v1 EnvVar. */
export interface EnvVar {
  readonly name: string;
  readonly value?: string | undefined;
  readonly valueFrom?:
    | {
        readonly configMapKeyRef?: KeySelector | undefined;
        readonly secretKeyRef?: KeySelector | undefined;
        readonly fieldRef?: { readonly apiVersion?: string | undefined; readonly fieldPath: string } | undefined;
        readonly resourceFieldRef?:
          | { readonly resource: string; readonly divisor?: string | number | undefined }
          | undefined;
      }
    | undefined;
}

/** A whole ConfigMap or Secret as a source. */
export interface SourceReference {
  readonly name?: string | undefined;
  readonly optional?: boolean | undefined;
}

/** core/v1 EnvFromSource. */
export interface EnvFromSource {
  readonly prefix?: string | undefined;
  readonly configMapRef?: SourceReference | undefined;
  readonly secretRef?: SourceReference | undefined;
}

/** core/v1 Probe; seconds. */
export interface Probe {
  readonly httpGet?:
    | {
        readonly path?: string | undefined;
        readonly port: IntOrString;
        readonly scheme?: string | undefined;
        readonly host?: string | undefined;
        readonly httpHeaders?: readonly { readonly name?: string; readonly value?: string }[] | undefined;
      }
    | undefined;
  readonly tcpSocket?: { readonly port: IntOrString; readonly host?: string | undefined } | undefined;
  readonly exec?: { readonly command?: readonly string[] | undefined } | undefined;
  readonly grpc?: { readonly port: number; readonly service?: string | undefined } | undefined;
  readonly initialDelaySeconds?: number | undefined;
  readonly periodSeconds?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly successThreshold?: number | undefined;
  readonly failureThreshold?: number | undefined;
  readonly terminationGracePeriodSeconds?: number | undefined;
}

/** core/v1 LifecycleHandler. */
export interface LifecycleHandler {
  readonly exec?: { readonly command?: readonly string[] | undefined } | undefined;
  readonly httpGet?: Probe['httpGet'];
  readonly tcpSocket?: Probe['tcpSocket'];
  readonly sleep?: { readonly seconds: number } | undefined;
}

/** core/v1 VolumeMount. */
export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean | undefined;
  readonly subPath?: string | undefined;
  readonly subPathExpr?: string | undefined;
  readonly mountPropagation?: string | undefined;
}

/** core/v1 Container. An init container with `restartPolicy: Always` is a sidecar. */
export interface Container {
  readonly name: string;
  readonly image?: string | undefined;
  readonly command?: readonly string[] | undefined;
  readonly args?: readonly string[] | undefined;
  readonly workingDir?: string | undefined;
  readonly ports?: readonly ContainerPort[] | undefined;
  readonly envFrom?: readonly EnvFromSource[] | undefined;
  readonly env?: readonly EnvVar[] | undefined;
  readonly resources?: ResourceRequirements | undefined;
  readonly restartPolicy?: string | undefined;
  readonly restartPolicyRules?: readonly { readonly action: string }[] | undefined;
  readonly volumeMounts?: readonly VolumeMount[] | undefined;
  readonly livenessProbe?: Probe | undefined;
  readonly readinessProbe?: Probe | undefined;
  readonly startupProbe?: Probe | undefined;
  readonly lifecycle?:
    | { readonly postStart?: LifecycleHandler | undefined; readonly preStop?: LifecycleHandler | undefined }
    | undefined;
  readonly terminationMessagePath?: string | undefined;
  readonly terminationMessagePolicy?: string | undefined;
  readonly imagePullPolicy?: string | undefined;
  readonly securityContext?: Readonly<Record<string, unknown>> | undefined;
}

/** core/v1 Volume: a name and one source; only sources that somebody reads are typed. */
export interface Volume {
  readonly name: string;
  readonly configMap?: (SourceReference & { readonly defaultMode?: number | undefined }) | undefined;
  readonly secret?:
    | {
        readonly secretName?: string | undefined;
        readonly optional?: boolean | undefined;
        readonly defaultMode?: number | undefined;
      }
    | undefined;
  readonly projected?:
    | {
        readonly sources?: readonly Readonly<Record<string, unknown>>[] | undefined;
        readonly defaultMode?: number | undefined;
      }
    | undefined;
  readonly emptyDir?: Readonly<Record<string, unknown>> | undefined;
  readonly hostPath?: { readonly path: string; readonly type?: string | undefined } | undefined;
  readonly persistentVolumeClaim?: { readonly claimName: string; readonly readOnly?: boolean | undefined } | undefined;
  readonly [source: string]: unknown;
}

/** core/v1 Toleration. Empty key with operator Exists tolerates everything. */
export interface Toleration {
  readonly key?: string | undefined;
  readonly operator?: string | undefined;
  readonly value?: string | undefined;
  readonly effect?: string | undefined;
  readonly tolerationSeconds?: number | undefined;
}

/** core/v1 NodeSelectorRequirement. */
export interface NodeSelectorRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

/** core/v1 NodeSelectorTerm: expressions are AND-ed; an empty term matches nothing. */
export interface NodeSelectorTerm {
  readonly matchExpressions?: readonly NodeSelectorRequirement[] | undefined;
  readonly matchFields?: readonly NodeSelectorRequirement[] | undefined;
}

/** core/v1 NodeSelector: terms are OR-ed. */
export interface NodeSelector {
  readonly nodeSelectorTerms: readonly NodeSelectorTerm[];
}

/** core/v1 NodeAffinity. */
export interface NodeAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector | undefined;
  readonly preferredDuringSchedulingIgnoredDuringExecution?:
    | readonly { readonly weight: number; readonly preference?: NodeSelectorTerm | undefined }[]
    | undefined;
}

/** core/v1 PodAffinityTerm. */
export interface PodAffinityTerm {
  readonly labelSelector?: LabelSelector | undefined;
  readonly namespaces?: readonly string[] | undefined;
  readonly namespaceSelector?: LabelSelector | undefined;
  readonly topologyKey: string;
  readonly matchLabelKeys?: readonly string[] | undefined;
  readonly mismatchLabelKeys?: readonly string[] | undefined;
}

/** core/v1 PodAffinity and PodAntiAffinity. */
export interface PodAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[] | undefined;
  readonly preferredDuringSchedulingIgnoredDuringExecution?:
    | readonly { readonly weight: number; readonly podAffinityTerm: PodAffinityTerm }[]
    | undefined;
}

/** core/v1 Affinity. */
export interface Affinity {
  readonly nodeAffinity?: NodeAffinity | undefined;
  readonly podAffinity?: PodAffinity | undefined;
  readonly podAntiAffinity?: PodAffinity | undefined;
}

/** core/v1 TopologySpreadConstraint. */
export interface TopologySpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly whenUnsatisfiable: string;
  readonly labelSelector?: LabelSelector | undefined;
  readonly minDomains?: number | undefined;
  readonly nodeAffinityPolicy?: string | undefined;
  readonly nodeTaintsPolicy?: string | undefined;
  readonly matchLabelKeys?: readonly string[] | undefined;
}

/** core/v1 PodSpec. */
export interface PodSpec {
  readonly volumes?: readonly Volume[] | undefined;
  readonly initContainers?: readonly Container[] | undefined;
  readonly containers: readonly Container[];
  readonly restartPolicy?: string | undefined;
  readonly terminationGracePeriodSeconds?: number | undefined;
  readonly activeDeadlineSeconds?: number | undefined;
  readonly dnsPolicy?: string | undefined;
  readonly nodeSelector?: StringMap | undefined;
  readonly serviceAccountName?: string | undefined;
  readonly serviceAccount?: string | undefined;
  readonly automountServiceAccountToken?: boolean | undefined;
  readonly nodeName?: string | undefined;
  /** The PodGroup that the pod belongs to (scheduling.k8s.io, since 1.36). */
  readonly schedulingGroup?: { readonly podGroupName?: string | undefined } | undefined;
  readonly dnsConfig?:
    | {
        readonly nameservers?: readonly string[] | undefined;
        readonly searches?: readonly string[] | undefined;
        readonly options?: readonly { readonly name?: string; readonly value?: string }[] | undefined;
      }
    | undefined;
  readonly hostAliases?: readonly { readonly ip?: string; readonly hostnames?: readonly string[] }[] | undefined;
  readonly shareProcessNamespace?: boolean | undefined;
  readonly hostPID?: boolean | undefined;
  readonly os?: { readonly name?: string | undefined } | undefined;
  readonly hostNetwork?: boolean | undefined;
  /** False: the pod has a user namespace of its own. */
  readonly hostUsers?: boolean | undefined;
  readonly securityContext?: Readonly<Record<string, unknown>> | undefined;
  readonly imagePullSecrets?: readonly { readonly name?: string | undefined }[] | undefined;
  readonly hostname?: string | undefined;
  readonly subdomain?: string | undefined;
  readonly affinity?: Affinity | undefined;
  readonly schedulerName?: string | undefined;
  readonly tolerations?: readonly Toleration[] | undefined;
  readonly priorityClassName?: string | undefined;
  readonly priority?: number | undefined;
  readonly readinessGates?: readonly { readonly conditionType: string }[] | undefined;
  readonly runtimeClassName?: string | undefined;
  readonly enableServiceLinks?: boolean | undefined;
  readonly preemptionPolicy?: string | undefined;
  readonly overhead?: ResourceList | undefined;
  readonly topologySpreadConstraints?: readonly TopologySpreadConstraint[] | undefined;
  readonly schedulingGates?: readonly { readonly name: string }[] | undefined;
  readonly resources?: ResourceRequirements | undefined;
  readonly resourceClaims?: readonly PodResourceClaim[] | undefined;
}

/** An entry of a pod's `spec.resourceClaims`. */
export interface PodResourceClaim {
  readonly name: string;
  readonly resourceClaimName?: string | undefined;
  readonly resourceClaimTemplateName?: string | undefined;
}

/** Which claim stands for an entry; without a name the entry needs none. */
export interface PodResourceClaimStatus {
  readonly name: string;
  readonly resourceClaimName?: string | undefined;
}

/** core/v1 PodTemplateSpec. */
export interface PodTemplateSpec {
  readonly metadata?: TemplateMeta | undefined;
  readonly spec: PodSpec;
}

/** core/v1 ContainerState: exactly one of the three. */
export interface ContainerState {
  readonly waiting?: { readonly reason?: string | undefined; readonly message?: string | undefined } | undefined;
  readonly running?: { readonly startedAt?: string | undefined } | undefined;
  readonly terminated?:
    | {
        readonly exitCode: number;
        readonly reason?: string | undefined;
        readonly message?: string | undefined;
        readonly startedAt?: string | null | undefined;
        readonly finishedAt?: string | null | undefined;
        readonly containerID?: string | undefined;
      }
    | undefined;
}

/** core/v1 ContainerStatus. */
export interface ContainerStatus {
  readonly name: string;
  readonly state?: ContainerState | undefined;
  readonly lastState?: ContainerState | undefined;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly image: string;
  readonly imageID: string;
  readonly containerID?: string | undefined;
  readonly started?: boolean | undefined;
  /** What the container has, and what the kubelet has set aside for it, while it is resized in place. */
  readonly resources?: ResourceRequirements | undefined;
  readonly allocatedResources?: ResourceList | undefined;
}

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';

/** core/v1 PodStatus. */
export interface PodStatus {
  readonly observedGeneration?: number | undefined;
  readonly phase?: PodPhase | undefined;
  readonly conditions?: readonly Condition[] | undefined;
  readonly message?: string | undefined;
  readonly reason?: string | undefined;
  readonly nominatedNodeName?: string | undefined;
  readonly hostIP?: string | undefined;
  readonly hostIPs?: readonly { readonly ip: string }[] | undefined;
  readonly podIP?: string | undefined;
  readonly podIPs?: readonly { readonly ip: string }[] | undefined;
  readonly startTime?: string | undefined;
  readonly initContainerStatuses?: readonly ContainerStatus[] | undefined;
  readonly containerStatuses?: readonly ContainerStatus[] | undefined;
  readonly qosClass?: string | undefined;
  readonly resourceClaimStatuses?: readonly PodResourceClaimStatus[] | undefined;
  /** The claim that a scheduler made for extended resources (gate DRAExtendedResource). */
  readonly extendedResourceClaimStatus?: { readonly resourceClaimName: string } | undefined;
  /** Of the pod as a whole, as for containers. */
  readonly resources?: ResourceRequirements | undefined;
  readonly allocatedResources?: ResourceList | undefined;
}

/** core/v1 Pod. */
export interface Pod extends KubeObject {
  readonly spec: PodSpec;
  readonly status?: PodStatus | undefined;
}

/** Body of the `binding` subresource (core/v1 Binding). `metadata.uid`, when set, must be the pod's. */
export interface Binding extends KubeObject {
  readonly target: { readonly apiVersion?: string | undefined; readonly kind: string; readonly name: string };
}

/** Body of the `eviction` subresource (policy/v1 Eviction). */
export interface Eviction extends KubeObject {
  readonly deleteOptions?:
    | {
        readonly gracePeriodSeconds?: number | undefined;
        readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' | undefined;
        readonly preconditions?:
          | { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined }
          | undefined;
      }
    | undefined;
}

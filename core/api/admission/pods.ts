/**
 * Admission of pods: defaults, service account, priority, tolerations, first status; done once for all pods of one
 * template.
 *
 * The result is kept by identity of the spec that came in, so that 50,000 pods of one template share one admitted
 * spec. It is made anew when PriorityClasses change. Source: Kubernetes 1.34, plug-ins ServiceAccount, Priority,
 * DefaultTolerationSeconds.
 */
import { defaultPodSpec, initialPodStatus } from '../../types/defaults/pod-spec.ts';
import { checkLabelValue } from '../../types/dns-names.ts';
import { copyWith, isRecord, type JsonRecord } from '../../types/json-value.ts';
import type { KubeObject, ObjectMeta, StringMap } from '../../types/object.ts';
import { noteChangedSpec } from '../../types/object-hash.ts';
import type { Container, Pod, PodSpec, PodStatus, Toleration, Volume, VolumeMount } from '../../types/pod.ts';
import {
  type AdmittedPriority,
  type GivenPriority,
  type PriorityClass,
  priorityOf,
} from '../../types/priority-class.ts';
import { PODS, PRIORITYCLASSES, type ResourceType } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import { validateCreate, validateNewMetadata } from '../../types/validation/validate.ts';
import type { ApiCore } from '../core.ts';

/** What all pods with one given spec share. */
interface AdmittedSpec {
  readonly given: PodSpec;
  readonly spec: PodSpec;
  readonly status: PodStatus;
  readonly epoch: number;
  /** Labels, annotations and owners that were found valid with it; pods of one template have the same. */
  labels: StringMap | undefined;
  annotations: StringMap | undefined;
  generateName: string | undefined;
  validated: boolean;
}

const DEFAULT_SECONDS = 300;
const NOT_READY: Toleration = {
  key: 'node.kubernetes.io/not-ready',
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: DEFAULT_SECONDS,
};
const UNREACHABLE: Toleration = { ...NOT_READY, key: 'node.kubernetes.io/unreachable' };
const DEFAULT_PAIR: readonly Toleration[] = [NOT_READY, UNREACHABLE];

function covers(toleration: Toleration, key: string): boolean {
  const anyKey = toleration.key === undefined || toleration.key === '' || toleration.key === key;
  return anyKey && (toleration.effect === undefined || toleration.effect === '' || toleration.effect === 'NoExecute');
}

/** DefaultTolerationSeconds: 300 s for nodes that are not ready or unreachable, unless the pod says otherwise. */
export function withDefaultTolerations(given: readonly Toleration[] | undefined): readonly Toleration[] {
  if (given === undefined || given.length === 0) return DEFAULT_PAIR;
  const missing = DEFAULT_PAIR.filter(
    (wanted) => !given.some((toleration) => covers(toleration, wanted.key as string)),
  );
  return missing.length === 0 ? given : [...given, ...missing];
}

/** What the Priority plug-in makes of a named class, or of the default one. @throws StatusError (403) */
export function computedPriority(
  core: ApiCore,
  type: ResourceType,
  given: GivenPriority,
  name: string,
): AdmittedPriority {
  const classes: PriorityClass[] = [];
  core.cacheOf(PRIORITYCLASSES).forEach((object) => classes.push(object as PriorityClass));
  const computed = priorityOf(classes, given, type === PODS ? 'pod' : 'pod group');
  if (computed.refusal !== '') throw StatusError.forbidden(type, name, computed.refusal);
  return computed;
}

/** The Priority plug-in. Throws StatusError (403). */
function withPriority(core: ApiCore, spec: PodSpec, podName: string): PodSpec {
  const { name: priorityClassName, priority, preemptionPolicy } = computedPriority(core, PODS, spec, podName);
  return copyWith(spec, { priorityClassName, priority, preemptionPolicy });
}

const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const TOKEN_VOLUME_NAME = 'kube-api-access';
const TOKEN_VOLUME: Volume = {
  name: TOKEN_VOLUME_NAME,
  projected: {
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
        },
      },
    ],
    defaultMode: 420,
  },
};
const TOKEN_MOUNT: VolumeMount = { name: TOKEN_VOLUME_NAME, readOnly: true, mountPath: TOKEN_PATH };

function mounted(container: Container): Container {
  if (container.volumeMounts?.some((mount) => mount.mountPath === TOKEN_PATH) === true) return container;
  return { ...container, volumeMounts: [...(container.volumeMounts ?? []), TOKEN_MOUNT] };
}

/**
 * The ServiceAccount plug-in: the account's name and, as an option, its token volume (one name for all pods of a
 * template).
 */
function withServiceAccount(core: ApiCore, spec: PodSpec): PodSpec {
  const account =
    spec.serviceAccountName === undefined || spec.serviceAccountName === '' ? 'default' : spec.serviceAccountName;
  const named: PodSpec =
    spec.serviceAccountName === account
      ? spec
      : copyWith(spec, { serviceAccountName: account, serviceAccount: account });
  if (!core.admission.tokenVolume || named.automountServiceAccountToken === false) return named;
  if (named.volumes?.some((volume) => volume.name.startsWith(TOKEN_VOLUME_NAME)) === true) return named;
  return copyWith(named, {
    volumes: [...(named.volumes ?? []), TOKEN_VOLUME],
    containers: named.containers.map(mounted),
    initContainers: named.initContainers?.map(mounted),
  });
}

/** The first status; its condition, where it has one, is the pod's own. Source: Kubernetes 1.34, registry/core/pod applySchedulingGatedCondition. */
function firstStatus({ spec, status }: AdmittedSpec, { creationTimestamp }: ObjectMeta): PodStatus {
  return status.conditions === undefined ? status : (initialPodStatus(spec, creationTimestamp) as PodStatus);
}

/** Admits pod specs for one API server. */
export class PodAdmission {
  readonly #core: ApiCore;
  #known = new WeakMap<PodSpec, AdmittedSpec>();
  #last: AdmittedSpec | null = null;

  constructor(core: ApiCore) {
    this.#core = core;
  }

  /** The pod as it is stored first. `metadata` is complete. Throws StatusError (403, 422). */
  admit(given: KubeObject, metadata: ObjectMeta): KubeObject {
    const spec = given.spec as PodSpec | undefined;
    if (typeof spec !== 'object' || spec === null || !Array.isArray(spec.containers)) {
      const whole = isRecord(spec) ? { ...given, spec: defaultPodSpec(spec) } : given;
      const error = validateCreate(PODS, { ...whole, metadata });
      throw error ?? StatusError.badRequest('a pod needs a spec with containers');
    }
    const admitted = this.#admitted(spec, metadata.name);
    const pod: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: admitted.given === spec ? admitted.spec : withClaimsOf(spec, admitted),
      status: firstStatus(admitted, metadata),
    };
    this.#validate(admitted, pod);
    return pod;
  }

  /** An object as an update gives it, after the plug-ins that act on updates as well (DefaultTolerationSeconds). */
  readmitted(type: ResourceType, given: KubeObject): KubeObject {
    const spec = given.spec as PodSpec | undefined;
    if (type !== PODS || spec === undefined || spec === null) return given;
    const tolerations = withDefaultTolerations(spec.tolerations);
    return tolerations === spec.tolerations ? given : { ...given, spec: { ...spec, tolerations } };
  }

  /** What was made of this spec, or of the last one where only the names of claims differ. */
  #admitted(given: PodSpec, name: string): AdmittedSpec {
    const epoch = this.#core.cacheOf(PRIORITYCLASSES).changes;
    const last = this.#last?.epoch === epoch ? this.#last : null;
    if (last !== null && (given === last.given || (last.validated && differsInClaims(given, last.given)))) return last;
    let admitted = this.#known.get(given);
    if (admitted === undefined || admitted.epoch !== epoch) {
      admitted = this.#admitSpec(given, name, epoch);
      this.#known.set(given, admitted);
    }
    this.#last = admitted;
    return admitted;
  }

  #admitSpec(given: PodSpec, name: string, epoch: number): AdmittedSpec {
    const core = this.#core;
    const defaulted = defaultPodSpec(given);
    const named = core.admission.serviceAccount ? withServiceAccount(core, defaulted) : defaulted;
    // With a place for the node's name: binding copies the spec, and a copy that gained a field would have a hidden class of its own. Field by
    // field: V8 makes a new class for what a spread gave to each template, and with five of them who reads pods is slow.
    const { nodeName } = named;
    const tolerant = copyWith(named, { tolerations: withDefaultTolerations(named.tolerations), nodeName });
    const spec = core.admission.priority ? withPriority(core, tolerant, name) : tolerant;
    return {
      given,
      spec,
      status: initialPodStatus(spec) as PodStatus,
      epoch,
      labels: undefined,
      annotations: undefined,
      generateName: undefined,
      validated: false,
    };
  }

  /** Content once a spec; metadata unless a pod with the same labels, annotations and name prefix has passed. */
  #validate(admitted: AdmittedSpec, pod: Pod): void {
    const { labels, annotations, generateName, finalizers } = pod.metadata;
    const same =
      admitted.validated &&
      generateName !== undefined &&
      admitted.generateName === generateName &&
      hasFineLabels(labels, admitted.labels) &&
      admitted.annotations === annotations &&
      finalizers === undefined;
    if (same) return;
    const error = admitted.validated ? validateNewMetadata(PODS, pod) : validateCreate(PODS, pod);
    if (error !== null) throw error;
    admitted.labels = labels;
    admitted.annotations = annotations;
    admitted.generateName = generateName;
    admitted.validated = true;
  }
}

/** Whether two specs share everything but the claims that their volumes name: so do the pods of one template that have claims of their own. */
function differsInClaims(given: PodSpec, other: PodSpec): boolean {
  if (!Array.isArray(given.volumes) || given.volumes.length !== other.volumes?.length) return false;
  return (
    isSameBut('volumes', given, other) &&
    given.volumes.every(
      (volume: Volume, i) => volume === other.volumes?.[i] || namesOtherClaim(volume, other.volumes?.[i]),
    )
  );
}

function namesOtherClaim(volume: unknown, other: unknown): boolean {
  if (!isRecord(volume) || !isRecord(other) || !isSameBut('persistentVolumeClaim', volume, other)) return false;
  const claim = volume['persistentVolumeClaim'];
  const otherClaim = other['persistentVolumeClaim'];
  if (!isRecord(claim) || !isRecord(otherClaim) || !isSameBut('claimName', claim, otherClaim)) return false;
  return typeof claim['claimName'] === 'string' && claim['claimName'] !== '';
}

/** Whether two records have the same fields with the very same values, but for `field`. */
function isSameBut(field: string, record: object, other: object): boolean {
  const left = record as JsonRecord;
  const right = other as JsonRecord;
  for (const key in left) if (key !== field && left[key] !== right[key]) return false;
  for (const key in right) if (!Object.hasOwn(left, key)) return false;
  return true;
}

/** The admitted spec with the claims of one that {@link differsInClaims}. */
function withClaimsOf({ volumes: given }: PodSpec, { spec, given: like }: AdmittedSpec): PodSpec {
  const volumes = spec.volumes?.map((volume, i) => {
    const own = given?.[i];
    return own === undefined || own === like.volumes?.[i] ? volume : own;
  });
  const claimed = copyWith(spec, { volumes });
  noteChangedSpec(claimed, spec, 'volumes');
  return claimed;
}

/** Whether labels are valid because all that differs from valid ones are values, and these are valid. */
function hasFineLabels(labels: StringMap | undefined, fine: StringMap | undefined): boolean {
  if (labels === fine) return true;
  for (const key in labels) {
    if (fine === undefined || !Object.hasOwn(fine, key)) return false;
    const value = labels[key] as string;
    if (value !== fine[key] && checkLabelValue(value).length > 0) return false;
  }
  return true;
}

/**
 * API versions that Kubernetes has removed, which old manifests still name: the real server has no such kind and `kubectl apply` says so.
 *
 * Source: Kubernetes deprecated API migration guide (removals of 1.16 to 1.32).
 */
import type { KubeObject } from '../core/types/object.ts';

/** What replaced kinds of a version, and since when the version is gone. */
interface Removal {
  readonly kinds: readonly string[];
  readonly release: string;
  /** The version that has them now; `''` = nothing replaces them. */
  readonly now: string;
}

const WORKLOADS = ['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet', 'ControllerRevision'];

const REMOVALS: ReadonlyMap<string, readonly Removal[]> = new Map(
  Object.entries<readonly Removal[]>({
    'extensions/v1beta1': [
      { kinds: WORKLOADS, release: '1.16', now: 'apps/v1' },
      { kinds: ['NetworkPolicy'], release: '1.16', now: 'networking.k8s.io/v1' },
      { kinds: ['PodSecurityPolicy'], release: '1.16', now: '' },
      { kinds: ['Ingress'], release: '1.22', now: 'networking.k8s.io/v1' },
    ],
    'apps/v1beta1': [{ kinds: WORKLOADS, release: '1.16', now: 'apps/v1' }],
    'apps/v1beta2': [{ kinds: WORKLOADS, release: '1.16', now: 'apps/v1' }],
    'apiextensions.k8s.io/v1beta1': [
      { kinds: ['CustomResourceDefinition'], release: '1.22', now: 'apiextensions.k8s.io/v1' },
    ],
    'admissionregistration.k8s.io/v1beta1': [
      {
        kinds: ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
        release: '1.22',
        now: 'admissionregistration.k8s.io/v1',
      },
    ],
    'apiregistration.k8s.io/v1beta1': [{ kinds: ['APIService'], release: '1.22', now: 'apiregistration.k8s.io/v1' }],
    'certificates.k8s.io/v1beta1': [
      { kinds: ['CertificateSigningRequest'], release: '1.22', now: 'certificates.k8s.io/v1' },
    ],
    'coordination.k8s.io/v1beta1': [{ kinds: ['Lease'], release: '1.22', now: 'coordination.k8s.io/v1' }],
    'networking.k8s.io/v1beta1': [{ kinds: ['Ingress', 'IngressClass'], release: '1.22', now: 'networking.k8s.io/v1' }],
    'rbac.authorization.k8s.io/v1beta1': [
      {
        kinds: ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
        release: '1.22',
        now: 'rbac.authorization.k8s.io/v1',
      },
    ],
    'scheduling.k8s.io/v1beta1': [{ kinds: ['PriorityClass'], release: '1.22', now: 'scheduling.k8s.io/v1' }],
    'storage.k8s.io/v1beta1': [
      {
        kinds: ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment'],
        release: '1.22',
        now: 'storage.k8s.io/v1',
      },
      { kinds: ['CSIStorageCapacity'], release: '1.27', now: 'storage.k8s.io/v1' },
    ],
    'batch/v1beta1': [{ kinds: ['CronJob'], release: '1.25', now: 'batch/v1' }],
    'batch/v2alpha1': [{ kinds: ['CronJob'], release: '1.21', now: 'batch/v1' }],
    'discovery.k8s.io/v1beta1': [{ kinds: ['EndpointSlice'], release: '1.25', now: 'discovery.k8s.io/v1' }],
    'events.k8s.io/v1beta1': [{ kinds: ['Event'], release: '1.25', now: 'events.k8s.io/v1' }],
    'node.k8s.io/v1beta1': [{ kinds: ['RuntimeClass'], release: '1.25', now: 'node.k8s.io/v1' }],
    'policy/v1beta1': [
      { kinds: ['PodDisruptionBudget'], release: '1.25', now: 'policy/v1' },
      { kinds: ['PodSecurityPolicy'], release: '1.25', now: '' },
    ],
    'autoscaling/v2beta1': [{ kinds: ['HorizontalPodAutoscaler'], release: '1.25', now: 'autoscaling/v2' }],
    'autoscaling/v2beta2': [{ kinds: ['HorizontalPodAutoscaler'], release: '1.26', now: 'autoscaling/v2' }],
  }),
);

/** What to say of an object whose version is gone, and the version to write instead (`''`: none); null for any other. */
export function removalOf({ apiVersion, kind }: KubeObject): { readonly text: string; readonly now: string } | null {
  const removal = REMOVALS.get(apiVersion)?.find(({ kinds }) => kinds.includes(kind));
  if (removal === undefined) return null;
  const { release, now } = removal;
  const text = `apiVersion: Kubernetes has no ${kind} in ${apiVersion} since ${release}`;
  return { text: now === '' ? `${text}, and nothing replaces it` : text, now };
}

/**
 * Volumes and what binds them: the fields that scheduling reads. Source: Kubernetes 1.34, core/v1 PersistentVolume and
 * PersistentVolumeClaim; storage.k8s.io/v1.
 */
import type { KubeObject, LabelSelector, ObjectReference, ResourceList } from './object.ts';
import type { NodeSelector } from './pod.ts';

/** What a PersistentVolume is. */
export interface VolumeSpec {
  readonly capacity?: ResourceList | undefined;
  readonly accessModes?: readonly string[] | undefined;
  readonly volumeMode?: string | undefined;
  readonly volumeAttributesClassName?: string | undefined;
  readonly persistentVolumeReclaimPolicy?: string | undefined;
  readonly storageClassName?: string | undefined;
  readonly claimRef?: ObjectReference | undefined;
  readonly nodeAffinity?: { readonly required?: NodeSelector | undefined } | undefined;
  readonly csi?: { readonly driver: string; readonly volumeHandle: string } | undefined;
}

/** core/v1 PersistentVolume. */
export interface PersistentVolume extends KubeObject {
  readonly spec?: VolumeSpec | undefined;
  readonly status?: { readonly phase?: string | undefined } | undefined;
}

/** What a claim asks for. */
export interface VolumeClaimSpec {
  readonly accessModes?: readonly string[] | undefined;
  readonly resources?: { readonly requests?: ResourceList | undefined } | undefined;
  readonly selector?: LabelSelector | undefined;
  readonly storageClassName?: string | undefined;
  readonly volumeMode?: string | undefined;
  readonly volumeAttributesClassName?: string | undefined;
  readonly volumeName?: string | undefined;
}

/** core/v1 PersistentVolumeClaim. */
export interface PersistentVolumeClaim extends KubeObject {
  readonly spec?: VolumeClaimSpec | undefined;
  readonly status?:
    | {
        readonly phase?: string | undefined;
        readonly accessModes?: readonly string[] | undefined;
        readonly capacity?: ResourceList | undefined;
      }
    | undefined;
}

/** storage.k8s.io/v1 StorageClass. */
export interface StorageClass extends KubeObject {
  readonly provisioner?: string | undefined;
  readonly reclaimPolicy?: string | undefined;
  readonly volumeBindingMode?: string | undefined;
  readonly allowedTopologies?:
    | readonly {
        readonly matchLabelExpressions?:
          | readonly { readonly key: string; readonly values?: readonly string[] | undefined }[]
          | undefined;
      }[]
    | undefined;
}

/** storage.k8s.io/v1 CSINode; it has the node's name. */
export interface CsiNode extends KubeObject {
  readonly spec?:
    | {
        readonly drivers?:
          | readonly {
              readonly name: string;
              readonly nodeID?: string | undefined;
              readonly allocatable?: { readonly count?: number | undefined } | undefined;
            }[]
          | undefined;
      }
    | undefined;
}

/** storage.k8s.io/v1 CSIDriver. */
export interface CsiDriver extends KubeObject {
  readonly spec?: { readonly storageCapacity?: boolean | undefined } | undefined;
}

/** storage.k8s.io/v1 CSIStorageCapacity. */
export interface CsiStorageCapacity extends KubeObject {
  readonly storageClassName?: string | undefined;
  readonly capacity?: string | undefined;
  readonly maximumVolumeSize?: string | undefined;
  readonly nodeTopology?: LabelSelector | undefined;
}

/** storage.k8s.io/v1 VolumeAttachment. */
export interface VolumeAttachment extends KubeObject {
  readonly spec?:
    | {
        readonly attacher: string;
        readonly nodeName: string;
        readonly source?: { readonly persistentVolumeName?: string | undefined } | undefined;
      }
    | undefined;
}

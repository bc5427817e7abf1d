/** ServiceAccounts. Source: Kubernetes 1.34, core/v1 ServiceAccount. */
import type { KubeObject, ObjectReference } from './object.ts';

/** core/v1 ServiceAccount. */
export interface ServiceAccount extends KubeObject {
  readonly secrets?: readonly ObjectReference[] | undefined;
  readonly imagePullSecrets?: readonly { readonly name?: string | undefined }[] | undefined;
  readonly automountServiceAccountToken?: boolean | undefined;
}

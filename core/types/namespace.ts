/** Namespaces. Source: Kubernetes 1.34, core/v1 Namespace. */
import type { Condition, KubeObject } from './object.ts';

/** core/v1 NamespaceStatus. */
export interface NamespaceStatus {
  readonly phase?: 'Active' | 'Terminating' | undefined;
  readonly conditions?: readonly Condition[] | undefined;
}

/** core/v1 Namespace. It goes away when deletion was asked for and `spec.finalizers` is empty. */
export interface Namespace extends KubeObject {
  readonly spec?: { readonly finalizers?: readonly string[] | undefined } | undefined;
  readonly status?: NamespaceStatus | undefined;
}

/**
 * Names under which API servers are asked, as those who ask and those who judge requests know them.
 *
 * Source: Kubernetes documentation, "Using RBAC Authorization", core component roles; "Node authorization"; "Service accounts".
 */
export const SCHEDULER_USER = 'system:kube-scheduler';
export const CONTROLLER_MANAGER_USER = 'system:kube-controller-manager';
export const CLOUD_CONTROLLER_MANAGER_USER = 'system:cloud-controller-manager';
/** Before the name of a node: its kubelet. */
export const KUBELET_USER = 'system:node:';
/** Reads the Nodes for all kubelets whose news are the same. */
export const NODE_FLEET_USER = 'system:node-fleet';
/** Before the name of a controller. */
export const CONTROLLER_USER = 'system:serviceaccount:kube-system:';
/** Before the name of an operator. */
export const OPERATOR_USER = `${CONTROLLER_USER}operator-`;
/** Whether a component of the cluster asks, whose requests have the types that they should; operators are the user's own code. */
export function isComponent(user: string): boolean {
  return user.startsWith('system:') && !user.startsWith(OPERATOR_USER);
}

/** The person who carries out a scenario's operations. */
export const ADMIN_USER = 'admin';
/** Clients that ask without measure. */
export const BURST_USER = 'burst';
/** Somebody who changes a field by hand. */
export const OTHER_USER = 'somebody';

/**
 * Who asks the API servers of a cluster: the names under which its components and its user send requests.
 *
 * Always: a request of a run comes from one of these, or from an operator's service account (a test compares).
 */
import { CLAIM_CONTROLLERS, CONTROLLERS } from '../controllers/index.ts';

const SERVICE_ACCOUNT = 'system:serviceaccount:kube-system:';

/** How the users of operators begin, whose names only their modules know. */
export const OPERATOR_USER = `${SERVICE_ACCOUNT}operator-`;

/** All users of a cluster with these nodes, without its operators. */
export function apiUsers(nodes: Iterable<string>): string[] {
  return [
    'admin',
    'system:kube-scheduler',
    'system:kube-controller-manager',
    'system:cloud-controller-manager',
    'system:node-fleet',
    ...[...CONTROLLERS, ...CLAIM_CONTROLLERS].map(({ name }) => `${SERVICE_ACCOUNT}${name}`),
    ...[...nodes].map((name) => `system:node:${name}`),
  ];
}

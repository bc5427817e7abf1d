/**
 * Who asks the API servers of a cluster: the names under which its components and its people send requests.
 *
 * Always: a request of a run comes from one of these, or from an operator's service account (a test compares).
 */
import { CLAIM_CONTROLLERS, CONTROLLERS, DEVICE_TAINT_CONTROLLERS } from '../controllers/index.ts';
import {
  ADMIN_USER,
  BURST_USER,
  CLOUD_CONTROLLER_MANAGER_USER,
  CONTROLLER_MANAGER_USER,
  CONTROLLER_USER,
  KUBELET_USER,
  NODE_FLEET_USER,
  OTHER_USER,
  SCHEDULER_USER,
} from '../types/user-names.ts';

/** All users of a cluster with these nodes, without its operators. */
export function apiUsers(nodes: Iterable<string>): string[] {
  return [
    ADMIN_USER,
    BURST_USER,
    OTHER_USER,
    SCHEDULER_USER,
    CONTROLLER_MANAGER_USER,
    CLOUD_CONTROLLER_MANAGER_USER,
    NODE_FLEET_USER,
    ...[...CONTROLLERS, ...CLAIM_CONTROLLERS, ...DEVICE_TAINT_CONTROLLERS].map(
      ({ name }) => `${CONTROLLER_USER}${name}`,
    ),
    ...[...nodes].map((name) => `${KUBELET_USER}${name}`),
  ];
}

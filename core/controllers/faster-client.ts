/**
 * A client of one controller with a multiple of the usual rate, for the controllers whose real counterparts raise theirs.
 * Source: Kubernetes 1.34 cmd/kube-controller-manager/app/core.go (namespace, garbage collector).
 */
import { Client } from '../client/client.ts';
import { CONTROLLER_BURST, CONTROLLER_QPS } from './controller-manager.ts';
import type { ControllerScope } from './controller-scope.ts';

/** A client on the manager's connection with a token bucket of `qpsFactor` and `burstFactor` times the manager's. */
export function fasterClient(scope: ControllerScope, qpsFactor: number, burstFactor: number): Client {
  const { manager } = scope;
  return new Client(manager.library, {
    balancer: manager.options.balancer,
    shareConnectionOf: manager.sharedClient,
    user: scope.client.user,
    qps: (manager.options.qps ?? CONTROLLER_QPS) * qpsFactor,
    burst: (manager.options.burst ?? CONTROLLER_BURST) * burstFactor,
    names: manager.names,
  });
}

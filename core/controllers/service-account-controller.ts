/**
 * The service account controller: every active namespace has a ServiceAccount `default`.
 *
 * Runs a sync for a namespace that changed and for one whose account went away. Source: Kubernetes 1.34
 * pkg/controller/serviceaccount/serviceaccounts_controller.go.
 */
import type { Client } from '../client/client.ts';
import type { Informer } from '../client/informer.ts';
import type { Wait } from '../sim/task.ts';
import type { Namespace } from '../types/namespace.ts';
import { NAMESPACES, SERVICEACCOUNTS } from '../types/resource-type.ts';
import type { ServiceAccount } from '../types/service-account.ts';
import { StatusError } from '../types/status-error.ts';
import type { Controller } from './controller.ts';

const DEFAULT = 'default';

interface Parts {
  readonly client: Client;
  readonly namespaces: Informer<Namespace>;
  readonly accounts: Informer<ServiceAccount>;
}

function* sync({ client, namespaces, accounts }: Parts, id: number): Generator<Wait, void, unknown> {
  const namespace = namespaces.get(id);
  if (namespace === undefined || namespace.status?.phase !== 'Active') return;
  const { name } = namespace.metadata;
  if (accounts.find(name, DEFAULT) !== undefined) return;
  const account: ServiceAccount = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: DEFAULT, namespace: name },
  };
  try {
    yield* client.create(SERVICEACCOUNTS, account);
  } catch (error) {
    if (!(error instanceof StatusError) || !(error.isAlreadyExists || error.isNamespaceTerminating)) throw error;
  }
}

/** The service account controller; no settings. */
export const serviceAccountController: Controller = {
  name: 'service-account-controller',
  register: (scope) => {
    const { client } = scope;
    const namespaces = scope.informer<Namespace>(NAMESPACES);
    const accounts = scope.informer<ServiceAccount>(SERVICEACCOUNTS);
    const keys = scope.keys(NAMESPACES);

    const queue = scope.queue({
      name: 'serviceaccount',
      type: NAMESPACES,
      workers: 1,
      reconcile: (id) => sync({ client, namespaces, accounts }, id),
    });
    namespaces.addHandler({
      onAdd: (id) => queue.add(id),
      onUpdate: (id) => queue.add(id),
    });
    accounts.addHandler({
      onDelete: (_id, account) => {
        if (account.metadata.name === DEFAULT) queue.add(keys.intern('', account.metadata.namespace ?? ''));
      },
    });
  },
};

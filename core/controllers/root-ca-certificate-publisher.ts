/**
 * The root CA certificate publisher: every namespace that is not terminating has the ConfigMap `kube-root-ca.crt`, which pods mount.
 *
 * A changed or deleted ConfigMap is put back. Source: Kubernetes 1.34 pkg/controller/certificates/rootcacertpublisher.
 */
import type { Client } from '../client/client.ts';
import type { Informer } from '../client/informer.ts';
import { defineBug } from '../sim/registry.ts';
import type { Wait } from '../sim/task.ts';
import type { ConfigMap } from '../types/config-map.ts';
import type { Namespace } from '../types/namespace.ts';
import type { StringMap } from '../types/object.ts';
import { CONFIGMAPS, NAMESPACES } from '../types/resource-type.ts';
import { StatusError } from '../types/status-error.ts';
import type { Controller } from './controller.ts';
import { textSetting } from './settings.ts';

const NAME = 'kube-root-ca.crt';
const KEY = 'ca.crt';
const DESCRIPTION_ANNOTATION = 'kubernetes.io/description';
const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal ' +
  'service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

const ANNOTATIONS = { [DESCRIPTION_ANNOTATION]: DESCRIPTION };

const BUG_KEEPS_AWAY = defineBug('root-ca-keeps-away', 'a root certificate that somebody deletes is not put back');

function isRight(map: ConfigMap, data: StringMap): boolean {
  const { data: found } = map;
  if (found === undefined || found[KEY] !== data[KEY] || Object.keys(found).length !== 1) return false;
  return map.metadata.annotations?.[DESCRIPTION_ANNOTATION] === DESCRIPTION;
}

interface Parts {
  readonly client: Client;
  readonly namespaces: Informer<Namespace>;
  readonly maps: Informer<ConfigMap>;
  /** What every ConfigMap must hold. */
  readonly data: StringMap;
}

function* sync({ client, namespaces, maps, data }: Parts, id: number): Generator<Wait, void, unknown> {
  const namespace = namespaces.get(id);
  if (namespace === undefined || namespace.status?.phase === 'Terminating') return;
  const { name } = namespace.metadata;
  const known = maps.find(name, NAME);
  if (known === undefined) {
    try {
      yield* client.create<ConfigMap>(CONFIGMAPS, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: NAME, namespace: name, annotations: ANNOTATIONS },
        data,
      });
    } catch (error) {
      if (!(error instanceof StatusError) || !(error.isAlreadyExists || error.isNamespaceTerminating)) throw error;
    }
    return;
  }
  if (isRight(known, data)) return;
  const metadata = { ...known.metadata, annotations: { ...known.metadata.annotations, ...ANNOTATIONS } };
  yield* client.update<ConfigMap>(CONFIGMAPS, { ...known, metadata, data });
}

/** The publisher. Setting (`root-ca-certificate-publisher-controller`): `certificate`, the text it publishes. */
export const rootCaCertificatePublisher: Controller = {
  name: 'root-ca-certificate-publisher-controller',
  register: (scope) => {
    const { client } = scope;
    const namespaces = scope.informer<Namespace>(NAMESPACES);
    const maps = scope.informer<ConfigMap>(CONFIGMAPS);
    const keys = scope.keys(NAMESPACES);
    const data = { [KEY]: textSetting(scope, 'certificate', 'simulated root certificate\n') };

    const queue = scope.queue({
      name: 'root-ca',
      type: NAMESPACES,
      workers: 1,
      reconcile: (id) => sync({ client, namespaces, maps, data }, id),
    });
    const changed = (map: ConfigMap): void => {
      if (map.metadata.name === NAME) queue.add(keys.intern('', map.metadata.namespace ?? ''));
    };
    namespaces.addHandler({ onAdd: (id) => queue.add(id), onUpdate: (id) => queue.add(id) });
    maps.addHandler({
      onUpdate: (_id, _old, map) => changed(map),
      onDelete: (_id, map) => !client.ctx.bug(BUG_KEEPS_AWAY) && changed(map),
    });
  },
};

/**
 * An example of a controller of your own: a Website is a Deployment and a ConfigMap with its settings.
 *
 * It holds a mistake on purpose: what it makes second is made only by the reconcile that made the first. A crash between the two writes leaves a Website
 * whose pods wait for their settings for ever. `seatrial search scenarios/operators/website.yaml --profile pattern` finds it.
 */
import type { KubeObject, ObjectKind, Operator, OperatorApi, Request } from 'seatrial/controller';

const WEBSITE: ObjectKind = { apiVersion: 'example.com/v1', kind: 'Website' };
const DEPLOYMENT: ObjectKind = { apiVersion: 'apps/v1', kind: 'Deployment' };
const CONFIG: ObjectKind = { apiVersion: 'v1', kind: 'ConfigMap' };

interface Website extends KubeObject {
  readonly spec: { readonly replicas: number; readonly image: string };
}

interface Config extends KubeObject {
  readonly data: Readonly<Record<string, string>>;
}

const operator: Operator = {
  name: 'website',
  reconciles: WEBSITE,
  owns: [DEPLOYMENT, CONFIG],
  *reconcile(api, namespace, name) {
    const site = api.get<Website>(WEBSITE, namespace, name);
    if (site === undefined || site.metadata.deletionTimestamp !== undefined) return;
    const deployment = api.get<Website>(DEPLOYMENT, namespace, name);
    if (deployment === undefined) {
      yield* api.create(deploymentOf(api, site));
      // The mistake: the settings are written only in the reconcile that makes the Deployment.
      yield* writeSettings(api, site);
    } else if (deployment.spec.replicas !== site.spec.replicas) {
      yield* api.patch(DEPLOYMENT, namespace, name, { spec: { replicas: site.spec.replicas } });
    }
  },
};

export default operator;

function* writeSettings(api: OperatorApi, site: Website): Request<void> {
  yield* api.create<Config>({
    ...CONFIG,
    metadata: { ...metadataOf(api, site), name: `${site.metadata.name}-settings` },
    data: { image: site.spec.image },
  });
}

function deploymentOf(api: OperatorApi, site: Website): KubeObject {
  const { name } = site.metadata;
  const labels = { website: name };
  const settings = { configMapRef: { name: `${name}-settings` } };
  const resources = { requests: { cpu: '100m', memory: '64Mi' } };
  const container = { name: 'site', image: site.spec.image, envFrom: [settings], resources };
  return {
    ...DEPLOYMENT,
    metadata: metadataOf(api, site),
    spec: {
      replicas: site.spec.replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  } as KubeObject;
}

function metadataOf(api: OperatorApi, site: Website): KubeObject['metadata'] {
  const { name, namespace } = site.metadata;
  return { name, namespace, ownerReferences: [api.controllerReference(site)] };
}

/**
 * ConfigMaps and Secrets that workloads need and the manifests do not hold: few keep them beside their manifests, and they exist in the user's cluster
 * (or an operator or a Job makes them there), so they do here, empty.
 */
import { type KubeObject, objectSources } from '../../core/cluster/vocabulary.ts';
import { appliedNamespace } from '../../scenarios/manifests.ts';
import { templateOf } from './templates.ts';

/** Every namespace has this ConfigMap, made by a controller. */
const GIVEN_EVERYWHERE = 'kube-root-ca.crt';

/** The sources, in order of their first mention. */
export function assumedSources(objects: readonly KubeObject[]): KubeObject[] {
  const known = new Set(objects.map(idOf));
  const found: KubeObject[] = [];
  for (const object of objects) {
    const template = templateOf(object);
    const namespace = appliedNamespace(object.metadata);
    for (const source of template === null ? [] : objectSources(template.spec)) {
      const made: KubeObject = { apiVersion: 'v1', kind: source.kind, metadata: { name: source.name, namespace } };
      if (known.has(idOf(made)) || source.name === GIVEN_EVERYWHERE) continue;
      known.add(idOf(made));
      found.push(made);
    }
  }
  return found;
}

function idOf({ kind, metadata }: KubeObject): string {
  return `${kind}/${appliedNamespace(metadata)}/${metadata.name}`;
}

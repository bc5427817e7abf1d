/**
 * N2: every namespace that stays has what pods in it need: its default service account and the certificate of the cluster.
 *
 * Source: Kubernetes documentation, Service accounts; kube-controller-manager 1.34, serviceaccount-controller and root-ca-certificate-publisher-controller.
 */
import type { Judge, Predicate } from '../predicate.ts';
import { Settled, UNTIL_WORK } from '../settled.ts';
import type { World } from '../world.ts';

/** What each namespace has, and whose work that is. */
const NEEDS = [
  { kind: 'ServiceAccount', name: 'default', controller: 'service-account-controller' },
  { kind: 'ConfigMap', name: 'kube-root-ca.crt', controller: 'root-ca-certificate-publisher-controller' },
] as const;

export function namespacesFurnished(judge: Judge): Predicate {
  const settled = new Settled(judge, UNTIL_WORK);
  const predicate: Predicate = {
    id: 'N2',
    about: 'every namespace that stays has its default service account and the certificate of the cluster',
    evaluations: 0,
    missing() {
      if (settled.holds) return null;
      const { world, truth } = judge;
      for (const { kind, name, controller } of NEEDS) {
        if (truth?.runsController(controller) !== true) continue;
        const furnished = namespacesWith(world, kind, name);
        for (const { metadata } of world.of('Namespace').values()) {
          if (metadata.deletionTimestamp !== undefined) continue;
          predicate.evaluations++;
          if (!furnished.has(metadata.name)) return `Namespace ${metadata.name} has no ${kind} ${name}`;
        }
      }
      settled.held();
      return null;
    },
  };
  return predicate;
}

function namespacesWith(world: World, kind: string, name: string): Set<string> {
  const found = new Set<string>();
  for (const { metadata } of world.of(kind).values())
    if (metadata.name === name && metadata.deletionTimestamp === undefined) found.add(metadata.namespace ?? '');
  return found;
}

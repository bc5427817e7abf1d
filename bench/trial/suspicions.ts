/**
 * Facts in the manifests that explain a bad mark before anything has run.
 */
import type { KubeObject, PodAffinityTerm, PodSpec, PodTemplateSpec } from '../../core/cluster/vocabulary.ts';
import { selects } from './templates.ts';

/** A workload with everything around it. */
export interface WorkloadContext {
  readonly object: KubeObject;
  readonly template: PodTemplateSpec;
  readonly objects: readonly KubeObject[];
  readonly namespace: string;
}

const HOSTNAME = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';

/** What may be to blame, one phrase each. */
export function suspicionsOf(context: WorkloadContext, replicas: number): string[] {
  const { object, template } = context;
  const found: string[] = [];
  if (object.kind === 'Pod') found.push('a bare Pod: nobody replaces it');
  else if (replicas === 1 && object.kind !== 'Job') found.push('single replica: while it moves nothing serves');
  const strategy = (object.spec as { readonly strategy?: { readonly type?: string } } | undefined)?.strategy?.type;
  if (strategy === 'Recreate') found.push('strategy Recreate: all pods stop before new ones start');
  const { serviceAccountName = 'default', priorityClassName = '' } = template.spec;
  if (serviceAccountName !== 'default' && !isGiven(context, 'ServiceAccount', serviceAccountName)) {
    found.push(`ServiceAccount ${serviceAccountName} is not among the manifests: its pods are refused`);
  }
  if (
    priorityClassName !== '' &&
    !priorityClassName.startsWith('system-') &&
    !isGiven(context, 'PriorityClass', priorityClassName)
  ) {
    found.push(`PriorityClass ${priorityClassName} is not among the manifests: its pods are refused`);
  }
  for (const { kind, name } of requiredSources(template.spec)) {
    // Every namespace has this one.
    if (name === 'kube-root-ca.crt') continue;
    if (!isGiven(context, kind, name)) {
      found.push(`${kind} ${name} is not among the manifests: its containers wait for it`);
    }
  }
  return found;
}

function isGiven({ objects, namespace }: WorkloadContext, kind: string, name: string): boolean {
  const inReach = (each: KubeObject): boolean =>
    kind === 'PriorityClass' || (each.metadata.namespace ?? 'default') === namespace;
  return objects.some((each) => each.kind === kind && each.metadata.name === name && inReach(each));
}

/** Domain that the workload's own pods must not share, by required anti-affinity or a strict spread with skew 1. */
export function apartOf(template: PodTemplateSpec): '' | 'node' | 'zone' {
  const terms = template.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const own = terms.filter((term: PodAffinityTerm) => selects(term.labelSelector, template));
  if (own.some(({ topologyKey }) => topologyKey === ZONE)) return 'zone';
  return own.some(({ topologyKey }) => topologyKey === HOSTNAME) ? 'node' : '';
}

interface Source {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
}

/** ConfigMaps and Secrets without which a container does not start. */
export function requiredSources(spec: PodSpec): Source[] {
  const found = new Map<string, Source>();
  const add = (
    kind: Source['kind'],
    source: { readonly name?: string | undefined; readonly optional?: boolean | undefined } | undefined | null,
  ): void => {
    if (source === undefined || source === null || source.optional === true || source.name === undefined) return;
    found.set(`${kind}/${source.name}`, { kind, name: source.name });
  };
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) {
      add('ConfigMap', configMapRef);
      add('Secret', secretRef);
    }
    for (const { valueFrom } of container.env ?? []) {
      add('ConfigMap', valueFrom?.configMapKeyRef);
      add('Secret', valueFrom?.secretKeyRef);
    }
  }
  for (const { configMap, secret } of spec.volumes ?? []) {
    add('ConfigMap', configMap);
    if (secret !== undefined && secret !== null) add('Secret', { name: secret.secretName, optional: secret.optional });
  }
  return [...found.values()];
}

/**
 * What a workload's pods refer to and the manifests do not hold: without it they are refused or wait for ever.
 */
import type { KubeObject, PodSpec, ResourceClaimSpec } from '../../core/cluster/vocabulary.ts';
import type { WorkloadContext } from './suspicions.ts';

/** Kinds without a namespace. */
const CLUSTER_WIDE: readonly string[] = ['PriorityClass', 'DeviceClass'];

/** One phrase each. */
export function missingReferences(context: WorkloadContext): string[] {
  const { spec } = context.template;
  const found: string[] = [];
  const need = (kind: string, name: string, effect: string): void => {
    if (!isGiven(context, kind, name)) found.push(`${kind} ${name} is not among the manifests: ${effect}`);
  };
  const { serviceAccountName = 'default', priorityClassName = '' } = spec;
  if (serviceAccountName !== 'default') need('ServiceAccount', serviceAccountName, 'its pods are refused');
  if (priorityClassName !== '' && !priorityClassName.startsWith('system-')) {
    need('PriorityClass', priorityClassName, 'its pods are refused');
  }
  for (const { kind, name } of requiredSources(spec)) {
    // Every namespace has this one.
    if (name !== 'kube-root-ca.crt')
      need(kind, name, 'its containers wait for it; where a Job or an operator makes it, add an empty one');
  }
  for (const { kind, name } of claimSources(spec)) {
    need(kind, name, 'its pods wait for it');
    const holder = givenOf(context, kind, name);
    for (const className of holder === undefined ? [] : deviceClassesOf(holder)) {
      need('DeviceClass', className, 'its pods wait for it');
    }
  }
  return [...new Set(found)];
}

function isGiven(context: WorkloadContext, kind: string, name: string): boolean {
  return givenOf(context, kind, name) !== undefined;
}

function givenOf({ objects, namespace }: WorkloadContext, kind: string, name: string): KubeObject | undefined {
  const inReach = (each: KubeObject): boolean =>
    CLUSTER_WIDE.includes(kind) || (each.metadata.namespace ?? 'default') === namespace;
  return objects.find((each) => each.kind === kind && each.metadata.name === name && inReach(each));
}

/** Device claims and their templates that a pod's spec names. */
function claimSources(spec: PodSpec): { readonly kind: string; readonly name: string }[] {
  return (spec.resourceClaims ?? []).flatMap(({ resourceClaimName, resourceClaimTemplateName }) => [
    ...(resourceClaimName == null ? [] : [{ kind: 'ResourceClaim', name: resourceClaimName }]),
    ...(resourceClaimTemplateName == null ? [] : [{ kind: 'ResourceClaimTemplate', name: resourceClaimTemplateName }]),
  ]);
}

/** Classes without which a claim, or one made from a template, gets no device; one of several alternatives may be missing. */
function deviceClassesOf({ kind, spec }: KubeObject): string[] {
  const claim = (kind === 'ResourceClaim' ? spec : (spec as { spec?: unknown } | null | undefined)?.spec) as
    | ResourceClaimSpec
    | null
    | undefined;
  return (claim?.devices?.requests ?? []).flatMap(({ exactly }) => exactly?.deviceClassName ?? []);
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

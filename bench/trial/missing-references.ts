/**
 * What a workload's pods refer to and the manifests do not hold: without it they are refused or wait for ever.
 */
import type { KubeObject, PodSpec, ResourceClaimSpec } from '../../core/cluster/vocabulary.ts';
import { appliedNamespace } from '../../scenarios/manifests.ts';
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
    CLUSTER_WIDE.includes(kind) || appliedNamespace(each.metadata) === namespace;
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

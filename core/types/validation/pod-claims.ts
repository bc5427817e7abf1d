/**
 * Validation of a pod's claims for devices, and of what its containers take of them. Source: Kubernetes 1.34,
 * pkg/apis/core/validation/validation.go validatePodResourceClaims, validateResourceClaimNames.
 */
import { checkDnsLabel, checkDnsSubdomain } from '../dns-names.ts';
import type { PodSpec } from '../pod.ts';
import { at, type FieldErrors } from './field-errors.ts';

const SOURCES = ['resourceClaimName', 'resourceClaimTemplateName'] as const;

/** `spec.resourceClaims` of a spec at `path`, and `resources.claims` of its containers. */
export function validatePodClaims(spec: PodSpec, path: string, errors: FieldErrors): void {
  const names = validateClaimRefs(spec.resourceClaims, `${path}.resourceClaims`, errors);
  for (const list of ['containers', 'initContainers'] as const) {
    (spec[list] ?? []).forEach((container, i) => {
      const resources = container.resources as { readonly claims?: unknown } | undefined;
      if (Array.isArray(resources?.claims)) {
        validateTaken(resources.claims, names, `${at(`${path}.${list}`, i)}.resources.claims`, errors);
      }
    });
  }
}

/** Claims of a pod, or of a PodGroup: each with a name of its own and one source. Returns their names. */
export function validateClaimRefs(
  claims: PodSpec['resourceClaims'],
  path: string,
  errors: FieldErrors,
): ReadonlySet<string> {
  const names = new Set<string>();
  (claims ?? []).forEach((claim, i) => {
    const field = at(path, i);
    const name = claim.name ?? '';
    if (name === '') errors.required(`${field}.name`);
    else errors.invalidAll(`${field}.name`, name, checkDnsLabel(name));
    if (names.has(name)) errors.duplicate(`${field}.name`, name);
    names.add(name);
    const given = SOURCES.filter((source) => (claim[source] ?? null) !== null);
    const oneOf = `must specify one of: ${SOURCES.map((source) => `\`${source}\``).join(', ')}`;
    if (given.length !== 1)
      errors.invalid(
        field,
        claim,
        given.length === 0 ? oneOf : `may not specify both of: ${SOURCES.map((source) => `\`${source}\``).join(', ')}`,
      );
    for (const source of given)
      errors.invalidAll(`${field}.${source}`, claim[source], checkDnsSubdomain(claim[source] ?? ''));
  });
  return names;
}

/** Claims that a container takes: declared by the pod, each (or each request of it) once. */
function validateTaken(
  claims: readonly unknown[],
  known: ReadonlySet<string>,
  path: string,
  errors: FieldErrors,
): void {
  const taken = new Set<string>();
  const whole = new Set<string>();
  claims.forEach((claim, i) => {
    const { name, request } = (claim ?? {}) as { readonly name?: unknown; readonly request?: unknown };
    const field = at(path, i);
    if (typeof name !== 'string' || name === '') {
      errors.required(field);
      return;
    }
    const part = typeof request === 'string' && request !== '' ? `${name}/${request}` : name;
    if (
      taken.has(part) ||
      whole.has(name) ||
      (part === name && [...taken].some((each) => each.startsWith(`${name}/`)))
    ) {
      errors.duplicate(field, part);
    }
    if (part === name) whole.add(name);
    taken.add(part);
    if (!known.has(name)) errors.notFound(field, name);
  });
}

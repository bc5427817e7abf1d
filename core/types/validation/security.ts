/**
 * Validation of what a pod and its containers say of users and privileges; nobody simulates them, but the server refuses what makes no sense.
 *
 * Source: Kubernetes 1.34.1, pkg/apis/core/validation/validation.go ValidateSecurityContext, validatePodSpecSecurityContext.
 */
import type { Container, PodSpec } from '../pod.ts';
import { at, type FieldErrors } from './field-errors.ts';

const MAX_ID = 2_147_483_647;

function validateId(id: unknown, field: string, errors: FieldErrors): void {
  if (typeof id === 'number' && (id < 0 || id > MAX_ID))
    errors.invalid(field, id, `must be between 0 and ${MAX_ID}, inclusive`);
}

/** A container's security context. */
export function validateSecurity(context: Container['securityContext'], path: string, errors: FieldErrors): void {
  if (context === undefined) return;
  for (const name of ['runAsUser', 'runAsGroup']) validateId(context[name], `${path}.${name}`, errors);
  if (context['allowPrivilegeEscalation'] !== false) return;
  const refuse = (what: string) =>
    errors.invalid(path, context, `cannot set \`allowPrivilegeEscalation\` to false and ${what}`);
  if (context['privileged'] === true) refuse('`privileged` to true');
  const added = (context['capabilities'] as { readonly add?: readonly unknown[] } | null | undefined)?.add;
  if (Array.isArray(added) && added.includes('CAP_SYS_ADMIN')) refuse('`capabilities.Add` CAP_SYS_ADMIN');
}

/** A pod's security context; the processes it shares are one container's or the host's. */
export function validatePodSecurity(spec: PodSpec, path: string, errors: FieldErrors): void {
  const context = spec.securityContext ?? {};
  for (const name of ['fsGroup', 'runAsUser', 'runAsGroup']) validateId(context[name], `${path}.${name}`, errors);
  const groups = context['supplementalGroups'];
  if (Array.isArray(groups))
    groups.forEach((id, i) => {
      validateId(id, at(`${path}.supplementalGroups`, i), errors);
    });
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    const detail = 'ShareProcessNamespace and HostPID cannot both be enabled';
    errors.invalid(`${path}.shareProcessNamespace`, true, detail);
  }
}

/**
 * Validation of a container's variables. Source: Kubernetes 1.34.1, pkg/apis/core/validation/validation.go ValidateEnv, validateEnvVarValueFrom and
 * ValidateEnvFrom.
 */
import { checkConfigKey, checkDnsSubdomain, checkEnvName } from '../dns-names.ts';
import type { Container, EnvVar } from '../pod.ts';
import { ENV_FIELDS, validateFieldRef, validateResourceRef } from './downward-fields.ts';
import { at, type FieldErrors } from './field-errors.ts';

const SOURCES = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef'] as const;
const ONE_OF = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`';

function validateSource({ value = '', valueFrom }: EnvVar, path: string, errors: FieldErrors): void {
  if (valueFrom === undefined) return;
  const { fieldRef, resourceFieldRef } = valueFrom;
  if (fieldRef !== undefined) validateFieldRef(fieldRef, ENV_FIELDS, `${path}.fieldRef`, errors);
  if (resourceFieldRef !== undefined) validateResourceRef(resourceFieldRef, false, `${path}.resourceFieldRef`, errors);
  for (const source of ['configMapKeyRef', 'secretKeyRef'] as const) {
    if (valueFrom[source] === undefined) continue;
    const { name = '', key = '' } = valueFrom[source];
    errors.invalidAll(`${path}.${source}.name`, name, checkDnsSubdomain(name));
    if (key === '') errors.required(`${path}.${source}.key`);
    else errors.invalidAll(`${path}.${source}.key`, key, checkConfigKey(key));
  }
  const count = SOURCES.filter((source) => valueFrom[source] !== undefined).length;
  if (count === 0) errors.invalid(path, '', ONE_OF);
  else if (value !== '') errors.invalid(path, '', 'may not be specified when `value` is not empty');
  else if (count > 1) errors.invalid(path, '', 'may not have more than one field specified at a time');
}

function validateFrom(container: Container, path: string, errors: FieldErrors): void {
  (container.envFrom ?? []).forEach((source, i) => {
    const field = at(path, i);
    const { prefix = '' } = source;
    if (prefix !== '') errors.invalidAll(`${field}.prefix`, prefix, checkEnvName(prefix));
    const given = (['configMapRef', 'secretRef'] as const).filter((kind) => source[kind] !== undefined);
    for (const kind of given) {
      const name = source[kind]?.name ?? '';
      if (name === '') errors.required(`${field}.${kind}.name`);
      // The server looks at these names as if more could follow.
      else errors.invalidAll(`${field}.${kind}.name`, name, checkDnsSubdomain(name.replace(/-$/, 'a')));
    }
    // The server leaves the item out of these paths.
    if (given.length === 0) errors.invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`');
    else if (given.length > 1) errors.invalid(path, '', 'may not have more than one field specified at a time');
  });
}

/** `env` and `envFrom` of a container at `path`. */
export function validateEnvironment(container: Container, path: string, errors: FieldErrors): void {
  (container.env ?? []).forEach((variable, i) => {
    const field = at(`${path}.env`, i);
    const { name = '' } = variable;
    if (name === '') errors.required(`${field}.name`);
    else errors.invalidAll(`${field}.name`, name, checkEnvName(name));
    validateSource(variable, `${field}.valueFrom`, errors);
  });
  validateFrom(container, `${path}.envFrom`, errors);
}

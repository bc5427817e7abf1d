/**
 * Names among devices and claims for them: of requests, devices and attributes. Source: Kubernetes 1.34, pkg/apis/resource/validation.
 */
import { checkDnsLabel, checkDnsSubdomain } from '../dns-names.ts';
import { at, type FieldErrors } from './field-errors.ts';

const MAX_ATTRIBUTE_NAME_LENGTH = 32;
const MAX_DOMAIN_LENGTH = 63;
const C_IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const NO_IDENTIFIER =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' " +
  "(e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')";

function validateLabelName(name: string | undefined, field: string, errors: FieldErrors): void {
  if ((name ?? '') === '') errors.required(field);
  else errors.invalidAll(field, name, checkDnsLabel(name as string));
}

/** Items of a list with names: no more than `max`, each name once. */
export function validateNamed<T extends { readonly name?: string | undefined }>(
  items: readonly T[],
  field: string,
  max: number,
  errors: FieldErrors,
  validate: (item: T, path: string) => void,
): void {
  if (items.length > max) {
    errors.tooMany(field, items.length, max);
    return;
  }
  const names = new Set<string>();
  items.forEach((item, i) => {
    const path = at(field, i);
    validateLabelName(item.name, `${path}.name`, errors);
    validate(item, path);
    const { name = '' } = item;
    if (name !== '' && names.has(name)) errors.duplicate(`${path}.name`, name);
    names.add(name);
  });
}

/** The name of an attribute or capacity: a C identifier, with or without a domain. */
export function validateAttributeName(text: string, field: string, errors: FieldErrors): void {
  const slash = text.indexOf('/');
  const name = text.slice(slash + 1);
  if (slash >= 0) {
    const domain = text.slice(0, slash);
    if (domain === '') errors.required(field, 'the domain must not be empty');
    else errors.invalidAll(field, domain, checkDnsSubdomain(domain));
    if (domain.length > MAX_DOMAIN_LENGTH) errors.tooLong(field, MAX_DOMAIN_LENGTH);
  }
  if (name === '') errors.required(field, 'the name must not be empty');
  else if (!C_IDENTIFIER.test(name)) errors.invalid(field, name, NO_IDENTIFIER);
  if (name.length > MAX_ATTRIBUTE_NAME_LENGTH) errors.tooLong(field, MAX_ATTRIBUTE_NAME_LENGTH);
}

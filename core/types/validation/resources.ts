/** Validation of requests and limits. Source: Kubernetes 1.34, pkg/apis/core/validation ValidateResourceRequirements. */
import { checkQualifiedName, isExtendedResource } from '../dns-names.ts';
import type { ResourceList } from '../object.ts';
import type { ResourceRequirements } from '../pod.ts';
import { QUANTITY_FORMAT_MESSAGE, type Quantity, tryParseQuantity } from '../quantity.ts';
import { type FieldErrors, keyed } from './field-errors.ts';

const STANDARD: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage', 'storage', 'pods']);
const CONTAINER_STANDARD: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);
const NANO = 1_000_000_000n;
const PAGES = 'hugepages-';

/** One amount: a quantity, not negative, whole where fractions make no sense. */
export function validateAmount(
  name: string,
  amount: string | number,
  path: string,
  errors: FieldErrors,
): Quantity | undefined {
  const quantity = tryParseQuantity(String(amount));
  if (quantity === undefined) {
    errors.invalid(path, amount, QUANTITY_FORMAT_MESSAGE);
    return undefined;
  }
  if (quantity.isNegative) errors.invalid(path, quantity.toString(), 'must be greater than or equal to 0');
  if ((isExtendedResource(name) || name === 'pods') && quantity.nanos % NANO !== 0n) {
    errors.invalid(path, quantity.toString(), 'must be an integer');
  }
  const page = name.startsWith(PAGES) ? tryParseQuantity(name.slice(PAGES.length)) : undefined;
  if (page !== undefined && page.nanos > 0n && (quantity.nanos <= 0n || quantity.nanos % page.nanos !== 0n))
    errors.invalid(path, quantity.toString(), `${quantity.toString()} is not positive integer multiple of ${name}`);
  return quantity;
}

/** A whole list such as a node's capacity. */
export function validateResourceList(list: ResourceList | undefined, path: string, errors: FieldErrors): void {
  for (const name in list) {
    errors.invalidAll(path, name, checkQualifiedName(name));
    if (!name.includes('/') && !STANDARD.has(name) && !/^(?:hugepages|attachable-volumes)-/.test(name)) {
      errors.invalid(path, name, 'must be a standard resource type or fully qualified');
    }
    validateAmount(name, list[name] as string | number, keyed(path, name), errors);
  }
}

function validateName(name: string, path: string, errors: FieldErrors): void {
  errors.invalidAll(path, name, checkQualifiedName(name));
  if (name.includes('/')) return;
  if (!CONTAINER_STANDARD.has(name) && !name.startsWith(PAGES)) {
    errors.invalid(path, name, 'must be a standard resource for containers');
  }
}

function mustEqualLimit(name: string): boolean {
  return isExtendedResource(name) || name.startsWith(PAGES);
}

/** Requests and limits of a container. */
export function validateRequirements(
  resources: ResourceRequirements | undefined,
  path: string,
  errors: FieldErrors,
): void {
  if (resources === undefined) return;
  const { limits, requests } = resources;
  const bounds = new Map<string, Quantity>();
  for (const name in limits) {
    const field = keyed(`${path}.limits`, name);
    validateName(name, field, errors);
    const limit = validateAmount(name, limits[name] as string | number, field, errors);
    if (limit !== undefined) bounds.set(name, limit);
  }
  for (const name in requests) {
    const field = keyed(`${path}.requests`, name);
    validateName(name, field, errors);
    const request = validateAmount(name, requests[name] as string | number, field, errors);
    const limit = bounds.get(name);
    if (request === undefined) continue;
    if (limit === undefined) {
      if (mustEqualLimit(name)) errors.required(`${path}.limits`, 'Limit must be set for non overcommitable resources');
    } else if (mustEqualLimit(name) && request.compare(limit) !== 0) {
      errors.invalid(`${path}.requests`, request.toString(), `must be equal to ${name} limit of ${limit.toString()}`);
    } else if (request.compare(limit) > 0) {
      const detail = `must be less than or equal to ${name} limit of ${limit.toString()}`;
      errors.invalid(`${path}.requests`, request.toString(), detail);
    }
  }
  const names = Object.keys({ ...limits, ...requests });
  if (names.some((name) => name.startsWith(PAGES)) && !names.includes('cpu') && !names.includes('memory'))
    errors.forbidden(path, 'HugePages require cpu or memory');
}

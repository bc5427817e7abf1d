/** Endpoints and ports of a slice that somebody else than a component writes. Source: Kubernetes 1.34, pkg/apis/discovery/validation; a port's number it leaves open. */
import { checkDnsLabel, checkDnsSubdomain } from '../dns-names.ts';
import type { EndpointSlice } from '../endpoint-slice.ts';
import { IP_MESSAGE, ipFamilyOf } from '../ip-address.ts';
import { at, type FieldErrors } from './field-errors.ts';
import { PROTOCOLS } from './value-limits.ts';

const MAX_ADDRESSES = 100;
/** Of any other type no address is looked at: the type itself is refused. */
const FAMILIES: readonly (string | undefined)[] = ['IPv4', 'IPv6'];

/** Reports addresses that are none or of another family, names that are none, and ports without a protocol that there is. */
export function validateEndpoints(slice: EndpointSlice, errors: FieldErrors): void {
  (slice.endpoints ?? []).forEach((endpoint, i) => {
    const field = at('endpoints', i);
    const addresses = endpoint.addresses ?? [];
    const { nodeName, hostname } = endpoint;
    if (addresses.length > MAX_ADDRESSES) errors.tooMany(`${field}.addresses`, addresses.length, MAX_ADDRESSES);
    if (slice.addressType !== 'FQDN') {
      addresses.forEach((address, k) => {
        const family = ipFamilyOf(address);
        if (family === null) errors.invalid(at(`${field}.addresses`, k), address, IP_MESSAGE);
        else if (FAMILIES.includes(slice.addressType) && family !== slice.addressType)
          errors.invalid(`${field}.addresses`, address, `must be an ${slice.addressType} address`);
      });
    }
    if ((nodeName ?? '') !== '')
      errors.invalidAll(`${field}.nodeName`, nodeName, checkDnsSubdomain(nodeName as string));
    if ((hostname ?? '') !== '') errors.invalidAll(`${field}.hostname`, hostname, checkDnsLabel(hostname as string));
  });
  (slice.ports ?? []).forEach(({ name, protocol }, i) => {
    const field = at('ports', i);
    if ((name ?? '') !== '') errors.invalidAll(`${field}.name`, name, checkDnsLabel(name as string));
    errors.oneOf(`${field}.protocol`, protocol, PROTOCOLS);
  });
}

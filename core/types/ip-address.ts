/** Which texts are IP addresses. Source: Kubernetes 1.34, apimachinery util/validation IsValidIPForLegacyField (Go's net.ParseIP, leading zeros allowed). */

/** What the server says of a text that is no address. */
export const IP_MESSAGE = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

/** What the server says of a text that is no range of addresses. */
export const CIDR_MESSAGE = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

export type IpFamily = 'IPv4' | 'IPv6';

const V4 = /^\d{1,10}(\.\d{1,10}){3}$/;
const GROUP = /^[0-9a-fA-F]{1,4}$/;

/** The family of an address; null for what is none. */
export function ipFamilyOf(text: string): IpFamily | null {
  if (isV4(text)) return 'IPv4';
  return isV6(text) ? 'IPv6' : null;
}

/** Whether a text is an address and the length of its prefix. */
export function isCidr(text: string): boolean {
  const [, address = '', bits] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const family = ipFamilyOf(address);
  return family !== null && Number(bits) <= (family === 'IPv4' ? 32 : 128);
}

function isV4(text: string): boolean {
  return V4.test(text) && text.split('.').every((part) => Number(part) <= 255);
}

function isV6(text: string): boolean {
  if (!text.includes(':')) return false;
  const halves = text.split('::');
  if (halves.length > 2) return false;
  let count = 0;
  for (const [h, half] of halves.entries()) {
    const groups = half === '' ? [] : half.split(':');
    for (const [i, group] of groups.entries()) {
      const isLast = h === halves.length - 1 && i === groups.length - 1;
      if (isLast && isV4(group)) count += 2;
      else if (GROUP.test(group)) count++;
      else return false;
    }
  }
  return halves.length === 2 ? count < 8 : count === 8;
}

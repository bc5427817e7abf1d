/**
 * Rules for names, labels, ports and variables, with the real server's messages. Every check returns the messages of all
 * broken rules, none when the text is fine. Source: Kubernetes 1.34, apimachinery util/validation.
 */

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const UNDERSCORED = /^[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?(\.[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?)*$/;
const DNS_1035_LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const CONFIG_KEY = /^[-._a-zA-Z0-9]+$/;

const MAX_LABEL_LENGTH = 63;
const MAX_SUBDOMAIN_LENGTH = 253;

const FINE: readonly string[] = Object.freeze([]);

const LABEL_MESSAGE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an " +
  "alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN_MESSAGE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end " +
  "with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const UNDERSCORED_MESSAGE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, an underscore ('_'), '-' or '.', and must " +
  "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?(\\.[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?)*')";
const DNS_1035_MESSAGE =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end " +
  "with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const QUALIFIED_MESSAGE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. " +
  "'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE_MESSAGE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with " +
  "an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
  "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const CONFIG_KEY_MESSAGE =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or " +
  "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

function check(text: string, pattern: RegExp, message: string, maxLength: number): readonly string[] {
  if (text.length <= maxLength) return pattern.test(text) ? FINE : [message];
  const tooLong = `must be no more than ${maxLength} characters`;
  return pattern.test(text.slice(0, 4096)) ? [tooLong] : [tooLong, message];
}

/** RFC 1123 label: names of namespaces, containers, volumes, ports of services. */
export function checkDnsLabel(text: string): readonly string[] {
  return check(text, LABEL, LABEL_MESSAGE, MAX_LABEL_LENGTH);
}

/** RFC 1123 subdomain: names of most objects. */
export function checkDnsSubdomain(text: string): readonly string[] {
  return check(text, SUBDOMAIN, SUBDOMAIN_MESSAGE, MAX_SUBDOMAIN_LENGTH);
}

/** RFC 1123 subdomain in which underscores are letters: search paths. */
export function checkDnsSubdomainOrUnderscores(text: string): readonly string[] {
  return check(text, UNDERSCORED, UNDERSCORED_MESSAGE, MAX_SUBDOMAIN_LENGTH);
}

/** RFC 1035 label: names of services. */
export function checkDns1035Label(text: string): readonly string[] {
  return check(text, DNS_1035_LABEL, DNS_1035_MESSAGE, MAX_LABEL_LENGTH);
}

/** Value of a label. */
export function checkLabelValue(text: string): readonly string[] {
  return check(text, LABEL_VALUE, LABEL_VALUE_MESSAGE, MAX_LABEL_LENGTH);
}

/** Keys found fine: few in practice; bounded because users name them. */
const qualifiedNames = new Set<string>();
const QUALIFIED_NAMES_MAX = 4096;

/** Key of a label, annotation or taint: `name` or `prefix/name`. */
export function checkQualifiedName(text: string): readonly string[] {
  if (qualifiedNames.has(text)) return FINE;
  const messages = qualifiedNameMessages(text);
  if (messages.length === 0 && qualifiedNames.size < QUALIFIED_NAMES_MAX) qualifiedNames.add(text);
  return messages;
}

function qualifiedNameMessages(text: string): readonly string[] {
  const parts = text.split('/');
  const name = parts.at(-1) as string;
  const messages: string[] = [];
  if (parts.length > 2) {
    return [
      `a qualified name ${QUALIFIED_MESSAGE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  if (parts.length === 2) {
    const prefix = parts[0] as string;
    if (prefix === '') messages.push('prefix part must be non-empty');
    else for (const message of checkDnsSubdomain(prefix)) messages.push(`prefix part ${message}`);
  }
  if (name === '') messages.push('name part must be non-empty');
  for (const message of check(name, QUALIFIED, QUALIFIED_MESSAGE, MAX_LABEL_LENGTH))
    messages.push(`name part ${message}`);
  return messages;
}

/** Key in a ConfigMap or Secret. */
export function checkConfigKey(text: string): readonly string[] {
  if (text === '.') return ["must not be '.'"];
  if (text.startsWith('..')) return [text === '..' ? "must not be '..'" : "must not start with '..'"];
  return check(text, CONFIG_KEY, CONFIG_KEY_MESSAGE, MAX_SUBDOMAIN_LENGTH);
}

/** Name of a kind outside the model: anything that can stand in a path. */
export function checkPathSegment(text: string): readonly string[] {
  if (text === '.' || text === '..') return [`may not be '${text}'`];
  const messages: string[] = [];
  for (const bad of ['/', '%']) if (text.includes(bad)) messages.push(`may not contain '${bad}'`);
  return messages;
}

/** Port number. */
export function checkPortNumber(port: number): readonly string[] {
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? FINE : ['must be between 1 and 65535, inclusive'];
}

/** Name of a container's port (IANA service name). */
export function checkPortName(name: string): readonly string[] {
  const messages: string[] = [];
  if (name.length > 15) messages.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(name))
    messages.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(name)) messages.push('must contain at least one letter (a-z)');
  if (name.includes('--')) messages.push('must not contain consecutive hyphens');
  if (name.startsWith('-') || name.endsWith('-')) messages.push('must not begin or end with a hyphen');
  return messages;
}

/** Name of an environment variable: printable ASCII but `=`. */
export function checkEnvName(name: string): readonly string[] {
  return /^[ -<>-~]+$/.test(name)
    ? FINE
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** Whether a resource is outside the kubernetes.io domain, such as `example.com/gpu`. Source: core/v1 helpers IsExtendedResourceName. */
export function isExtendedResource(name: string): boolean {
  return name.includes('/') && !name.includes('kubernetes.io/') && !name.startsWith('requests.');
}

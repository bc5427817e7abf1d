/**
 * Field selectors: which fields a type allows, and their matching.
 *
 * Every type has `metadata.name` and, when namespaced, `metadata.namespace`; some add fields of their own; anything else
 * is a 400. Compiled selectors match without allocation, and say which value a field must have so that watchers can be
 * found by index. Source: Kubernetes 1.34, each registry's SelectableFields and field label conversion.
 */
import type { Event } from './event.ts';
import type { Job } from './job.ts';
import type { Namespace } from './namespace.ts';
import type { Node } from './node.ts';
import type { KubeObject } from './object.ts';
import type { Pod } from './pod.ts';
import type { ReplicaSet } from './replica-set.ts';
import {
  EVENTS,
  JOBS,
  NAMESPACES,
  NODES,
  PODS,
  REPLICASETS,
  type ResourceType,
  SECRETS,
  SERVICES,
} from './resource-type.ts';
import type { Secret } from './secret.ts';
import type { Service } from './service.ts';
import { StatusError } from './status-error.ts';

type Read = (object: KubeObject) => string;

/** Longest field selector accepted. */
const MAX_FIELD_SELECTOR_LENGTH = 1 << 14;

const COMMON: Readonly<Record<string, Read>> = {
  'metadata.name': (object) => object.metadata.name,
  'metadata.namespace': (object) => object.metadata.namespace ?? '',
};

const POD: Readonly<Record<string, Read>> = {
  'spec.nodeName': (object) => (object as Pod).spec.nodeName ?? '',
  'spec.restartPolicy': (object) => (object as Pod).spec.restartPolicy ?? '',
  'spec.schedulerName': (object) => (object as Pod).spec.schedulerName ?? '',
  'spec.serviceAccountName': (object) => (object as Pod).spec.serviceAccountName ?? '',
  'spec.hostNetwork': (object) => ((object as Pod).spec.hostNetwork === true ? 'true' : 'false'),
  'status.phase': (object) => (object as Pod).status?.phase ?? '',
  'status.podIP': (object) => (object as Pod).status?.podIP ?? '',
  'status.podIPs': (object) => (object as Pod).status?.podIPs?.map(({ ip }) => ip).join(',') ?? '',
  'status.nominatedNodeName': (object) => (object as Pod).status?.nominatedNodeName ?? '',
};

const EVENT: Readonly<Record<string, Read>> = {
  'involvedObject.kind': (object) => (object as Event).involvedObject.kind ?? '',
  'involvedObject.namespace': (object) => (object as Event).involvedObject.namespace ?? '',
  'involvedObject.name': (object) => (object as Event).involvedObject.name ?? '',
  'involvedObject.uid': (object) => (object as Event).involvedObject.uid ?? '',
  'involvedObject.apiVersion': (object) => (object as Event).involvedObject.apiVersion ?? '',
  'involvedObject.resourceVersion': (object) => (object as Event).involvedObject.resourceVersion ?? '',
  'involvedObject.fieldPath': (object) => (object as Event).involvedObject.fieldPath ?? '',
  reason: (object) => (object as Event).reason ?? '',
  reportingComponent: (object) => (object as Event).reportingComponent ?? '',
  source: (object) => (object as Event).source?.component ?? (object as Event).reportingComponent ?? '',
  type: (object) => (object as Event).type ?? '',
};

const FIELDS = new Map<number, Readonly<Record<string, Read>>>([
  [PODS.id, POD],
  [EVENTS.id, EVENT],
  [NODES.id, { 'spec.unschedulable': (o) => ((o as Node).spec?.unschedulable === true ? 'true' : 'false') }],
  [NAMESPACES.id, { 'status.phase': (o) => (o as Namespace).status?.phase ?? '' }],
  [SECRETS.id, { type: (o) => (o as Secret).type ?? '' }],
  [REPLICASETS.id, { 'status.replicas': (o) => String((o as ReplicaSet).status?.replicas ?? 0) }],
  [JOBS.id, { 'status.successful': (o) => String((o as Job).status?.succeeded ?? 0) }],
  [
    SERVICES.id,
    {
      'spec.clusterIP': (o) => (o as Service).spec.clusterIP ?? '',
      'spec.type': (o) => (o as Service).spec.type ?? '',
    },
  ],
]);

function readerOf(type: ResourceType, field: string): Read | undefined {
  if (field === 'metadata.namespace' && !type.namespaced) return undefined;
  if (Object.hasOwn(COMMON, field)) return COMMON[field];
  const own = FIELDS.get(type.id);
  if (own === undefined) return undefined;
  const name = type === PODS && field === 'spec.host' ? 'spec.nodeName' : field;
  return Object.hasOwn(own, name) ? own[name] : undefined;
}

function unknownField(type: ResourceType, field: string): StatusError {
  if (FIELDS.has(type.id)) return StatusError.badRequest(`field label not supported: ${field}`);
  const known = type.namespaced ? '"metadata.name", "metadata.namespace"' : '"metadata.name"';
  return StatusError.badRequest(`"${field}" is not a known field selector: only ${known}`);
}

interface Term {
  readonly field: string;
  readonly value: string;
  readonly equal: boolean;
  readonly read: Read;
}

/** A compiled field selector. Immutable. */
export class FieldSelector {
  readonly #terms: readonly Term[];

  constructor(terms: readonly Term[]) {
    this.#terms = terms;
  }

  /** Whether every term holds. */
  matches(object: KubeObject): boolean {
    const terms = this.#terms;
    for (let i = 0; i < terms.length; i++) {
      const term = terms[i] as Term;
      if ((term.read(object) === term.value) !== term.equal) return false;
    }
    return true;
  }

  get isEmpty(): boolean {
    return this.#terms.length === 0;
  }

  /** The value that a field must have for a match, undefined when it is free; for indexes. */
  requiredValue(field: string): string | undefined {
    for (const term of this.#terms) if (term.equal && term.field === field) return term.value;
    return undefined;
  }

  /** Whether this is exactly `field=value`, so that an index entry answers it alone. */
  isOnly(field: string): boolean {
    const first = this.#terms[0];
    return this.#terms.length === 1 && first !== undefined && first.equal && first.field === field;
  }

  toString(): string {
    return this.#terms.map((t) => `${t.field}${t.equal ? '=' : '!='}${escapeValue(t.value)}`).join(',');
  }
}

/** Matches everything. */
export const ANY_FIELDS = new FieldSelector([]);

/** Escapes a value for a field selector's text. */
function escapeValue(value: string): string {
  return value.replace(/[\\,=]/g, '\\$&');
}

/** Splits at commas that are not escaped. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === ',') {
      terms.push(text.slice(start, i));
      start = i + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

function unescapeValue(text: string, selector: string): string {
  let value = '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    const escaped = c === '\\' ? text[++i] : undefined;
    if (c === '=' || (c === '\\' && (escaped === undefined || !'\\,='.includes(escaped)))) {
      throw StatusError.badRequest(`invalid selector: '${selector}'; can't understand '${text}'`);
    }
    value += escaped ?? c;
  }
  return value;
}

/** Parses and compiles a field selector of a type. Blank matches everything. Throws StatusError (400). */
export function compileFieldSelector(type: ResourceType, text: string): FieldSelector {
  if (text === '') return ANY_FIELDS;
  if (text.length > MAX_FIELD_SELECTOR_LENGTH) throw StatusError.badRequest('field selector is too long');
  const terms: Term[] = [];
  for (const part of splitTerms(text)) {
    if (part === '') continue;
    const match = /^([^=!]*?)(!=|==|=)(.*)$/s.exec(part);
    if (match === null) throw StatusError.badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
    const field = match[1] as string;
    const read = readerOf(type, field);
    if (read === undefined) throw unknownField(type, field);
    const value = unescapeValue(match[3] as string, text);
    terms.push({ field: field === 'spec.host' ? 'spec.nodeName' : field, value, equal: match[2] !== '!=', read });
  }
  return terms.length === 0 ? ANY_FIELDS : new FieldSelector(terms.slice());
}

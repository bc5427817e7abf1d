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
import { EVENTS, JOBS, NAMESPACES, NODES, PODS, type ResourceType, SECRETS, SERVICES } from './resource-type.ts';
import type { Secret } from './secret.ts';
import type { Service } from './service.ts';
import { StatusError } from './status-error.ts';

type Read = (object: KubeObject) => string;

/** Longest field selector accepted. */
const MAX_FIELD_SELECTOR_LENGTH = 1 << 14;

/** A field that a selector may name. */
interface Field {
  readonly name: string;
  readonly read: Read;
}

type Fields = ReadonlyMap<string, Field>;

function fieldsOf(readers: Readonly<Record<string, Read>>): Fields {
  return new Map(Object.entries(readers).map(([name, read]) => [name, { name, read }]));
}

const COMMON = fieldsOf({
  'metadata.name': (object) => object.metadata.name,
  'metadata.namespace': (object) => object.metadata.namespace ?? '',
});

const POD = fieldsOf({
  'spec.nodeName': (object) => (object as Pod).spec.nodeName ?? '',
  'spec.restartPolicy': (object) => (object as Pod).spec.restartPolicy ?? '',
  'spec.schedulerName': (object) => (object as Pod).spec.schedulerName ?? '',
  'spec.serviceAccountName': (object) => (object as Pod).spec.serviceAccountName ?? '',
  'spec.hostNetwork': (object) => ((object as Pod).spec.hostNetwork === true ? 'true' : 'false'),
  'status.phase': (object) => (object as Pod).status?.phase ?? '',
  'status.podIP': (object) => (object as Pod).status?.podIP ?? '',
  'status.podIPs': (object) => (object as Pod).status?.podIPs?.map(({ ip }) => ip).join(',') ?? '',
  'status.nominatedNodeName': (object) => (object as Pod).status?.nominatedNodeName ?? '',
});

const EVENT = fieldsOf({
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
});

const FIELDS = new Map<number, Fields>([
  [PODS.id, POD],
  [EVENTS.id, EVENT],
  [NODES.id, fieldsOf({ 'spec.unschedulable': (o) => ((o as Node).spec?.unschedulable === true ? 'true' : 'false') })],
  [NAMESPACES.id, fieldsOf({ 'status.phase': (o) => (o as Namespace).status?.phase ?? '' })],
  [SECRETS.id, fieldsOf({ type: (o) => (o as Secret).type ?? '' })],
  [JOBS.id, fieldsOf({ 'status.successful': (o) => String((o as Job).status?.succeeded ?? 0) })],
  [
    SERVICES.id,
    fieldsOf({
      'spec.clusterIP': (o) => (o as Service).spec.clusterIP ?? '',
      'spec.type': (o) => (o as Service).spec.type ?? '',
    }),
  ],
]);

function fieldOf(type: ResourceType, name: string): Field | undefined {
  if (name === 'metadata.namespace' && !type.namespaced) return undefined;
  return COMMON.get(name) ?? FIELDS.get(type.id)?.get(type === PODS && name === 'spec.host' ? 'spec.nodeName' : name);
}

function unknownField(type: ResourceType, field: string): StatusError {
  if (type === JOBS) return StatusError.badRequest(`field label "${field}" not supported for Job`);
  if (FIELDS.has(type.id)) return StatusError.badRequest(`field label not supported: ${field}`);
  return StatusError.badRequest(`"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`);
}

/**
 * A compiled field selector: one term and the selector of the others; {@link ANY_FIELDS} is the last of each. Immutable. Every kubelet has
 * one at the API server, of one term.
 */
export class FieldSelector {
  readonly #field: Field;
  readonly #value: string;
  readonly #equal: boolean;
  readonly #rest: FieldSelector | null;

  constructor(field: Field, value: string, equal: boolean, rest: FieldSelector | null) {
    this.#field = field;
    this.#value = value;
    this.#equal = equal;
    this.#rest = rest;
  }

  /** Whether every term holds. */
  matches(object: KubeObject): boolean {
    for (let at: FieldSelector = this; at.#rest !== null; at = at.#rest) {
      if ((at.#field.read(object) === at.#value) !== at.#equal) return false;
    }
    return true;
  }

  get isEmpty(): boolean {
    return this.#rest === null;
  }

  /** The value that a field must have for a match, undefined when it is free; for indexes. */
  requiredValue(field: string): string | undefined {
    for (let at: FieldSelector = this; at.#rest !== null; at = at.#rest) {
      if (at.#equal && at.#field.name === field) return at.#value;
    }
    return undefined;
  }

  toString(): string {
    const terms: string[] = [];
    for (let at: FieldSelector = this; at.#rest !== null; at = at.#rest) {
      terms.push(`${at.#field.name}${at.#equal ? '=' : '!='}${escapeValue(at.#value)}`);
    }
    return terms.join(',');
  }
}

/** Matches everything. */
export const ANY_FIELDS = new FieldSelector({ name: '', read: () => '' }, '', true, null);

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
  return selectorOfTerms(type, text, splitTerms(text), 0);
}

/** The terms from `first` on. */
function selectorOfTerms(type: ResourceType, text: string, terms: readonly string[], first: number): FieldSelector {
  let at = first;
  while (terms[at] === '') at++;
  const term = terms[at];
  if (term === undefined) return ANY_FIELDS;
  const match = /^([^=!]*?)(!=|==|=)(.*)$/s.exec(term);
  if (match === null) throw StatusError.badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
  const name = match[1] as string;
  const field = fieldOf(type, name);
  if (field === undefined) throw unknownField(type, name);
  const value = unescapeValue(match[3] as string, text);
  return new FieldSelector(field, value, match[2] !== '!=', selectorOfTerms(type, text, terms, at + 1));
}

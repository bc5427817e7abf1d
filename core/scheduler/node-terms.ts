/**
 * Node selector terms as the scheduler reads them (Kubernetes 1.34, component-helpers nodeaffinity): terms are OR-ed,
 * expressions AND-ed, an empty term matches nothing, a term with an expression that cannot be parsed never matches.
 */
import { labelOf } from '../types/node-affinity.ts';
import type { StringMap } from '../types/object.ts';
import type { NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from '../types/pod.ts';

/** Compiled nodeSelector and required terms: both must hold. */
export interface RequiredNodeTerms {
  readonly selector: readonly (readonly [key: string, value: string])[];
  /** `null` without required terms. */
  readonly terms: readonly CompiledTerm[] | null;
  /** The only nodes that can match, by name, when every term names nodes; `null` otherwise. */
  readonly nodeNames: readonly string[] | null;
}

/** A preferred term with its weight, 1 … 100. */
export interface WeightedNodeTerm {
  readonly weight: number;
  readonly term: CompiledTerm;
}

/** One term; `never` when it is empty or cannot be parsed. */
export interface CompiledTerm {
  readonly never: boolean;
  readonly expressions: readonly CompiledExpression[];
  readonly fields: readonly CompiledExpression[];
}

interface CompiledExpression {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
  readonly bound: number;
}

const INTEGER = /^[0-9]+$/;
const SIGNED_INTEGER = /^[+-]?[0-9]+$/;

/** Compiles one term. */
export function compileNodeTerm(term: NodeSelectorTerm): CompiledTerm {
  const expressions = (term.matchExpressions ?? []).map(compileExpression);
  const fields = (term.matchFields ?? []).map(compileExpression);
  const empty = expressions.length === 0 && fields.length === 0;
  const broken = [...expressions, ...fields].some((expression) => Number.isNaN(expression.bound));
  return { never: empty || broken, expressions, fields };
}

/** Compiles nodeSelector and required node affinity of a spec; `null` when it has neither. */
export function compileRequired(spec: PodSpec): RequiredNodeTerms | null {
  const selector = Object.entries(spec.nodeSelector ?? {});
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (selector.length === 0 && required === undefined) return null;
  const terms = required === undefined ? null : required.nodeSelectorTerms.map(compileNodeTerm);
  return { selector, terms, nodeNames: required === undefined ? null : namesOf(required.nodeSelectorTerms) };
}

/** Whether a node with this name and these labels satisfies both parts. */
export function matchesRequired(required: RequiredNodeTerms, name: string, labels: StringMap): boolean {
  for (const [key, value] of required.selector) if (labels[key] !== value) return false;
  if (required.terms === null) return true;
  for (const term of required.terms) if (matchesNodeTerm(term, name, labels)) return true;
  return false;
}

/** Whether one term matches. */
export function matchesNodeTerm(term: CompiledTerm, name: string, labels: StringMap): boolean {
  if (term.never) return false;
  for (const expression of term.expressions) {
    if (!matchesExpression(expression, labelOf(labels, expression.key))) return false;
  }
  for (const field of term.fields) {
    if (field.key !== 'metadata.name' || !matchesExpression(field, name)) return false;
  }
  return true;
}

/** NaN as `bound` marks an expression that cannot be parsed. */
function compileExpression(requirement: NodeSelectorRequirement): CompiledExpression {
  const values = requirement.values ?? [];
  let bound = 0;
  if (requirement.operator === 'Gt' || requirement.operator === 'Lt') {
    const text = values[0] ?? '';
    bound = values.length === 1 && INTEGER.test(text) ? Number(text) : Number.NaN;
  }
  return { key: requirement.key, operator: requirement.operator, values, bound };
}

function matchesExpression(expression: CompiledExpression, value: string | undefined): boolean {
  switch (expression.operator) {
    case 'In':
      return value !== undefined && expression.values.includes(value);
    case 'NotIn':
      return value === undefined || !expression.values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && SIGNED_INTEGER.test(value) && Number(value) > expression.bound;
    case 'Lt':
      return value !== undefined && SIGNED_INTEGER.test(value) && Number(value) < expression.bound;
    default:
      return false;
  }
}

/** Names that `metadata.name In` leaves: union over terms of the intersection within a term; `null` if a term has none. */
function namesOf(terms: readonly NodeSelectorTerm[]): readonly string[] | null {
  const union = new Set<string>();
  for (const term of terms) {
    let own: readonly string[] | null = null;
    for (const field of term.matchFields ?? []) {
      if (field.key !== 'metadata.name' || field.operator !== 'In') continue;
      const values = field.values ?? [];
      own = own === null ? values : own.filter((name) => values.includes(name));
    }
    if (own === null) return null;
    for (const name of own) union.add(name);
  }
  return terms.length === 0 ? null : [...union];
}

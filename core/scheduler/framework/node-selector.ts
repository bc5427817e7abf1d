/**
 * Node selector terms as the scheduler parses them (Kubernetes 1.34, component-helpers nodeaffinity; apimachinery labels).
 *
 * Terms are OR-ed, expressions AND-ed, an empty term matches nothing. Expressions are checked as label requirements are: a
 * value that is no label value, or no integer for Gt and Lt, makes its whole term unparsable, and such a term never
 * matches. Where terms are preferred, the texts of these errors end up in the pod's condition, so they are made here.
 */
import { labelOf, requirementHolds } from '../../types/node-affinity.ts';
import type { StringMap } from '../../types/object.ts';
import type { NodeAffinity, NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from '../../types/pod.ts';
import { fieldRequirementErrors, labelRequirementErrors, type RequirementError } from './requirement-errors.ts';

/** A parsed term; `never` when it is empty or cannot be parsed. */
export interface NodeTerm {
  readonly never: boolean;
  readonly expressions: readonly NodeSelectorRequirement[];
  readonly fields: readonly NodeSelectorRequirement[];
}

/** A preferred term with its weight, 1 … 100. */
export interface WeightedNodeTerm {
  readonly weight: number;
  readonly term: NodeTerm;
}

/** nodeSelector and required affinity of a pod: both must hold. */
export interface RequiredTerms {
  /** The only nodes that can match, by name, when every term names nodes; `null` otherwise. */
  readonly nodeNames: readonly string[] | null;
  matches(nodeName: string, labels: StringMap): boolean;
}

const known = new WeakMap<PodSpec, RequiredTerms>();

/** What a pod's spec requires of a node; worked out once a spec. */
export function requiredNodeTerms(spec: PodSpec): RequiredTerms {
  const before = known.get(spec);
  if (before !== undefined) return before;
  const selector = Object.entries(spec.nodeSelector ?? {});
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const terms = required === undefined ? null : parseNodeTerms(required.nodeSelectorTerms);
  const result: RequiredTerms = {
    nodeNames: namedNodes(required?.nodeSelectorTerms ?? []),
    matches: (nodeName, labels) => selects(selector, labels) && (terms === null || anyMatches(terms, nodeName, labels)),
  };
  known.set(spec, result);
  return result;
}

/** Asked of every node for each new selector: loops, since callbacks made for each node are most of the garbage. */
function selects(selector: readonly (readonly [string, string])[], labels: StringMap): boolean {
  for (let i = 0; i < selector.length; i++) {
    const entry = selector[i] as readonly [string, string];
    if (labelOf(labels, entry[0]) !== entry[1]) return false;
  }
  return true;
}

function anyMatches(terms: readonly NodeTerm[], nodeName: string, labels: StringMap): boolean {
  for (const term of terms) if (termMatches(term, nodeName, labels)) return true;
  return false;
}

/** Parses a list of terms. */
export function parseNodeTerms(terms: readonly NodeSelectorTerm[]): readonly NodeTerm[] {
  return terms.map((term) => {
    const expressions = term.matchExpressions ?? [];
    const fields = term.matchFields ?? [];
    const never = expressions.length + fields.length === 0 || termErrors(term, '', false).length > 0;
    return { never, expressions, fields };
  });
}

/** Whether one term matches a node. */
export function termMatches(term: NodeTerm, nodeName: string, labels: StringMap): boolean {
  if (term.never) return false;
  for (const expression of term.expressions) {
    if (!requirementHolds(expression, labelOf(labels, expression.key))) return false;
  }
  for (const field of term.fields) {
    if (!requirementHolds(field, field.key === 'metadata.name' ? nodeName : '')) return false;
  }
  return true;
}

/** Whether any of the terms matches a node's labels, where its name is not known and fields are not looked at (volumes). */
export function anyTermMatches(terms: readonly NodeSelectorTerm[], labels: StringMap): boolean {
  return parseNodeTerms(terms).some((term) => termMatches({ ...term, fields: [] }, '', labels));
}

/**
 * The only nodes that can match, when every term names nodes by `metadata.name In`: the union over terms of the
 * intersection within a term. `null` when some term names none.
 */
export function namedNodes(terms: readonly NodeSelectorTerm[]): readonly string[] | null {
  const union = new Set<string>();
  for (const term of terms) {
    let own: readonly string[] | null = null;
    for (const { key, operator, values } of term.matchFields ?? []) {
      if (key !== 'metadata.name' || operator !== 'In') continue;
      own = own === null ? (values ?? []) : own.filter((name) => (values ?? []).includes(name));
    }
    if (own === null) return null;
    for (const name of own) union.add(name);
  }
  return terms.length === 0 ? null : [...union];
}

type PreferredTerms = NonNullable<NodeAffinity['preferredDuringSchedulingIgnoredDuringExecution']>;

/** A preference that is left out: in Go it is no pointer, so that it is there and empty (core/v1 PreferredSchedulingTerm), which validation allows. */
const EMPTY_TERM: NodeSelectorTerm = {};

/** Parses preferred terms; those that weigh nothing are left out. */
export function parsePreferredTerms(preferred: PreferredTerms): readonly WeightedNodeTerm[] {
  return preferred
    .filter(({ weight }) => weight !== 0)
    .map(({ weight, preference = EMPTY_TERM }) => ({ weight, term: parseNodeTerms([preference])[0] as NodeTerm }));
}

/** The message for preferred terms that cannot be parsed, `''` when all can; `countsBytes`: the length of a label is told in bytes. */
export function preferredTermErrors(preferred: PreferredTerms, countsBytes: boolean): string {
  const errors = preferred.flatMap(({ weight, preference = EMPTY_TERM }, i) =>
    weight === 0 ? [] : termErrors(preference, `[${i}]`, countsBytes),
  );
  const distinct = [...new Set(errors)];
  return distinct.length < 2 ? (distinct[0] ?? '') : `[${distinct.join(', ')}]`;
}

function termErrors(term: NodeSelectorTerm, path: string, countsBytes: boolean): readonly string[] {
  return [
    ...(term.matchExpressions ?? []).flatMap((r, i) =>
      labelRequirementErrors(r, countsBytes).map((error) => textOf(`${path}.matchExpressions[${i}]`, error)),
    ),
    ...(term.matchFields ?? []).flatMap((r, i) =>
      fieldRequirementErrors(r).map((error) => textOf(`${path}.matchFields[${i}]`, error)),
    ),
  ];
}

function textOf(path: string, { where, message }: RequirementError): string {
  return `${path}${where}: ${message}`;
}

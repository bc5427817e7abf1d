/**
 * Whether a node fits a pod's `nodeSelector` and required node affinity, and how much it is preferred. Terms are OR-ed,
 * their expressions AND-ed; a term without expressions matches nothing. Source: Kubernetes 1.34, component-helpers
 * scheduling/corev1/nodeaffinity.
 */
import type { Node } from './node.ts';
import type { StringMap } from './object.ts';
import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from './pod.ts';

const INTEGER = /^[+-]?\d+$/;
const NO_LABELS: StringMap = Object.freeze({});

const INT64_MAX = 2n ** 63n - 1n;

/** A text as a signed 64-bit integer, `null` when it is none. */
export function int64Of(text: string): bigint | null {
  if (!INTEGER.test(text)) return null;
  const value = BigInt(text.replace('+', ''));
  return value <= INT64_MAX && value >= -INT64_MAX - 1n ? value : null;
}

/** Whether a label's value is greater (or less) than the one of `values`, both signed 64-bit integers. */
export function compareIntegers(label: string | undefined, values: readonly string[], greater: boolean): boolean {
  if (label === undefined || values.length !== 1) return false;
  const value = int64Of(label);
  const bound = int64Of(values[0] as string);
  if (value === null || bound === null) return false;
  return greater ? value > bound : value < bound;
}

const NO_VALUES: readonly string[] = Object.freeze([]);

/** Whether one requirement holds for a label's value (undefined: the node has no such label). */
export function requirementHolds(requirement: NodeSelectorRequirement, label: string | undefined): boolean {
  const values = requirement.values ?? NO_VALUES;
  switch (requirement.operator) {
    case 'In':
      return label !== undefined && values.includes(label);
    case 'NotIn':
      return label === undefined || !values.includes(label);
    case 'Exists':
      return label !== undefined;
    case 'DoesNotExist':
      return label === undefined;
    case 'Gt':
      return compareIntegers(label, values, true);
    case 'Lt':
      return compareIntegers(label, values, false);
    default:
      return false;
  }
}

/** A label's value; keys such as `constructor` are ordinary labels. */
export function labelOf(labels: StringMap, key: string): string | undefined {
  const label: unknown = labels[key];
  return typeof label === 'string' ? label : undefined;
}

/** Whether a term holds for a node with these labels and this name. */
function termMatches(term: NodeSelectorTerm, labels: StringMap | undefined, nodeName: string): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length === 0 && fields.length === 0) return false;
  for (const requirement of expressions) {
    if (!requirementHolds(requirement, labelOf(labels ?? NO_LABELS, requirement.key))) return false;
  }
  for (const requirement of fields) {
    if (requirement.key !== 'metadata.name' || !requirementHolds(requirement, nodeName)) return false;
  }
  return true;
}

/** Whether any term holds. */
function nodeSelectorMatches(selector: NodeSelector, labels: StringMap | undefined, nodeName: string): boolean {
  return selector.nodeSelectorTerms.some((term) => termMatches(term, labels, nodeName));
}

/** Whether the node has every label of a pod's `nodeSelector`. */
function nodeLabelsMatch(nodeSelector: StringMap | undefined, labels: StringMap | undefined): boolean {
  if (nodeSelector === undefined) return true;
  for (const key in nodeSelector) if (labelOf(labels ?? NO_LABELS, key) !== nodeSelector[key]) return false;
  return true;
}

/** Whether a pod may run on a node as far as `nodeSelector` and required affinity go. */
export function fitsNodeAffinity(spec: PodSpec, node: Node): boolean {
  const { labels, name } = node.metadata;
  if (!nodeLabelsMatch(spec.nodeSelector, labels)) return false;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || nodeSelectorMatches(required, labels, name);
}

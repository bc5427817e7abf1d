/**
 * What the disruption controller says of a budget that selects pods without a controller and is computed from scales.
 * Source: Kubernetes 1.34.1, pkg/controller/disruption/disruption.go trySync; the selector as the String method of its generated Go type writes it.
 */
import type { LabelSelector } from '../../types/object.ts';

/** The text of the event UnmanagedPods. */
export function unmanagedMessage(selector: LabelSelector | undefined): string {
  return (
    `Pods selected by this PodDisruptionBudget (selector: ${asGo(selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be ` +
    'calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'
  );
}

function asGo(selector: LabelSelector | undefined): string {
  if (selector === undefined) return 'nil';
  const labels = Object.entries(selector.matchLabels ?? {}).sort(([left], [right]) => (left < right ? -1 : 1));
  const matchLabels = labels.map(([key, value]) => `${key}: ${value},`).join('');
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${matchLabels}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}

/**
 * The conditions by which a terminating namespace says what its deletion waits for.
 * Source: Kubernetes 1.34 pkg/controller/namespace/deletion/status_condition_utils.go.
 */
import type { Condition } from '../../types/object.ts';
import { findCondition } from '../../types/pod-conditions.ts';
import type { ContentReport } from './namespace-content.ts';

interface Verdict {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

const SUCCESS: readonly Verdict[] = [
  {
    type: 'NamespaceDeletionDiscoveryFailure',
    reason: 'ResourcesDiscovered',
    message: 'All resources successfully discovered',
  },
  {
    type: 'NamespaceDeletionGroupVersionParsingFailure',
    reason: 'ParsedGroupVersions',
    message: 'All legacy kube types successfully parsed',
  },
  {
    type: 'NamespaceDeletionContentFailure',
    reason: 'ContentDeleted',
    message: 'All content successfully deleted, may be waiting on finalization',
  },
  {
    type: 'NamespaceContentRemaining',
    reason: 'ContentRemoved',
    message: 'All content successfully removed',
  },
  {
    type: 'NamespaceFinalizersRemaining',
    reason: 'ContentHasNoFinalizers',
    message: 'All content-preserving finalizers finished',
  },
];

/** The namespace's conditions after a pass; `old` itself when nothing changed. `time` is a metav1.Time. */
export function contentConditions(
  old: readonly Condition[] | undefined,
  report: ContentReport,
  time: string,
): readonly Condition[] | undefined {
  const failures = failuresOf(report);
  let conditions = old;
  for (const success of SUCCESS) {
    const failure = failures.find(({ type }) => type === success.type);
    const { type, reason, message } = failure ?? success;
    const status = failure === undefined ? 'False' : 'True';
    const known = findCondition(conditions, type);
    if (known !== undefined && known.status === status && known.reason === reason && known.message === message)
      continue;
    // Kubernetes 1.34.1, pkg/controller/namespace/deletion/status_condition_utils.go, updateConditions.
    const lastTransitionTime = known?.status === status ? known.lastTransitionTime : time;
    const condition: Condition = { type, status, lastTransitionTime, reason, message };
    const list = conditions ?? [];
    conditions = known === undefined ? [...list, condition] : list.map((c) => (c === known ? condition : c));
  }
  return conditions;
}

function failuresOf(report: ContentReport): readonly Verdict[] {
  const failures: Verdict[] = [];
  if (report.errors.length > 0) {
    const list = report.errors.length === 1 ? (report.errors[0] as string) : `[${report.errors.join(', ')}]`;
    failures.push({
      type: 'NamespaceDeletionContentFailure',
      reason: 'ContentDeletionFailed',
      message: `Failed to delete all resource types, ${report.errors.length} remaining: ${list}`,
    });
  }
  if (report.remaining.size > 0) {
    const parts = [...report.remaining].map(([t, n]) => `${t.plural}.${t.group} has ${n} resource instances`).sort();
    failures.push({
      type: 'NamespaceContentRemaining',
      reason: 'SomeResourcesRemain',
      message: `Some resources are remaining: ${parts.join(', ')}`,
    });
  }
  if (report.finalizers.size > 0) {
    const parts = [...report.finalizers].map(([name, n]) => `${name} in ${n} resource instances`).sort();
    failures.push({
      type: 'NamespaceFinalizersRemaining',
      reason: 'SomeFinalizersRemain',
      message: `Some content in the namespace has finalizers remaining: ${parts.join(', ')}`,
    });
  }
  return failures;
}

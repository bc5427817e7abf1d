/**
 * What is legal in manifests and, nearly always, a slip: labels and names that nothing else of them has.
 */
import type { KubeObject } from '../core/types/object.ts';
import type { ManifestObject } from './manifests.ts';
import { warnUnknownPorts } from './port-checks.ts';
import type { ProblemList } from './problem.ts';
import { type ReferenceKind, warnIdleScalers, warnMissingReferences } from './reference-checks.ts';
import { warnIdleSelectors } from './selector-checks.ts';

/** Warns of slips in `manifests` of a cluster that holds `objects` and refuses pods without the `kinds` that they name. */
export function warnSlips(
  manifests: readonly ManifestObject[],
  objects: readonly KubeObject[],
  kinds: readonly ReferenceKind[],
  problems: ProblemList,
): void {
  warnIdleSelectors(manifests, objects, problems);
  warnUnknownPorts(manifests, objects, problems);
  warnIdleScalers(manifests, objects, problems);
  warnMissingReferences(manifests, objects, kinds, problems);
}

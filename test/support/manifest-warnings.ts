/**
 * What a check of manifests says of documents that are all there is.
 */
import type { KubeObject } from '../../core/types/object.ts';
import { type ManifestObject, readManifests } from '../../scenarios/manifests.ts';
import { formatProblems, ProblemList } from '../../scenarios/problem.ts';

type Check = (manifests: readonly ManifestObject[], objects: readonly KubeObject[], problems: ProblemList) => void;

/** As a user reads it; '' for nothing. The file is `a.yaml`. */
export function warningsBy(check: Check, documents: readonly string[]): string {
  const problems = new ProblemList();
  const manifests = readManifests([{ file: 'a.yaml', text: documents.join('\n---\n') }], problems);
  const objects = manifests.map(({ object }) => object);
  check(manifests, objects, problems);
  return formatProblems(problems.problems);
}

/**
 * Whether what a controller calls the newest revision is what its owner declares. Rollouts are judged by the names that their controllers give to revisions;
 * this looks at what stands behind the names.
 *
 * Written a second time, plainly. Empty maps count as absent. Source: Kubernetes documentation, Deployments ("Rollouts are triggered if and only if the
 * template is changed"), ControllerRevision.
 */
import type { ControllerRevision } from '../../types/controller-revision.ts';
import { jsonEqual } from '../../types/json-value.ts';
import type { KubeObject, StringMap } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { PodTemplateSpec } from '../../types/pod.ts';
import type { World } from '../world.ts';

const HASH = 'pod-template-hash';

/** What differs between two templates, as a field; null for nothing. The hash that a Deployment's controller adds does not count. */
export function templateDifference(a: PodTemplateSpec, b: PodTemplateSpec): string | null {
  if (a === b) return null;
  if (!isSameMap(a.metadata?.labels, b.metadata?.labels)) return 'labels';
  if (!isSameMap(a.metadata?.annotations, b.metadata?.annotations)) return 'annotations';
  return a.spec === b.spec || jsonEqual(a.spec, b.spec) ? null : 'spec';
}

function isSameMap(a: StringMap = {}, b: StringMap = {}): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  keys.delete(HASH);
  return [...keys].every((key) => a[key] === b[key]);
}

/** The ControllerRevision of the highest number that a StatefulSet or DaemonSet owns; undefined if there is none. */
export function newestRevision(world: World, owner: KubeObject): ControllerRevision | undefined {
  let newest: ControllerRevision | undefined;
  for (const object of world.of('ControllerRevision').values()) {
    const revision = object as ControllerRevision;
    if (controllerOf(revision)?.uid !== owner.metadata.uid) continue;
    if (newest === undefined || revision.revision > newest.revision) newest = revision;
  }
  return newest;
}

/** Why that revision is not the owner's template, or null, also where nothing is told of revisions or of what they hold: a recording does not. */
export function revisionLacks(revision: ControllerRevision | undefined, template: PodTemplateSpec): string | null {
  if (revision?.data === undefined) return null;
  const { spec } = revision.data as { readonly spec: { readonly template: PodTemplateSpec } };
  const difference = templateDifference(spec.template, template);
  return difference === null ? null : `its newest revision ${revision.metadata.name} has other ${difference}`;
}

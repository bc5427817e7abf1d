/**
 * Manifests of one's own for a property: read, checked and given a cluster that they fit on, as `seatrial trial` does it.
 */
import type { ClusterDescription } from '../../core/cluster/description.ts';
import type { KubeObject } from '../../core/cluster/vocabulary.ts';
import { shown } from '../simulate/program-options.ts';
import { prepareTrial } from '../trial/prepare.ts';

/** An application and a cluster for it. */
export interface Application {
  readonly objects: readonly KubeObject[];
  readonly cluster: ClusterDescription;
}

/** Reads manifest files and folders. @throws ScenarioError with every problem; TypeError for what is no path. */
export function manifests(...paths: readonly string[]): Application {
  if (paths.length === 0) throw new TypeError('manifests: expected at least one path of a manifest file or folder');
  for (const each of paths as readonly unknown[]) {
    if (typeof each !== 'string')
      throw new TypeError(`manifests: expected paths of files and folders, not ${shown(each)}`);
  }
  const { cluster, setup } = prepareTrial({ paths, readStdin: () => '', seeds: [1] });
  return { objects: setup.objects, cluster: cluster.description };
}

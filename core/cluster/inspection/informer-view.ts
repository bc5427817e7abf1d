/**
 * What informers hold: objects as a component believes them to be.
 */
import type { Informer } from '../../client/informer.ts';
import type { KubeObject } from '../../types/object.ts';
import { Branch, objectsByName } from './view.ts';

/** Caches by kind, each with its revision and its objects. */
export function cachesView(informers: readonly Informer<KubeObject>[]): Branch {
  return new Branch(
    new Map(
      informers.map((informer) => [
        informer.type.kind,
        () =>
          Branch.of({
            synced: () => informer.synced,
            revision: () => informer.revision,
            count: () => informer.size,
            objects: () => objectsByName(objectsOf(informer)),
          }),
      ]),
    ),
  );
}

function objectsOf(informer: Informer<KubeObject>): KubeObject[] {
  const objects: KubeObject[] = [];
  informer.forEach((object) => objects.push(object));
  return objects;
}

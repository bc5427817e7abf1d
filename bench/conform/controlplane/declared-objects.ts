/**
 * What the recording's user has declared so far: bodies of the requests that were answered, with the patches that followed.
 *
 * The recorded events hold only the fields that matter for a kind; selectors, templates, allocatable and tolerations stand in the requests.
 */
import { applyJsonPatch } from '../../../core/types/json-patch.ts';
import { applyMergePatch } from '../../../core/types/merge-patch.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { BUILT_IN_TYPES } from '../../../core/types/resource-type.ts';
import { applyStrategicMergePatch } from '../../../core/types/strategic-merge-patch.ts';
import type { Step } from './recording.ts';

const PLACE =
  /^\/(?:api|apis\/[^/]+)\/[^/]+(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>[^/?]+)(?:\/(?<name>[^/?]+))?(?:\/(?<subresource>[^/?]+))?(?:\?|$)/;

/** What a request names. */
export interface RequestPlace {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
}

/** The object that a recorded request is about; null for kinds that are not built in. */
export function placeOf(step: Step): RequestPlace | null {
  const { namespace = '', plural = '', name, subresource = '' } = PLACE.exec(step.path ?? '')?.groups ?? {};
  const type = BUILT_IN_TYPES.find((known) => known.plural === plural);
  if (type === undefined) return null;
  const named = name ?? (step.body as KubeObject | null | undefined)?.metadata?.name ?? '';
  return { kind: type.kind, namespace, name: named, subresource };
}

export class DeclaredObjects {
  readonly #objects = new Map<string, KubeObject>();

  /** Takes in a request that the server carried out. */
  take(step: Step): void {
    if (step.do !== 'request' || (step.status ?? 200) >= 400) return;
    const place = placeOf(step);
    if (place === null) return;
    const key = `${place.kind}/${place.namespace}/${place.name}`;
    const known = this.#objects.get(key);
    // A server reads null as absent.
    const posted = step.method === 'POST' && place.subresource === '';
    if (posted || step.method === 'PUT') this.#objects.set(key, applyMergePatch({}, step.body) as KubeObject);
    else if (step.method === 'PATCH' && known !== undefined) this.#objects.set(key, patched(known, step));
  }

  /** What was declared under this name last, or undefined. */
  find(kind: string, namespace: string, name: string): KubeObject | undefined {
    return this.#objects.get(`${kind}/${namespace}/${name}`);
  }
}

function patched(object: KubeObject, { contentType, body }: Step): KubeObject {
  switch (contentType) {
    case 'application/json-patch+json':
      return applyJsonPatch(object, body) as KubeObject;
    case 'application/strategic-merge-patch+json': {
      const type = BUILT_IN_TYPES.find(({ kind }) => kind === object.kind);
      return (type === undefined ? object : applyStrategicMergePatch(type, object, body)) as KubeObject;
    }
    default:
      return applyMergePatch(object, body) as KubeObject;
  }
}

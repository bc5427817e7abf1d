/** The Status that answers a create of a subresource without content of its own. */
import type { KubeObject } from '../../types/object.ts';
import { objectHash } from '../../types/object-hash.ts';
import { VersionMeta } from '../../types/version-meta.ts';

/** Status Success, code 201. One object, shared by all answers; its metadata keeps its hash. */
export const CREATED_STATUS: KubeObject = Object.freeze({
  apiVersion: 'v1',
  kind: 'Status',
  metadata: new VersionMeta('', undefined, undefined, undefined, undefined),
  status: 'Success',
  code: 201,
});
VersionMeta.keep(CREATED_STATUS, objectHash(CREATED_STATUS));

/** The Status that answers a create of a subresource without content of its own. */
import type { KubeObject } from '../../types/object.ts';

/** Status Success, code 201. One object, shared by all answers. */
export const CREATED_STATUS = Object.freeze({
  apiVersion: 'v1',
  kind: 'Status',
  metadata: Object.freeze({ name: '' }),
  status: 'Success',
  code: 201,
}) as unknown as KubeObject;

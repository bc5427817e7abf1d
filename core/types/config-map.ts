/** ConfigMaps. Source: Kubernetes 1.34, core/v1 ConfigMap. */
import type { KubeObject, StringMap } from './object.ts';

/** core/v1 ConfigMap. `binaryData` is base64. */
export interface ConfigMap extends KubeObject {
  readonly immutable?: boolean | undefined;
  readonly data?: StringMap | undefined;
  readonly binaryData?: StringMap | undefined;
}

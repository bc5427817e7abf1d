/** Secrets. Source: Kubernetes 1.34, core/v1 Secret. */
import type { KubeObject, StringMap } from './object.ts';

/** core/v1 Secret. `data` is base64; `stringData` is merged into it by the server. */
export interface Secret extends KubeObject {
  readonly immutable?: boolean | undefined;
  readonly data?: StringMap | undefined;
  readonly stringData?: StringMap | undefined;
  readonly type?: string | undefined;
}

/** Event objects, the ones users read with `kubectl describe`. Source: Kubernetes 1.34, core/v1 Event. */
import type { KubeObject, ObjectReference } from './object.ts';

/** core/v1 Event. Both the old (count, firstTimestamp …) and the new recorder's fields (eventTime, series …). */
export interface Event extends KubeObject {
  readonly involvedObject: ObjectReference;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly source?: { readonly component?: string | undefined; readonly host?: string | undefined } | undefined;
  readonly firstTimestamp?: string | null | undefined;
  readonly lastTimestamp?: string | null | undefined;
  readonly count?: number | undefined;
  readonly type?: string | undefined;
  readonly eventTime?: string | null | undefined;
  readonly series?: { readonly count?: number | undefined; readonly lastObservedTime?: string | undefined } | undefined;
  readonly action?: string | undefined;
  readonly related?: ObjectReference | undefined;
  readonly reportingComponent?: string | undefined;
  readonly reportingInstance?: string | undefined;
}

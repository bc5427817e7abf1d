/**
 * Builds objects with one fixed order of fields, so that all versions of all kinds share their hidden classes.
 */
import type { Event } from '../types/event.ts';
import { copyWith } from '../types/json-value.ts';
import type { KubeObject, ObjectMeta } from '../types/object.ts';
import { versionMeta } from '../types/version-meta.ts';

/** What a new version of an object may change in its metadata. */
export type MetaChange = Partial<
  Pick<
    ObjectMeta,
    'generation' | 'deletionTimestamp' | 'deletionGracePeriodSeconds' | 'labels' | 'annotations' | 'finalizers'
  >
>;

/** `freshMeta` with some fields replaced; a field given as undefined is removed. */
export function changedMeta(meta: ObjectMeta, change: MetaChange): ObjectMeta {
  return versionMeta(
    meta.name,
    meta.generateName,
    meta.namespace,
    meta.uid,
    'generation' in change ? change.generation : meta.generation,
    meta.creationTimestamp,
    'deletionTimestamp' in change ? change.deletionTimestamp : meta.deletionTimestamp,
    'deletionGracePeriodSeconds' in change ? change.deletionGracePeriodSeconds : meta.deletionGracePeriodSeconds,
    'labels' in change ? change.labels : meta.labels,
    'annotations' in change ? change.annotations : meta.annotations,
    meta.ownerReferences,
    'finalizers' in change ? change.finalizers : meta.finalizers,
  );
}

/** Fields besides which an object of a kind with spec and status has none. */
function isPlain(object: KubeObject): boolean {
  for (const key in object) {
    switch (key) {
      case 'apiVersion':
      case 'kind':
      case 'metadata':
      case 'spec':
      case 'status':
        break;
      default:
        return false;
    }
  }
  return true;
}

/** Whether an Event has the fields that the recorders of components write, and no other. */
function isRecorded(event: Event): boolean {
  for (const key in event) {
    switch (key) {
      case 'apiVersion':
      case 'kind':
      case 'metadata':
      case 'involvedObject':
      case 'reason':
      case 'message':
      case 'source':
      case 'firstTimestamp':
      case 'lastTimestamp':
      case 'count':
      case 'type':
      case 'reportingComponent':
      case 'reportingInstance':
      case 'eventTime':
      case 'action':
      case 'related':
        break;
      default:
        return false;
    }
  }
  return true;
}

/**
 * An Event of either recorder with other metadata; fields that it lacks are undefined. A spread would be of one hidden class as well, yet V8 looks for
 * the place of `metadata` anew each time.
 */
function recordedWith(event: Event, metadata: ObjectMeta): Event {
  return {
    apiVersion: event.apiVersion,
    kind: event.kind,
    metadata,
    involvedObject: event.involvedObject,
    reason: event.reason,
    message: event.message,
    source: event.source,
    firstTimestamp: event.firstTimestamp,
    lastTimestamp: event.lastTimestamp,
    count: event.count,
    type: event.type,
    eventTime: event.eventTime,
    action: event.action,
    related: event.related,
    reportingComponent: event.reportingComponent,
    reportingInstance: event.reportingInstance,
  };
}

/** `object` with other metadata; everything else is shared. */
export function withMetadata(object: KubeObject, metadata: ObjectMeta): KubeObject {
  if (object.kind === 'Event' && isRecorded(object as Event)) return recordedWith(object as Event, metadata);
  // It has metadata already: no copy gains a field, and they share one hidden class.
  if (!isPlain(object)) return { ...object, metadata };
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata,
    spec: object.spec,
    status: object.status,
  };
}

/** `object` with other metadata, spec and status; other top-level fields are shared. */
export function withParts(object: KubeObject, metadata: ObjectMeta, spec: unknown, status: unknown): KubeObject {
  if (!isPlain(object)) return copyWith(object, { metadata, spec, status });
  return { apiVersion: object.apiVersion, kind: object.kind, metadata, spec, status };
}

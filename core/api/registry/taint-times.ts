/**
 * Since when a device has a taint: the server fills in the time of the request where its client names none, so that tolerations count the same for
 * every reader. Source: Kubernetes 1.34, SetDefaults_DeviceTaint of pkg/apis/resource/v1 and v1alpha3.
 *
 * Limit: a time that cannot be read is replaced, where a real server refuses the request.
 */
import { isDeviceTaintRule, RESOURCE } from '../../types/claim-types.ts';
import { mapShared, withField } from '../../types/defaults/fields.ts';
import { isRecord, type JsonRecord } from '../../types/json-value.ts';
import type { KubeObject } from '../../types/object.ts';
import type { ResourceType } from '../../types/resource-type.ts';
import { formatTime, parseTime } from '../../types/time.ts';

/** An object of any type; the taints of a ResourceSlice or DeviceTaintRule all say since when they are there, `nowUs` (wall time) for want of better. */
export function withTaintTimes(type: ResourceType, object: KubeObject, nowUs: number): KubeObject {
  const ofRule = isDeviceTaintRule(type);
  if (!ofRule && (type.kind !== 'ResourceSlice' || type.apiVersion !== RESOURCE)) return object;
  const { spec } = object;
  if (!isRecord(spec)) return object;
  const stamp = (taint: unknown): unknown => {
    if (!isRecord(taint) || !Number.isNaN(parseTime(String(taint.timeAdded)))) return taint;
    return withField(taint, 'timeAdded', formatTime(nowUs));
  };
  const next = ofRule ? within(spec, 'taint', stamp) : within(spec, 'devices', each(ofDevice(stamp)));
  return next === spec ? object : withField(object, 'spec', next);
}

type Change = (value: unknown) => unknown;

function ofDevice(stamp: Change): Change {
  return (device) => (isRecord(device) ? within(device, 'taints', each(stamp)) : device);
}

/** A change of each member of a list. */
function each(change: Change): Change {
  return (list) => (Array.isArray(list) ? mapShared(list, change) : list);
}

function within(record: JsonRecord, field: string, change: Change): JsonRecord {
  return field in record ? withField(record, field, change(record[field])) : record;
}

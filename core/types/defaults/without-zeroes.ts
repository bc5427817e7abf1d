/**
 * Fields that the server does not store while they hold their zero: those that the Go types write as plain values with `omitempty`.
 *
 * So `paused: false` is no change where nothing was written before, and `hostNetwork: false` no new template. Source: Kubernetes 1.34.1,
 * k8s.io/api types.go of core/v1 and apps/v1.
 */

export const WORKLOAD_ZEROES: readonly string[] = ['paused', 'minReadySeconds'];
export const POD_SPEC_ZEROES: readonly string[] = [
  'hostNetwork',
  'hostPID',
  'hostIPC',
  'hostname',
  'subdomain',
  'nodeName',
];
export const CONTAINER_ZEROES: readonly string[] = ['stdin', 'stdinOnce', 'tty', 'workingDir'];
export const MOUNT_ZEROES: readonly string[] = ['readOnly', 'subPath', 'subPathExpr'];
export const PORT_ZEROES: readonly string[] = ['hostPort', 'hostIP', 'name'];
export const PROBE_ZEROES: readonly string[] = ['initialDelaySeconds'];
export const SERVICE_ZEROES: readonly string[] = ['publishNotReadyAddresses'];
export const NODE_ZEROES: readonly string[] = ['unschedulable'];

/** The record without those of `names` that hold false, 0 or an empty text; itself when there is none. */
export function withoutZeroes<T extends object>(record: T, names: readonly string[]): T {
  const fields = record as Record<string, unknown>;
  for (const name of names) {
    if (!isZero(fields[name])) continue;
    const copy = { ...fields };
    for (const each of names) if (isZero(copy[each])) delete copy[each];
    return copy as T;
  }
  return record;
}

function isZero(value: unknown): boolean {
  return value === false || value === 0 || value === '';
}

/**
 * The parts of a KubeSchedulerConfiguration that say how a real scheduler reaches its API server and holds its lease. They have no effect here,
 * and are checked all the same: a file that a real scheduler refuses is refused. Source: Kubernetes 1.34, component-base/config/v1alpha1
 * (types, defaults) and component-base/config/validation.
 */
import type { FieldReader, Fields } from './field-reader.ts';
import type { FieldPath } from './problem.ts';

const S = 1_000_000;
const LEASE_US = 15 * S;
const RENEW_US = 10 * S;
const RETRY_US = 2 * S;
/** A candidate waits so many retry periods at most (client-go leaderelection JitterFactor). */
const JITTER_FACTOR = 1.2;
const MAX_INT32 = 2 ** 31 - 1;

/** `clientConnection`: ClientConnectionConfiguration. */
export function checkClientConnection(reader: FieldReader, value: unknown): void {
  const path: FieldPath = ['clientConnection'];
  const fields = reader.fields(value, path, ['kubeconfig', 'acceptContentTypes', 'contentType', 'qps', 'burst']);
  for (const name of ['kubeconfig', 'acceptContentTypes', 'contentType'])
    reader.text(fields[name], [...path, name], '');
  reader.number(fields['qps'], [...path, 'qps'], 50);
  reader.integer(fields['burst'], [...path, 'burst'], 100, 0, MAX_INT32);
}

/** `leaderElection`: LeaderElectionConfiguration. */
export function checkLeaderElection(reader: FieldReader, value: unknown): void {
  const path: FieldPath = ['leaderElection'];
  const fields: Fields = reader.fields(value, path, [
    ...['leaderElect', 'leaseDuration', 'renewDeadline', 'retryPeriod'],
    ...['resourceLock', 'resourceName', 'resourceNamespace'],
  ]);
  const isOn = reader.flag(fields['leaderElect'], [...path, 'leaderElect'], true);
  const leaseUs = reader.duration(fields['leaseDuration'], [...path, 'leaseDuration'], LEASE_US);
  const renewUs = reader.duration(fields['renewDeadline'], [...path, 'renewDeadline'], RENEW_US);
  const retryUs = reader.duration(fields['retryPeriod'], [...path, 'retryPeriod'], RETRY_US);
  for (const name of ['resourceName', 'resourceNamespace']) reader.text(fields[name], [...path, name], '');
  reader.text(fields['resourceLock'], [...path, 'resourceLock'], '');
  if (!isOn) return;
  if (leaseUs <= renewUs) reader.problem([...path, 'leaseDuration'], 'must be greater than renewDeadline');
  if (renewUs <= JITTER_FACTOR * retryUs) {
    reader.problem([...path, 'renewDeadline'], `must be greater than ${JITTER_FACTOR} times retryPeriod`);
  }
  const lock = fields['resourceLock'] ?? '';
  if (lock !== '' && lock !== 'leases') reader.problem([...path, 'resourceLock'], 'must be "leases"');
}

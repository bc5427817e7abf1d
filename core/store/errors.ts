/**
 * Errors a client of the store sees, with etcd's gRPC codes and texts (etcd 3.6, api/v3/v3rpc/rpctypes).
 *
 * kube-apiserver and etcd's own clients match code *and* text, so both are facts. Not derived from Error: they are
 * answers, made often, and need no stack. All are shared constants and can be compared by identity.
 */

/** gRPC status codes used by etcd. */
export const CODE_INVALID_ARGUMENT = 3;
export const CODE_NOT_FOUND = 5;
export const CODE_RESOURCE_EXHAUSTED = 8;
export const CODE_FAILED_PRECONDITION = 9;
export const CODE_OUT_OF_RANGE = 11;
export const CODE_UNAVAILABLE = 14;
export const CODE_DATA_LOSS = 15;

/** A refusal by the store: gRPC code and etcd's text. */
export class StoreError {
  readonly code: number;
  readonly message: string;

  constructor(code: number, message: string) {
    this.code = code;
    this.message = message;
  }

  toString(): string {
    return this.message;
  }
}

export const ERROR_EMPTY_KEY = new StoreError(CODE_INVALID_ARGUMENT, 'etcdserver: key is not provided');
export const ERROR_KEY_NOT_FOUND = new StoreError(CODE_INVALID_ARGUMENT, 'etcdserver: key not found');
export const ERROR_VALUE_PROVIDED = new StoreError(CODE_INVALID_ARGUMENT, 'etcdserver: value is provided');
export const ERROR_LEASE_PROVIDED = new StoreError(CODE_INVALID_ARGUMENT, 'etcdserver: lease is provided');
export const ERROR_INVALID_SORT_OPTION = new StoreError(CODE_INVALID_ARGUMENT, 'etcdserver: invalid sort option');
export const ERROR_TOO_MANY_OPS = new StoreError(
  CODE_INVALID_ARGUMENT,
  'etcdserver: too many operations in txn request',
);
export const ERROR_DUPLICATE_KEY = new StoreError(
  CODE_INVALID_ARGUMENT,
  'etcdserver: duplicate key given in txn request',
);
export const ERROR_REQUEST_TOO_LARGE = new StoreError(CODE_INVALID_ARGUMENT, 'etcdserver: request is too large');
export const ERROR_COMPACTED = new StoreError(
  CODE_OUT_OF_RANGE,
  'etcdserver: mvcc: required revision has been compacted',
);
export const ERROR_FUTURE_REVISION = new StoreError(
  CODE_OUT_OF_RANGE,
  'etcdserver: mvcc: required revision is a future revision',
);
export const ERROR_NO_SPACE = new StoreError(CODE_RESOURCE_EXHAUSTED, 'etcdserver: mvcc: database space exceeded');
export const ERROR_TOO_MANY_REQUESTS = new StoreError(CODE_RESOURCE_EXHAUSTED, 'etcdserver: too many requests');
export const ERROR_LEASE_NOT_FOUND = new StoreError(CODE_NOT_FOUND, 'etcdserver: requested lease not found');
export const ERROR_LEASE_EXISTS = new StoreError(CODE_FAILED_PRECONDITION, 'etcdserver: lease already exists');
export const ERROR_LEASE_TTL_TOO_LARGE = new StoreError(CODE_OUT_OF_RANGE, 'etcdserver: too large lease TTL');
export const ERROR_TIMEOUT = new StoreError(CODE_UNAVAILABLE, 'etcdserver: request timed out');
export const ERROR_TIMEOUT_LEADER_FAILED = new StoreError(
  CODE_UNAVAILABLE,
  'etcdserver: request timed out, possibly due to previous leader failure',
);
export const ERROR_NOT_LEADER = new StoreError(CODE_FAILED_PRECONDITION, 'etcdserver: not leader');
export const ERROR_BAD_TRANSFEREE = new StoreError(CODE_FAILED_PRECONDITION, 'etcdserver: bad leader transferee');
export const ERROR_MEMBER_NOT_FOUND = new StoreError(CODE_NOT_FOUND, 'etcdserver: member not found');
export const ERROR_MEMBER_EXISTS = new StoreError(CODE_FAILED_PRECONDITION, 'etcdserver: member ID already exist');
export const ERROR_NOT_LEARNER = new StoreError(
  CODE_FAILED_PRECONDITION,
  'etcdserver: can only promote a learner member',
);
export const ERROR_LEARNER_NOT_READY = new StoreError(
  CODE_FAILED_PRECONDITION,
  'etcdserver: can only promote a learner member which is in sync with leader',
);
export const ERROR_TOO_MANY_LEARNERS = new StoreError(
  CODE_FAILED_PRECONDITION,
  'etcdserver: too many learner members in cluster',
);
export const ERROR_UNHEALTHY = new StoreError(
  CODE_FAILED_PRECONDITION,
  'etcdserver: re-configuration failed due to not enough started members',
);
export const ERROR_STOPPED = new StoreError(CODE_UNAVAILABLE, 'etcdserver: server stopped');
export const ERROR_CORRUPT = new StoreError(CODE_DATA_LOSS, 'etcdserver: corrupt cluster');

/** Reasons in a canceled watch, where etcd gives one (texts of etcd 3.4.23 and 3.6.16). */
export const REASON_WATCH_EMPTY_RANGE = 'mvcc: watcher range is empty';
export const REASON_WATCH_DUPLICATE_ID = 'mvcc: duplicate watch ID provided on the WatchStream';
export const REASON_WATCH_NO_LEADER = 'etcdserver: no leader';

/**
 * Everything a client of the store may know of it: operation codes, key names, values, requests, answers and errors.
 *
 * This is the only file of core/store that core/api imports. A client opens a connection to a member, sends a request
 * with its own request id in `a` and gets OP_STORE_RESPONSE with the same `a`; a broken connection leaves the outcome of
 * unanswered writes unknown. Watches belong to the connection and end with it.
 */
export {
  CODE_DATA_LOSS,
  CODE_FAILED_PRECONDITION,
  CODE_INVALID_ARGUMENT,
  CODE_NOT_FOUND,
  CODE_OUT_OF_RANGE,
  CODE_RESOURCE_EXHAUSTED,
  CODE_UNAVAILABLE,
  ERROR_COMPACTED,
  ERROR_CORRUPT,
  ERROR_DUPLICATE_KEY,
  ERROR_EMPTY_KEY,
  ERROR_FUTURE_REVISION,
  ERROR_KEY_NOT_FOUND,
  ERROR_LEASE_NOT_FOUND,
  ERROR_NO_SPACE,
  ERROR_REQUEST_TOO_LARGE,
  ERROR_STOPPED,
  ERROR_TOO_MANY_OPS,
  ERROR_TOO_MANY_REQUESTS,
  REASON_WATCH_DUPLICATE_ID,
  REASON_WATCH_EMPTY_RANGE,
  StoreError,
} from './errors.ts';
export { KeyInterner } from './key-interner.ts';
export {
  OP_STORE_ANSWERS_AND_EVENTS,
  OP_STORE_BATCH,
  OP_STORE_DEFRAGMENT,
  OP_STORE_LEASE,
  OP_STORE_PROGRESS,
  OP_STORE_PROGRESS_REQUEST,
  OP_STORE_RANGE,
  OP_STORE_REQUEST,
  OP_STORE_RESPONSE,
  OP_STORE_TXN,
  OP_STORE_WATCH,
  OP_STORE_WATCH_CANCEL,
  OP_STORE_WATCH_CANCELED,
  OP_STORE_WATCH_CREATED,
  OP_STORE_WATCH_EVENTS,
} from './ops.ts';
export {
  LEASE_RENEW,
  LEASE_TIME_TO_LIVE,
  prefixEnd,
  RANGE_TO_LAST_KEY,
  StoreBatch,
  StoreLease,
  StoreRange,
  StoreRequest,
  StoreTxn,
  StoreWatch,
} from './requests.ts';
export {
  StoreAnswer,
  StoreAnswersAndEvents,
  StoreBatchResponse,
  StoreErrorResponse,
  StoreEventBatch,
  StoreLeaseAnswer,
  StoreProgress,
  StoreRangeResponse,
  StoreTxnResponse,
  StoreWatchCanceled,
  StoreWatchCreated,
  StoreWatchEvents,
  type WriteAnswered,
} from './responses.ts';
export { EVENT_DELETE, EVENT_PUT, StoreEvent, type StoreKeyValue, type StoreValue } from './value.ts';

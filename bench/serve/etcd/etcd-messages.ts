/**
 * etcd's v3 messages as tables: field numbers and types of etcdserverpb/rpc.proto and mvccpb/kv.proto (etcd 3.6), which are the public interface.
 *
 * Names in memory are those of core/store/v3/messages.ts, so what is decoded is what the store takes.
 */
import { type FieldRow, type MessageSchema, message } from '../protobuf/schema.ts';

const HEADER = (): MessageSchema => RESPONSE_HEADER;

export const RESPONSE_HEADER = message(
  'ResponseHeader',
  [1, 'clusterId', 'uint64'],
  [2, 'memberId', 'uint64'],
  [3, 'revision', 'int64'],
  [4, 'raftTerm', 'uint64'],
);

export const KEY_VALUE = message(
  'KeyValue',
  [1, 'key', 'key'],
  [2, 'createRevision', 'int64'],
  [3, 'modRevision', 'int64'],
  [4, 'version', 'int64'],
  [5, 'value', 'value'],
  [6, 'lease', 'bigint64'],
);

export const EVENT = message('Event', [1, 'type', 'enum'], [2, 'kv', () => KEY_VALUE], [3, 'prevKv', () => KEY_VALUE]);

export const RANGE_REQUEST = message(
  'RangeRequest',
  [1, 'key', 'key'],
  [2, 'rangeEnd', 'key'],
  [3, 'limit', 'int64'],
  [4, 'revision', 'int64'],
  [5, 'sortOrder', 'enum'],
  [6, 'sortTarget', 'enum'],
  [7, 'serializable', 'bool'],
  [8, 'keysOnly', 'bool'],
  [9, 'countOnly', 'bool'],
  [10, 'minModRevision', 'int64'],
  [11, 'maxModRevision', 'int64'],
  [12, 'minCreateRevision', 'int64'],
  [13, 'maxCreateRevision', 'int64'],
);

export const RANGE_RESPONSE = message(
  'RangeResponse',
  [1, 'header', HEADER],
  [2, 'kvs', () => KEY_VALUE, 'repeated'],
  [3, 'more', 'bool'],
  [4, 'count', 'int64'],
);

export const PUT_REQUEST = message(
  'PutRequest',
  [1, 'key', 'key'],
  [2, 'value', 'value'],
  [3, 'lease', 'bigint64'],
  [4, 'prevKv', 'bool'],
  [5, 'ignoreValue', 'bool'],
  [6, 'ignoreLease', 'bool'],
);

export const PUT_RESPONSE = message('PutResponse', [1, 'header', HEADER], [2, 'prevKv', () => KEY_VALUE]);

export const DELETE_RANGE_REQUEST = message(
  'DeleteRangeRequest',
  [1, 'key', 'key'],
  [2, 'rangeEnd', 'key'],
  [3, 'prevKv', 'bool'],
);

export const DELETE_RANGE_RESPONSE = message(
  'DeleteRangeResponse',
  [1, 'header', HEADER],
  [2, 'deleted', 'int64'],
  [3, 'prevKvs', () => KEY_VALUE, 'repeated'],
);

export const REQUEST_OP: MessageSchema = message(
  'RequestOp',
  [1, 'range', () => RANGE_REQUEST, 'union:op', 'RequestRange'],
  [2, 'put', () => PUT_REQUEST, 'union:op', 'RequestPut'],
  [3, 'deleteRange', () => DELETE_RANGE_REQUEST, 'union:op', 'RequestDeleteRange'],
  [4, 'txn', () => TXN_REQUEST, 'union:op', 'RequestTxn'],
);

export const RESPONSE_OP: MessageSchema = message(
  'ResponseOp',
  [1, 'range', () => RANGE_RESPONSE, 'union:op', 'ResponseRange'],
  [2, 'put', () => PUT_RESPONSE, 'union:op', 'ResponsePut'],
  [3, 'deleteRange', () => DELETE_RANGE_RESPONSE, 'union:op', 'ResponseDeleteRange'],
  [4, 'txn', () => TXN_RESPONSE, 'union:op', 'ResponseTxn'],
);

/** Field `union` names which right side was sent. */
export const COMPARE = message(
  'Compare',
  [1, 'result', 'enum'],
  [2, 'target', 'enum'],
  [3, 'key', 'key'],
  [4, 'version', 'int64', 'union:union'],
  [5, 'createRevision', 'int64', 'union:union'],
  [6, 'modRevision', 'int64', 'union:union'],
  [7, 'value', 'bytes', 'union:union'],
  [8, 'lease', 'bigint64', 'union:union'],
  [64, 'rangeEnd', 'key'],
);

export const TXN_REQUEST: MessageSchema = message(
  'TxnRequest',
  [1, 'compare', () => COMPARE, 'repeated'],
  [2, 'success', () => REQUEST_OP, 'repeated'],
  [3, 'failure', () => REQUEST_OP, 'repeated'],
);

export const TXN_RESPONSE: MessageSchema = message(
  'TxnResponse',
  [1, 'header', HEADER],
  [2, 'succeeded', 'bool'],
  [3, 'responses', () => RESPONSE_OP, 'repeated'],
);

export const COMPACTION_REQUEST = message('CompactionRequest', [1, 'revision', 'int64'], [2, 'physical', 'bool']);
export const COMPACTION_RESPONSE = message('CompactionResponse', [1, 'header', HEADER]);

export const WATCH_CREATE_REQUEST = message(
  'WatchCreateRequest',
  [1, 'key', 'key'],
  [2, 'rangeEnd', 'key'],
  [3, 'startRevision', 'int64'],
  [4, 'progressNotify', 'bool'],
  [5, 'filters', 'enum', 'repeated'],
  [6, 'prevKv', 'bool'],
  [7, 'watchId', 'bigint64'],
  [8, 'fragment', 'bool'],
);
export const WATCH_CANCEL_REQUEST = message('WatchCancelRequest', [1, 'watchId', 'bigint64']);
export const WATCH_PROGRESS_REQUEST = message('WatchProgressRequest');

export const WATCH_REQUEST = message(
  'WatchRequest',
  [1, 'create', () => WATCH_CREATE_REQUEST, 'union:op', 'CreateRequest'],
  [2, 'cancel', () => WATCH_CANCEL_REQUEST, 'union:op', 'CancelRequest'],
  [3, 'progress', () => WATCH_PROGRESS_REQUEST, 'union:op', 'ProgressRequest'],
);

const watchResponse = (events: FieldRow[2]): MessageSchema =>
  message(
    'WatchResponse',
    [1, 'header', HEADER],
    [2, 'watchId', 'bigint64'],
    [3, 'created', 'bool'],
    [4, 'canceled', 'bool'],
    [5, 'compactRevision', 'int64'],
    [6, 'cancelReason', 'string'],
    [7, 'fragment', 'bool'],
    [11, 'events', events, 'repeated'],
  );
export const WATCH_RESPONSE = watchResponse(() => EVENT);
/** The same, for events that are encoded already: on the wire a message is its bytes. */
export const WATCH_RESPONSE_OF_ENCODED = watchResponse('bytes');

export const LEASE_GRANT_REQUEST = message(
  'LeaseGrantRequest',
  [1, 'ttl', 'int64', '', 'TTL'],
  [2, 'id', 'bigint64', '', 'ID'],
);
export const LEASE_GRANT_RESPONSE = message(
  'LeaseGrantResponse',
  [1, 'header', HEADER],
  [2, 'id', 'bigint64'],
  [3, 'ttl', 'int64'],
  [4, 'error', 'string'],
);
export const LEASE_REVOKE_REQUEST = message('LeaseRevokeRequest', [1, 'id', 'bigint64', '', 'ID']);
export const LEASE_REVOKE_RESPONSE = message('LeaseRevokeResponse', [1, 'header', HEADER]);
export const LEASE_KEEP_ALIVE_REQUEST = message('LeaseKeepAliveRequest', [1, 'id', 'bigint64', '', 'ID']);
export const LEASE_KEEP_ALIVE_RESPONSE = message(
  'LeaseKeepAliveResponse',
  [1, 'header', HEADER],
  [2, 'id', 'bigint64'],
  [3, 'ttl', 'int64'],
);
export const LEASE_TIME_TO_LIVE_REQUEST = message(
  'LeaseTimeToLiveRequest',
  [1, 'id', 'bigint64', '', 'ID'],
  [2, 'keys', 'bool'],
);
export const LEASE_TIME_TO_LIVE_RESPONSE = message(
  'LeaseTimeToLiveResponse',
  [1, 'header', HEADER],
  [2, 'id', 'bigint64'],
  [3, 'ttl', 'int64'],
  [4, 'grantedTtl', 'int64'],
  [5, 'keys', 'key', 'repeated'],
);
export const LEASE_LEASES_REQUEST = message('LeaseLeasesRequest');
export const LEASE_STATUS = message('LeaseStatus', [1, 'id', 'bigint64']);
export const LEASE_LEASES_RESPONSE = message(
  'LeaseLeasesResponse',
  [1, 'header', HEADER],
  [2, 'leases', () => LEASE_STATUS, 'repeated'],
);
export const LEASE_CHECKPOINT = message('LeaseCheckpoint', [1, 'id', 'bigint64'], [2, 'remainingTtl', 'int64']);

export const ALARM_REQUEST = message(
  'AlarmRequest',
  [1, 'action', 'enum'],
  [2, 'memberId', 'uint64', '', 'MemberID'],
  [3, 'alarm', 'enum'],
);
export const ALARM_MEMBER = message('AlarmMember', [1, 'memberId', 'uint64'], [2, 'alarm', 'enum']);
export const ALARM_RESPONSE = message(
  'AlarmResponse',
  [1, 'header', HEADER],
  [2, 'alarms', () => ALARM_MEMBER, 'repeated'],
);

export const STATUS_REQUEST = message('StatusRequest');
export const DOWNGRADE_INFO = message('DowngradeInfo', [1, 'enabled', 'bool'], [2, 'targetVersion', 'string']);
export const STATUS_RESPONSE = message(
  'StatusResponse',
  [1, 'header', HEADER],
  [2, 'version', 'string'],
  [3, 'dbSize', 'int64'],
  [4, 'leader', 'uint64'],
  [5, 'raftIndex', 'uint64'],
  [6, 'raftTerm', 'uint64'],
  [7, 'raftAppliedIndex', 'uint64'],
  [8, 'errors', 'string', 'repeated'],
  [9, 'dbSizeInUse', 'int64'],
  [10, 'isLearner', 'bool'],
  [11, 'storageVersion', 'string'],
  [12, 'dbSizeQuota', 'int64'],
  [13, 'downgradeInfo', () => DOWNGRADE_INFO],
);

export const HASH_REQUEST = message('HashRequest');
export const HASH_RESPONSE = message('HashResponse', [1, 'header', HEADER], [2, 'hash', 'uint32']);
export const HASH_KV_REQUEST = message('HashKVRequest', [1, 'revision', 'int64']);
export const HASH_KV_RESPONSE = message(
  'HashKVResponse',
  [1, 'header', HEADER],
  [2, 'hash', 'uint32'],
  [3, 'compactRevision', 'int64'],
  [4, 'hashRevision', 'int64'],
);
export const SNAPSHOT_REQUEST = message('SnapshotRequest');
export const SNAPSHOT_RESPONSE = message(
  'SnapshotResponse',
  [1, 'header', HEADER],
  [2, 'remainingBytes', 'uint64'],
  [3, 'blob', 'bytes'],
  [4, 'version', 'string'],
);
export const DEFRAGMENT_REQUEST = message('DefragmentRequest');
export const DEFRAGMENT_RESPONSE = message('DefragmentResponse', [1, 'header', HEADER]);
export const MOVE_LEADER_REQUEST = message('MoveLeaderRequest', [1, 'targetId', 'uint64', '', 'TargetID']);
export const MOVE_LEADER_RESPONSE = message('MoveLeaderResponse', [1, 'header', HEADER]);

export const MEMBER = message(
  'Member',
  [1, 'id', 'uint64'],
  [2, 'name', 'string'],
  [3, 'peerUrls', 'string', 'repeated'],
  [4, 'clientUrls', 'string', 'repeated'],
  [5, 'isLearner', 'bool'],
);
export const MEMBER_LIST_REQUEST = message('MemberListRequest', [1, 'linearizable', 'bool']);
export const MEMBER_LIST_RESPONSE = message(
  'MemberListResponse',
  [1, 'header', HEADER],
  [2, 'members', () => MEMBER, 'repeated'],
);

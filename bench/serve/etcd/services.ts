/**
 * The RPCs of etcd's v3 services that are served: path, shape, message tables.
 */
import type { MessageSchema } from '../protobuf/schema.ts';
import * as m from './etcd-messages.ts';

export interface Rpc {
  readonly service: string;
  readonly method: string;
  readonly request: MessageSchema;
  readonly response: MessageSchema;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}

const unary = (service: string, method: string, request: MessageSchema, response: MessageSchema): Rpc => ({
  service: `etcdserverpb.${service}`,
  method,
  request,
  response,
  requestStream: false,
  responseStream: false,
});

export const RPC = {
  range: unary('KV', 'Range', m.RANGE_REQUEST, m.RANGE_RESPONSE),
  put: unary('KV', 'Put', m.PUT_REQUEST, m.PUT_RESPONSE),
  deleteRange: unary('KV', 'DeleteRange', m.DELETE_RANGE_REQUEST, m.DELETE_RANGE_RESPONSE),
  txn: unary('KV', 'Txn', m.TXN_REQUEST, m.TXN_RESPONSE),
  compact: unary('KV', 'Compact', m.COMPACTION_REQUEST, m.COMPACTION_RESPONSE),
  watch: {
    ...unary('Watch', 'Watch', m.WATCH_REQUEST, m.WATCH_RESPONSE),
    requestStream: true,
    responseStream: true,
  },
  leaseGrant: unary('Lease', 'LeaseGrant', m.LEASE_GRANT_REQUEST, m.LEASE_GRANT_RESPONSE),
  leaseRevoke: unary('Lease', 'LeaseRevoke', m.LEASE_REVOKE_REQUEST, m.LEASE_REVOKE_RESPONSE),
  leaseKeepAlive: {
    ...unary('Lease', 'LeaseKeepAlive', m.LEASE_KEEP_ALIVE_REQUEST, m.LEASE_KEEP_ALIVE_RESPONSE),
    requestStream: true,
    responseStream: true,
  },
  leaseTimeToLive: unary('Lease', 'LeaseTimeToLive', m.LEASE_TIME_TO_LIVE_REQUEST, m.LEASE_TIME_TO_LIVE_RESPONSE),
  leaseLeases: unary('Lease', 'LeaseLeases', m.LEASE_LEASES_REQUEST, m.LEASE_LEASES_RESPONSE),
  alarm: unary('Maintenance', 'Alarm', m.ALARM_REQUEST, m.ALARM_RESPONSE),
  status: unary('Maintenance', 'Status', m.STATUS_REQUEST, m.STATUS_RESPONSE),
  hash: unary('Maintenance', 'Hash', m.HASH_REQUEST, m.HASH_RESPONSE),
  hashKv: unary('Maintenance', 'HashKV', m.HASH_KV_REQUEST, m.HASH_KV_RESPONSE),
  snapshot: {
    ...unary('Maintenance', 'Snapshot', m.SNAPSHOT_REQUEST, m.SNAPSHOT_RESPONSE),
    responseStream: true,
  },
  defragment: unary('Maintenance', 'Defragment', m.DEFRAGMENT_REQUEST, m.DEFRAGMENT_RESPONSE),
  moveLeader: unary('Maintenance', 'MoveLeader', m.MOVE_LEADER_REQUEST, m.MOVE_LEADER_RESPONSE),
  memberList: unary('Cluster', 'MemberList', m.MEMBER_LIST_REQUEST, m.MEMBER_LIST_RESPONSE),
} as const satisfies Readonly<Record<string, Rpc>>;

/** The HTTP/2 path of an RPC. */
export function pathOf(rpc: Rpc): string {
  return `/${rpc.service}/${rpc.method}`;
}

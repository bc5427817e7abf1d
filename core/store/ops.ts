/**
 * Operation codes between the store's clients (the API servers) and a store member; 64–95 are the store's.
 *
 * All of them travel on a connection opened by the client. Requests and answers carry the client's request id in `a`;
 * watch messages carry the watch id the client chose (unique on its connection). Answers to requests on one connection
 * come in any order that respects causality: reads may overtake writes that wait for the disk.
 */

/** {@link StoreTxn}: one compare on a key's mod revision, then put or delete, else the key's current state. */
export const OP_STORE_TXN = 64;
/** {@link StoreRequest}: any other write of the v3 interface. */
export const OP_STORE_REQUEST = 65;
/** {@link StoreBatch}: many independent single-key transactions; each takes a revision of its own. */
export const OP_STORE_BATCH = 66;
/** {@link StoreRange}. */
export const OP_STORE_RANGE = 67;
/** {@link StoreWatch}; `a` = watch id. */
export const OP_STORE_WATCH = 69;
/** Ends watch `a`; no payload. Answered by OP_STORE_WATCH_CANCELED; an unknown id is answered by silence, as etcd does. */
export const OP_STORE_WATCH_CANCEL = 70;
/** Asks for a progress notice for the whole connection; silence when some watch is still catching up, as etcd does. */
export const OP_STORE_PROGRESS_REQUEST = 71;

/** {@link StoreLease}: renews a lease or asks for its time. */
export const OP_STORE_LEASE = 73;

/** {@link StoreMemberChange}: adds a learner, promotes it, removes a member; only the leader takes it. */
export const OP_STORE_MEMBER_CHANGE = 72;

/** Takes up no more space than there is content: the member applies nothing meanwhile and serves no read. Answered with StoreAnswer. */
export const OP_STORE_DEFRAGMENT = 74;

/** The leader asks a member for the hash of its history up to revision `a`; and the answer (datagrams between members). */
export const OP_STORE_PEER_HASH = 75;
export const OP_STORE_PEER_HASH_ANSWER = 76;
/** A client's {@link StoreLease} on its way to the leader and its answer (datagrams between members); `a` = token of who sent it on. */
export const OP_STORE_PEER_LEASE = 77;
export const OP_STORE_PEER_LEASE_ANSWER = 78;

/** Raft message between members (a datagram, no connection). */
export const OP_STORE_PEER = 79;

/** Answer to a request; `a` = request id, payload = the response class of the request or {@link StoreErrorResponse}. */
export const OP_STORE_RESPONSE = 80;
/** {@link StoreWatchCreated}; `a` = watch id. Always before the first event of that watch. */
export const OP_STORE_WATCH_CREATED = 81;
/** {@link StoreWatchEvents}: everything one commit (or one catch-up batch) has for this connection. `a` = number of parts. */
export const OP_STORE_WATCH_EVENTS = 82;
/**
 * {@link StoreAnswersAndEvents}; `a` = id of the first request. The answers to writes and the events of the same apply, for a client whose watch asks
 * for both in one message.
 */
export const OP_STORE_ANSWERS_AND_EVENTS = 85;
/** {@link StoreWatchCanceled}; `a` = watch id. */
export const OP_STORE_WATCH_CANCELED = 83;
/** {@link StoreProgress}; `a` = watch id, or −1 as answer to a progress request (all watches of the connection). */
export const OP_STORE_PROGRESS = 84;

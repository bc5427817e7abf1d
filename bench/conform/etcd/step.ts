/**
 * A script of requests as plain data: what the generator makes, the runner executes on two stores, and a report shows.
 *
 * Revisions are relative to the store's current one, and leases are named by order, so a script means the same on any store.
 */

/** A revision: absolute, or so far from the current one. */
export type RevisionPlan = { readonly absolute: number } | { readonly fromCurrent: number };

export interface RangePlan {
  readonly key: string;
  readonly rangeEnd: string;
  readonly limit: number;
  readonly revision: RevisionPlan;
  readonly sortOrder: number;
  readonly sortTarget: number;
  readonly serializable: boolean;
  readonly keysOnly: boolean;
  readonly countOnly: boolean;
  readonly minModRevision: RevisionPlan;
  readonly maxModRevision: RevisionPlan;
  readonly minCreateRevision: RevisionPlan;
  readonly maxCreateRevision: RevisionPlan;
}

export interface PutPlan {
  readonly key: string;
  readonly value: string;
  /** Position of a lease in the script's table, −1 for none, −2 for one that does not exist. */
  readonly lease: number;
  readonly prevKv: boolean;
  readonly ignoreValue: boolean;
  readonly ignoreLease: boolean;
}

export interface DeletePlan {
  readonly key: string;
  readonly rangeEnd: string;
  readonly prevKv: boolean;
}

export interface ComparePlan {
  readonly result: number;
  readonly target: number;
  readonly key: string;
  readonly rangeEnd: string;
  readonly number: RevisionPlan;
  readonly lease: number;
  readonly value: string;
  /** The right side is sent for another target. */
  readonly misplaced: boolean;
}

export type OpPlan =
  | { readonly op: 'range'; readonly range: RangePlan }
  | { readonly op: 'put'; readonly put: PutPlan }
  | { readonly op: 'deleteRange'; readonly deleteRange: DeletePlan }
  | { readonly op: 'txn'; readonly txn: TxnPlan }
  | { readonly op: 'none' };

export interface TxnPlan {
  readonly compare: readonly ComparePlan[];
  readonly success: readonly OpPlan[];
  readonly failure: readonly OpPlan[];
}

export interface WatchPlan {
  readonly key: string;
  readonly rangeEnd: string;
  readonly startRevision: RevisionPlan;
  readonly filters: readonly number[];
  readonly prevKv: boolean;
  readonly watchId: bigint;
  readonly fragment: boolean;
}

export type Step =
  | { readonly kind: 'range'; readonly range: RangePlan }
  | { readonly kind: 'put'; readonly put: PutPlan }
  | { readonly kind: 'delete'; readonly deleteRange: DeletePlan }
  | { readonly kind: 'txn'; readonly txn: TxnPlan }
  | { readonly kind: 'compact'; readonly revision: RevisionPlan; readonly physical: boolean }
  /** `id` 0: chosen by the server; then renamed by order. */
  | { readonly kind: 'lease grant'; readonly ttl: number; readonly id: bigint }
  | { readonly kind: 'lease revoke' | 'lease ttl' | 'lease keepalive'; readonly lease: number; readonly keys: boolean }
  | { readonly kind: 'lease list' }
  | { readonly kind: 'watch'; readonly stream: number; readonly watch: WatchPlan; readonly settle: boolean }
  | { readonly kind: 'watch cancel'; readonly stream: number; readonly watchId: bigint }
  | { readonly kind: 'watch progress'; readonly stream: number }
  | { readonly kind: 'hash'; readonly revision: RevisionPlan }
  | { readonly kind: 'alarm'; readonly action: number; readonly alarm: number }
  | { readonly kind: 'move leader' }
  /** Bytes that are no request, or hardly one. */
  | { readonly kind: 'malformed'; readonly rpc: 'range' | 'put' | 'txn' | 'deleteRange'; readonly bytes: string }
  /** A put whose value has this size. */
  | { readonly kind: 'large put'; readonly key: string; readonly valueBytes: number }
  /** Lets leases run out. */
  | { readonly kind: 'wait'; readonly ms: number };

/**
 * Makes a script from a seed: puts, ranges, nested transactions, leases, compactions and watches over at most eight keys, and
 * now and then what no sane client would send.
 *
 * Always: the same seed, run and version give the same script of at least {@link STEPS_MIN} steps; every script holds a compaction, a nested
 * transaction or a lease with a watch.
 */
import { Sfc32, seedOf } from '../../../core/base/random.ts';
import type {
  ComparePlan,
  DeletePlan,
  OpPlan,
  PutPlan,
  RangePlan,
  RevisionPlan,
  Step,
  TxnPlan,
  WatchPlan,
} from './step.ts';

export const STEPS_MIN = 30;
const STEPS_MAX = 55;

/** Keys, some a prefix of others, one with a slash, one with high bytes. */
const KEYS = ['a', 'aa', 'ab', 'b', 'b/x', 'c', '\u00ff', '\u00ff\u00ff'] as const;
const RANGE_ENDS = ['', '', '', '\0', 'b', 'c', 'aa', 'b0', '\u00ff', 'd', 'a'] as const;
const VALUES = ['', 'x', 'y', 'value', '\u0000\u0080\u00ff', 'z'.repeat(300)] as const;
const SHORT_LEASE_ID = 0x5eedn;
/** Deepest nesting of transactions. */
const DEPTH_MAX = 3;
/** Streams a script may open. */
const STREAMS = 3;
/** The stream of watches that start in the future. */
export const FUTURE_STREAM = STREAMS;
/** Chance of one in so many that a script waits for leases to run out. */
const EXPIRY_SCRIPTS = 100;

export interface GeneratorOptions {
  readonly seed: number;
  readonly run: number;
  /** The server is a 3.4, which crashes on sort options it does not know and activates the alarm that is none. */
  readonly isOld: boolean;
}

/** The script of one run. */
export function generateScript(options: GeneratorOptions): readonly Step[] {
  return new Generator(options).script();
}

class Generator {
  readonly #random: Sfc32;
  readonly #options: GeneratorOptions;
  #leases = 0;
  /** A delete of everything from a key and a put in one transaction: compacting exactly there crashes real etcd. */
  #compactable = true;

  /** The script ends with a lease that runs out; no other does, since etcd revokes what expires together in any order. */
  readonly #expires: boolean;

  constructor(options: GeneratorOptions) {
    this.#options = options;
    this.#random = Sfc32.named(seedOf(options.seed), 'conform-etcd', `run ${options.run}`);
    this.#expires = this.#chance(EXPIRY_SCRIPTS);
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.below(items.length)] as T;
  }

  #chance(oneIn: number): boolean {
    return this.#random.below(oneIn) === 0;
  }

  script(): readonly Step[] {
    const steps: Step[] = [];
    const length = this.#random.range(STEPS_MIN, STEPS_MAX);
    if (this.#chance(2)) steps.push(this.#watch());
    while (steps.length < length) steps.push(...(this.#chance(40) ? this.#shortLease() : [this.#step()]));
    const at = (): number => this.#random.below(steps.length);
    // Between grant and revoke of a short lease nothing takes long, so steps may go anywhere.
    steps.splice(at(), 0, { kind: 'txn', txn: this.#txn(0, true) });
    if (this.#chance(2)) steps.splice(at(), 0, this.#compact());
    if (this.#expires) steps.push(...this.#expiry());
    return steps;
  }

  #expiry(): Step[] {
    const lease = this.#leases++;
    const put = { key: 'a', value: 'gone', lease, prevKv: false, ignoreValue: false, ignoreLease: false };
    return [
      { kind: 'lease grant', ttl: 1, id: 0n },
      { kind: 'put', put },
      { kind: 'put', put: { ...put, key: 'c' } },
      { kind: 'wait', ms: 3_200 },
      { kind: 'range', range: { ...this.#range(), key: 'a', rangeEnd: '\0', revision: { absolute: 0 } } },
      { kind: 'lease ttl', lease, keys: true },
    ];
  }

  #step(): Step {
    const draw = this.#random.below(1000);
    if (draw < 260) return { kind: 'put', put: this.#put() };
    if (draw < 430) return { kind: 'range', range: this.#range() };
    if (draw < 520) return { kind: 'delete', deleteRange: this.#delete() };
    if (draw < 700) return { kind: 'txn', txn: this.#txn(0, this.#chance(3)) };
    if (draw < 745) return this.#compact();
    if (draw < 800) return this.#grant();
    if (draw < 850) return this.#lease();
    if (draw < 910) return this.#watch();
    if (draw < 935) return { kind: 'watch cancel', stream: this.#random.below(STREAMS), watchId: this.#watchId() };
    if (draw < 950) return { kind: 'watch progress', stream: this.#random.below(STREAMS) };
    if (draw < 975) return { kind: 'hash', revision: this.#revision() };
    if (draw < 980) return { kind: 'lease list' };
    if (draw < 985) return this.#alarm();
    if (draw < 997) return this.#malformed();
    if (draw < 998) return { kind: 'move leader' };
    const valueBytes = this.#pick([1_572_500, 1_572_864, 2_097_000, 2_200_000]);
    return { kind: 'large put', key: this.#key(), valueBytes };
  }

  #key(): string {
    return this.#chance(60) ? '' : this.#pick(KEYS);
  }

  #revision(): RevisionPlan {
    const draw = this.#random.below(20);
    if (draw < 8) return { absolute: 0 };
    if (draw < 17) return { fromCurrent: -this.#random.below(12) };
    if (draw === 17) return { fromCurrent: 1 + this.#random.below(3) };
    return { absolute: this.#pick([-1, -5, 1, 2, Number.MAX_SAFE_INTEGER]) };
  }

  #bound(): RevisionPlan {
    return this.#chance(6) ? { fromCurrent: -this.#random.below(15) } : { absolute: 0 };
  }

  #range(): RangePlan {
    const sorted = this.#chance(3);
    const unknown = !this.#options.isOld && this.#chance(80);
    return {
      key: this.#key(),
      rangeEnd: this.#pick(RANGE_ENDS),
      limit: this.#chance(3) ? this.#pick([1, 2, 3, -1, 100]) : 0,
      revision: this.#revision(),
      sortOrder: unknown ? 7 : sorted ? this.#random.below(3) : 0,
      sortTarget: sorted ? this.#random.below(5) : 0,
      serializable: this.#chance(4),
      keysOnly: this.#chance(8),
      countOnly: this.#chance(10),
      minModRevision: this.#bound(),
      maxModRevision: this.#bound(),
      minCreateRevision: this.#bound(),
      maxCreateRevision: this.#bound(),
    };
  }

  #leaseRef(): number {
    if (this.#chance(40)) return -2;
    return this.#leases > 0 && this.#chance(3) ? this.#random.below(this.#leases) : -1;
  }

  #put(): PutPlan {
    const ignoreValue = this.#chance(12);
    const ignoreLease = this.#chance(12);
    return {
      key: this.#key(),
      value: ignoreValue && !this.#chance(8) ? '' : this.#pick(VALUES),
      lease: ignoreLease && !this.#chance(8) ? -1 : this.#leaseRef(),
      prevKv: this.#chance(3),
      ignoreValue,
      ignoreLease,
    };
  }

  #delete(): DeletePlan {
    return { key: this.#key(), rangeEnd: this.#pick(RANGE_ENDS), prevKv: this.#chance(2) };
  }

  #compare(): ComparePlan {
    return {
      result: this.#random.below(4),
      target: this.#random.below(5),
      key: this.#key(),
      rangeEnd: this.#chance(4) ? this.#pick(RANGE_ENDS) : '',
      number: this.#chance(3) ? { absolute: this.#random.below(3) } : { fromCurrent: -this.#random.below(10) },
      lease: this.#leaseRef(),
      value: this.#pick(VALUES),
      misplaced: this.#chance(15),
    };
  }

  /** `nested`: at least one operation is a transaction. */
  #txn(depth: number, nested: boolean): TxnPlan {
    const ops = (): OpPlan[] => Array.from({ length: this.#random.below(4) }, () => this.#op(depth));
    const txn = { compare: this.#compares(), success: ops(), failure: ops() };
    if (!nested || depth >= DEPTH_MAX) return txn;
    const child: OpPlan = { op: 'txn', txn: this.#txn(depth + 1, this.#chance(3)) };
    (this.#chance(2) ? txn.success : txn.failure).push(child);
    if (this.#chance(60)) txn.success.push(...Array.from({ length: 127 }, (): OpPlan => this.#onlyRange()));
    return txn;
  }

  #compares(): ComparePlan[] {
    return Array.from({ length: this.#random.below(3) }, () => this.#compare());
  }

  #onlyRange(): OpPlan {
    return { op: 'range', range: { ...this.#range(), revision: { absolute: 0 } } };
  }

  #op(depth: number): OpPlan {
    const draw = this.#random.below(30);
    // A put that keeps what a delete before it in the transaction took away crashes real etcd.
    const keeps = this.#compactable ? {} : { ignoreValue: false, ignoreLease: false };
    if (draw < 12) return { op: 'put', put: { ...this.#put(), ...keeps } };
    if (draw < 20) return { op: 'range', range: this.#range() };
    if (draw < 26) {
      const deleteRange = this.#delete();
      if (deleteRange.rangeEnd === '\0') this.#compactable = false;
      return { op: 'deleteRange', deleteRange };
    }
    if (draw < 29) return { op: 'txn', txn: this.#txn(depth + 1, false) };
    return this.#chance(6) ? { op: 'none' } : { op: 'put', put: { ...this.#put(), ...keeps } };
  }

  #compact(): Step {
    const physical = this.#chance(2);
    if (!this.#compactable) return { kind: 'compact', revision: { fromCurrent: 1 }, physical };
    const revision = this.#chance(3) ? this.#revision() : { fromCurrent: -this.#random.below(6) };
    return { kind: 'compact', revision, physical };
  }

  /** A lease shorter than the shortest, revoked at once: it must not run out within the script. */
  #shortLease(): Step[] {
    const lease = this.#leases++;
    return [
      { kind: 'lease grant', ttl: this.#pick([1, 0, -3]), id: SHORT_LEASE_ID },
      { kind: 'lease revoke', lease, keys: false },
    ];
  }

  #alarm(): Step {
    const action = this.#pick([0, 1, 2]);
    return { kind: 'alarm', action, alarm: this.#pick(this.#options.isOld && action === 1 ? [1, 1, 2] : [0, 1, 1, 2]) };
  }

  #grant(): Step {
    this.#leases++;
    const id = this.#chance(2) ? 0n : BigInt(this.#random.range(1, 6)) * 0x1234_5678_9abcn;
    return { kind: 'lease grant', ttl: this.#pick([100, 1_000, 5_000, 60, 9_000_000_001]), id };
  }

  #lease(): Step {
    const lease = this.#leases > 0 && !this.#chance(12) ? this.#random.below(this.#leases) : -2;
    return {
      kind: this.#pick(['lease revoke', 'lease ttl', 'lease keepalive'] as const),
      lease,
      keys: this.#chance(2),
    };
  }

  #watchId(): bigint {
    return BigInt(this.#pick([0, 0, 0, 1, 2, 5, 1_000_000]));
  }

  #watch(): Step {
    const draw = this.#random.below(10);
    const startRevision: RevisionPlan =
      draw < 4
        ? { absolute: 0 }
        : draw < 8
          ? { fromCurrent: -this.#random.below(10) }
          : draw === 8
            ? { fromCurrent: 1 + this.#random.below(4) }
            : this.#revision();
    const watch: WatchPlan = {
      key: this.#key(),
      rangeEnd: this.#pick(RANGE_ENDS),
      startRevision,
      filters: this.#chance(5) ? [this.#random.below(2)] : this.#chance(20) ? [0, 1] : [],
      prevKv: this.#chance(2),
      watchId: this.#watchId(),
      fragment: this.#chance(6),
    };
    // Until a watch's future start has come its stream gets no answer to progress requests, so such watches have one of their own.
    const isFuture = 'fromCurrent' in startRevision ? startRevision.fromCurrent > 0 : startRevision.absolute > 100;
    const stream = isFuture ? FUTURE_STREAM : this.#random.below(STREAMS);
    return { kind: 'watch', stream, watch, settle: this.#chance(2) };
  }

  #malformed(): Step {
    const rpc = this.#pick(['range', 'put', 'txn', 'deleteRange'] as const);
    const length = this.#random.range(1, 12);
    let bytes = this.#chance(2) ? '\n\u0001a' : '';
    for (let i = 0; i < length; i++) {
      bytes += String.fromCharCode(this.#chance(2) ? this.#random.below(256) : this.#random.below(16) * 8 + 2);
    }
    return { kind: 'malformed', rpc, bytes };
  }
}

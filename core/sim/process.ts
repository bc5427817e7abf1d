/**
 * What a component is to the kernel: a behaviour that gets messages and timers and acts only through its context.
 */
import type { Context } from './context.ts';

/** Process id: dense, in order of creation. */
export type Pid = number;
/** Connection id, the same number at both ends; −1 where there is none. */
export type Conn = number;
/** Handle of a pending timer. */
export type Timer = number;

/** What connecting gives a process that is down. */
export const NO_CONN: Conn = -1;
/** What setting a timer gives a process that is down. */
export const NO_TIMER: Timer = -1;

/** Content of a message. Immutable once sent; its hash goes into the receiver's digest. */
export interface Payload {
  /** int32 hash over everything the receiver may act upon. */
  contentHash(): number;
  /** Bytes on the wire, for links with a bandwidth; 256 where absent. */
  wireSizeBytes?(): number;
}

/** A component instance. One may serve many process ids (a fleet); then `pid` tells which one an event is for. */
export interface Behaviour {
  /** Runs once after construction: on the first start and after every restart. */
  start(pid: Pid): void;
  /** A message (`conn` ≥ 0, or a datagram), a timer (`from` = itself) or a notice of the kernel (`op` < 32). */
  receive(op: number, from: Pid, a: number, b: number, payload: Payload | null, conn: Conn, pid: Pid): void;
}

/** Builds an instance; called again at each restart, with the same context. */
export type Factory = (context: Context) => Behaviour;

/** What happens to written, not yet synced records when a process crashes. */
export type UnsyncedFate = 'lost' | 'kept' | 'torn';

/** How a process goes down. */
export interface CrashOptions {
  /** true: nobody tells the peers (power loss); they notice by their health checks. Default false: connections are reset. */
  readonly silent?: boolean;
  readonly unsynced?: UnsyncedFate;
}

export const PROCESS_RUNNING = 1;
export const PROCESS_DOWN = 2;
export const PROCESS_PAUSED = 3;

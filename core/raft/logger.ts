/**
 * Where Raft tells what it does. Texts are those of etcd-io/raft, byte for byte, since its data-driven files hold them.
 *
 * Callers write `logger?.info(...)`: without a logger no text is built.
 */
import { APPEND_THREAD, APPLY_THREAD } from './message.ts';

export interface RaftLogger {
  debug(text: string): void;
  info(text: string): void;
  warning(text: string): void;
  error(text: string): void;
}

/** A node id in hexadecimal, as all log lines print it; storage threads are the two largest 64-bit ids. */
export function hex(id: number): string {
  if (id === APPEND_THREAD) return 'ffffffffffffffff';
  return id === APPLY_THREAD ? 'fffffffffffffffe' : id.toString(16);
}

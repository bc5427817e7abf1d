/**
 * The second key of an event: who sent it, and as which of its sends.
 *
 * Who sent it stands for a rank: its process id, unless another order of simultaneous events is asked for.
 * Both are packed into one double (17 bits of process id, 36 bits of sequence number), so no global counter exists.
 */
import { drawUint32, type Seed } from '../base/random.ts';
import { PROCESSES_MAX, SEQUENCE_MAX } from './limits.ts';
import type { Pid } from './process.ts';

/** The rank of a sender among those whose events come to processes at one instant, 0 to PROCESSES_MAX − 1; different for different senders. */
export type Order = (sender: Pid, timeUs: number, target: Pid) => number;

/** Order key by process id: the default. */
export function orderKey(rank: number, sequence: number): number {
  return rank * SEQUENCE_MAX + sequence;
}

/**
 * A bijection of process ids that differs from instant to instant, drawn from the interleaving stream: every order of senders at
 * equal times may occur, while each sender's own events stay in order.
 */
export function permutedRank(seed: Seed, interleaving: number, sender: Pid, timeUs: number): number {
  const draw = drawUint32(seed, timeUs | 0, interleaving ^ Math.floor(timeUs / 0x1_0000_0000));
  return (Math.imul(sender, draw | 1) ^ (draw >>> 15)) & (PROCESSES_MAX - 1);
}

/** The order that the interleaving stream of this number draws; null for none: by process id. */
export function permutedOrder(seed: Seed, interleaving: number | undefined): Order | null {
  if (interleaving === undefined) return null;
  return (sender, timeUs) => permutedRank(seed, interleaving, sender, timeUs);
}

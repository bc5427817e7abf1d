/** What became of a request, as bits: for those who listen to some outcomes alone. */
import { isMutating } from './wire.ts';

/** It read and was answered. */
export const CALL_READ = 1;
/** It wrote and was answered. */
export const CALL_WRITE = 2;
/** It was refused or lost, read or write. */
export const CALL_FAILED = 4;
/** Whatever became of it, it had been sent more than once. */
export const CALL_REPEATED = 8;

/** The bits of a request of that verb; `error` null = success. */
export function callOutcome(verb: number, error: object | null, retries: number): number {
  const repeated = retries > 0 ? CALL_REPEATED : 0;
  if (error !== null) return repeated | CALL_FAILED;
  return repeated | (isMutating(verb) ? CALL_WRITE : CALL_READ);
}

/** What became of a request, as one bit: for those who listen to some outcomes alone. */
import { isMutating } from './wire.ts';

/** It read and was answered. */
export const CALL_READ = 1;
/** It wrote and was answered. */
export const CALL_WRITE = 2;
/** It was refused or lost, read or write. */
export const CALL_FAILED = 4;

/** The bit of a request of that verb; `error` null = success. */
export function callOutcome(verb: number, error: object | null): number {
  if (error !== null) return CALL_FAILED;
  return isMutating(verb) ? CALL_WRITE : CALL_READ;
}

/**
 * How long V8 waits with optimised code.
 *
 * V8 11 (Node 20) counts the bytes of bytecode that a function has worked through. V8 12 (Node 22) counts calls instead and has a compiler in
 * between that comes after 400 of them; it knows no such flag, and says so on standard error.
 */
import { setFlagsFromString } from 'node:v8';

const FIRST_WITHOUT = 12;

/** The flag for a budget in bytes of bytecode (67,584 by default) under a version of V8; `null` where there is none. */
export function interruptBudgetFlag(bytes: number, v8Version: string): string | null {
  return Number.parseInt(v8Version, 10) < FIRST_WITHOUT ? `--interrupt-budget=${bytes}` : null;
}

/** From now on functions of this process are optimised after so many bytes of bytecode, where V8 goes by them. */
export function setInterruptBudget(bytes: number): void {
  const flag = interruptBudgetFlag(bytes, process.versions.v8);
  if (flag !== null) setFlagsFromString(flag);
}

/**
 * `--workers N | 50%`: how many worker threads a campaign uses.
 *
 * Always: 1 to WORKERS_MAX. Results never depend on it, so a percentage of this machine's cores is safe to write down.
 */

/** Most worker threads; more than any machine this was tried on has cores. */
const WORKERS_MAX = 256;

/** Either a count or what is wrong with the text. */
export type WorkerCountResult =
  | { readonly ok: true; readonly workers: number }
  | { readonly ok: false; readonly reason: string };

/** Reads a count, or a percentage of `cores` (rounded down, at least 1); never throws. */
export function parseWorkerCount(text: string, cores: number): WorkerCountResult {
  const parts = /^(\d{1,4})(%?)$/.exec(text);
  if (parts === null)
    return { ok: false, reason: 'expected a number of threads such as 4, or a share of the cores such as 50%' };
  const amount = Number(parts[1]);
  if (parts[2] === '%') {
    if (amount < 1 || amount > 100) return { ok: false, reason: 'a share is 1% to 100%' };
    return { ok: true, workers: Math.min(WORKERS_MAX, Math.max(1, Math.floor((cores * amount) / 100))) };
  }
  if (amount < 1 || amount > WORKERS_MAX) return { ok: false, reason: `expected 1 to ${WORKERS_MAX} threads` };
  return { ok: true, workers: amount };
}

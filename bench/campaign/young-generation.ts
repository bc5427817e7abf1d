/**
 * How much of the heap a thread that runs simulations has for young objects.
 *
 * A small run allocates about 4 MB and then drops all of it. With V8's default of three semi-spaces of 16 MB every fourth run is
 * interrupted by a scavenge that copies a half-done run; with 64 MB every fifteenth is. Measured on 2 cores, Node 20.20, worker
 * threads side by side: a thread's own time 1.08 times as fast with 192 MB (1.05 with 96, 1.09 with 384), the process's with its
 * collector threads 1.10 times. It costs up to that much memory a thread.
 */

/** Young generation of a worker thread, MB: three semi-spaces. */
export const YOUNG_GENERATION_MB = 192;

/** The same for a process that measures what a worker thread would. */
export const YOUNG_GENERATION_FLAG = `--max-semi-space-size=${YOUNG_GENERATION_MB / 3}`;

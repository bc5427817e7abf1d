/**
 * What the gate and a kernel process say to each other: one JSON object a line, a request and its answer.
 *
 * The process belongs to the build that is measured, the gate to the candidate's; so this file changes rarely, and a change
 * that the other side would misunderstand gets another version. Only one process is active at a time: a process works
 * between a request and its answer and never else.
 */

export const PROTOCOL_VERSION = 1;

export type KernelRequest =
  | { readonly do: 'list' }
  /** Builds the kernel's state anew and gives a digest over what it does. */
  | { readonly do: 'digest'; readonly kernel: string }
  /** Runs `bursts` bursts of `count` operations that nobody counts. */
  | { readonly do: 'warm'; readonly kernel: string; readonly count: number; readonly bursts: number }
  /** Runs one burst. */
  | { readonly do: 'burst'; readonly kernel: string; readonly count: number }
  /** What happened since the process began to measure. */
  | { readonly do: 'facts' };

export interface KernelList {
  readonly protocol: number;
  readonly kernels: readonly string[];
}

export interface KernelDigest {
  readonly digest: number;
}

export interface Burst {
  readonly elapsedNs: number;
  readonly cpuUs: number;
}

/** Garbage collections during bursts. */
export interface ProcessFacts {
  readonly gcCount: number;
  readonly gcMs: number;
  readonly peakHeapBytes: number;
}

/**
 * What a host-time kernel is: a piece of work of known size whose speed on this machine is measured against a target.
 *
 * Always: each runs in processes of its own, where no other kernel has left objects, compiled code or type feedback; state is built outside
 * what is measured; the same kernel does the same work each time.
 */

/**
 * One measurement that a kernel makes by itself: memory, an exponent, a rate over a long run. Each sample has a process with a callable
 * garbage collector.
 */
export interface DirectKernel {
  readonly kind: 'direct';
  /** How often it is measured. */
  readonly samples: number;
  /** Measures once and returns the value in the kernel's unit. `now` gives host ms. */
  readonly measure: (now: () => number) => number;
  /** Whether the process has the young generation of a campaign's worker thread, in which users' runs take place. */
  readonly asWorker: boolean;
}

/** Work that is timed from outside, a batch at a time. */
export interface TimedKernel {
  readonly kind: 'timed';
  /** Operations of a batch: enough for 5 to 20 ms, and a whole cycle where work comes in cycles. */
  readonly batch: number;
  /** Builds the state; the closure does `count` operations. */
  readonly make: () => (count: number) => void;
}

/** A kernel of `bench core`. */
export interface Kernel {
  readonly name: string;
  /** What is done, under which conditions; one line. */
  readonly about: string;
  /**
   * Unit of value and target. `1/s`: operations a second; `ns`: an operation; `x`: times real time or a ratio;
   * `kB`: a piece; `MB`: of the process; `s`: in all; `1`: a plain number.
   */
  readonly unit: '1/s' | 'ns' | 's' | 'x' | 'kB' | 'MB' | '1';
  /** Whether more is better; the target is the least (or most) that is wanted. */
  readonly better: 'higher' | 'lower';
  readonly target: number;
  readonly work: TimedKernel | DirectKernel;
}

/** A timed kernel of `batch` operations a sample. */
export function timed(batch: number, make: () => (count: number) => void): TimedKernel {
  return { kind: 'timed', batch, make };
}

/** A kernel that measures itself. */
export function direct(samples: number, measure: (now: () => number) => number, asWorker = false): DirectKernel {
  return { kind: 'direct', samples, measure, asWorker };
}

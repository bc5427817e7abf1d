/**
 * What a host-time kernel is: a piece of work of known size whose speed on this machine is measured against a target.
 *
 * Always: state is built by `make`, outside what is measured; the same kernel does the same work each time.
 */

/**
 * One measurement that a kernel makes by itself: memory, an exponent, a rate over a long run. Each sample runs in a process
 * of its own with a callable garbage collector: what other kernels left in the heap would change it.
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
  /** Does `count` operations. */
  readonly run: (count: number) => void;
}

/** A kernel of `bench core`. */
export interface Kernel {
  readonly name: string;
  /** What is done, under which conditions; one line. */
  readonly about: string;
  /**
   * Unit of value and target. `1/s`: operations a second; `ns`: an operation; `x`: times real time or a ratio;
   * `kB`: a piece; `MB`: of the process; `1`: a plain number.
   */
  readonly unit: '1/s' | 'ns' | 's' | 'x' | 'kB' | 'MB' | '1';
  /** Whether more is better; the target is the least (or most) that is wanted. */
  readonly better: 'higher' | 'lower';
  readonly target: number;
  /** Builds the state and gives the work. */
  readonly make: () => TimedKernel | DirectKernel;
}

/** A timed kernel of `batch` operations a sample. */
export function timed(batch: number, run: (count: number) => void): TimedKernel {
  return { kind: 'timed', batch, run };
}

/** A kernel that measures itself. */
export function direct(samples: number, measure: (now: () => number) => number, asWorker = false): DirectKernel {
  return { kind: 'direct', samples, measure, asWorker };
}

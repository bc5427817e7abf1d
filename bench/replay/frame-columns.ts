/**
 * Columns that a run fills frame by frame: what each node looked like, and the worst value of each series in the frame.
 *
 * Always: the same calls give the same frames; memory is bounded: when FRAMES_MAX frames are full, two become one and the
 * frames are twice as long. Cost: one comparison of times a call while a frame lasts.
 */
import { STATE_COUNT } from './cluster-replay.ts';

/** Frames are at least this long, µs. */
const FRAME_US_MIN = 500_000;
/** Most frames; after halving, half of them. */
export const FRAMES_MAX = 480;

/** Values of one instant. */
export interface FrameSample {
  pending: number;
  readyPods: number;
  notReadyPods: number;
  notReadyNodes: number;
}

const SERIES = [
  'pending',
  'readyPods',
  'notReadyPods',
  'notReadyNodes',
] as const satisfies readonly (keyof FrameSample)[];

/** Of two values of one series the one that a reader must not miss. */
const WORSE: Readonly<Record<keyof FrameSample, (left: number, right: number) => number>> = {
  pending: Math.max,
  readyPods: Math.min,
  notReadyPods: Math.max,
  notReadyNodes: Math.max,
};

/** Frames of one run. Times are µs since the cluster was up. */
export class FrameColumns {
  frameUs = FRAME_US_MIN;
  podsMax = 0;
  readonly #states: Uint8Array;
  readonly #pods: Int32Array;
  /** By node: frame and cell in turn. */
  #cells: number[][];
  readonly #dirty = new Set<number>();
  #frames: FrameSample[] = [];
  #open: FrameSample = { pending: 0, readyPods: 0, notReadyPods: 0, notReadyNodes: 0 };
  readonly now: FrameSample = { pending: 0, readyPods: 0, notReadyPods: 0, notReadyNodes: 0 };

  constructor(nodeCount: number) {
    this.#states = new Uint8Array(nodeCount);
    this.#pods = new Int32Array(nodeCount);
    this.#cells = Array.from({ length: nodeCount }, () => []);
  }

  /** Brings the frames up to `timeUs`; call before a change of that instant. */
  advance(timeUs: number): void {
    while (timeUs >= (this.#frames.length + 1) * this.frameUs) {
      this.#close();
      if (this.#frames.length === FRAMES_MAX) this.#halve();
    }
  }

  /** A node's state, from now on. */
  setState(node: number, state: number): void {
    if (this.#states[node] === state) return;
    this.#states[node] = state;
    this.#dirty.add(node);
  }

  /** One pod more or less on a node, from now on. */
  addPods(node: number, change: 1 | -1): void {
    this.#pods[node] = (this.#pods[node] ?? 0) + change;
    this.#dirty.add(node);
  }

  /** Counts what `now` has become into the open frame. */
  sample(): void {
    for (const name of SERIES) this.#open[name] = WORSE[name](this.#open[name], this.now[name]);
  }

  /** Ends the run; nothing may be added after it. */
  finish(endUs: number): void {
    this.advance(endUs);
    this.#close();
  }

  get frameCount(): number {
    return this.#frames.length;
  }

  /** A series as text. */
  series(name: keyof FrameSample): string {
    return this.#frames.map((frame) => frame[name]).join(' ');
  }

  /** Each node's cells as text. */
  cells(): string[] {
    return this.#cells.map((cells) => cells.join(' '));
  }

  #close(): void {
    const frame = this.#frames.length;
    for (const node of this.#dirty) {
      const pods = this.#pods[node] ?? 0;
      this.podsMax = Math.max(this.podsMax, pods);
      put(this.#cells[node] as number[], frame, pods * STATE_COUNT + (this.#states[node] ?? 0));
    }
    this.#dirty.clear();
    this.#frames.push(this.#open);
    this.#open = { ...this.now };
  }

  #halve(): void {
    this.frameUs *= 2;
    this.#frames = pairs(this.#frames);
    this.#cells = this.#cells.map((cells) => {
      const halved: number[] = [];
      for (let i = 0; i < cells.length; i += 2) put(halved, (cells[i] as number) >> 1, cells[i + 1] as number);
      return halved;
    });
  }
}

/** Sets the cell of a frame: the last one of a frame stays, one that changes nothing is left out. */
function put(cells: number[], frame: number, cell: number): void {
  if (cells.at(-2) === frame) cells.length -= 2;
  if (cells.at(-1) !== cell) cells.push(frame, cell);
}

function pairs(frames: readonly FrameSample[]): FrameSample[] {
  const halved: FrameSample[] = [];
  for (let i = 0; i + 1 < frames.length; i += 2) {
    const left = frames[i] as FrameSample;
    const right = frames[i + 1] as FrameSample;
    const joined = { ...left };
    for (const name of SERIES) joined[name] = WORSE[name](left[name], right[name]);
    halved.push(joined);
  }
  return halved;
}

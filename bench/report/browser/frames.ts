/**
 * A replay's texts as numbers that can be drawn: a cell for each node and frame, a value for each frame of a series.
 */
import type { ClusterReplay } from '../../replay/cluster-replay.ts';

/** As STATE_COUNT and NODE_STATES of bench/replay/cluster-replay.ts. */
export const STATES = ['absent', 'Ready', 'not Ready', 'cordoned'] as const;
export const STATE_READY = 1;
export const STATE_AWAY = 2;
export const STATE_CORDONED = 3;

/** A replay that can be drawn. */
export interface Frames {
  readonly replay: ClusterReplay;
  readonly count: number;
  /** Nodes in the order they are drawn: by zone. */
  readonly order: readonly number[];
  readonly zoneOf: readonly number[];
  readonly pending: readonly number[];
  readonly readyPods: readonly number[];
  readonly notReadyPods: readonly number[];
  readonly notReadyNodes: readonly number[];
  /** By node: frame index ranges in which a fault had it, as begin and end µs in turn. */
  readonly hits: ReadonlyMap<number, readonly number[]>;
  state(node: number, frame: number): number;
  pods(node: number, frame: number): number;
}

/** Reads a replay. */
export function readFrames(replay: ClusterReplay): Frames {
  const { frameCount, nodes } = replay;
  const cells = new Uint16Array(nodes.length * frameCount);
  replay.cells.forEach((line, node) => fillCells(cells.subarray(node * frameCount, (node + 1) * frameCount), line));
  const zoneOf = replay.nodeZones === '' ? nodes.map(() => 0) : numbersOf(replay.nodeZones);
  const order = nodes
    .map((_, node) => node)
    .sort((left, right) => (zoneOf[left] ?? 0) - (zoneOf[right] ?? 0) || left - right);
  const cell = (node: number, frame: number): number => cells[node * frameCount + frame] ?? 0;
  return {
    replay,
    count: frameCount,
    order,
    zoneOf,
    pending: numbersOf(replay.pending),
    readyPods: numbersOf(replay.readyPods),
    notReadyPods: numbersOf(replay.notReadyPods),
    notReadyNodes: numbersOf(replay.notReadyNodes),
    hits: hitsOf(replay),
    state: (node, frame) => cell(node, frame) % STATES.length,
    pods: (node, frame) => Math.floor(cell(node, frame) / STATES.length),
  };
}

/** true if a fault has the node at an instant: it is without power, whatever the API says. */
export function isHit(frames: Frames, node: number, timeUs: number): boolean {
  const spans = frames.hits.get(node);
  if (spans === undefined) return false;
  for (let i = 0; i < spans.length; i += 2) {
    if (timeUs >= (spans[i] ?? 0) && timeUs < (spans[i + 1] ?? 0)) return true;
  }
  return false;
}

function fillCells(row: Uint16Array, line: string): void {
  const changes = numbersOf(line);
  for (let i = 0; i < changes.length; i += 2) {
    row.fill(changes[i + 1] ?? 0, changes[i] ?? 0, changes[i + 2] ?? row.length);
  }
}

function numbersOf(text: string): number[] {
  return text === '' ? [] : text.split(' ').map(Number);
}

function hitsOf({ faults, endUs }: ClusterReplay): Map<number, number[]> {
  const hits = new Map<number, number[]>();
  for (const fault of faults) {
    for (const node of fault.nodes) {
      const spans = hits.get(node) ?? [];
      spans.push(fault.beginUs, fault.endUs < 0 ? endUs + 1 : fault.endUs);
      hits.set(node, spans);
    }
  }
  return hits;
}

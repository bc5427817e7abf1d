/**
 * Frames against a plain model: every change kept, cut into frames at the end.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { STATE_COUNT } from '../../../bench/replay/cluster-replay.ts';
import { FRAMES_MAX, FrameColumns } from '../../../bench/replay/frame-columns.ts';

interface Change {
  readonly waitUs: number;
  readonly node: number;
  readonly state: number;
  readonly pending: number;
}

const changes = fc.array(
  fc.record({
    waitUs: fc.oneof(fc.integer({ min: 0, max: 2_000_000 }), fc.integer({ min: 0, max: 200_000_000 })),
    node: fc.integer({ min: 0, max: 2 }),
    state: fc.integer({ min: 0, max: 3 }),
    pending: fc.integer({ min: 0, max: 9 }),
  }),
  { maxLength: 60 },
);

function record(list: readonly Change[]): { columns: FrameColumns; endUs: number } {
  const columns = new FrameColumns(3);
  let nowUs = 0;
  for (const { waitUs, node, state, pending } of list) {
    nowUs += waitUs;
    columns.advance(nowUs);
    columns.setState(node, state);
    columns.now.pending = pending;
    columns.sample();
  }
  columns.finish(nowUs);
  return { columns, endUs: nowUs };
}

test('cells and series say what the changes say, however often frames were halved', () => {
  fc.assert(
    fc.property(changes, (list) => {
      const { columns, endUs } = record(list);
      const { frameUs, frameCount } = columns;
      expect(frameCount).toBeLessThanOrEqual(FRAMES_MAX);
      expect(frameCount * frameUs).toBeGreaterThan(endUs);
      const state = [0, 0, 0];
      let pending = 0;
      const wantedCells = state.map(() => [] as number[]);
      const wantedPending: number[] = [];
      let next = 0;
      let nowUs = 0;
      for (let frame = 0; frame < frameCount; frame++) {
        let most = pending;
        while (next < list.length && nowUs + (list[next] as Change).waitUs < (frame + 1) * frameUs) {
          const change = list[next++] as Change;
          nowUs += change.waitUs;
          state[change.node] = change.state;
          pending = change.pending;
          most = Math.max(most, pending);
        }
        wantedPending.push(most);
        state.forEach((value, node) => wantedCells[node]?.push(value));
      }
      expect(columns.series('pending')).toBe(wantedPending.join(' '));
      expect(columns.cells().map((line) => unfolded(line, frameCount))).toEqual(wantedCells);
    }),
    { seed: 20_261_121, numRuns: 300 },
  );
});

test('pods on a node and the most on any', () => {
  const columns = new FrameColumns(2);
  columns.setState(1, 1);
  for (let i = 0; i < 3; i++) columns.addPods(1, 1);
  columns.advance(500_000);
  columns.addPods(1, -1);
  columns.finish(600_000);
  expect(columns.podsMax).toBe(3);
  expect(columns.cells()).toEqual(['', `0 ${3 * STATE_COUNT + 1} 1 ${2 * STATE_COUNT + 1}`]);
});

/** State of each frame; before the first change 0. */
function unfolded(line: string, frameCount: number): number[] {
  const numbers = line === '' ? [] : line.split(' ').map(Number);
  const states = new Array<number>(frameCount).fill(0);
  for (let i = 0; i < numbers.length; i += 2) states.fill((numbers[i + 1] ?? 0) % STATE_COUNT, numbers[i]);
  return states;
}

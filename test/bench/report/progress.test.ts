import { expect, test } from 'vitest';
import { type ProgressMode, ProgressWriter } from '../../../bench/report/progress.ts';

function display(mode: ProgressMode, columns = 20) {
  const written: string[] = [];
  const clock = { ms: 0 };
  const writer = new ProgressWriter({ write: (text) => written.push(text), mode, columns, nowMs: () => clock.ms });
  return { writer, written, clock };
}

test('a terminal gets at most ten redraws a second', () => {
  const { writer, written, clock } = display('redraw');
  let calls = 0;
  for (clock.ms = 0; clock.ms < 1000; clock.ms++) writer.update(() => `${++calls}`);
  expect(written).toHaveLength(10);
  expect(calls).toBe(10);
  expect(written[3]).toBe('\r\u001b[2K4');
});

test('the line never wraps and is removed at the end', () => {
  const { writer, written } = display('redraw', 10);
  writer.update(() => 'case 1\nof 100000 数数数');
  expect(written).toEqual(['\r\u001b[2Kcase 1 o…']);
  writer.finish('done');
  expect(written.slice(1)).toEqual(['\r\u001b[2K', 'done\n']);
});

test('elsewhere a line after 5 s and then every 30 s', () => {
  const { writer, written, clock } = display('lines');
  for (clock.ms = 0; clock.ms <= 90_000; clock.ms += 1000) writer.update(() => `${clock.ms / 1000} s`);
  writer.clear();
  writer.finish();
  expect(written).toEqual(['5 s\n', '35 s\n', '65 s\n']);
});

test('quiet writes nothing', () => {
  const { writer, written } = display('silent');
  writer.update(() => 'x');
  writer.finish('y');
  expect(written).toEqual([]);
});

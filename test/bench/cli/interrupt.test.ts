import { afterEach, expect, test, vi } from 'vitest';
import { type Interrupt, watchInterrupts } from '../../../bench/cli/interrupt.ts';

let interrupt: Interrupt | undefined;
afterEach(() => {
  interrupt?.release();
  vi.restoreAllMocks();
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('the first %s asks to stop, the second kills', (signal, code) => {
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
  const announce = vi.fn();
  interrupt = watchInterrupts(announce);
  expect([interrupt.signal.aborted, interrupt.exitCode]).toEqual([false, undefined]);
  process.emit(signal);
  expect([interrupt.signal.aborted, interrupt.exitCode]).toEqual([true, code]);
  expect(announce).toHaveBeenCalledTimes(1);
  expect(exit).not.toHaveBeenCalled();
  process.emit(signal);
  expect(exit).toHaveBeenCalledWith(code);
});

test('released, it listens no more', () => {
  const before = process.listenerCount('SIGINT');
  interrupt = watchInterrupts(() => {});
  expect(process.listenerCount('SIGINT')).toBe(before + 1);
  interrupt.release();
  expect(process.listenerCount('SIGINT')).toBe(before);
});

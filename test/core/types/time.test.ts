import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMicroTime, formatTime, parseTime } from '../../../core/types/time.ts';

const EPOCH_US = Date.UTC(2025, 0, 1) * 1000;

describe('API times', () => {
  it('prints whole seconds and microseconds', () => {
    expect(formatTime(EPOCH_US + 7_999_999)).toBe('2025-01-01T00:00:07Z');
    expect(formatMicroTime(EPOCH_US + 7_123_456)).toBe('2025-01-01T00:00:07.123456Z');
    expect(formatMicroTime(EPOCH_US)).toBe('2025-01-01T00:00:00.000000Z');
    expect(formatTime(EPOCH_US)).toBe('2025-01-01T00:00:00Z');
  });

  it('agrees with the platform over the centuries and reads back what it prints', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), fc.nat(999), (ms, us) => {
        const wallUs = ms * 1000 + us;
        expect(formatTime(wallUs)).toBe(`${new Date(ms).toISOString().slice(0, 19)}Z`);
        expect(parseTime(formatMicroTime(wallUs))).toBe(wallUs);
        expect(parseTime(formatTime(wallUs))).toBe(Math.floor(wallUs / 1e6) * 1e6);
      }),
      { seed: 4, numRuns: 500 },
    );
  });

  it.each([
    '',
    'x',
    '2025-01-01',
    '2025-13-01T00:00:00Z',
    '2025-01-32T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2025-01-01T24:00:00Z',
    '2025-01-01T00:00:00',
  ])('does not read %j', (text) => {
    expect(parseTime(text)).toBeNaN();
  });

  it('reads offsets and cuts nanoseconds', () => {
    expect(parseTime('2025-01-01T02:00:00.123456789+02:00')).toBe(EPOCH_US + 123_456);
    expect(parseTime('2024-12-31T23:30:00-00:30')).toBe(EPOCH_US);
  });
});

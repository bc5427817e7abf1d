import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amountOf, parseQuantity, storedQuantity, tryParseQuantity } from '../../../core/types/quantity.ts';

describe('quantity', () => {
  it.each([
    ['0', '0'],
    ['100m', '100m'],
    ['1000m', '1'],
    ['1500m', '1500m'],
    ['0.5', '500m'],
    ['.5', '500m'],
    ['5.', '5'],
    ['+3', '3'],
    ['-250m', '-250m'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['1000', '1k'],
    ['1024', '1024'],
    ['1023Ki', '1023Ki'],
    ['512', '512'],
    ['0.5Ki', '512'],
    ['1500Mi', '1500Mi'],
    ['100k', '100k'],
    ['2E', '2E'],
    ['2e3', '2e3'],
    ['12e6', '12e6'],
    ['1E2', '100'],
    ['1n', '1n'],
    ['0.1n', '1n'],
    ['1e-40', '1e-9'],
    ['9223372036854775808', '9223372036854775807'],
    ['99999999999E', '9223372036854775807'],
    ['1Ei', '1Ei'],
  ])('prints %s as %s', (text, canonical) => {
    expect(parseQuantity(text).toString()).toBe(canonical);
  });

  // Kubernetes 1.34.1, core/v1 defaults.go SetDefaults_ResourceList.
  it.each([
    ['100u', '1m'],
    ['1.0001', '1001m'],
    ['-1u', '-1m'],
    ['0.0001Ki', '103m'],
    ['1024Mi', '1Gi'],
  ])('is stored in whole thousandths: %s as %s', (text, stored) => {
    expect(storedQuantity(text)).toBe(stored);
  });

  it.each([
    '',
    ' ',
    'Ei',
    'e-12',
    '1.2.3',
    '1 Gi',
    '1ki',
    '1KI',
    '1e',
    '1ee3',
    'NaN',
    '0x10',
    '1Mim',
    '--1',
    '１',
    '1e9999999999',
    `1${'0'.repeat(200)}`,
  ])('refuses %j', (text) => {
    expect(tryParseQuantity(text)).toBeUndefined();
    expect(() => amountOf('cpu', text)).toThrow();
  });

  it('rounds up to base units', () => {
    expect(amountOf('cpu', '0.1')).toBe(100);
    expect(amountOf('cpu', '1')).toBe(1000);
    expect(amountOf('cpu', '1n')).toBe(1);
    expect(amountOf('cpu', '100.5m')).toBe(101);
    expect(amountOf('cpu', 2)).toBe(2000);
    expect(amountOf('memory', '200Mi')).toBe(209_715_200);
    expect(amountOf('memory', '1.5')).toBe(2);
    expect(amountOf('memory', '1G')).toBe(1e9);
    expect(amountOf('memory', '8Ei')).toBe(Number.MAX_SAFE_INTEGER);
    expect(amountOf('pods', '110')).toBe(110);
    expect(['m', '.', '-', 'Ki', 'e3'].map((text) => amountOf('cpu', text))).toEqual([0, 0, 0, 0, 0]);
    expect(parseQuantity('-1m').isNegative).toBe(true);
  });

  it('canonical text is a fixed point with the same value, and any text is answered', () => {
    const suffix = fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'T', 'Ki', 'Mi', 'Gi', 'Ti', 'e3', 'E-2');
    const number = fc
      .tuple(fc.nat(999_999), fc.option(fc.nat(99_999)))
      .map(([a, b]) => (b === null ? `${a}` : `${a}.${b}`));
    fc.assert(
      fc.property(number, suffix, (digits, end) => {
        const quantity = parseQuantity(digits + end);
        const again = parseQuantity(quantity.toString());
        expect(again.compare(quantity)).toBe(0);
        expect(again.toString()).toBe(quantity.toString());
      }),
      { seed: 1, numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.eE+-KMGi mnu') }), (text) => {
        tryParseQuantity(text);
      }),
      { seed: 2, numRuns: 1000 },
    );
  });
});

/** Device selectors: what they say of a device, what is an error there, and what is named as not understood. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deviceMatches } from '../../../../../core/scheduler/framework/devices/cel-evaluate.ts';
import { compareVersions, parseVersion } from '../../../../../core/scheduler/framework/devices/semantic-version.ts';
import { CelError, parseCel } from '../../../../../core/types/cel-syntax.ts';
import type { Device } from '../../../../../core/types/device.ts';

const DRIVER = 'gpu.example.com';
const DEVICE: Device = {
  name: 'gpu-0',
  attributes: {
    model: { string: 'A100' },
    index: { int: 3 },
    ecc: { bool: true },
    driverVersion: { version: '1.10.0-rc.1' },
    'vendor.com/family': { string: 'x "quoted"' },
  },
  capacity: { memory: { value: '40Gi' }, 'vendor.com/lanes': { value: '16' } },
};

const answer = (text: string): boolean | string => {
  try {
    return deviceMatches(parseCel(text), DRIVER, DEVICE);
  } catch (error) {
    if (error instanceof CelError) return error.message;
    throw error;
  }
};

const A = `device.attributes["${DRIVER}"]`;
const C = `device.capacity["${DRIVER}"]`;

test.each<[string, boolean | string]>([
  [`device.driver == "${DRIVER}"`, true],
  ["device.driver == 'other'", false],
  [`${A}.model == "A100" && ${A}.index == 3`, true],
  [`${A}["model"].startsWith("A") && !${A}.model.endsWith("1")`, true],
  [`${A}.model in ["H100", 'A100']`, true],
  [`"model" in ${A}`, true],
  [`${A}.index > 2 ? ${A}.ecc : false`, true],
  [`${A}.index * 2 + 1 - 10 / 3 == 4 && 7 % 4 == 3 && -${A}.index == -3`, true],
  [`device.attributes["vendor.com"].family == "x \\"quoted\\""`, true],
  [`has(device.attributes["nobody.com"].x) || has(${A}.nothing)`, false],
  [`${A}.?model.orValue("none") == "A100"`, true],
  [`${A}.?nothing.orValue("none") == "none"`, true],
  [`${A}[?"nothing"].hasValue() || ${A}.?ecc.value()`, true],
  [`device.attributes[?"vendor.com"].nothing.hasValue()`, false],
  [`device.attributes[?"vendor.com"].family.hasValue()`, true],
  [`${A}.?nothing.or(${A}.?index).value() == 3`, true],
  [`${A}.?model.orValue(${A}.nothing) == "A100"`, true],
  [`${A}.?nothing.value() == 1`, 'optional.none() dereference'],
  [`${A}.?nothing == optional.none() && ${A}.?index == optional.of(3)`, true],
  [`${A}.model.orValue("x") == "A100"`, 'no such overload: orValue'],
  [`[1, 2][?2].orValue(7) == 7`, true],
  [`${A}.nothing == 1`, 'no such key: nothing'],
  [`${A}.nothing == 1 || ${A}.ecc`, true],
  [`${A}.ecc || ${A}.nothing == 1`, true],
  [`${A}.nothing == 1 && ${A}.ecc`, 'no such key: nothing'],
  [`${A}.nothing == 1 && !${A}.ecc`, false],
  [`${A}.driverVersion.isGreaterThan(semver("1.9.5"))`, true],
  [`${A}.driverVersion.compareTo(semver("1.10.0")) == -1 && ${A}.driverVersion.minor() == 10`, true],
  [`${C}.memory.isLessThan(quantity("64Gi")) && ${C}.memory.compareTo(quantity("40960Mi")) == 0`, true],
  [`${C}.memory == quantity("40Gi") && device.capacity["vendor.com"].lanes.asInteger() == 16`, true],
  [`cel.bind(a, ${A}, a.ecc && a.model.matches("^A[0-9]+$"))`, true],
  [`${A}.model == 3`, false],
  [`${A}.model > 3`, 'no such overload: >'],
  [`${A}.model`, 'the selector gives no boolean'],
  ['1 / 0 == 1', 'division by zero'],
  ['pod.name == "x"', 'undeclared reference to "pod"'],
  ['quantity("a") == quantity("b")', '"a" is not a quantity'],
  [`${A}.model.matches("(?i)a") && ${A}.model.matches("[[:alpha:]]\\\\d{3}$")`, true],
  [`${A}.model.matches("(?=A)")`, 'error parsing regexp: invalid or unsupported Perl syntax: (?=A)'],
  ['9223372036854775807 + 1 > 0', 'integer overflow'],
  ['-9223372036854775808 < 0 && 9007199254740993 - 9007199254740992 == 1', true],
  ['9223372036854775809 > 0', 'column 1: invalid int literal'],
  ['1.5 > 1 && 1e3 / 2.0 == 500 && 2.0 in [1, 2] && [1] + [2] == [1, 2]', true],
  ['1.5 + 1 > 0.0', 'no such overload: +'],
  ['[1, 2].exists(x, x == 1) && ![1, 2].all(x, x == 1) && [].all(x, false)', true],
  ['[1, 2, 1].exists_one(x, x == 1) || ![1, 2].exists_one(x, x == 2)', false],
  [
    `["A100", "H100"].exists(x, x == ${A}.model) && ${A}.exists(key, key == "ecc") && !${A}.all(key, key == "ecc")`,
    true,
  ],
  ['[1, 2, 3].filter(x, x > 1) == [2, 3] && [1, 2].map(x, x * 2) == [2, 4] && [1, 2].map(x, x > 1, -x) == [-2]', true],
  ['[[1], [2]].exists(x, x.exists(y, y == 2)) && cel.bind(x, 7, [1].map(x, x) == [1] && x == 7)', true],
  [`[1, 0].exists(x, 1 / x == 1) && ![0, 5].all(x, 10 / x == 1) || [1].exists(x, ${A}.nothing == x)`, true],
  ['[0, 1].exists(x, 1 / x == 2)', 'division by zero'],
  ['[1, 0].exists_one(x, 1 / x == 1)', 'division by zero'],
  ['"text".all(x, true)', 'no such overload: all'],
  ['[1].exists(x, 3)', 'no such overload: a boolean is expected'],
  ['[1].exists(x + 1, true)', 'column 5: exists() wants a simple name, then what is asked of each item'],
  ['[1].all(x)', 'column 5: all() wants a simple name, then what is asked of each item'],
  ['[1].existsOne(x, true)', 'column 5: the function existsOne is not understood'],
  ['device.driver ==', 'column 17: the selector ends too early'],
  ['device.driver = "x"', 'column 15: "=" is not understood'],
  ['1u == 1', 'column 1: only integers and doubles are understood'],
  ['"open', 'column 1: the string does not end'],
  ['true true', 'column 6: "true" is not expected'],
  ['{"a": 1} == 1', 'column 1: "{" is not expected'],
])('%s', (text, expected) => {
  expect(answer(text)).toBe(expected);
});

describe('hostile selectors', () => {
  test('loops in loops end at the limit, beside || too', () => {
    const list = `[${Array.from({ length: 40 }, (_, i) => i).join()}]`;
    const loops = ['a', 'b', 'c', 'd'].reduce((inner, name) => `${list}.all(${name}, ${inner})`, 'device.driver != ""');
    expect(answer(`${loops} || true`)).toBe('operation cancelled: actual cost limit exceeded');
  });

  test('texts that grow and patterns that branch end, too', () => {
    const grown = Array.from({ length: 9 }, () => '.map(x, x+x+x+x+x+x+x+x+x+x)').join('');
    const limit = 'operation cancelled: actual cost limit exceeded';
    expect(answer(`['a']${grown}[0].size() > 0`)).toBe(limit);
    expect(answer(`"${'a'.repeat(60)}b".matches("^(a+)+$") || true`)).toBe(true);
    expect(answer(`!"${'a'.repeat(60)}b".matches("^(a|a?)+$") && "x".matches("((a*)*)*$")`)).toBe(true);
  });

  test('any text is an answer or a CelError, also deep and long ones', () => {
    for (const text of [
      '('.repeat(9_000),
      '!'.repeat(9_000),
      'a.'.repeat(4_000),
      '1+'.repeat(2_000),
      '['.repeat(9_000),
    ]) {
      expect(typeof answer(text)).toBe('string');
    }
    const pieces = fc.constantFrom(
      'device',
      '.',
      'driver',
      '(',
      ')',
      '[',
      ']',
      '"',
      '==',
      '&&',
      '!',
      '1',
      'has',
      ' ',
      '?',
      ':',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces).map((all) => all.join('')),
        ),
        (text) => {
          expect(['boolean', 'string']).toContain(typeof answer(text));
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });
});

test('versions are ordered as semver.org orders them', () => {
  const ordered = [
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0',
    '1.2.0',
    '1.10.0',
  ];
  const versions = ordered.map((text) => parseVersion(text));
  for (const [i, a] of versions.entries()) {
    for (const [j, b] of versions.entries()) {
      if (a !== null && b !== null) expect(Math.sign(compareVersions(a, b))).toBe(Math.sign(i - j));
    }
  }
  for (const text of ['1.0', '01.0.0', '1.0.0-', 'v1.0.0']) expect(parseVersion(text)).toBeNull();
});

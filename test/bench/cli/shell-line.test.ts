import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pathWord, shellLine } from '../../../bench/cli/shell-line.ts';

test('plain words stay plain', () => {
  expect(shellLine(['seatrial', 'run', 'a/b.yaml', '--seed', '1..3'])).toBe('seatrial run a/b.yaml --seed 1..3');
  expect(shellLine(["it's", '', '$HOME'])).toBe("'it'\\''s' '' '$HOME'");
});

test('a path that begins with a dash is no flag', () => {
  expect(['-a b/c', './-a', 'a-b', '-'].map(pathWord)).toEqual(['./-a b/c', './-a', 'a-b', '-']);
});

test('a shell gives back the words', () => {
  const word = fc.string({ maxLength: 12 }).map((text) => text.replaceAll('\u0000', ''));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
      const output = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${shellLine(words)}`], { encoding: 'utf8' });
      expect(output.split('\0').slice(0, -1)).toEqual(words);
    }),
    { seed: 5, numRuns: 40 },
  );
});

import { expect, test } from 'vitest';
import { parseLine, readDirectives } from '../../../../bench/conform/raft/datadriven.ts';
import { goQuote } from '../../../../bench/conform/raft/go-quote.ts';
import { textDifference } from '../../../../bench/conform/raft/text-difference.ts';

test('arguments: keys, values, lists with nested parentheses, empty values; quotes mean nothing', () => {
  expect(parseLine('cmd a b=c d=(1, 2,3) e=(f(x, y), z) g= "h"', 1)).toEqual({
    command: 'cmd',
    args: [
      { key: 'a', values: [] },
      { key: 'b', values: ['c'] },
      { key: 'd', values: ['1', '2', '3'] },
      { key: 'e', values: ['f(x, y)', 'z'] },
      { key: 'g', values: [''] },
      { key: '"h"', values: [] },
    ],
  });
});

test('directives: comments, continued lines, input, fenced output with blank lines, carriage returns, subtests', () => {
  const text = [
    '# comment',
    'first 1 \\',
    '  2',
    'input',
    '----',
    'out',
    '',
    'subtest s',
    '',
    'second\r',
    '----\r',
    '----',
    'a',
    '',
    '----',
    'b',
    '----',
    '----',
    '',
    'subtest end s',
    'third',
  ].join('\n');
  expect(readDirectives(text)).toEqual([
    {
      line: 2,
      command: 'first',
      args: [
        { key: '1', values: [] },
        { key: '2', values: [] },
      ],
      input: 'input',
      expected: 'out\n',
    },
    { line: 10, command: 'second', args: [], input: '', expected: 'a\n\n----\nb\n' },
    { line: 21, command: 'third', args: [], input: '', expected: '' },
  ]);
});

test('bytes are quoted as Go quotes them', () => {
  expect(goQuote(new TextEncoder().encode('a"\\\n\té \u200b\u0001'))).toBe('"a\\"\\\\\\n\\té \\u200b\\x01"');
  expect(goQuote(Uint8Array.of(0x66, 0xff, 0xc3))).toBe('"f\\xff\\xc3"');
});

test('a difference keeps what is common, and is empty for equal texts', () => {
  expect(textDifference('a\nb\n', 'a\nb\n')).toBe('');
  expect(textDifference('a\nb\nc\nd\n', 'a\nx\nc\ny\nd\n')).toBe(' a\n-b\n+x\n c\n+y\n d');
});

import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { makeColours } from '../../../bench/report/colour.ts';
import { Table } from '../../../bench/report/table.ts';

function sample(): Table {
  const table = new Table([{ title: 'workload' }, { title: 'pods', align: 'right' }, { title: 'mark' }]);
  table.add(['web', '3', { text: 'failed', style: (text, colours) => colours.red(text) }]);
  table.add(['データ', '1200', 'survived']);
  table.add(['a|b\u001b[2J\n<c>', '7', '']);
  return table;
}

test('columns align by display width, numbers stand right', () => {
  const lines = sample().text(makeColours(false)).split('\n');
  expect(lines.slice(0, 3)).toEqual([
    'workload     pods  mark',
    'web             3  failed',
    'データ       1200  survived',
  ]);
  expect(lines[3]).toBe('a|b [2J <c>     7');
  expect(stringWidth(lines[1]!.slice(0, lines[1]!.indexOf('3') + 1))).toBe(stringWidth('データ       1200'));
});

test('colour changes no width', () => {
  const plain = sample().text(makeColours(false));
  const coloured = sample().text(makeColours(true));
  expect(coloured).not.toBe(plain);
  expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(plain);
});

test('the Markdown twin has the same cells, escaped', () => {
  expect(sample().markdown()).toBe(
    [
      '| workload | pods | mark |',
      '| --- | ---: | --- |',
      '| web | 3 | failed |',
      '| データ | 1200 | survived |',
      '| a\\|b \\[2J \\<c\\> | 7 |  |',
      '',
    ].join('\n'),
  );
});

test('a row of another length is refused', () => {
  expect(() => sample().add(['one'])).toThrow(RangeError);
});

test('a terminal that is too narrow: a cell a line, empty ones left out; a wide or unknown one: the table', () => {
  const narrow = sample().text(makeColours(false, 20));
  expect(narrow.split('\n').slice(0, 3)).toEqual(['web', '  pods: 3', '  mark: failed']);
  expect(narrow).toContain('a|b [2J <c>\n  pods: 7\n');
  for (const line of narrow.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(20);
  expect(sample().text(makeColours(false, 40))).toBe(sample().text(makeColours(false)));
  expect(sample().text(makeColours(true, 20))).toContain('\u001b[31mfailed');
});

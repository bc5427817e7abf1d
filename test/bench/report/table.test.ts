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

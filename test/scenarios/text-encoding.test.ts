/**
 * Files whose bytes are not plain UTF-8: each is called what it is, and a byte order mark takes no column. Keys that are no text have their places.
 */
import { expect, test } from 'vitest';
import { ProblemList } from '../../scenarios/problem.ts';
import { readYaml } from '../../scenarios/yaml-source.ts';

test.each([
  [Buffer.from('\ufeffkind: Pod\n', 'utf16le'), 'this is UTF-16, expected UTF-8'],
  [Buffer.from('about: b\u00e4se\n', 'latin1'), 'this is not UTF-8: some bytes are no characters of it'],
  [Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1]), 'this is a binary file, expected YAML text'],
])('%j', (bytes, message) => {
  const problems = new ProblemList();
  expect(readYaml('s.yaml', bytes.toString('utf8'), problems, 'SCN')).toEqual([]);
  expect(problems.problems.map((each) => each.message)).toEqual([message]);
});

test('a byte order mark takes no column', () => {
  const [document] = readYaml('s.yaml', '\ufeffkind: Pod\n', new ProblemList(), 'SCN');
  expect(document?.place(['kind'])).toEqual({ file: 's.yaml', line: 1, column: 7 });
});

test('keys that are lists, maps or numbers are found', () => {
  const text = 'kind: Pod\n? [a, b]\n: 1\n? {x: y}\n: 2\n7: 3\n';
  const [document] = readYaml('s.yaml', text, new ProblemList(), 'SCN');
  const lines = Object.keys(document?.value as object).map((key) => document?.place([key], true).line);
  expect(lines.sort()).toEqual([1, 2, 4, 6]);
});

/** Label selectors that kube-apiserver 1.34.1 refuses, in its words, and what it makes of odd lists. */
import { expect, test } from 'vitest';
import { parseSelector } from '../../../core/types/label-selector.ts';

const NAME =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

test.each([
  ['=1', "found '=', expected: !, identifier, or 'end of string'"],
  [',x', "found ',', expected: !, identifier, or 'end of string'"],
  ['(x)', "found '(', expected: !, identifier, or 'end of string'"],
  ['x=1=2', "found '=', expected: ',' or 'end of string'"],
  ['x=1 y=2', "found 'y', expected: ',' or 'end of string'"],
  ['!x=1', "found '=', expected: ',' or 'end of string'"],
  ['x,', "found '', expected: identifier after ','"],
  ['x,,y', "found ',', expected: identifier after ','"],
  ['x in', "unable to parse requirement: found '' expected: '('"],
  ['x in 1', "unable to parse requirement: found '1' expected: '('"],
  ['x in (1', "unable to parse requirement: found '', expected: ',' or ')'"],
  ['x in (=', "unable to parse requirement: found '=', expected: ',', ')' or identifier"],
  ['x in (a,=)', "unable to parse requirement: found '=', expected: ',', or identifier"],
  ['x in (a,,)', "unable to parse requirement: found ')', expected: ',', or identifier"],
  ['x y', "unable to parse requirement: found 'y', expected: in, notin, =, ==, !=, gt, lt"],
  ['!', "unable to parse requirement: found '', expected: identifier"],
  ['!!x', "unable to parse requirement: found '!', expected: identifier"],
  ['x=(1)', "unable to parse requirement: found '(', expected: identifier"],
  ['x>=1', "unable to parse requirement: found '=', expected: identifier"],
  [
    'x>a',
    `unable to parse requirement: values[0]: Invalid value: "a": for 'Gt', 'Lt' operators, the value must be an integer`,
  ],
  ['-x=1', `unable to parse requirement: <nil>: Invalid value: "-x": ${NAME}`],
  ['x=-1', `unable to parse requirement: values[0][x]: Invalid value: "-1": ${LABEL}`],
  [`x=${'v'.repeat(64)}`, 'must be no more than 63 characters'],
])('%s', (text, message) => {
  expect(() => parseSelector(text)).toThrow(
    expect.objectContaining({ code: 400, message: expect.stringContaining(message) }),
  );
});

test.each([
  ['x in ()', ''],
  ['x in (,)', ''],
  ['x in (a,)', ',a'],
  ['x in (,a)', ',a'],
  ['x in (b,,a)', ',a,b'],
  ['x in (in,notin)', 'in,notin'],
])('%s takes the values [%s]', (text, values) => {
  const selector = parseSelector(text);
  const taken = ['', 'a', 'b', 'in', 'notin'].filter((x) => selector.matches({ x }));
  expect(taken.join(',')).toBe(values);
});

test.each([
  ['in', { in: '1' }],
  ['notin (a)', undefined],
  ['\r\n\t ', {}],
])('%j', (text, labels) => {
  if (labels === undefined) expect(() => parseSelector(text)).toThrow(expect.objectContaining({ code: 400 }));
  else expect(parseSelector(text).matches(labels)).toBe(true);
});

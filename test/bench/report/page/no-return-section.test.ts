/** The point of no return on the report page: read from what replay prints, drawn, and refused where it is broken. */
import { expect, test } from 'vitest';
import { reportPage } from '../../../../bench/report/page/page.ts';
import { partsOf } from '../../../../bench/report/page/report-parts.ts';
import { ProblemList } from '../../../../scenarios/problem.ts';

const DATA = {
  schema: 'seatrial/no-return/v1',
  scenario: 'two <leaders>',
  seed: 3,
  noReturn: {
    signature: 'LE2',
    violationUs: 27_000_000,
    openUs: 10_000_000,
    noReturnUs: 10_500_000,
    points: [
      { timeUs: 0, runs: 4, failures: 1 },
      { timeUs: 10_500_000, runs: 4, failures: 4 },
    ],
  },
};

test('shows the share over time, and when it was decided', () => {
  const problems = new ProblemList();
  const parts = partsOf('case.json', DATA, [], problems);
  expect(problems.problems).toEqual([]);
  const page = reportPage({ title: 'A case', parts, replays: [], run: null });
  expect(page).toContain('LE2 in two &lt;leaders&gt;, seed 3');
  expect(page).toContain('It was decided between +10.000 s and +10.500 s.');
  expect(page).toMatch(/<svg[^>]*aria-label="Share of continuations that fail with LE2"/);
  expect(page).toMatch(/<th scope="row">\+0\.000 s<\/th><td class="n">4<\/td><td class="n">1<\/td>/);
});

test('a file without points is refused with its place', () => {
  const problems = new ProblemList();
  expect(partsOf('case.json', { ...DATA, noReturn: { ...DATA.noReturn, points: [] } }, [], problems)).toEqual([]);
  expect(problems.problems[0]).toMatchObject({
    file: 'case.json',
    message: expect.stringContaining('noReturn.points'),
  });
});

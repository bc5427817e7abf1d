/**
 * Results of searches are result documents: they keep to the schema, name what was found, and carry the line that finds it again.
 */
import { expect, test } from 'vitest';
import { resultSchema } from '../../../bench/report/result.ts';
import { stableJson } from '../../../bench/report/stable-json.ts';
import { mutationDocument, searchDocument, thresholdDocument } from '../../../bench/search/search-result.ts';
import { canaryPlan } from '../../../bench/search/search-task.ts';
import { coverageLines } from '../../../bench/search/search-text.ts';
import { CLUSTER_STATES, Coverage } from '../../../core/chaos/search/coverage.ts';

const asRead = (document: unknown) => resultSchema.parse(JSON.parse(stableJson(document)));

const finding = {
  signature: 'RS1 ReplicaSet',
  caseNumber: 4,
  cases: 2,
  message: 'two of them',
  plan: canaryPlan(),
  digest: 'ab',
  shrinkRuns: 7,
  unneeded: [],
};
const search = {
  findings: [finding, { ...finding, signature: 'bug', caseNumber: 9 }],
  runs: 12,
  possible: Number.POSITIVE_INFINITY,
  excused: 1,
  events: 1000,
  coverage: new Coverage(),
  broken: [{ caseNumber: 5, cause: 'no answer\n  at frame' }],
  canaryFound: true,
  complete: true,
  elapsedMs: 1,
};
const context = { paths: ['my app.yaml'], profile: 'swarm', seed: 3, corpusFails: 2, exitCode: 3 as const };

test('a search: findings with their lines, what broke, and what of the corpus still fails', () => {
  const shown = [
    { signature: 'RS1 ReplicaSet', file: 'a.yaml', replay: 'seatrial replay a.yaml' },
    { signature: 'bug', file: '', replay: '' },
  ];
  const { cases, summary, diagnostics } = asRead(
    searchDocument(search, shown, { ...context, flags: { runs: 12, bug: undefined } }),
  );
  expect(cases.map(({ id, status, outcome }) => [id, status, outcome])).toEqual([
    ['RS1 ReplicaSet', 'fail', 'fail RS1'],
    ['bug', 'broken', 'broken'],
    ['case 5', 'broken', 'broken'],
  ]);
  expect(cases[0]).toMatchObject({ reproduce: 'seatrial replay a.yaml', counters: { cases: 2, 'shrink-runs': 7 } });
  expect(cases[2]?.message).toBe('no answer');
  expect(summary.verdict).toBe('12 runs, 1 excused: 2 findings');
  expect(summary.reproduce).toBe("seatrial search 'my app.yaml' --profile swarm --seed 3 --runs 12");
  expect(diagnostics.at(-1)).toMatchObject({
    severity: 'warning',
    message: '2 earlier findings of the corpus still fail',
  });
});

test('what was reached is one line, in full the kinds that were never drawn and the states that others never met', () => {
  const coverage = new Coverage();
  coverage.met[0] = 3;
  const short = coverageLines(coverage, false);
  expect(short).toEqual([
    expect.stringMatching(
      /^1 of \d+ pairs of a fault .* met, 0 of \d+ rare paths reached; --verbose lists the others$/,
    ),
  ]);
  const [pairs, paths] = coverageLines(coverage, true);
  expect(pairs).toMatch(new RegExp(`; never drawn: .*; never met: \\S+ \\(${CLUSTER_STATES.slice(1).join(', ')}\\)$`));
  expect(paths).toMatch(/rare paths reached; never: /);
});

test('a mutation campaign: a bug that nothing finds, one that a situation shows without it, an alarm without any', () => {
  const mutant = {
    bug: 'one',
    foundBy: 'A1',
    runs: 1,
    visibleWithoutFaults: false,
    swarmRuns: 0,
    falseAlarm: '',
  };
  const { cases, summary } = asRead(
    mutationDocument(
      {
        mutants: [mutant, { ...mutant, bug: 'two', foundBy: '' }, { ...mutant, bug: 'three', falseAlarm: 'RS1' }],
        sound: [
          { plan: 'calm', alarm: '' },
          { plan: 'busy', alarm: 'X1: not done' },
        ],
        broken: [],
        complete: true,
        elapsedMs: 1,
      },
      { ...context, paths: [], profile: 'mutation', flags: {}, exitCode: 1 },
    ),
  );
  expect(cases.map(({ id, status, outcome }) => `${id}: ${status}, ${outcome}`)).toEqual([
    'one: pass, found by A1',
    'two: fail, not found',
    'three: fail, found by A1',
    'calm without any bug: pass, silent',
    'busy without any bug: fail, false alarm',
  ]);
  expect(summary.verdict).toBe('mutation score: 1/3 (33 %)');
  expect(summary.reproduce).toBe('seatrial search --profile mutation --seed 3');
});

test('a threshold: the values in their order, both sides with their lines', () => {
  const heals = { value: 1_000_000, failure: null };
  const fails = { value: 2_000_000, failure: { seed: 2, predicate: 'X1', message: 'not done' } };
  const { cases, summary } = asRead(
    thresholdDocument(
      {
        file: 'a.yaml',
        path: 'faults[0].for',
        unit: 'duration',
        seeds: [1, 2],
        heals,
        fails,
        trials: [fails, heals],
        complete: true,
        replays: { heals: 'one', fails: 'two' },
      },
      0,
      { from: undefined, to: '2s' },
    ),
  );
  expect(cases.map(({ id, status, reproduce }) => [id, status, reproduce])).toEqual([
    ['faults[0].for = 1s', 'pass', 'one'],
    ['faults[0].for = 2s', 'fail', 'two'],
  ]);
  expect(summary.verdict).toBe('threshold: between 1s and 2s');
  expect(summary.reproduce).toBe("seatrial search a.yaml --threshold 'faults[0].for' --seed 1..2 --to 2s");
});

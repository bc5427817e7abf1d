/**
 * The card for people: what a reader should not have to read nine times, and what must be there.
 */
import { describe, expect, test } from 'vitest';
import { makeColours } from '../../../bench/report/colour.ts';
import { TRIALS, type TrialName } from '../../../bench/trial/battery.ts';
import type { CardRow } from '../../../bench/trial/card.ts';
import { cardMarkdown, cardText } from '../../../bench/trial/card-report.ts';
import { cardOf, CARD_ROW as ROW } from '../../support/report-card.ts';

const PLAIN = { showDigest: false, verbose: false, pending: new Map() };
const text = (...rows: CardRow[]): string => cardText(cardOf(...rows), makeColours(false), PLAIN);

describe('replay lines', () => {
  test('none for a row that is unknown only for what is not simulated', () => {
    expect(text(ROW)).not.toContain('again:');
    expect(cardMarkdown(cardOf(ROW), PLAIN)).not.toContain('```');
  });

  test('one for a row that was short of something as well', () => {
    const short = { ...ROW, reasons: ['below the floor for 3s: 1 ready, floor 2', ...ROW.reasons] };
    expect(text(short)).toContain(`  again:\n    ${ROW.replay}\n`);
  });
});

test('what shows several workloads stands under the first, the others refer to it', () => {
  const short = { ...ROW, reasons: ['below the floor for 3s: 1 ready, floor 2'] };
  const other = { ...short, workload: 'Deployment/demo/api' };
  const crash = {
    ...other,
    trial: 'node-crash' as const,
    replay: 'seatrial trial app.yaml --only node-crash --seed 2',
  };
  const shown = text(short, other, crash);
  expect(shown.split(ROW.replay)).toHaveLength(2);
  expect(shown).toContain(`  again:\n    ${crash.replay}\n    drain: as for ${ROW.workload}\n`);
  const markdown = cardMarkdown(cardOf(short, other), PLAIN);
  expect(markdown.split(ROW.replay)).toHaveLength(2);
  expect(markdown).toContain(`\n\nAgain: drain: as for ${ROW.workload}\n\n`);
});

describe('a kind that is not simulated', () => {
  const never = {
    ...ROW,
    workload: 'CronJob/demo/backup',
    cases: 0,
    reasons: ['CronJob is not simulated'],
    replay: '',
  };

  test('has one line, not a table', () => {
    const shown = text(never, { ...never, trial: 'node-crash' });
    expect(shown).toContain(
      'CronJob/demo/backup: unknown\n  in no trial: CronJob is not simulated (if it does no harm: --assume HorizontalPodAutoscaler)\n',
    );
    expect(shown).not.toContain('floor');
  });
});

describe('what a reader should not have to read in each row', () => {
  const lack = '0 of 3 replicas are available';
  const unready = {
    ...ROW,
    mark: 'failed' as const,
    readyBefore: 0,
    neverReady: true,
    neverWhole: true,
    reasons: [`never ready, even without a fault: ${lack}`],
    blockers: ['Secret x is missing'],
  };
  const trials = (['node-crash', 'drain', 'api-outage', 'store-crash'] as const).map((trial, index) => {
    return {
      ...unready,
      trial,
      cases: index === 2 ? 1 : 9,
      replay: `seatrial trial app.yaml --only ${trial} --seed 1`,
    };
  });
  const partly = trials.map((row) => ({
    ...row,
    readyBefore: 2,
    neverReady: false,
    reasons: ['was not ready before the fault (2 of 3)', `not converged: ${lack}`],
  }));
  const told = (ready: string): string =>
    `not ready even without a fault (${ready} of 3): ${lack}; why: what blocked, below`;

  test('a workload that is never ready: why, what blocked and the shortest line, once', () => {
    expect(text(...trials)).toContain(
      `  ${told('0')}\n  its 4 rows are failed for that alone\n  what blocked:\n    Secret x is missing (all 4 trials)\n  again:\n    ${trials[2]?.replay}\n\n`,
    );
    expect(cardMarkdown(cardOf(...trials), PLAIN)).toContain(`\n\n${told('0')}\n\n`);
  });

  test('one that is never ready is not shown by a trial that changes it, however short', () => {
    const rolled = {
      ...unready,
      trial: 'broken-image' as const,
      cases: 1,
      boundUs: 0,
      reasons: ['never ready, even without a fault: x'],
    };
    const shown = text(rolled, ...trials.slice(0, 2));
    expect(shown).toContain(`  ${told('0')}\n`);
    expect(shown).toContain(`  again:\n    ${trials[0]?.replay}\n`);
  });

  test('one that hangs on what is not simulated besides: its rows are called unknown, and one line shows it', () => {
    const hanging = trials.map((row) => ({
      ...row,
      mark: 'unknown' as const,
      reasons: [...row.reasons, 'not simulated: ScaledObject x'],
    }));
    expect(text(...hanging)).not.toContain('would have survived');
    expect(text(...hanging)).toContain(
      `  its 4 rows are unknown, otherwise failed for that alone\n  what blocked:\n    Secret x is missing (all 4 trials)\n  again:\n    ${trials[2]?.replay}\n\n`,
    );
  });

  test('one that is never whole: its rows say only what a fault added, and so do the lines that show it again', () => {
    const hit = { ...partly[0], reasons: ['none ready for 1m', ...(partly[0]?.reasons ?? [])] } as CardRow;
    const shown = text(hit, ...partly.slice(1));
    expect(shown).toContain(`  ${told('2')}\n  mark `);
    expect(shown).toMatch(/^ {2}failed +node-crash .* none ready for 1m$/m);
    expect(shown).toMatch(/^ {2}failed +store-crash .* as without a fault$/m);
    expect(shown).toContain(`  again:\n    ${hit.replay}\n    ${partly[2]?.replay}\n\n`);
  });

  test('the head names both, and no other', () => {
    const other = trials.map((row) => ({ ...row, workload: 'Deployment/demo/api' }));
    const fine = { ...ROW, workload: 'Deployment/demo/fine' };
    const line =
      'not ready even without a fault, to be mended first: Deployment/demo/web (2 of 3), Deployment/demo/api (0 of 3)';
    expect(text(...partly, ...other, fine)).toContain(`\n  ${line}\n`);
    expect(cardMarkdown(cardOf(...partly, ...other, fine), PLAIN)).toContain(`\n- ${line}\n`);
    expect(text(fine)).not.toContain('without a fault');
  });

  test('one that is whole in one trial, or tried in one alone, keeps its rows', () => {
    const whole = { ...trials[0], neverReady: false, neverWhole: false } as CardRow;
    expect(text(whole, ...trials.slice(1))).toMatch(
      /^ {2}failed +store-crash .* never ready, even without a fault: 0 of/m,
    );
    expect(text(unready)).toMatch(/^ {2}failed +drain /m);
  });

  test('what is not simulated, where rows agree in it', () => {
    const hurt = { ...ROW, trial: 'node-crash' as const, reasons: ['none ready for 5m', ...ROW.reasons] };
    const rows = [ROW, hurt];
    expect(text(...rows)).toContain(
      '  unknown rows hang on what is not simulated: HorizontalPodAutoscaler web; those that name nothing else would have survived (if it does no harm: --assume HorizontalPodAutoscaler)\n  mark ',
    );
    expect(text(...rows)).toMatch(/^ {2}unknown +drain [^:]*$/m);
    expect(text(...rows)).toMatch(/^ {2}unknown +node-crash .* none ready for 5m$/m);
    expect(text(ROW)).toMatch(/^ {2}unknown +drain .* not simulated: HorizontalPodAutoscaler web$/m);
  });
});

test('one trial, one run', () => {
  expect(text(ROW).split('\n')[0]).toBe('sea trial of app.yaml: 1 trial, seed 1, 1 run');
});

test('Markdown says what blocked', () => {
  const blocked = { ...ROW, blockers: ['single replica'], mark: 'failed' as const, reasons: ['none ready for 5m'] };
  expect(cardMarkdown(cardOf(blocked), PLAIN)).toContain('What blocked:\n\n- single replica (drain)\n');
});

test('assumptions in short, all of them on request', () => {
  const card = { ...cardOf(ROW), assumptions: ['each default'], assumptionsInShort: ['defaults'] };
  expect(cardText(card, makeColours(false), PLAIN)).toContain('\n  assumed: defaults\n');
  expect(cardText(card, makeColours(false), { ...PLAIN, verbose: true })).toContain('\n  assumed: each default\n');
  expect(cardMarkdown(card, PLAIN)).toContain('- assumed: defaults\n');
});

describe('rows that say nothing but their mark', () => {
  const plane = TRIALS.filter(({ moves }) => !moves).map(({ name }) => name);
  const calm = { ...ROW, mark: 'survived' as const, reasons: [], lowest: 3, replay: '' };
  const calmIn = (trials: readonly TrialName[]): CardRow[] => trials.map((trial) => ({ ...calm, trial }));
  const hit = { ...calm, trial: 'node-crash' as const, lowest: 2, recoveryUs: 5_000_000 };

  test('share a line, from three on; what was short of a pod keeps its row', () => {
    const shown = text(hit, ...calmIn(['rolling-update', 'broken-image', 'api-outage']));
    expect(shown).toMatch(/^ {2}survived {2}node-crash .* 5s /m);
    expect(shown).toContain('\n  survived, never short of a ready pod: rolling-update, broken-image and api-outage\n');
    expect(shown).not.toMatch(/^ {2}survived {2}api-outage/m);
    expect(text(hit, ...calmIn(['rolling-update', 'api-outage']))).toMatch(/^ {2}survived {2}api-outage /m);
    expect(text(hit, ...calmIn(['drain', ...plane]))).toContain(': drain and the 8 trials of the control plane\n');
    expect(text(...calmIn(['drain', 'api-outage', 'store-crash']))).toContain(
      '): unknown\n  survived, never short of a ready pod: all 3 trials\n',
    );
  });

  test('each on request, and the unknown ones by themselves', () => {
    const rows = [hit, ...calmIn(['rolling-update', 'broken-image', 'api-outage'])];
    const all = cardText(cardOf(...rows), makeColours(false), { ...PLAIN, verbose: true });
    expect(all).toMatch(/^ {2}survived {2}api-outage /m);
    const hanging = (['drain', 'rolling-update', 'broken-image'] as const).map((trial) => ({
      ...ROW,
      trial,
      lowest: 3,
    }));
    expect(text(...hanging, ...calmIn(['api-outage', 'store-crash', 'scheduler-crash']))).toContain(
      '\n  unknown, otherwise survived, never short of a ready pod: drain, rolling-update and broken-image\n  survived, never',
    );
    const ended = rows.map((row) => ({ ...row, workload: 'Job/demo/once', lowest: 0, recoveryUs: 7 }));
    expect(text(...ended)).toContain('\n  survived: all 4 trials\n');
  });
});

describe('a card of nine workloads and more', () => {
  const names = Array.from({ length: 9 }, (_, index) => `Deployment/demo/w${index}`);
  const rows = names.flatMap((workload, index): CardRow[] => [
    {
      ...ROW,
      workload,
      trial: 'node-crash',
      mark: index === 8 ? 'survived' : 'failed',
      reasons: index === 8 ? [] : ['none ready for 5m'],
      blockers: index === 8 ? [] : ['single replica'],
      longestNoneUs: 300_000_000,
      recoveryUs: index === 0 ? -1 : 1,
      replay: 'again --only node-crash --seed 1',
    },
    { ...ROW, workload, trial: 'api-outage', mark: 'survived', reasons: [], replay: '' },
    { ...ROW, workload, trial: 'store-crash', mark: 'survived', reasons: [], replay: '' },
  ]);
  rows.push({ ...ROW, workload: 'CronJob/demo/night', cases: 0, reasons: ['CronJob is not simulated'], replay: '' });

  test('is a table of workloads by trials that somebody did not survive, and each thing that blocked is said once', () => {
    const shown = text(...rows);
    expect(shown).toContain(
      [
        'workload            of  node-crash          2 others',
        'Deployment/demo/w0   3  failed, never back  ok',
        'Deployment/demo/w1   3  failed 5m           ok',
      ].join('\n'),
    );
    expect(shown).toMatch(/^Deployment\/demo\/w8 +3 {2}ok +ok\n\(2 others: api-outage, store-crash\)\n/m);
    expect(shown).not.toMatch(/^CronJob/m);
    expect(shown).toMatch(/^to know:\n {2}in no trial: CronJob is not simulated .*: CronJob\/demo\/night$/m);
    expect(shown).toContain('\nwhat blocked:\n  single replica: w0, w1, w2, w3, w4, w5 and 2 more\n');
    const twin = { ...(rows[0] as CardRow), workload: 'Deployment/other/w0' };
    expect(text(...rows, twin)).toContain('  single replica: Deployment/demo/w0, w1, w2, w3, w4, w5 and 3 more\n');
    const everyone = rows.slice(0, 27).map((row) => ({ ...row, blockers: ['single replica'] }));
    expect(text(...everyone)).toContain('  single replica: all 9 workloads\n');
    expect(shown).toContain(
      '\nagain:\n  again --only node-crash --seed 1\n\nok: survived; a time: so long none was ready; low: ',
    );
  });

  test('a degraded cell says for how long', () => {
    const none = { longestNoneUs: 0, belowFloorUs: 0, recoveryUs: 1 };
    const cellOf = (change: Partial<CardRow>): string | undefined => {
      const changed = rows.map((row, index) =>
        index === 0 ? { ...row, mark: 'degraded' as const, ...none, ...change } : row,
      );
      return text(...changed).match(/^Deployment\/demo\/w0 +3 {2}(.*?) {2}/m)?.[1];
    };
    expect(cellOf({ longestNoneUs: 2_300_000, belowFloorUs: 5_000_000 })).toBe('degraded 2.3s');
    expect(cellOf({ belowFloorUs: 5_000_000 })).toBe('degraded, low 5s');
    expect(cellOf({ boundUs: 60_000_000, recoveryUs: 120_000_000 })).toBe('degraded, late 2m');
    expect(cellOf({ boundUs: 60_000_000, recoveryUs: 50_000_000 })).toBe('degraded');
    expect(cellOf({ mark: 'unknown', longestNoneUs: 2_300_000 })).toBe('unknown');
  });

  test('the last column is named for what it stands for', () => {
    const of = (...trials: TrialName[]): string =>
      text(...rows.filter(({ trial, cases }) => trials.includes(trial) && cases > 0));
    expect(of('node-crash', 'api-outage')).toMatch(/^workload +of {2}node-crash +api-outage\n/m);
    expect(of('api-outage', 'store-crash')).toMatch(/^workload +of {2}2 trials\n/m);
    expect(of('api-outage', 'store-crash')).toContain('\n(2 trials: api-outage, store-crash)\n');
  });

  test('in Markdown, too; every row on request, and of fewer workloads', () => {
    const markdown = cardMarkdown(cardOf(...rows), PLAIN);
    expect(markdown).toContain('\n| Deployment/demo/w0 | 3 | failed, never back | ok |\n');
    expect(markdown).toContain('\n```sh\nagain --only node-crash --seed 1\n```\n');
    const all = cardText(cardOf(...rows), makeColours(false), { ...PLAIN, verbose: true });
    expect(all).toMatch(/^Deployment\/demo\/w8 \(.*\n {2}mark/m);
    expect(text(...rows.slice(0, 8 * 3))).toMatch(/^Deployment\/demo\/w7 \(.*\n {2}mark/m);
  });
});

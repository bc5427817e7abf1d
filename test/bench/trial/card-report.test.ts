/**
 * The card for people: what a reader should not have to read nine times, and what must be there.
 */
import { describe, expect, test } from 'vitest';
import { makeColours } from '../../../bench/report/colour.ts';
import type { CardRow } from '../../../bench/trial/card.ts';
import { cardMarkdown, cardText } from '../../../bench/trial/card-report.ts';
import { cardOf, CARD_ROW as ROW } from '../../support/report-card.ts';

const PLAIN = { showDigest: false, pending: new Map() };
const text = (...rows: CardRow[]): string => cardText(cardOf(...rows), makeColours(false), PLAIN);

describe('replay lines', () => {
  test('none for a row that is unknown only for what is not simulated', () => {
    expect(text(ROW)).not.toContain('again:');
    expect(cardMarkdown(cardOf(ROW), PLAIN)).not.toContain('```');
  });

  test('one for a row that was short of something as well', () => {
    const short = { ...ROW, reasons: ['below the floor for 3s, at worst 1 of 2', ...ROW.reasons] };
    expect(text(short)).toContain(`  again:\n    ${ROW.replay}\n`);
  });
});

test('what shows several workloads stands under the first, the others refer to it', () => {
  const short = { ...ROW, reasons: ['below the floor for 3s, at worst 1 of 2'] };
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
  const lack = 'not ready before the fault, nor at the end: 0 of 3 replicas are available';
  const unready = {
    ...ROW,
    mark: 'failed' as const,
    neverReady: true,
    reasons: [lack],
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

  test('a workload that is never ready: why, what blocked and the shortest line, once', () => {
    expect(text(...trials)).toContain(
      `  ${lack} (all 4 trials)\n  what blocked:\n    Secret x is missing (all 4 trials)\n  again:\n    ${trials[2]?.replay}\n\n`,
    );
    expect(cardMarkdown(cardOf(...trials), PLAIN)).toContain(`\n\n${lack} (all 4 trials)\n\n`);
  });

  test('one that is ready in one trial, or tried in one alone, keeps its rows', () => {
    expect(text({ ...trials[0], neverReady: false } as CardRow, ...trials.slice(1))).toMatch(
      /^ {2}failed +store-crash /m,
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

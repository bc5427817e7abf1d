/**
 * The verdict over pairs: what flags, what does not, and that noise is never a pass.
 */
import { describe, expect, test } from 'vitest';
import { judgeStage, judgeStages, type StageJudgement } from '../../../bench/gate/judge-pairs.ts';
import { Sfc32 } from '../../../core/cluster/vocabulary.ts';

const QUIET = Array.from({ length: 10 }, (_, i) => 1_000_000 + i * 1_000);

/** Ten log ratios around a true change, with noise that only adds time to one side or the other. */
function pairs(change: number, noise: number, random: Sfc32): number[] {
  const added = (): number => noise * random.nextFloat() ** 2;
  return Array.from({ length: 10 }, () => Math.log(1 + change) + Math.log(1 + added()) - Math.log(1 + added()));
}

const judge = (values: readonly number[], sensor = QUIET): StageJudgement => judgeStage(values, sensor, 0.02);

describe('a stage', () => {
  test('flags a clear change, in its direction', () => {
    const slower = judge([0.05, 0.06, 0.04, 0.05, 0.055, 0.045, 0.05, 0.06, 0.04, 0.052]);
    expect(slower).toMatchObject({ flag: 'slower', noisy: false });
    expect(slower.estimate).toBeCloseTo(Math.expm1(0.05), 2);
    expect(slower.low).toBeGreaterThan(0.03);
    expect(judge(QUIET.map((_, i) => -0.05 - i / 1000)).flag).toBe('faster');
  });

  test('a change that is sure but too small to count does not flag', () => {
    expect(judge(QUIET.map((_, i) => 0.01 + i / 100_000))).toMatchObject({ flag: 'none', noisy: false });
  });

  test('one spike does not flag, and does not hide', () => {
    expect(judge([0.9, 0, 0.001, -0.001, 0, 0.002, -0.002, 0.001, 0, -0.001]).flag).toBe('none');
    expect(judge([-0.9, 0.05, 0.06, 0.05, 0.05, 0.06, 0.05, 0.055, 0.05, 0.05]).flag).toBe('slower');
  });

  test('a wide interval or a restless sensor is noisy', () => {
    expect(judge(QUIET.map((_, i) => (i % 2 === 0 ? 0.2 : -0.2))).noisy).toBe(true);
    expect(judge(new Array(10).fill(0), [1, 2, 3, 1, 2, 3, 1, 2, 3, 1]).noisy).toBe(true);
    expect(judge([0.1, 0.1, 0.1]).noisy).toBe(true);
  });
});

describe('two stages', () => {
  const stage = (flag: StageJudgement['flag'], noisy = false): StageJudgement => {
    return { flag, noisy, estimate: 0, low: 0, high: 0 };
  };

  test.each([
    [stage('none'), null, 'pass'],
    [stage('none', true), null, 'inconclusive'],
    [stage('slower'), null, 'second stage'],
    [stage('slower'), stage('slower'), 'fail'],
    [stage('slower'), stage('none'), 'pass'],
    [stage('slower'), stage('faster'), 'pass'],
    [stage('slower'), stage('none', true), 'inconclusive'],
    [stage('faster'), stage('faster'), 'improved'],
  ] as const)('%#', (first, second, verdict) => {
    expect(judgeStages(first, second)).toBe(verdict);
  });

  test('equal builds: at most 1 block of 30 closes; a true 5 %: at least 80 % do', () => {
    const closes = (change: number, blocks: number): number => {
      const random = new Sfc32(1, 2, 3);
      let closed = 0;
      for (let block = 0; block < blocks; block++) {
        const first = judge(pairs(change, 0.08, random));
        const second = first.flag === 'none' ? null : judge(pairs(change, 0.08, random));
        if (judgeStages(first, second) === 'fail') closed++;
      }
      return closed;
    };
    expect(closes(0, 300)).toBeLessThanOrEqual(3);
    expect(closes(0.05, 300)).toBeGreaterThanOrEqual(240);
  });

  test('the same times give the same verdict', () => {
    const values = pairs(0.03, 0.05, new Sfc32(4, 5, 6));
    expect(judge(values)).toEqual(judge([...values].reverse()));
  });
});

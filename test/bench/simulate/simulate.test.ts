/**
 * `simulate` as a function: the same run as everywhere else, and errors that say what is wrong.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ScenarioError, type ScenarioInput, simulate } from '../../../bench/simulate/index.ts';
import { PROJECT_ROOT } from '../../support/cli.ts';

const folder = path.join(PROJECT_ROOT, 'scenarios');
const file = path.join(folder, 'first-deployment.yaml');
const content = parse(readFileSync(file, 'utf8')) as ScenarioInput;

describe('result', () => {
  const fromFile = simulate(file, { seed: 2 });

  test('a file and its content are the same run; another seed is another one', () => {
    expect(simulate(content, { seed: 2, baseFolder: folder })).toEqual(fromFile);
    expect(simulate(file, { seed: 3 }).digest).not.toBe(fromFile.digest);
  });

  test('counters, series and timeline agree with each other', () => {
    expect(fromFile).toMatchObject({ verdict: 'pass', asExpected: true, predicate: '', message: '', warnings: [] });
    expect(fromFile.podStartupUs).toHaveLength(fromFile.counters.podsStarted);
    const { podsReady, podsPending, frameUs } = fromFile.series;
    expect(podsReady).toHaveLength(podsPending.length);
    expect(podsReady.length * frameUs).toBeGreaterThan(fromFile.times.endUs);
    expect(podsReady.at(-1)).toBe(fromFile.counters.pods);
    expect(fromFile.timeline.at(-1)).toEqual({ timeUs: fromFile.times.endUs, what: 'end' });
    expect(JSON.parse(JSON.stringify(fromFile))).toEqual(fromFile);
  });

  test('the twin fails as it should', () => {
    const twin = simulate(file, { seed: 2, twin: true });
    expect(twin).toMatchObject({ verdict: 'fail', asExpected: true, predicate: 'E1' });
  });
});

describe('errors', () => {
  const problemsOf = (scenario: string | ScenarioInput, options?: Parameters<typeof simulate>[1]): string => {
    try {
      simulate(scenario, options);
    } catch (error) {
      if (error instanceof ScenarioError) return error.message;
      throw error;
    }
    return '';
  };

  test('all problems of an object at once', () => {
    const wrong = { ...content, faults: [{ kind: 'kil' }], expect: 'maybe' } as unknown as ScenarioInput;
    const text = problemsOf(wrong, { baseFolder: folder });
    expect(text).toMatch(/"kil"/);
    expect(text).toMatch(/expect/);
  });

  test('a file that is not there, data that is none, a twin that is none, an impossible seed', () => {
    expect(problemsOf('nothing.yaml')).toContain('nothing.yaml');
    const round: Record<string, unknown> = {};
    round['self'] = round;
    expect(problemsOf(round as unknown as ScenarioInput)).toContain('not plain data');
    const { twin: _twin, ...single } = content;
    expect(problemsOf(single, { twin: true, baseFolder: folder })).toContain('no twin');
    expect(() => simulate(file, { seed: -1 })).toThrow(RangeError);
    expect(() => simulate(file, { seed: 1.5 })).toThrow(RangeError);
  });

  test('an option that there is none of', () => {
    const call = simulate as (...given: unknown[]) => unknown;
    expect(() => call(file, { sede: 7 })).toThrow('simulate: unknown option "sede" (did you mean "seed"?)');
    expect(() => call(file, { sede: 7 })).toThrow(TypeError);
    expect(() => call(file, 7)).toThrow(
      'simulate: expected an object with seed, twin, interleaving, baseFolder, not 7',
    );
  });
});

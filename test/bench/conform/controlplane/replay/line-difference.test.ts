import { describe, expect, test } from 'vitest';
import { lineDifferences } from '../../../../../bench/conform/controlplane/replay/line-difference.ts';
import type { Line } from '../../../../../bench/conform/controlplane/replay/timeline-histories.ts';

const line = (about: string, ...states: readonly (readonly [number, string])[]): Line => ({
  about,
  states: states.map(([ms, text]) => ({ ms, text })),
});

describe('lineDifferences', () => {
  test('lines about equal objects come in any order', () => {
    const [first, second] = [line('Pod web-pod Ready', [5, 'True']), line('Pod web-pod Ready', [9, 'False'])];
    expect(lineDifferences('conditions of Pod', [first, second], [second, first])).toEqual([]);
  });

  test('tells where a line parts from the one that goes furthest with it, and when that was recorded', () => {
    const recorded = line('Job j Failed', [10, 'False'], [30, 'True BackoffLimitExceeded']);
    const replayed = [
      line('Job j Failed', [11, 'True Other']),
      line('Job j Failed', [12, 'False'], [33, 'True Other']),
    ];
    expect(lineDifferences('conditions of Job', replayed, [recorded])).toEqual([
      {
        ms: 30,
        what: 'conditions of Job',
        text: 'Job j Failed: recorded "True BackoffLimitExceeded", replayed "True Other"',
      },
      { ms: 11, what: 'conditions of Job', text: 'Job j Failed: recorded nothing, replayed "True Other"' },
    ]);
  });

  test('one too few of several equal lines is missed', () => {
    const each = line('Event scheduler', [7, 'Scheduled']);
    expect(lineDifferences('events', [each], [each, each])).toMatchObject([
      { ms: 7, text: 'Event scheduler: recorded "Scheduled", replayed nothing' },
    ]);
  });
});

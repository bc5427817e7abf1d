/**
 * Result documents for tests of formats and gates.
 */
import type { ResultCase, ResultDocument } from '../../bench/report/result.ts';
import { resultDocument } from '../../bench/report/result-parts.ts';

/** A case that passed; `changes` replace what a test is about. */
export function resultCase(changes: Partial<ResultCase> = {}): ResultCase {
  return {
    id: 'zone-loss/seed-1',
    params: { scenario: 'zone-loss', nodes: 9 },
    tags: ['chaos'],
    seed: 1,
    status: 'pass',
    outcome: 'pass',
    message: '',
    inputDigest: 'ef'.repeat(32),
    traceDigest: 'ab'.repeat(32),
    counters: { 'sim.events': 1000, 'store.commits': 200 },
    metrics: [
      { name: 'pod-startup-p99-us', unit: 'us', better: 'lower', kind: 'virtual', value: 2_500_000 },
      { name: 'recovery-max-us', unit: 'us', better: 'lower', kind: 'virtual', value: null },
    ],
    reproduce: 'seatrial replay zone-loss.yaml --seed 1',
    source: { file: 'suites/smoke.yaml', line: 7, column: 5 },
    ...changes,
  };
}

/** A document of these cases. */
export function documentOf(
  cases: readonly ResultCase[],
  changes: Partial<Parameters<typeof resultDocument>[0]> = {},
): ResultDocument {
  return resultDocument({
    command: 'bench run',
    suite: { id: 'smoke', digest: 'cd'.repeat(32) },
    cases,
    verdict: 'verdict: as expected',
    exitCode: 0,
    complete: true,
    reproduce: 'seatrial bench run smoke.yaml',
    ...changes,
  });
}

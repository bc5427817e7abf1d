/**
 * The page of one result document, while its curves and replays are still in memory: the format `html` of all commands.
 */
import { ProblemList } from '../../../scenarios/problem.ts';
import type { ClusterReplay } from '../../replay/cluster-replay.ts';
import type { ResultDocument } from '../result.ts';
import type { LatencyCurve } from './curve.ts';
import { reportPage } from './page.ts';
import { partsOf } from './report-parts.ts';
import { titleOf } from './report-title.ts';

/** What a page shows beside the document. */
export interface PageCompanions {
  readonly curves: readonly LatencyCurve[];
  readonly replays: readonly ClusterReplay[];
}

/** The page's text. @throws when the document is not of its own schema, which is a bug. */
export function documentPage(result: ResultDocument, companions: PageCompanions = { curves: [], replays: [] }): string {
  const problems = new ProblemList();
  const parts = partsOf('result', result, companions.curves, problems);
  problems.throwIfErrors();
  return reportPage({ title: titleOf(parts), parts, replays: companions.replays, run: null });
}

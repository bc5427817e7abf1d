/**
 * What a report page is made of: one or more results, each with what lies beside it.
 */

import type { CompareResult } from '../../compare/compare-result.ts';
import type { ClusterReplay } from '../../replay/cluster-replay.ts';
import type { ReportCard } from '../../trial/run-trial.ts';
import type { ResultDocument } from '../result.ts';
import type { LatencyCurve } from './curve.ts';
import type { CampaignData, NoReturnData, RunData } from './result-shapes.ts';

/** The verdict of a comparison, and the line that makes it again. */
export interface ComparisonSummary {
  readonly verdict: string;
  readonly reproduce: string;
}

/** One result. */
export type ReportPart =
  | { readonly kind: 'trial'; readonly card: ReportCard }
  | { readonly kind: 'campaign'; readonly campaign: CampaignData; readonly curves: readonly LatencyCurve[] }
  | { readonly kind: 'comparison'; readonly comparison: CompareResult; readonly summary: ComparisonSummary | null }
  | { readonly kind: 'no-return'; readonly data: NoReturnData }
  | { readonly kind: 'document'; readonly document: ResultDocument };

/** Everything that one page shows. */
export interface ReportInput {
  /** Heads the page; the kind of result and what it was about. */
  readonly title: string;
  readonly parts: readonly ReportPart[];
  readonly replays: readonly ClusterReplay[];
  /** Facts about the execution, where they are known. */
  readonly run: RunData | null;
}

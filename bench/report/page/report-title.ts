/**
 * The heading of a report page, from what it shows.
 */
import type { ResultDocument } from '../result.ts';
import type { ReportPart } from './report-input.ts';

/** `Sea trial of shop`, `Scenario thousand-nodes`, or both. */
export function titleOf(parts: readonly ReportPart[]): string {
  return parts.map(partTitle).join(' · ') || 'Nothing to report';
}

function partTitle(part: ReportPart): string {
  if (part.kind === 'trial') return `Sea trial of ${part.card.paths.join(', ')}`;
  if (part.kind === 'comparison') return `Policies on ${part.comparison.workload.name}`;
  if (part.kind === 'no-return') return `Point of no return of ${part.data.scenario}`;
  if (part.kind === 'document') return documentTitle(part.document);
  const { scenarios } = part.campaign;
  const files = new Set(scenarios.map(({ file }) => file));
  return files.size === 1 ? `Scenario ${scenarios[0]?.name ?? ''}` : `Run of ${files.size} scenarios`;
}

/** Name of a result that has no kind of its own. */
export function documentTitle({ command, suite }: ResultDocument): string {
  return suite.id === '' ? `Result of ${command}` : `${command}: ${suite.id}`;
}

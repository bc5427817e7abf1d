/**
 * The heading of a report page, from what it shows.
 */
import type { ReportPart } from './report-input.ts';

/** `Sea trial of shop`, `Scenario thousand-nodes`, or both. */
export function titleOf(parts: readonly ReportPart[]): string {
  return parts.map(partTitle).join(' · ') || 'Nothing to report';
}

function partTitle(part: ReportPart): string {
  if (part.kind === 'trial') return `Sea trial of ${part.card.paths.join(', ')}`;
  const { scenarios } = part.campaign;
  const names = new Set(scenarios.map(({ name }) => name));
  return names.size === 1 ? `Scenario ${scenarios[0]?.name ?? ''}` : `Run of ${names.size} scenarios`;
}

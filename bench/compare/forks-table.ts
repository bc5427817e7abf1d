/**
 * Where runs that were forked between two policies part, as a table for text, Markdown and pages.
 */
import { Table } from '../report/table.ts';
import { showInstant } from '../report/virtual-time.ts';
import type { CompareResult } from './compare-result.ts';

/** A row a policy and seed: how long the two agree, then the pod, both nodes, and what each policy thought of them. */
export function forksTable({ forks, baseline }: Pick<CompareResult, 'forks' | 'baseline'>): Table {
  const table = new Table([
    { title: 'policy' },
    { title: 'seed', align: 'right' },
    { title: 'equal before', align: 'right' },
    { title: 'at', align: 'right' },
    { title: 'pod' },
    { title: `node under ${baseline}` },
    { title: 'node under the policy' },
    { title: `scores: ${baseline} · the policy` },
  ]);
  for (const fork of forks) {
    const { policy, seed, equalDecisions, timeUs, pod, kind, firstNode, secondNode, scores } = fork;
    const before = [policy, String(seed), String(equalDecisions)];
    if (timeUs === null) table.add([...before, '', 'every decision is the same', '', '', '']);
    else {
      const shown = scores.map(({ node, first, second }) => `${node}: ${showScore(first)} · ${showScore(second)}`);
      const at = showInstant(timeUs);
      table.add([...before, at, `${pod} (${kind})`, firstNode || 'none', secondNode || 'none', shown.join('; ')]);
    }
  }
  return table;
}

function showScore(score: number | null): string {
  return score === null ? '–' : String(score);
}

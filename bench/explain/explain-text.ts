/**
 * Explanations for people: the answer first, nodes by the reason that rejects them, the best with their scores, then what would change it.
 */
import type { ExplainedNode, Explanation, Outcome, Rejections } from '../../core/cluster/explanation.ts';
import type { Colours } from '../report/colour.ts';
import { countOf } from '../report/counted.ts';
import { Table } from '../report/table.ts';

/** Names in one line. */
const NAMES_MAX = 5;

/** What is shown. */
export interface ShownNodes {
  /** Nodes with scores. */
  readonly rows: number;
  /** Every node, the rejected ones too. */
  readonly all: boolean;
  /** One node alone, by name. */
  readonly node: string | undefined;
}

/** The explanation as text; `node` has to be one of its nodes. */
export function explanationText(found: Explanation, shown: ShownNodes, colours: Colours): string {
  const { nodes, rejections, nominatedNodeName, victims, whatIf, changed } = found;
  const lines = verdictLines(found);
  if (nominatedNodeName !== '') lines.push(`nominated: room is being made for it on ${nominatedNodeName}`);
  for (const { node, pods } of victims.slice(0, NAMES_MAX)) lines.push(`preemption on ${node}: ${namesText(pods)}`);
  const parts = [`${lines.join('\n')}\n`];
  if (shown.node !== undefined) {
    parts.push(
      nodesTable(
        nodes.filter(({ name }) => name === shown.node),
        found,
        true,
      ).text(colours),
    );
  } else if (shown.all) parts.push(nodesTable(nodes, found, true).text(colours));
  else {
    const scored = nodes.filter(isFeasible);
    if (rejections.length > 0) parts.push(rejectionsTable(rejections).text(colours));
    for (const { shortfall, examples } of rejections)
      if (shortfall !== '') parts.push(`${examples[0]}: ${shortfall}\n`);
    if (scored.length > 0) parts.push(nodesTable(scored.slice(0, shown.rows), found, false).text(colours));
    const hidden = scored.length - shown.rows;
    if (hidden > 0)
      parts.push(`… and ${countOf(hidden, 'more node')} with scores (--rows, --all, --node NAME, -o json)\n`);
  }
  if (whatIf.length > 0) {
    parts.push('what would change that:\n', ...whatIf.map(({ change, outcome }) => `  ${change}: ${outcome}\n`));
  }
  if (changed !== null) parts.push(changedText(found, changed));
  return parts.join('');
}

function verdictLines(found: Outcome): string[] {
  const { heldBack, best, message } = found;
  const held = heldBack === '' ? [] : [`held back by ${heldBack}`];
  const fits = found.nodes.filter(isFeasible).length;
  if (best.length === 0) return [...held, message];
  return [...held, `best: ${namesText(best)} (${fits} of ${countOf(found.nodes.length, 'node')} fit)`];
}

/** What the asked change comes to beside what was decided. */
function changedText(found: Explanation, changed: NonNullable<Explanation['changed']>): string {
  const lines = verdictLines(changed);
  const same = changed.best.join() === found.best.join() && changed.message === found.message;
  if (same) lines.push('the same as without the change');
  const totals = new Map(changed.nodes.map(({ name, total }) => [name, total]));
  const [after] = changed.best;
  const [before] = found.best;
  if (!same && after !== undefined && before !== undefined && totals.has(before)) {
    lines.push(`${after} has ${totals.get(after)} points, ${before} ${totals.get(before)}`);
  }
  return `${changed.change}:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

function rejectionsTable(rejections: readonly Rejections[]): Table {
  const table = new Table([
    { title: 'nodes', align: 'right' },
    { title: 'rejected by' },
    { title: 'reason' },
    { title: 'fewer pods there' },
    { title: 'such as' },
  ]);
  for (const { count, plugin, code, reasons, examples } of rejections) {
    const more = count > examples.length ? ' …' : '';
    const helps = code === 'Unschedulable' ? 'may help' : 'do not help';
    table.add([String(count), plugin, reasons.join(', '), helps, `${examples.join(', ')}${more}`]);
  }
  return table;
}

/** Nodes with a column for each plugin that scored one of them, under its weight. */
function nodesTable(nodes: readonly ExplainedNode[], { weights }: Explanation, verdicts: boolean): Table {
  const plugins = [...new Set(nodes.flatMap(({ scores }) => Object.keys(scores)))];
  const weightOf = (plugin: string): string => ((weights[plugin] ?? 1) === 1 ? '' : ` ×${weights[plugin]}`);
  const table = new Table([
    { title: 'node' },
    ...plugins.map((plugin) => ({ title: `${plugin}${weightOf(plugin)}`, align: 'right' as const })),
    { title: 'total', align: 'right' },
    ...(verdicts ? [{ title: 'rejected by' }] : []),
  ]);
  for (const node of nodes) {
    const { name, plugin, reasons, scores, total } = node;
    const fits = isFeasible(node);
    const cells = plugins.map((title) => (fits ? String(scores[title] ?? 0) : ''));
    const verdict = fits ? '' : `${plugin}: ${reasons.join(', ')}`;
    table.add([name, ...cells, fits ? String(total) : '', ...(verdicts ? [verdict] : [])]);
  }
  return table;
}

function isFeasible({ plugin, reasons }: ExplainedNode): boolean {
  return plugin === '' && reasons.length === 0;
}

function namesText(names: readonly string[]): string {
  const more = names.length - NAMES_MAX;
  return more > 0 ? `${names.slice(0, NAMES_MAX).join(', ')} and ${more} more` : names.join(', ');
}

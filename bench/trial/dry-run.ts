/**
 * `--dry-run`: what a trial would do, without doing it.
 */
import type { Colours } from '../report/colour.ts';
import { stableJson } from '../report/stable-json.ts';
import { Table } from '../report/table.ts';
import { assumptionsInShort, assumptionsOf } from './assumptions.ts';
import { headLines } from './card-report.ts';
import type { PreparedTrial } from './prepare.ts';

/** The plan as text, JSON or Markdown. */
export function dryRunReport(
  prepared: PreparedTrial,
  { output, verbose }: { readonly output: 'text' | 'json' | 'markdown'; readonly verbose: boolean },
  colours: Colours,
): string {
  const { inventory, cluster, setup, cases } = prepared;
  const perTrial = setup.trials.map((trial) => ({ trial, cases: cases.filter((each) => each.trial === trial).length }));
  if (output === 'json') {
    return stableJson({
      cluster: { text: cluster.text, reasons: cluster.reasons, description: cluster.description },
      workloads: inventory.workloads,
      notSimulated: inventory.notSimulated,
      assumptions: assumptionsOf(prepared),
      assumedHarmless: inventory.harmless,
      trials: perTrial,
      seeds: setup.seeds,
    });
  }
  const workloads = new Table([
    { title: 'workload' },
    { title: 'replicas', align: 'right' },
    { title: 'services' },
    { title: 'budgets' },
    { title: 'not simulated' },
  ]);
  for (const { id, replicas, services, budgets, uncertainties } of inventory.workloads) {
    const wanted = replicas < 0 ? 'one a node' : `${replicas}`;
    workloads.add([
      id,
      wanted,
      services.join(', '),
      budgets.map(({ name }) => name).join(', '),
      uncertainties.map(({ what }) => what).join('; '),
    ]);
  }
  const trials = new Table([{ title: 'trial' }, { title: 'cases at most', align: 'right' }]);
  for (const { trial, cases: count } of perTrial) trials.add([trial, `${count}`]);
  const assumptions = verbose ? assumptionsOf(prepared) : assumptionsInShort(prepared);
  const head = headLines({ cluster, notSimulated: inventory.notSimulated, assumptions });
  const total = `${cases.length} cases at most (${setup.seeds.length === 1 ? '1 seed' : `${setup.seeds.length} seeds`}); nothing was run`;
  if (output === 'markdown')
    return `${head.map((line) => `- ${line}`).join('\n')}\n\n${workloads.markdown()}\n${trials.markdown()}\n${total}\n`;
  return `${head.join('\n')}\n\n${workloads.text(colours)}\n${trials.text(colours)}\n${total}\n`;
}

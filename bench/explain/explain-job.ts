/**
 * The work of `seatrial explain`: reads the objects, asks the scheduler's framework once, and shows the answer.
 */
import { type Explanation, explainPod } from '../../core/cluster/explain.ts';
import { readManifestTexts } from '../../scenarios/files.ts';
import { readManifests } from '../../scenarios/manifests.ts';
import { ProblemList } from '../../scenarios/problem.ts';
import { readSchedulerConfiguration, standardConfiguration } from '../../scenarios/scheduler-configuration-file.ts';
import type { CommandRun, GlobalArgs } from '../cli/command.ts';
import { EXIT, type ExitCode } from '../cli/exit.ts';
import type { ExplainArgs } from '../cli/explain.ts';
import { CLI_CODES, userError } from '../cli/user-error.ts';
import { stableJson } from '../report/stable-json.ts';
import { Table } from '../report/table.ts';

/** Explains the pod; exit 0 when a node fits, 1 when none does. @throws UserError for what cannot be read or found. */
export function explainJob(args: ExplainArgs & GlobalArgs, run: CommandRun): ExitCode {
  const [namespace, name, rest] = (args.pod ?? '').split('/');
  if (!namespace || !name || rest !== undefined) {
    throw userError({ code: CLI_CODES.badValue, message: `"${args.pod}" is no namespace/name` });
  }
  if ((args.paths ?? []).length === 0) {
    throw userError({
      code: CLI_CODES.noInput,
      message: 'no dump is named',
      hint: 'kubectl get nodes,pods,svc,rs,pdb,ns -A -o json > dump.json',
    });
  }
  const problems = new ProblemList();
  const objects = readManifests(readManifestTexts(args.paths ?? [], problems), problems);
  const file = args['scheduler-config'];
  const version = args['kubernetes-version'];
  const configuration =
    file === undefined ? standardConfiguration(version) : readSchedulerConfiguration(file, problems, version);
  problems.throwIfErrors();
  const found = explain(
    objects.map(({ object }) => object),
    namespace,
    name,
    configuration ?? standardConfiguration(version),
  );
  if (found === null) {
    throw userError({
      code: CLI_CODES.noInput,
      message: `the dump has no pod ${namespace}/${name}, or none of a scheduler that the configuration names`,
    });
  }
  run.io.out(args.output === 'json' ? `${stableJson(found)}\n` : textOf(found, args.rows, run));
  return found.best.length > 0 ? EXIT.yes : EXIT.finding;
}

/** A quantity or selector that the API server would have refused is the file's fault. */
function explain(...args: Parameters<typeof explainPod>): Explanation | null {
  try {
    return explainPod(...args);
  } catch (error) {
    const refused = !(error instanceof Error) || error.name === 'StatusError';
    if (!refused) throw error;
    const { message } = error as { readonly message: string };
    throw userError({ code: CLI_CODES.noInput, message: `the objects cannot be used: ${message}` });
  }
}

function textOf(found: Explanation, rows: number, run: CommandRun): string {
  const lines = [`pod ${found.pod}${found.nodeName === '' ? ', pending' : `, on ${found.nodeName}`}`];
  if (found.best.length > 0) lines.push(`best: ${found.best.slice(0, rows).join(', ')}`);
  else lines.push(found.message);
  for (const { node, pods } of found.victims.slice(0, rows)) lines.push(`preemption on ${node}: ${pods.join(', ')}`);
  const plugins = [...new Set(found.nodes.flatMap(({ scores }) => Object.keys(scores)))];
  const table = new Table([
    { title: 'node' },
    ...plugins.map((title) => ({ title, align: 'right' as const })),
    { title: 'total', align: 'right' },
    { title: 'rejected by' },
  ]);
  for (const { name, plugin, reasons, scores, total } of found.nodes.slice(0, rows)) {
    const verdict = plugin === '' ? '' : `${plugin}: ${reasons.join(', ')}`;
    const cells = plugins.map((title) => (plugin === '' ? String(scores[title] ?? 0) : ''));
    table.add([name, ...cells, plugin === '' ? String(total) : '', verdict]);
  }
  const hidden = found.nodes.length - rows;
  const more = hidden > 0 ? `… and ${hidden} more nodes (--rows, -o json)\n` : '';
  const changes = found.whatIf.map(({ change, outcome }) => `  ${change}: ${outcome}`);
  const whatIf = changes.length === 0 ? '' : `what would change that:\n${changes.join('\n')}\n`;
  return `${lines.join('\n')}\n${table.text(run.colours)}${more}${whatIf}`;
}

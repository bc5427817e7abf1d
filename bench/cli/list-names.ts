/**
 * The work of `seatrial list`: rows of scenarios or of names, as text, JSON or Markdown.
 */
import path from 'node:path';
import { nearestName } from '../../scenarios/suggest.ts';
import type { CampaignScenario } from '../campaign/campaign.ts';
import { type Column, Table } from '../report/table.ts';
import { CATALOGUES, type CatalogueName, catalogue } from './catalogues.ts';
import type { CommandRun, GlobalArgs } from './command.ts';
import { EXIT, type ExitCode } from './exit.ts';
import type { ListArgs } from './list.ts';
import { packageRoot } from './package-info.ts';
import { statPath } from './stat-path.ts';
import { CLI_CODES, formatProblems, ProblemList } from './user-error.ts';

/** Rows under named columns. */
interface Listing {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Columns that hold numbers. */
const NUMBERS: ReadonlySet<string> = new Set(['faults', 'nodes', 'us']);

/** Prints the list. @throws UserError for files with errors and unknown names. */
export async function listNames(args: ListArgs & Pick<GlobalArgs, 'quiet'>, run: CommandRun): Promise<ExitCode> {
  const [word, ...rest] = args.paths ?? [];
  const named = CATALOGUES.find((name) => name === word);
  const listing = named === undefined ? await scenarioListing(args.paths ?? [], run) : await namesListing(named, rest);
  run.io.out(show(listing, args.output, run));
  // Two things bear the name: who reads a card looks here for failed and degraded.
  if (named === 'marks' && !args.quiet) run.io.err('marks of a report card (failed, degraded …): seatrial help card\n');
  return EXIT.yes;
}

/** A bare word that is no file can only have meant a list. */
function isUnknownList(word: string, cwd: string): boolean {
  return /^[a-z-]{2,}$/i.test(word) && statPath(path.resolve(cwd, word)) === undefined;
}

function reportUnknownList(word: string, problems: ProblemList): void {
  const nearest = nearestName(word, CATALOGUES);
  const hint = nearest === undefined ? `lists: ${CATALOGUES.join(', ')}` : undefined;
  problems.error({}, CLI_CODES.noInput, `no file and no list is called "${word}"`, { nearest, hint });
}

/** A list whole, or of the wanted names alone. */
async function namesListing(list: CatalogueName, wanted: readonly string[]): Promise<Listing> {
  const { columns, rows } = await catalogue(list);
  const names = rows.map(([name]) => `${name}`);
  const problems = new ProblemList();
  for (const word of wanted.filter((each) => !names.includes(each))) {
    problems.error({}, CLI_CODES.badValue, `list ${list}: there is no "${word}"`, {
      nearest: nearestName(word, names),
    });
  }
  problems.throwIfErrors();
  return { columns, rows: wanted.length === 0 ? rows : rows.filter(([name]) => wanted.includes(`${name}`)) };
}

async function scenarioListing(paths: readonly string[], run: CommandRun): Promise<Listing> {
  const { loadScenarios } = await import('../campaign/load-scenarios.ts');
  const problems = new ProblemList();
  const shipped = path.join(packageRoot(), 'scenarios');
  const unknown = paths.filter((word) => isUnknownList(word, run.io.cwd));
  for (const word of unknown) reportUnknownList(word, problems);
  const files = paths.filter((word) => !unknown.includes(word));
  const wanted = paths.length === 0 ? [shownPath(shipped, run.io.cwd)] : files;
  const scenarios = wanted.length === 0 ? [] : loadScenarios(wanted, problems);
  problems.throwIfErrors();
  if (problems.warnings.length > 0) run.io.err(`${formatProblems(problems.warnings)}\n`);
  const twins = new Set(scenarios.filter(({ twin }) => twin).map(({ file }) => file));
  return {
    columns: ['name', 'file', 'expects', 'faults', 'nodes', 'about'],
    rows: scenarios.filter(({ twin }) => !twin).map((scenario) => scenarioRow(scenario, twins.has(scenario.file))),
  };
}

function scenarioRow({ file, plan }: CampaignScenario, hasTwin: boolean): (string | number)[] {
  const groups = 'count' in plan.cluster.nodes ? [plan.cluster.nodes] : plan.cluster.nodes;
  const nodes = groups.reduce((sum, group) => sum + group.count, 0);
  const expects = plan.expect === 'pass' ? 'pass' : `fail ${plan.expect.fail}`;
  return [plan.name, file, hasTwin ? `${expects} + twin` : expects, plan.faults.length, nodes, plan.about];
}

function shownPath(folder: string, cwd: string): string {
  const relative = path.relative(cwd, folder);
  return relative === '' || relative.startsWith('..') ? folder : relative;
}

function show(listing: Listing, output: ListArgs['output'], run: CommandRun): string {
  if (output === 'json') {
    const objects = listing.rows.map((row) => Object.fromEntries(listing.columns.map((name, i) => [name, row[i]])));
    return `${JSON.stringify(objects, null, 2)}\n`;
  }
  const columns = listing.columns.map<Column>((title) => ({ title, align: NUMBERS.has(title) ? 'right' : 'left' }));
  const table = new Table(columns);
  for (const row of listing.rows) table.add(row.map(String));
  return output === 'markdown' ? table.markdown() : table.text(run.colours);
}

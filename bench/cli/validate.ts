/**
 * `seatrial validate`: reads scenario files and suites and reports everything that is wrong with them; runs nothing.
 */
import { countOf } from '../report/counted.ts';
import { defineCommand } from './command.ts';
import { EXIT } from './exit.ts';
import { CLI_CODES, formatProblems, ProblemList, userError } from './user-error.ts';

/** What has a published schema. */
const SCHEMA_KINDS = ['scenario', 'suite', 'result'] as const;

interface ValidateArgs {
  paths: string[] | undefined;
  schema: boolean;
  kind: (typeof SCHEMA_KINDS)[number];
}

export const validateCommand = defineCommand<ValidateArgs>({
  name: 'validate [paths..]',
  describe: 'Check scenario files and suites without running them: every problem at once, with its place',
  examples: [
    ['seatrial validate scenarios', 'all scenarios and suites of a folder; exit 2 when one has an error'],
    ['seatrial validate --schema > scenario.schema.json', 'the JSON schema of scenario files, for editors'],
    ['seatrial validate --schema --kind result', 'the JSON schema of what -o json gives'],
  ],
  complete: async (_before, { io }) =>
    (await import('./complete-own-files.ts')).ownFiles(io.cwd, ['Scenario', 'Suite']),
  builder: (parser, flags) =>
    parser
      .positional('paths', flags.paths('Scenario files, suites, or folders that hold some'))
      .option('schema', flags.switch({ describe: 'Print a JSON schema instead' }))
      .option('kind', flags.choice('kind', { describe: 'Schema of what', default: 'scenario', choices: SCHEMA_KINDS })),
  handler: async (args, run) => {
    const paths = args.paths ?? [];
    if (args.schema) {
      if (paths.length > 0) {
        throw userError({ code: CLI_CODES.conflict, message: '--schema takes no paths' });
      }
      run.io.out(`${JSON.stringify(await schemaOf(args.kind), null, 2)}\n`);
      return EXIT.yes;
    }
    if (paths.length === 0) {
      throw userError({ code: CLI_CODES.missingArgument, message: 'validate needs a file or folder, or --schema' });
    }
    const { readOwnFiles } = await import('./read-own-files.ts');
    const problems = new ProblemList();
    const counts = await readOwnFiles(paths, problems);
    problems.throwIfErrors();
    if (problems.warnings.length > 0) run.io.err(`${formatProblems(problems.warnings)}\n`);
    run.io.out(`valid: ${counts}, ${countOf(problems.warnings.length, 'warning')}\n`);
    return EXIT.yes;
  },
});

async function schemaOf(kind: ValidateArgs['kind']): Promise<object> {
  if (kind === 'scenario') return (await import('../../scenarios/schema.ts')).scenarioJsonSchema();
  if (kind === 'suite') return (await import('../suites/suite-schema.ts')).suiteJsonSchema();
  return (await import('../report/result.ts')).resultJsonSchema();
}

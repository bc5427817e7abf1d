/**
 * All commands, in the order in which help lists them.
 */
import { benchCommand } from './bench.ts';
import type { AnyCommand } from './command.ts';
import { compareCommand } from './compare.ts';
import { completionCommand } from './completion.ts';
import { configCommand } from './config.ts';
import { conformCommand } from './conform.ts';
import { doctorCommand } from './doctor.ts';
import { explainCommand } from './explain.ts';
import { gateCommand } from './gate.ts';
import { helpCommand } from './help.ts';
import { initCommand } from './init.ts';
import { listCommand } from './list.ts';
import { mainJobCommand } from './main-job.ts';
import { replayCommand } from './replay.ts';
import { reportCommand } from './report.ts';
import { runCommand } from './run.ts';
import { searchCommand } from './search.ts';
import { serveCommand } from './serve.ts';
import { trialCommand } from './trial.ts';
import { validateCommand } from './validate.ts';

/** The commands of the program; one that is not here does not exist. */
export const COMMANDS: readonly AnyCommand[] = [
  trialCommand,
  runCommand,
  compareCommand,
  replayCommand,
  searchCommand,
  reportCommand,
  validateCommand,
  conformCommand,
  explainCommand,
  serveCommand,
  listCommand,
  benchCommand,
  gateCommand,
  initCommand,
  configCommand,
  doctorCommand,
  completionCommand,
  helpCommand,
  mainJobCommand,
];

#!/usr/bin/env node
/**
 * Entry of the command line: lists the commands, one file each, and nothing else.
 */
import { completionCommand } from './completion.ts';
import { doctorCommand } from './doctor.ts';
import { helpCommand } from './help.ts';
import { start } from './start.ts';

await start([doctorCommand, completionCommand, helpCommand]);

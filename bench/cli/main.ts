#!/usr/bin/env node
/**
 * Entry of the command line.
 */
import { COMMANDS } from './commands.ts';
import { start } from './start.ts';

await start(COMMANDS);

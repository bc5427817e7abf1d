/**
 * Shrinks findings in a process of its own and prints what it took as JSON: `node process.js`.
 */
import { shrinkPlantedBugs } from './shrinking.ts';

process.stdout.write(`${JSON.stringify(shrinkPlantedBugs(() => performance.now()))}\n`);

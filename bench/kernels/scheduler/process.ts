/**
 * Measures one kernel of `bench scheduler` in a process of its own and prints its figures as JSON: `node process.js NAME`.
 */
import { comparePaths } from './compare-paths.ts';
import { SCHEDULER_WORKLOADS } from './workloads.ts';

const name = process.argv[2] ?? '';
const workload = SCHEDULER_WORKLOADS.find((each) => each.name === name);
if (workload === undefined) throw new Error(`no scheduling kernel is named "${name}"`);
process.stdout.write(`${JSON.stringify(comparePaths(workload, () => performance.now()))}\n`);

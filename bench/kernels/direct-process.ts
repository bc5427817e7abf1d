/**
 * Measures one direct kernel in a process of its own and prints the value: `node --expose-gc direct-process.js NAME`.
 */
import { KERNELS } from './index.ts';
import { SCHEDULER_FIGURES } from './scheduler/figures.ts';

const name = process.argv[2] ?? '';
const made = [...KERNELS, ...SCHEDULER_FIGURES].find((kernel) => kernel.name === name)?.make();
if (made?.kind !== 'direct') throw new Error(`no kernel that measures itself is named "${name}"`);
process.stdout.write(`${made.measure(() => performance.now())}\n`);

import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../support/cli.ts';

// In a process of its own: flags of V8 and priorities of threads cannot be taken back.
const SCRIPT = `
  import { readdirSync } from 'node:fs';
  import { getPriority } from 'node:os';
  import { compileEarly } from './bench/campaign/early-compilation.ts';
  const before = getPriority(process.pid);
  compileEarly();
  const others = readdirSync('/proc/self/task').map(Number).filter((thread) => thread !== process.pid);
  console.log(JSON.stringify({ before, main: getPriority(process.pid), others: others.map((thread) => getPriority(thread)) }));
`;

// The second as `nice` starts it.
it.runIf(process.platform === 'linux').each([0, 10])(
  'lets all other threads give way to the one that runs, niceness %i',
  (nice) => {
    const argv = ['-n', `${nice}`, process.execPath, '--import', 'tsx', '--input-type=module', '-e', SCRIPT];
    const { before, main, others } = JSON.parse(execFileSync('nice', argv, { cwd: PROJECT_ROOT, encoding: 'utf8' }));
    expect(main).toBe(before);
    expect(others.length).toBeGreaterThan(0);
    for (const priority of others) expect(priority).toBeGreaterThan(main);
  },
);

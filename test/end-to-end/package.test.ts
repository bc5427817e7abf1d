/**
 * The package as a user gets it: packed, unpacked elsewhere, run, imported and type-checked, without a network.
 *
 * The dependencies are linked from this project: what is tested is what the package holds, not how npm fetches.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PROJECT_ROOT, runSeatrial } from '../support/cli.ts';

const manifest = JSON.parse(readFileSync(path.join(PROJECT_ROOT, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly bin: { readonly seatrial: string };
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
};

let home = '';
let packed: readonly string[] = [];

function run(program: string, ...args: readonly string[]): { code: number | null; out: string; err: string } {
  const { CI: _ci, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(program, [...args], { cwd: home, encoding: 'utf8', env });
  return { code: status, out: stdout, err: stderr };
}

beforeAll(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
  const pack = spawnSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', home], {
    cwd: PROJECT_ROOT,
    encoding: 'utf8',
  });
  const [{ filename, files }] = JSON.parse(pack.stdout) as [{ filename: string; files: { path: string }[] }];
  packed = files.map((file) => file.path);
  const modules = path.join(home, 'node_modules');
  mkdirSync(path.join(modules, '.bin'), { recursive: true });
  expect(run('tar', '-xzf', filename).code).toBe(0);
  cpSync(path.join(home, 'package'), path.join(modules, 'seatrial'), { recursive: true });
  rmSync(path.join(home, 'package'), { recursive: true });
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    mkdirSync(path.dirname(path.join(modules, name)), { recursive: true });
    symlinkSync(path.join(PROJECT_ROOT, 'node_modules', name), path.join(modules, name), 'dir');
  }
  symlinkSync(path.join('..', 'seatrial', manifest.bin.seatrial), path.join(modules, '.bin', 'seatrial'));
  // As npm does with what `bin` names.
  chmodSync(path.join(modules, 'seatrial', manifest.bin.seatrial), 0o755);
  writeFileSync(path.join(home, 'package.json'), '{"name": "user", "type": "module", "private": true}');
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

test('holds what runs and its declarations, and neither tests nor sources', () => {
  expect(packed).toContain('dist/bench/cli/main.js');
  expect(packed).toContain('dist/bench/simulate/index.d.ts');
  expect(packed).toContain('bench/report/schema/result.schema.json');
  expect(packed).toContain('docs/trials.md');
  expect(packed).toContain('scenarios/examples/shop/20-catalog.yaml');
  const sources = packed.filter((file) => /^test\/|(?<!\.d)\.ts$|\.test\./.test(file));
  // Examples of users' own code are what they are for.
  expect(sources.filter((file) => !/^scenarios\/(examples|operators)\//.test(file))).toEqual([]);
});

test('the program answers, tries a small application and makes a report of it', () => {
  expect(run('npx', '--no-install', 'seatrial', '--version').out).toBe(`${manifest.version}\n`);
  const shop = path.join('node_modules', 'seatrial', 'scenarios', 'examples', 'shop');
  const trial = run('npx', '--no-install', 'seatrial', 'trial', shop, '--only', 'store-crash', '--seed', '1');
  expect(trial.err).not.toContain('error');
  expect(trial.code).toBe(0);
  const [folder = ''] = readdirSync(path.join(home, 'results'));
  expect(run('npx', '--no-install', 'seatrial', 'report', path.join('results', folder)).code).toBe(0);
  expect(readFileSync(path.join(home, 'results', folder, 'report.html'), 'utf8')).toContain('Sea trial of');
});

test('the example that imports it runs, and replay gives the same digest', () => {
  const example = readFileSync(path.join(PROJECT_ROOT, 'scenarios', 'examples', 'simulate.mjs'), 'utf8');
  writeFileSync(path.join(home, 'example.mjs'), example);
  const shown = run(process.execPath, 'example.mjs');
  expect(shown.err).toBe('');
  expect(shown.out).toMatch(
    /^verdict: pass\nshort of Ready pods for: 2\d\d\.\d s of virtual time\nfewest Ready pods: 2\n/,
  );
  writeFileSync(
    path.join(home, 'first.mjs'),
    `import { simulate } from 'seatrial';
const { digest, verdict } = simulate(process.argv[2], { seed: 3 });
process.stdout.write(\`\${verdict} \${digest}\`);`,
  );
  const scenario = path.join(PROJECT_ROOT, 'scenarios', 'tolerable.yaml');
  const imported = run(process.execPath, 'first.mjs', scenario);
  const replayed = runSeatrial(['replay', scenario, '--seed', '3']);
  expect(imported.out).toBe(`pass ${/^digest: ([0-9a-f]{64})$/m.exec(replayed.out)?.[1]}`);
});

test('a property over manifests of one’s own draws plans with the arbitraries', () => {
  writeFileSync(
    path.join(home, 'property.mjs'),
    `import { checkPlans, manifests, plans } from 'seatrial/arbitraries';
const shop = manifests('node_modules/seatrial/scenarios/examples/shop');
const failure = checkPlans(plans({ ...shop, faultsMax: 2 }), { numRuns: 2 });
process.stdout.write(failure === null ? 'holds' : failure.scenario);`,
  );
  const { out, err } = run(process.execPath, 'property.mjs');
  expect(err).toBe('');
  expect(out).toBe('holds');
});

test('a policy of one’s own, as .mjs and as .ts, is type-checked outside and takes part in a comparison', () => {
  const example = readFileSync(path.join(PROJECT_ROOT, 'scenarios', 'examples', 'policy.mjs'), 'utf8');
  writeFileSync(path.join(home, 'policy.mjs'), example);
  writeFileSync(
    path.join(home, 'typed.ts'),
    `import type { PolicyModule, PolicyNode } from 'seatrial/policy';
const room = (node: PolicyNode): number => node.freeCpuMilli / node.allocatableCpuMilli;
const policy: PolicyModule = { name: 'typed', score: (pod, node) => (pod.gpuCount > 0 ? 50 : 100 * room(node)) };
export default policy;
// @ts-expect-error a score is a number
export const wrong: PolicyModule = { score: () => 'best' };
`,
  );
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2023',
    strict: true,
    noEmit: true,
    types: [],
    checkJs: true,
  };
  writeFileSync(path.join(home, 'policy.json'), JSON.stringify({ compilerOptions, files: ['policy.mjs', 'typed.ts'] }));
  const tsc = path.join(PROJECT_ROOT, 'node_modules', '.bin', 'tsc');
  expect(run(tsc, '-p', 'policy.json').out).toBe('');
  const flags = ['--seeds', '1', '--experiment', 'fill-up', '--sensitivity', '0', '--no-results', '-o', 'csv', '-q'];
  const { code, out, err } = run(
    'npx',
    ...['--no-install', 'seatrial', 'compare', '--policy', 'fgd,policy.mjs,typed.ts', ...flags],
  );
  expect(err).not.toContain('error');
  expect(code).toBe(0);
  expect(out).toMatch(/policy\.mjs\/seed-1.*gpu-allocation-percent.*9\d\.\d/);
  expect(out).toContain('typed.ts/seed-1');
});

test('its types hold outside: what is right compiles, what is wrong does not', () => {
  writeFileSync(
    path.join(home, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        module: 'nodenext',
        target: 'es2023',
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        types: [],
      },
      files: ['user.ts'],
    }),
  );
  writeFileSync(
    path.join(home, 'user.ts'),
    `import { ScenarioError, type ScenarioInput, type SimulationResult, simulate } from 'seatrial';
const scenario: ScenarioInput = {
  apiVersion: 'seatrial/v1', kind: 'Scenario', metadata: { name: 'x' }, about: 'y', cluster: { nodes: { count: 3 } },
};
const result: SimulationResult = simulate(scenario, { seed: 1 });
const pending: readonly number[] = result.series.podsPending;
export const verdict: 'pass' | 'excused' | 'fail' | 'over-budget' = result.verdict;
export const texts = (error: unknown) => (error instanceof ScenarioError ? error.problems.map(({ code }) => code) : pending);
// @ts-expect-error an unknown kind of fault
export const wrong: ScenarioInput = { ...scenario, faults: [{ kind: 'kil', target: {} }] };
// @ts-expect-error results are read-only
result.seed = 2;
`,
  );
  const tsc = path.join(PROJECT_ROOT, 'node_modules', '.bin', 'tsc');
  expect(run(tsc, '-p', '.').out).toBe('');
});

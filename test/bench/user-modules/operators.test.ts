/**
 * Controllers of users that break the rules of their interface: refused where loading shows it, otherwise a finding that says what to do.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { guardedRun } from '../../../bench/user-modules/guarded-run.ts';
import { loadOperators, warnOwnFields } from '../../../bench/user-modules/operators.ts';
import type { ScenarioPlan } from '../../../core/chaos/plan.ts';
import { runPlan } from '../../../core/chaos/run-plan.ts';
import { loadScenarioText } from '../../../scenarios/load.ts';
import { ProblemList } from '../../../scenarios/problem.ts';
import { PROJECT_ROOT } from '../../support/cli.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'seatrial-operators-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const WEBSITE = path.join(PROJECT_ROOT, 'scenarios', 'operators', 'website.yaml');

/** The example's scenario with operators of these bodies, by file name. */
function planWith(modules: Readonly<Record<string, string>>): ScenarioPlan {
  const operators = Object.entries(modules).map(([name, source]) => {
    const module = path.join(folder, `${name}.mjs`);
    writeFileSync(module, `const SITE = { apiVersion: 'example.com/v1', kind: 'Website' };\nexport default ${source};`);
    return { module, replicas: 1 };
  });
  const { plan } = loadScenarioText(WEBSITE, readFileSync(WEBSITE, 'utf8'), new ProblemList()) as {
    plan: ScenarioPlan;
  };
  return { ...plan, cluster: { ...plan.cluster, operators } };
}

const operator = (body: string): string => `{ name: 'mine', reconciles: SITE, *reconcile(api, namespace, name) {
  const site = api.get(SITE, namespace, name); ${body} } }`;

const sends = (field: string): string =>
  `yield* api.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace, ${field} } });`;

test('fields of a module that nothing else reads are told', async () => {
  const plan = planWith({
    watching: `{ watches: [SITE], ...${operator('')} }`,
    plain: operator('').replace('mine', 'plain'),
  });
  await loadOperators([plan]);
  const problems = new ProblemList();
  warnOwnFields([plan], problems);
  expect(
    problems.problems.map(({ severity, file, message }) => [severity, path.basename(file ?? ''), message]),
  ).toEqual([['warning', 'watching.mjs', 'nothing but the module itself reads watches']]);
});

test.each([
  ['[mine.mjs]', 'cluster.operators[0]: expected {module: ./mine.mjs}'],
  ['mine.mjs', 'cluster.operators: expected a list such as [{module: ./mine.mjs}]'],
])('operators: %s says how they are written', (written, message) => {
  const problems = new ProblemList();
  const text = readFileSync(WEBSITE, 'utf8').replace(
    /operators: \[.*\]|operators:\s*\n\s*- .*/,
    `operators: ${written}`,
  );
  expect(text).toContain(`operators: ${written}`);
  expect(loadScenarioText(WEBSITE, text, problems)).toBeNull();
  expect(problems.problems.map((each) => each.message)).toContain(message);
});

/** A generator of the user's that makes a request, called. */
const HELPER = '(function* () { yield* api.read(SITE, namespace, name); })()';

test.each([
  ['changes-a-field', 'site.spec.replicas = 99;', /it changed an object that it got.*copy it first.*'replicas'/],
  ['deletes-a-field', 'delete site.metadata;', /it changed an object.*'metadata'/],
  ['changes-a-list', 'api.list(SITE, namespace)[0].metadata.labels = {};', /it changed an object/],
  ['changes-an-answer', '(yield* api.read(SITE, namespace, name)).spec.image = "x";', /it changed an object.*'image'/],
  ['yields-a-number', 'yield 5;', /it yields a number/],
  ['yields-a-zero', 'yield 0;', /it yields a number/],
  [
    'forgets-the-star',
    'yield api.read(SITE, namespace, name);',
    /write yield\*, not yield \(\S*forgets-the-star\.mjs:\d+:\d+\)$/,
  ],
  [
    'sends-itself',
    'api.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace } }).next();',
    /it calls next\(\) on api\.create, which sends nothing: write yield\* \(\S*sends-itself\.mjs:\d+:\d+\)$/,
  ],
  [
    'answers-itself',
    'const r = api.read(SITE, namespace, name); r.next(); yield* r;',
    /it calls next\(\) on api\.read.*answers-itself\.mjs:\d+:\d+\)$/,
  ],
  [
    'reads-for-ever',
    'for (;;) yield* api.read(SITE, namespace, name);',
    /^operator mine has not ended its reconcile of demo\/shop after \d\d s and \d{4} requests$/,
  ],
  [
    'sends-a-function',
    sends('labels: { a: () => 1 }'),
    /api\.create: metadata\.labels\.a is a function, no.*sends-a-f.*mjs:/,
  ],
  ['sends-a-map', sends('labels: new Map()'), /api\.create: metadata\.labels is a Map, no JSON value \(\S*sends-a-map/],
  ['sends-a-nan', sends('generation: NaN'), /api\.create: metadata\.generation is NaN, no JSON value/],
  [
    'sends-a-hole',
    sends('finalizers: [undefined]'),
    /api\.create: metadata\.finalizers\.0 is undefined, no JSON value/,
  ],
  [
    'patches-with-itself',
    'const patch = {}; patch.a = patch; yield* api.patch(SITE, namespace, name, patch);',
    /api\.patch: (a\.){7}a… is nested more than 256 deep.*\(\S*patches-with-itself\.mjs:/,
  ],
  ['deletes-no-kind', 'yield* api.delete({}, namespace, name);', /api\.delete: expected api.*deletes-no-kind\.mjs:/],
  [
    'forgets-to-send',
    'api.patch(SITE, namespace, name, {}); yield* api.read(SITE, namespace, name);',
    /it calls api\.patch without yield\*, so nothing is sent \(\S*forgets-to-send\.mjs:\d+:\d+\)$/,
  ],
  [
    'creates-no-kind',
    'yield* api.create({ a: 1 });',
    /api\.create: expected apiVersion and kind, got \{"a":1\} \(\S*creates-no-kind\.mjs:/,
  ],
  ['creates-no-name', 'yield* api.create({ ...SITE });', /api\.create: expected an object with metadata\.name/],
  ['patches-with-null', 'yield* api.patch(SITE, namespace, name, null);', /api\.patch: expected an object, got null/],
  ['ends-the-process', 'process.exit(0);', /process\.exit was called/],
  ['kills-the-process', 'process.kill(process.pid, "SIGKILL");', /process\.kill was called/],
  ['aborts-the-process', 'process.abort();', /process\.abort was called/],
  [
    'throws-a-proxy',
    'throw new Proxy({}, { get() { throw new Error("x"); } });',
    /it threw a value that cannot be read/,
  ],
  ['throws-a-null', 'throw Object.create(null);', /it threw a value that cannot be read/],
  ['throws-a-getter', 'throw Object.defineProperty(new Error(), "message", { get() { throw 1; } });', /cannot be read/],
  [
    'throws-escapes',
    'throw new Error("\\u001b[2J\\u202ehello\\n\\n replay: rm");',
    /: \\u001b\[2J\\u202ehello replay: rm \(\S*throws-escapes\.mjs:\d+:\d+\)$/,
  ],
  ['throws-much', 'throw new Error("A".repeat(5e5));', /^.{60,100}A{300,}…A+ \(\S*throws-much\.mjs:\d+:\d+\)$/],
  ['reads-nothing', 'site.no.thing;', /reading 'thing'\) \(\S*reads-nothing\.mjs:\d:\d+\)$/],
  ['comes-back-never', 'api.requeueAfter(NaN);', /api\.requeueAfter: expected seconds above 0 .*, got NaN/],
  ['comes-back-at-once', 'api.requeueAfter(0);', /api\.requeueAfter: expected seconds above 0/],
  ['yields-a-helper', `yield ${HELPER};`, /it yields a generator, which nobody runs: write yield\*, not yield$/],
  ['returns-a-helper', `return ${HELPER};`, /it returns a generator, which nobody runs: write return yield\*$/],
  [
    'returns-a-word',
    "return 'later';",
    /it returns "later", which nobody reads: throw to be called again, or call api\.requeue/,
  ],
  ['returns-a-result', 'return { requeueAfter: 5 };', /it returns requeueAfter.*call api\.requeueAfter/],
  [
    'sends-what-is-invalid',
    'yield* api.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "A B", namespace } });',
    /is invalid: meta/,
  ],
])('%s is a finding', async (name, body, message) => {
  const plan = planWith({ [name]: operator(body) });
  await loadOperators([plan]);
  const { violations } = guardedRun({ file: 'x.yaml', plan }, 0, () => runPlan(plan, 1));
  expect(violations[0]).toMatchObject({ predicate: 'OP1' });
  expect(violations[0]?.message).toMatch(message);
});

test('a long reconcile that comes to its end is no finding', async () => {
  const body = 'for (let i = 0; i < 700; i++) yield* api.read(SITE, namespace, name);';
  const plan = planWith({ 'reads-long': operator(body) });
  await loadOperators([plan]);
  expect(runPlan(plan, 1)).toMatchObject({ violations: [], outcome: { kind: 'pass' } });
});

test('another version of a kind is a type of its own: its caches lack nothing, and nothing is reconciled', async () => {
  const body = `{ name: 'mine', reconciles: { ...SITE, apiVersion: 'example.com/v2' }, *reconcile() {} }`;
  const plan = planWith({ 'other-version': body });
  await loadOperators([plan]);
  expect(runPlan(plan, 1)).toMatchObject({
    outcome: { kind: 'pass' },
    neverEvaluated: expect.arrayContaining(['OP1']),
  });
});

test('what an operator owns is compared with the run without faults (X4), also where no workload hangs on it', async () => {
  const config = `{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, ownerReferences: [api.controllerReference(site)] } }`;
  const body = `{ name: 'mine', reconciles: SITE, owns: [{ apiVersion: 'v1', kind: 'ConfigMap' }], *reconcile(api, namespace, name) {
    const site = api.get(SITE, namespace, name); if (site === undefined || site.metadata.annotations?.done) return;
    yield* api.patch(SITE, namespace, name, { metadata: { annotations: { done: 'yes' } } }); yield* api.create(${config}); } }`;
  const plan = planWith({ 'marks-first': body });
  await loadOperators([plan]);
  const crash = {
    id: 'gone',
    kind: 'process-crash',
    forUs: 1_000_000,
    trigger: { kind: 'task', label: 'mine', key: 'demo/shop', run: 1, point: 1 },
    target: { component: 'operator-mine', instance: 'leader' },
  } as const;
  expect(runPlan({ ...plan, faults: [crash], comparisons: ['X4'] }, 1).outcome).toMatchObject({
    predicate: 'X4',
    message: 'ConfigMap demo/shop: 0 at the end, 1 in the run it is compared with',
  });
});

test('an unknown component is told with operators among the known ones, where the cluster has any', () => {
  const problems = new ProblemList();
  const fault = 'faults: [{kind: process-crash, target: {component: operator, instance: leader}, at: 5s, for: 1s}]';
  const text = `${readFileSync(WEBSITE, 'utf8')}${fault}\n`;
  expect(() => {
    loadScenarioText(WEBSITE, text, problems);
    problems.throwIfErrors();
  }).toThrow(/unknown component "operator".*operator-<name>/s);
});

test('what a reconciler sends is copied: a later change stays with it', async () => {
  const config = `{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace }, data: { a: '1' } }`;
  const body = `const c = ${config}; try { yield* api.create(c); } catch { return; } c.data.a = '2'; c.metadata.name = 'd';
    if ((yield* api.read({ apiVersion: 'v1', kind: 'ConfigMap' }, namespace, 'c')).data.a !== '1') throw new Error('shared');`;
  const plan = planWith({ 'changes-later': operator(body) });
  await loadOperators([plan]);
  const { violations } = runPlan(plan, 1);
  expect(violations.filter(({ predicate }) => predicate === 'OP1')).toEqual([]);
});

test.each([
  ['async', { a: `{ name: 'mine', reconciles: SITE, async reconcile() {} }` }, /reconcile must be a generator/],
  ['plain', { b: `{ name: 'mine', reconciles: SITE, reconcile() { return 5; } }` }, /reconcile must be a generator/],
  ['async generator', { c: `{ name: 'mine', reconciles: SITE, async *reconcile() {} }` }, /must be a generator/],
  ['no kind', { g: `{ name: 'mine', reconciles: { apiVersion: 'a/b/c', kind: '' }, *reconcile() {} }` }, /needs apiV/],
  ['two of a name', { d: operator(''), e: operator('') }, /e\.mjs error OPR-001: .*d\.mjs has its name, mine/],
  [
    'misspelled fields',
    { h: `{ name: 'mine', reconciles: SITE, own: [], read: [], limit: 5, *reconsile() {} }` },
    /unknown field "own" \(did you mean "owns"\?\); .*"read" \(did you mean "reads".*"reconsile" \(.*"reconcile"\?\); reconcile is no f/,
  ],
  [
    'a proxy that throws when it is listed',
    { i: `new Proxy({}, { ownKeys() { throw new Error('no'); } })` },
    /i\.mjs error OPR-001: its default export throws when it is read: no/,
  ],
  [
    'a proxy that throws',
    { f: `new Proxy({}, { get() { throw new Error('no'); } })` },
    /f\.mjs error OPR-001: its default export throws when it is read: no/,
  ],
])('%s: refused when it is loaded', async (_what, modules: Record<string, string>, message) => {
  await expect(loadOperators([planWith(modules)])).rejects.toThrow(message);
});

test('each module that cannot be loaded is told once', async () => {
  const plan = planWith({ bad1: '5', bad2: `{ name: 'x' }` });
  await expect(loadOperators([plan, plan])).rejects.toMatchObject({ problems: [{}, {}] });
});

test('what a reconciler logs goes to standard error', async () => {
  const plan = planWith({ logs: operator("console.log('talk'); process.stdout.write('more\\n');") });
  await loadOperators([plan]);
  const written: string[] = [];
  const { write } = process.stderr;
  process.stderr.write = ((text: string) => written.push(text) > 0) as typeof write;
  try {
    runPlan(plan, 1);
  } finally {
    process.stderr.write = write;
  }
  expect(written.join('')).toMatch(/^talk\nmore\n/);
});

/**
 * Each rule of the tidy test against planted violations, and against what looks like one but is not.
 */
import { describe, expect, test } from 'vitest';
import { checkBanned, checkFileName, checkLeftovers } from './banned.ts';
import { type Finding, formatFinding } from './finding.ts';
import { checkImports } from './imports.ts';
import { checkMachinePaths, checkTopLevel } from './layout.ts';
import { checkFileLength, checkFunctionLength, checkHeader, functionsOf } from './lengths.ts';
import { checkLinks } from './links.ts';
import { checkOldGeneration } from './old-generation.ts';
import { checkPackages } from './packages.ts';
import { readSource } from './source-text.ts';
import { checkStartUp } from './start-up.ts';

const messages = (findings: readonly Finding[]) => findings.map((finding) => finding.message);
const core = (text: string) => readSource('core/client/informer.ts', text);
const lines = (count: number) => '\n'.repeat(count);

describe('blanking', () => {
  test('keeps length and lines, removes comments, strings, templates and regular expressions', () => {
    const text = "const a = 'x{'; // }{\nconst b = `y{${a + '{'}{` /* { */ + /[/{]'/.source;\nconst c = a / b / 2;";
    const { code } = readSource('core/a.ts', text);
    expect(code).toHaveLength(text.length);
    expect(code.split('\n').map((line) => line.length)).toEqual(text.split('\n').map((line) => line.length));
    expect(code).not.toContain('{');
    expect(code).toContain('c = a / b / 2;');
    expect(code).toContain(' a + ');
  });

  test('keeps code of nested templates', () => {
    const { code } = readSource('core/a.ts', 'const a = `x${f({ k: `y${z}` })}w`; const b = 1;');
    expect(code).toContain('f({ k: ');
    expect(code).toContain('const b = 1;');
    expect(code).not.toContain('w');
  });
});

describe('import table', () => {
  const refused: readonly (readonly [path: string, specifier: string])[] = [
    ['core/base/heap.ts', '../types/time.ts'],
    ['core/types/pod.ts', '../sim/context.ts'],
    ['core/store/mvcc.ts', '../types/pod.ts'],
    ['core/api/server.ts', '../store/mvcc.ts'],
    ['core/client/client.ts', '../store/client-interface.ts'],
    ['core/scheduler/queue.ts', '../controllers/job.ts'],
    ['core/node/kubelet.ts', '../api/server.ts'],
    ['core/cluster/build.ts', '../chaos/fault.ts'],
    ['core/chaos/predicates/bound-once.ts', '../../scheduler/queue.ts'],
    ['core/sim/disk.ts', '../../bench/cli/io.ts'],
    ['core/sim/disk.ts', 'node:fs'],
    ['core/sim/disk.ts', 'zod'],
    ['core/unheard/thing.ts', '../base/heap.ts'],
    ['scenarios/schema.ts', '../bench/cli/io.ts'],
    ['bench/trial/card.ts', '../../core/scheduler/queue.ts'],
    ['bench/cli/io.ts', './exit.js'],
  ];
  test.each(refused)('%s must not import %s', (path, specifier) => {
    expect(messages(checkImports(readSource(path, `import { a } from '${specifier}';`)))).toHaveLength(1);
  });

  const allowed: readonly (readonly [path: string, specifier: string])[] = [
    ['core/api/server.ts', '../store/client-interface.ts'],
    ['core/scheduler/plugins/fit.ts', '../../types/pod.ts'],
    ['core/store/index.ts', 'sorted-btree'],
    ['core/sim/digest.ts', '@noble/hashes/sha2.js'],
    ['core/cluster/build.ts', '../api/server.ts'],
    ['core/chaos/fault.ts', '../cluster/build.ts'],
    ['scenarios/schema.ts', 'zod'],
    ['bench/kernels/queue.ts', '../../core/base/heap.ts'],
    ['bench/trial/card.ts', '../../core/chaos/run.ts'],
    ['test/core/base/heap.test.ts', '../../../core/base/heap.ts'],
  ];
  test.each(allowed)('%s may import %s', (path, specifier) => {
    expect(messages(checkImports(readSource(path, `import { a } from '${specifier}';`)))).toEqual([]);
  });

  test('sees every form of import, at its line', () => {
    const text = [
      "import type { A } from '../api/a.ts';",
      "import '../api/b.ts';",
      "export { c } from '../api/c.ts';",
      "const d = await import('../api/d.ts');",
      "import {\n  e,\n} from '../api/e.ts';",
      "// import { f } from '../api/f.ts';",
      'const g = "from \'../api/g.ts\'";',
    ].join('\n');
    expect(checkImports(core(text)).map((finding) => finding.line)).toEqual([1, 2, 3, 4, 7]);
  });
});

describe('banned calls in core', () => {
  const planted = [
    'const t = Date.now();',
    'const t = new Date(0);',
    'const t = performance.now();',
    'setTimeout(f, 1);',
    'queueMicrotask(f);',
    'const r = Math.random();',
    'async function f() {}',
    'const f = async () => 1;',
    'class A { async run() {} }',
    'for await (const x of y) {}',
    'const p: Promise<void> = f();',
    'new Promise(f);',
    'structuredClone(a);',
    'process.env.HOME;',
    'const n = process.hrtime();',
    'globalThis.a = 1;',
    'new Intl.Collator();',
    'a.localeCompare(b);',
    'n.toLocaleString();',
    'console.log(1);',
    'new WeakRef(a);',
    'new FinalizationRegistry(f);',
    'new SharedArrayBuffer(8);',
    'Math.exp(1);',
    'eval(a);',
    'const z = `${Math.random()}`;',
  ];
  test.each(planted)('%s', (line) => {
    const findings = checkBanned(core(`/** x */\n${line}\n`));
    expect(findings.length).toBeGreaterThan(0);
    expect(findings[0]?.line).toBe(2);
    expect(messages(findings)[0]).toContain('is banned in core, ');
  });

  const harmless = [
    '// Date.now and Math.random are banned',
    "const s = 'setTimeout(';",
    'const process = table.get(pid); process.start(pid);',
    'interface Meta { readonly console: number; fetch?: string }',
    'const o = { performance: 1 };',
    'this.performance.add(1);',
    'const createdDate = update(dated);',
    'const r = Math.floor(2) + Math.sqrt(4);',
    'timer.setTimeout;',
  ];
  test.each(harmless)('not: %s', (line) => {
    expect(messages(checkBanned(core(line)))).toEqual([]);
  });

  test('elsewhere they are allowed, and policies may use exponentials', () => {
    expect(checkBanned(readSource('bench/cli/io.ts', 'Date.now();'))).toEqual([]);
    expect(checkBanned(readSource('core/scheduler/policies/fgd.ts', 'Math.exp(1);'))).toEqual([]);
  });

  test('the message reads like a compiler', () => {
    const [finding] = checkBanned(core(`${lines(13)}const t = Date.now();`));
    expect(finding && formatFinding(finding)).toBe(
      'core/client/informer.ts:14: error: Date.now is banned in core, use context.now',
    );
  });
});

describe('leftovers', () => {
  const planted = [
    ['core/a.ts', `// ${'TO'}${'DO'}: later`],
    ['bench/a.ts', `/* ${'FIX'}${'ME'} */`],
    ['test/a.test.ts', "test.only('x', f);"],
    ['test/a.test.ts', "describe.skip('x', f);"],
    ['test/a.test.ts', "test.concurrent.skip('x', f);"],
    ['bench/a.ts', 'debugger;'],
    ['bench/a.ts', 'console.log(1);'],
    ['core/a.ts', "export * from './b.ts';"],
  ] as const;
  test.each(planted)('%s: %s', (path, text) => {
    expect(checkLeftovers(readSource(path, text))).toHaveLength(1);
  });

  test('skipIf, property names and strings are fine', () => {
    const text = "test.skipIf(lacks)('x', f); list.only(a); const s = 'debugger'; options.skip(2);";
    expect(checkLeftovers(readSource('test/a.test.ts', text))).toEqual([]);
  });
});

describe('what is old from the start', () => {
  test.each([
    'hub.onAdvance = () => 1;',
    'this.#arsenal.onBegin = (fault) => act(fault);',
    'core.freed = (seats: Seats, at: () => number): void => {};',
    'a.b = x => x;',
    'a.b = function () {};',
    'function f() {\n  function* sync() {}\n}',
    'function f() {\n  const g = function* () {};\n}',
  ])('%j', (text) => {
    expect(checkOldGeneration(core(text))).toHaveLength(1);
    expect(checkOldGeneration(readSource('bench/a.ts', text))).toEqual([]);
  });

  test.each([
    'const done = () => 1;\nhub.onAdvance = done;',
    'this.list = items.map((item) => item.name);',
    'this.next = (terms ?? []).map((key) =>\n  key);',
    'class A { *run() {} }',
    'function* sync() {}\nexport function* other() {}',
    'const a = { b: () => 1, run() {} };',
    'if (a.b === c) return (d) => d;',
  ])('%j is fine', (text) => {
    expect(checkOldGeneration(core(text))).toEqual([]);
  });
});

describe('lengths', () => {
  test('file', () => {
    expect(checkFileLength(core(lines(500)))).toEqual([]);
    expect(checkFileLength(core(lines(501)))).toHaveLength(1);
  });

  const shapes: readonly (readonly [what: string, head: string, tail: string])[] = [
    ['function', 'function long(a: number): void {', '}'],
    ['generic function', 'function long<T extends { a: Map<string, T> }>(a: T): T {', '}'],
    ['object return type', 'function long(): { a: number; b: string } {', '}'],
    ['union return type', 'function long(a = f(1)): readonly [A, B] | undefined {', '}'],
    ['predicate', 'function long(a: unknown): a is Pod {', '}'],
    ['function return type', 'function long(): (a: number) => void {', '}'],
    ['generator', 'function* long(): Generator<Wait, T, unknown> {', '}'],
    ['method', 'class A {\n  long(a: string): void {', '  }\n}'],
    ['private generator method', 'class A {\n  *#long(): Generator<Wait, void> {', '  }\n}'],
    ['constructor', 'class A {\n  constructor(a: string) {', '  }\n}'],
    ['getter', 'class A {\n  get long(): number {', '  }\n}'],
    ['arrow', 'const long = (a: number): number => {', '};'],
    ['bare arrow', 'const long = (a) => {', '};'],
    ['one-parameter arrow', 'list.forEach(a => {', '});'],
  ];
  test.each(shapes)('%s', (_what, head, tail) => {
    const rows = head.includes('\n') ? 69 : 68;
    const body = (count: number) => `${head}\n${'  a({ b: [1] });\n'.repeat(count)}${tail}\n`;
    expect(checkFunctionLength(core(body(68)))).toEqual([]);
    expect(checkFunctionLength(core(body(rows + 1)))).toHaveLength(1);
  });

  test('blocks, classes, literals, types and conditions are not functions', () => {
    const text = [
      'class A {',
      '  a = 1;',
      '}',
      'if (a) {',
      '}',
      'for (const b of c) {',
      '}',
      'while (f(a)) {',
      '}',
      'switch (a) {',
      '}',
      'const o = a ? (b) : { c: 1 };',
      'const t = f(a) ? g(b) : h;',
      'interface I {',
      '  m(a: number): void;',
      '}',
      'abstract class B { abstract m(): void; n: number }',
      'try { a(); } catch (e) {',
      '}',
    ].join('\n');
    expect(functionsOf(core(text))).toEqual([]);
  });

  test('a long class of short methods is fine, and braces in strings do not count', () => {
    const method = "  m(): string {\n    return '{{{';\n  }\n";
    expect(checkFunctionLength(core(`class A {\n${method.repeat(60)}}\n`))).toEqual([]);
  });

  test('a test file may have long describe blocks', () => {
    const text = `describe('a', () => {\n${'  f();\n'.repeat(200)}});\n`;
    expect(checkFunctionLength(readSource('test/a.test.ts', text))).toEqual([]);
    expect(checkFunctionLength(readSource('test/support/a.ts', text))).toHaveLength(1);
  });

  test('header comment', () => {
    expect(checkHeader(core('import a from "b";\n'))).toHaveLength(1);
    expect(checkHeader(core('/** short */\n'))).toHaveLength(1);
    expect(checkHeader(core('/**\n * Holds pods whose back-off has not ended.\n */\n'))).toEqual([]);
    expect(
      checkHeader(readSource('bench/cli/main.ts', '#!/usr/bin/env node\n/** Lists the commands and no more. */')),
    ).toEqual([]);
  });
});

describe('layout', () => {
  test('top-level names', () => {
    expect(checkTopLevel(['core', 'test', '.git', 'node_modules', 'LICENSE'])).toEqual([]);
    expect(checkTopLevel(['utils', 'vitest.config.ts'])).toHaveLength(2);
  });

  test('file names', () => {
    for (const name of [
      'core/sim/event-queue.ts',
      'test/a/event-queue.test.ts',
      'core/api/README.md',
      'test/biome.json',
    ]) {
      expect(checkFileName(name)).toEqual([]);
    }
    for (const name of [
      'core/sim/eventQueue.ts',
      'core/sim/Event.ts',
      'core/sim/a_b.ts',
      'core/sim/utils.ts',
      'bench/types.ts',
    ]) {
      expect(checkFileName(name)).toHaveLength(1);
    }
  });

  test('machine paths', () => {
    for (const planted of ['/ho' + 'me/anna/x', 'see /ro' + 'ot/.cache', '"/wo' + 'rk/main"', '/Us' + 'ers/Anna/x']) {
      expect(checkMachinePaths('README.md', planted)).toHaveLength(1);
    }
    for (const fine of ['mountPath: /tmp/cache', 'https://example.org/homes/work', '../shared/data', 'a/home/x']) {
      expect(checkMachinePaths('README.md', fine)).toEqual([]);
    }
  });
});

describe('start-up', () => {
  const tree = (body: string) => [
    readSource('bench/cli/main.ts', "import fs from 'node:fs';\nimport { run } from './run.ts';\n"),
    readSource('bench/cli/run.ts', `import { a } from './a.ts';\n`),
    readSource('bench/cli/a.ts', body),
    readSource('bench/cli/heavy.ts', "import yargs from 'yargs';\n"),
  ];

  test.each([
    "import yargs from 'yargs';",
    "import {\n  type A,\n  b,\n} from 'yargs';",
    "export { c } from 'yargs';",
    "import 'yargs';",
    "import { d } from './heavy.ts';",
  ])('%j loads a package', (body) => {
    expect(messages(checkStartUp('bench/cli/main.ts', tree(body)))).toEqual([
      'bench/cli/main.ts loads package "yargs" at every start, import() it where it is used',
    ]);
  });

  test.each(["import type { A } from 'yargs';", "const a = await import('yargs');", "// import a from 'yargs';"])(
    '%j does not',
    (body) => {
      expect(checkStartUp('bench/cli/main.ts', tree(body))).toEqual([]);
    },
  );
});

test('links that lead nowhere', () => {
  const readme =
    '# A page: b\n[x](docs/y.md#how-long-may-it-last-and-when) [self](#a-page-b) [out](https://example.org/#z)\n';
  const other = '## How long may it last, and when?\n[up](../README.md)\n```\n# no heading\n[x](no.md)\n```\n';
  const pages = [
    { path: 'README.md', text: readme },
    { path: 'docs/y.md', text: other },
  ];
  expect(checkLinks(pages, ['README.md', 'docs/y.md'])).toEqual([]);
  const broken = [{ path: 'docs/y.md', text: `${other}[a](#no-heading) [b](README.md)\n` }];
  expect(checkLinks(broken, ['README.md', 'docs/y.md']).map(({ line, message }) => `${line} ${message}`)).toEqual([
    '7 #no-heading leads nowhere',
    '7 README.md leads nowhere',
  ]);
});

describe('package.json and lock', () => {
  const manifest = { dependencies: { a: '1.2.3' }, devDependencies: { b: '2.0.0' } };
  const lock = {
    packages: {
      '': manifest,
      'node_modules/a': { version: '1.2.3', optionalDependencies: { 'a-linux': '1.2.3' } },
      'node_modules/a-linux': { version: '1.2.3' },
      'node_modules/b': { version: '2.0.0', dependencies: { a: '^1.0.0' } },
    },
  };

  test('complete and exact', () => expect(checkPackages(manifest, lock)).toEqual([]));

  test('an optional dependency without an entry: `npm ci` would refuse', () => {
    const { 'node_modules/a-linux': _gone, ...packages } = lock.packages;
    expect(messages(checkPackages(manifest, { packages }))).toEqual([
      'node_modules/a needs "a-linux", which has no entry: `npm ci` refuses such a lock',
    ]);
  });

  test('a range, and another version than the lock', () => {
    const ranges = { dependencies: { a: '^1.2.3' }, devDependencies: { b: '2.0.1' } };
    expect(messages(checkPackages(ranges, lock))).toEqual([
      '"a": "^1.2.3" is not an exact version',
      '"b" is 2.0.1 here and 2.0.0 in the lock',
    ]);
  });
});

/**
 * The import table: who may import whom. Holds the layering that keeps the core pure and its components apart.
 */
import type { Finding } from './finding.ts';
import { lineOf, type SourceText } from './source-text.ts';

/** npm packages that core may use: pure, synchronous, no clock, no Intl, no I/O. Each addition says why in its commit. */
const CORE_PACKAGES: readonly string[] = ['sorted-btree', '@noble/hashes'];

const STORE_INTERFACE = 'core/store/client-interface.ts';

const COMPONENT = ['base', 'types', 'sim', 'client'];
const BELOW_CLUSTER = 'base types sim raft store api client scheduler controllers cloud node'.split(' ');

/** Folders of core and the folders of core they may import, besides themselves. */
const CORE_TABLE: Readonly<Record<string, readonly string[]>> = {
  base: [],
  types: ['base'],
  sim: ['base'],
  raft: ['base', 'sim'],
  store: ['base', 'sim', 'raft'],
  api: ['base', 'types', 'sim'],
  client: ['base', 'types', 'sim'],
  scheduler: COMPONENT,
  controllers: COMPONENT,
  cloud: COMPONENT,
  node: COMPONENT,
  cluster: BELOW_CLUSTER,
  chaos: [...BELOW_CLUSTER, 'cluster'],
};

/** Folders of core that a predicate may import: it never sees the component that it judges. */
const PREDICATE_MAY_IMPORT = ['base', 'types', 'sim', 'chaos'];

/** Folders of bench that may reach below core/cluster. */
const BENCH_BELOW_CLUSTER = ['serve', 'kernels', 'conform', 'scheduler-perf'];

/** One import of a file: the text between the quotes and where it stands. */
export interface ImportSite {
  readonly specifier: string;
  readonly line: number;
}

/** All imports of a source: static, dynamic, re-exports, require. */
function importsOf(source: SourceText): readonly ImportSite[] {
  const sites: ImportSite[] = [];
  const pattern = /(?:(?<![.\w$])(?:from|import)\s*|(?<![.\w$])(?:import|require)\s*\(\s*)(['"])/g;
  for (const match of source.code.matchAll(pattern)) {
    const start = match.index + match[0].length;
    const end = source.code.indexOf(match[1]!, start);
    if (end === -1) continue;
    sites.push({ specifier: source.text.slice(start, end), line: lineOf(source.text, match.index) });
  }
  return sites;
}

/** Holds the import table for one file. */
export function checkImports(source: SourceText): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { specifier, line } of importsOf(source)) {
    const message = judgeImport(source.path, specifier);
    if (message !== undefined) findings.push({ path: source.path, line, message });
  }
  return findings;
}

function judgeImport(path: string, specifier: string): string | undefined {
  const [area = ''] = path.split('/');
  if (!specifier.startsWith('.')) return area === 'core' ? judgeCorePackage(specifier) : undefined;
  if (area !== 'test' && /\.js$/.test(specifier)) return `import "${specifier}" with its own extension, .ts`;
  const target = resolveImport(path, specifier);
  const [targetArea = ''] = target.split('/');
  if (area === 'core') return targetArea === 'core' ? judgeInCore(path, target) : `core must not import ${targetArea}`;
  if (area === 'scenarios' && targetArea !== 'scenarios' && targetArea !== 'core') {
    return `scenarios may import core only, not ${targetArea}`;
  }
  if (area === 'bench') return judgeInBench(path, target, targetArea);
  return undefined;
}

function judgeCorePackage(specifier: string): string | undefined {
  if (specifier.startsWith('node:')) return `"${specifier}" is banned in core, core has no I/O`;
  const scoped = specifier.startsWith('@');
  const name = specifier
    .split('/')
    .slice(0, scoped ? 2 : 1)
    .join('/');
  if (CORE_PACKAGES.includes(name)) return undefined;
  return `package "${name}" is not in core's list (${CORE_PACKAGES.join(', ')})`;
}

function judgeInCore(path: string, target: string): string | undefined {
  const from = folderOf(path);
  const to = folderOf(target);
  if (path.startsWith('core/chaos/predicates/') && !PREDICATE_MAY_IMPORT.includes(to)) {
    return `a predicate must not import core/${to}, it judges by committed history and node truth`;
  }
  if (from === to) return undefined;
  const allowed = CORE_TABLE[from];
  if (allowed === undefined) return `core/${from} is not in the import table`;
  if (allowed.includes(to)) return undefined;
  if (from === 'api' && target === STORE_INTERFACE) return undefined;
  return `core/${from} must not import core/${to} (allowed: ${allowed.join(', ') || 'nothing'})`;
}

function judgeInBench(path: string, target: string, targetArea: string): string | undefined {
  if (targetArea === 'test') return 'bench must not import test';
  if (targetArea !== 'core') return undefined;
  const folder = folderOf(target);
  if (folder === 'cluster' || folder === 'chaos' || BENCH_BELOW_CLUSTER.includes(folderOf(path))) return undefined;
  return `bench/${folderOf(path)} must not import core/${folder}: only ${BENCH_BELOW_CLUSTER.join(', ')} reach below cluster`;
}

function folderOf(path: string): string {
  return path.split('/')[1] ?? '';
}

/** The path that a relative specifier means, from the project's root. */
export function resolveImport(path: string, specifier: string): string {
  const parts = path.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

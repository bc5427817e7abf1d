/**
 * Calls that would let the core see time, chance, environment or concurrency, and what to use instead.
 */
import type { Finding } from './finding.ts';
import { lineOf, type SourceText } from './source-text.ts';

/** A banned form: pattern over blanked code, its name, and the way out. */
interface Ban {
  readonly pattern: RegExp;
  readonly name: string;
  readonly instead: string;
}

/** A free name: not a property, not a part of a longer name, not a key of a literal or type. */
function free(names: string): RegExp {
  return new RegExp(`(?<![\\w$.#]|\\?\\.)(?:${names})(?![\\w$]|\\s*\\??:[^:])`, 'g');
}

const NO_CLOCK = 'use context.now';
const NO_PROMISE = 'write a generator task (core/sim/task.ts)';
const NO_ENVIRONMENT = 'pass what is needed as an argument';

/** Bans of core. */
const CORE_BANS: readonly Ban[] = [
  { pattern: /(?<![\w$.])Date\.now\b/g, name: 'Date.now', instead: NO_CLOCK },
  {
    pattern: /(?<![\w$.])Date(?=\s*\(|\s*\.(?!now\b)\w)|\bnew\s+Date\b/g,
    name: 'Date',
    instead: 'use core/types/time.ts',
  },
  { pattern: free('performance'), name: 'performance', instead: NO_CLOCK },
  { pattern: /\bhrtime\b/g, name: 'hrtime', instead: NO_CLOCK },
  {
    pattern: free('setTimeout|setInterval|setImmediate|clearTimeout|clearInterval|queueMicrotask'),
    name: 'a real timer',
    instead: 'use context.setTimer',
  },
  { pattern: /(?<![\w$.])Math\.random\b/g, name: 'Math.random', instead: 'use context.random or context.draw' },
  {
    pattern: /(?<![\w$.#])async(?=\s+function\b|\s*\(|\s+[\w$#*[]+\s*(?:\(|=>)|\s*\*)/g,
    name: 'async',
    instead: NO_PROMISE,
  },
  { pattern: /(?<![\w$.#])await(?=\s)/g, name: 'await', instead: NO_PROMISE },
  { pattern: free('Promise(?:Like)?'), name: 'Promise', instead: NO_PROMISE },
  { pattern: free('structuredClone'), name: 'structuredClone', instead: 'share sub-objects, build new ones' },
  {
    pattern:
      /(?<![\w$.])process\s*\.\s*(?:env|argv|exit|nextTick|hrtime|cwd|memoryUsage|cpuUsage|platform|arch|stdout|stderr|stdin|uptime|versions?|on|once|emitWarning|execArgv)\b/g,
    name: 'process',
    instead: NO_ENVIRONMENT,
  },
  { pattern: free('globalThis'), name: 'globalThis', instead: NO_ENVIRONMENT },
  { pattern: free('Intl'), name: 'Intl', instead: 'compare code units, format by hand' },
  { pattern: /\.\s*localeCompare\b/g, name: 'localeCompare', instead: 'compare with < and >' },
  { pattern: /\.\s*toLocale\w+/g, name: 'toLocale…', instead: 'format by hand' },
  { pattern: free('console'), name: 'console', instead: 'use context.observe or return data' },
  {
    pattern: free('WeakRef|FinalizationRegistry'),
    name: 'WeakRef and FinalizationRegistry',
    instead: 'own the object: collection is not deterministic',
  },
  { pattern: free('Atomics|SharedArrayBuffer'), name: 'shared memory', instead: 'send messages' },
  { pattern: /(?<![\w$.])crypto\s*\./g, name: 'crypto', instead: 'use @noble/hashes, or core/base for random numbers' },
  { pattern: free('fetch'), name: 'fetch', instead: 'core has no I/O' },
  { pattern: /(?<![\w$.])eval\s*\(|\bnew\s+Function\b/g, name: 'eval', instead: 'write a function' },
  {
    pattern: /(?<![\w$.])require\s*\(|(?<![\w$.#])import\s*\(/g,
    name: 'loading at run time',
    instead: 'import at the top of the file',
  },
];

/** Functions whose last digit differs between machines; allowed where DESIGN §11 says so. */
const TRANSCENDENTAL: Ban = {
  pattern:
    /(?<![\w$.])Math\.(?:sin|cos|tan|asin|acos|atan|atan2|sinh|cosh|tanh|asinh|acosh|atanh|exp|expm1|log|log2|log10|log1p|pow|cbrt|hypot)\b/g,
  name: 'a transcendental function',
  instead: 'use an integer table or shifts: results differ between machines',
};
const TRANSCENDENTAL_ALLOWED = /^core\/scheduler\/policies\//;

/** Names that are no use as a module's subject. */
const SHAPELESS_NAMES = /^(?:utils?|helpers?|misc|common|types)\.ts$/;

/** Holds the bans of core for one file; files elsewhere have none. */
export function checkBanned(source: SourceText): readonly Finding[] {
  if (!source.path.startsWith('core/')) return [];
  const findings: Finding[] = [];
  const bans = TRANSCENDENTAL_ALLOWED.test(source.path) ? CORE_BANS : [...CORE_BANS, TRANSCENDENTAL];
  for (const { pattern, name, instead } of bans) {
    for (const match of source.code.matchAll(pattern)) {
      const message = `${name} is banned in core, ${instead}`;
      findings.push({ path: source.path, line: lineOf(source.text, match.index), message });
    }
  }
  return findings;
}

/** Forms that are banned in every source: leftovers of work in progress, and re-exports of everything. */
export function checkLeftovers(source: SourceText): readonly Finding[] {
  const findings: Finding[] = [];
  const add = (offset: number, message: string) =>
    findings.push({ path: source.path, line: lineOf(source.text, offset), message });
  for (const match of source.code.matchAll(/\b(?:describe|it|test|suite|bench)(?:\.\w+)*\.(only|skip|todo)\b/g)) {
    add(match.index, `.${match[1]} is left over, remove it (what needs a program uses test/support/needs.ts)`);
  }
  for (const match of source.code.matchAll(/(?<![\w$.])debugger\b/g)) add(match.index, 'debugger is left over');
  for (const match of source.code.matchAll(/(?<![\w$.])console\s*\.\s*\w+/g)) {
    if (!source.path.startsWith('core/')) add(match.index, 'console is left over, write through Io or a report');
  }
  for (const match of source.comments.matchAll(/\b(?:TODO|FIXME|XXX|HACK)\b/g)) {
    add(match.index, `${match[0]} is left over, do it now or open an issue`);
  }
  for (const match of source.code.matchAll(/\bexport\s*\*/g))
    add(match.index, 'export * hides what is public, list names');
  return findings;
}

/** A file's name: kebab-case, and a subject. */
export function checkFileName(path: string): readonly Finding[] {
  const name = path.split('/').at(-1) ?? '';
  if (name === 'README.md') return [];
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*$/.test(name)) {
    return [{ path, line: 0, message: 'file names are kebab-case' }];
  }
  if (SHAPELESS_NAMES.test(name))
    return [{ path, line: 0, message: `${name} names no subject, name the file after its idea` }];
  return [];
}

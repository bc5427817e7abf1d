/**
 * Loads a user's module: `.mjs` and `.js` by Node itself, `.ts` through tsx, looked for beside the module first.
 *
 * Always: whatever is wrong with the module is a user error at its place in the module.
 */
import { spawnSync } from 'node:child_process';
import { Console } from 'node:console';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { nearestName } from '../../scenarios/suggest.ts';
import { CLI_CODES, userError } from '../cli/user-error.ts';
import { type PlacedError, placedError, placedStack } from './error-place.ts';
import { trialLoad } from './trial-load.ts';

const NEEDS_TSX = ['.ts', '.mts'];

/** What modules of one purpose are called in messages. */
export interface ModulePurpose {
  /** `policy`, `controller`. */
  readonly what: string;
  /** Code of its errors. */
  readonly code: string;
  /** What is read of the default export. */
  readonly fields: readonly string[];
}

/** The default export of the module; `shown` names it in messages. @throws UserError. */
export async function importDefault(file: string, shown: string, purpose: ModulePurpose): Promise<unknown> {
  const module = await importModule(file, shown, purpose);
  try {
    const first = (module as { default?: unknown }).default;
    // CommonJS interoperation may wrap the default export once more.
    const inner = (first as { default?: unknown } | null | undefined)?.default;
    const exported = inner === undefined ? first : inner;
    // A getter or a proxy may throw; a value that is awaited is asked for `then`.
    for (const field of ['then', ...purpose.fields])
      void (exported as Record<string, unknown> | null | undefined)?.[field];
    Object.keys(exported ?? {});
    return exported;
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw moduleError(shown, `its default export throws when it is read: ${cause}`, purpose);
  }
}

/**
 * Fields of the default export that are nearly one that is read and is not there. Others are the module's own: its functions may use them.
 */
export function misspelledFields(exported: object, { fields }: ModulePurpose): string[] {
  const absent = fields.filter((field) => (exported as Record<string, unknown>)[field] === undefined);
  return Object.keys(exported).flatMap((field) => {
    const nearest = fields.includes(field) ? undefined : nearestName(field, absent);
    return nearest === undefined ? [] : [`unknown field "${field}" (did you mean "${nearest}"?)`];
  });
}

/** A user error about the module. */
export function moduleError(shown: string, message: string, { code }: ModulePurpose): Error {
  return userError({ file: shown, code, message });
}

async function importModule(file: string, shown: string, purpose: ModulePurpose): Promise<unknown> {
  const url = pathToFileURL(file).href;
  talkOnStderr();
  const onSlow = (text: string): void => void process.stderr.write(`${shown} is being loaded: ${text}\n`);
  try {
    const tsxApi = NEEDS_TSX.includes(path.extname(file)) ? tsxUrl(file, shown, purpose) : null;
    // Worker threads are watched by whoever started them.
    const cause = isMainThread ? await trialLoad(url, tsxApi, { onSlow }) : undefined;
    if (cause !== undefined) throw loadError(shown, cause, purpose);
    if (tsxApi === null) return await import(url);
    const tsx = (await import(tsxApi)) as { tsImport(url: string, parent: string): Promise<unknown> };
    return await tsx.tsImport(url, url);
  } catch (error) {
    if (error instanceof Error && error.name === 'UserError') throw error;
    const checked = error instanceof SyntaxError ? syntaxErrorOf(file) : '';
    throw loadError(shown, checked === '' ? placedError(error) : placedStack(checked), purpose);
  }
}

/** What users' code logs is talk; standard output belongs to the results. */
function talkOnStderr(): void {
  globalThis.console = new Console(process.stderr);
}

/** At the place of its cause, which may be in another module. */
function loadError(shown: string, cause: PlacedError, { code }: ModulePurpose): Error {
  const { text, ...place } = cause;
  const subject = place.file === undefined || place.file === shown ? '' : `${shown} `;
  return userError({ file: shown, ...place, code, message: `${subject}cannot be loaded: ${text}` });
}

/** Line, code and message of a syntax error, which the stack of an import does not hold; '' when Node finds none in this file. */
function syntaxErrorOf(file: string): string {
  const { stderr } = spawnSync(process.execPath, ['--check', file], { encoding: 'utf8' });
  return /^SyntaxError: /m.test(stderr) ? stderr : '';
}

function tsxUrl(file: string, shown: string, { what }: ModulePurpose): string {
  for (const from of [file, import.meta.url]) {
    try {
      return apiOf(createRequire(from).resolve('tsx/package.json'));
    } catch {
      // Not installed there; the other place may have it.
    }
  }
  throw userError({
    file: shown,
    code: CLI_CODES.noInput,
    message: 'a TypeScript module needs tsx',
    hint: `npm install tsx beside the module, or write the ${what} as .mjs`,
  });
}

/** The ES module of tsx's import API: `require.resolve` would give the CommonJS one, which cannot find its hooks. */
function apiOf(packageFile: string): string {
  const { exports } = JSON.parse(readFileSync(packageFile, 'utf8')) as {
    exports: Readonly<Record<string, { readonly import: { readonly default: string } }>>;
  };
  const file = exports['./esm/api']?.import.default;
  if (file === undefined) throw new Error('this tsx has no import API');
  return pathToFileURL(path.join(path.dirname(packageFile), file)).href;
}

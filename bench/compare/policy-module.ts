/**
 * Loads a user's policy module: `.mjs` and `.js` by Node itself, `.ts` through tsx, looked for beside the module first.
 *
 * Always: whatever is wrong with the module is a user error with the module's own stack.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PolicyModule } from '../../core/cluster/policy-module.ts';
import { CLI_CODES, userError } from '../cli/user-error.ts';

const NEEDS_TSX = ['.ts', '.mts'];

/** The module's policy; `shown` names it in messages. @throws UserError. */
export async function loadPolicyModule(file: string, shown: string): Promise<PolicyModule> {
  const exported = defaultExport(await importModule(file, shown));
  if (typeof exported !== 'object' || exported === null) {
    throw moduleError(shown, 'no default export, expected an object with score or place');
  }
  const { score, place, name } = exported as Record<string, unknown>;
  for (const [key, value] of Object.entries({ score, place })) {
    if (value !== undefined && typeof value !== 'function') throw moduleError(shown, `${key} is no function`);
  }
  if ((score === undefined) === (place === undefined)) {
    throw moduleError(shown, 'the default export needs score(pod, node) or place(pod, nodes), and one of them only');
  }
  if (name !== undefined && typeof name !== 'string') throw moduleError(shown, 'name is no text');
  return exported as PolicyModule;
}

/** CommonJS interoperation may wrap the default export once more. */
function defaultExport(module: unknown): unknown {
  const first = (module as { default?: unknown }).default;
  const inner = (first as { default?: unknown } | null | undefined)?.default;
  return inner === undefined ? first : inner;
}

async function importModule(file: string, shown: string): Promise<unknown> {
  const url = pathToFileURL(file).href;
  try {
    if (!NEEDS_TSX.includes(path.extname(file))) return await import(url);
    const tsx = (await import(tsxUrl(file, shown))) as { tsImport(url: string, parent: string): Promise<unknown> };
    return await tsx.tsImport(url, url);
  } catch (error) {
    if (error instanceof Error && error.name === 'UserError') throw error;
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw moduleError(shown, `cannot be loaded: ${stack}`);
  }
}

function tsxUrl(file: string, shown: string): string {
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
    hint: 'npm install tsx beside the module, or write the policy as .mjs',
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

function moduleError(shown: string, message: string): Error {
  return userError({ file: shown, code: 'POL-001', message });
}

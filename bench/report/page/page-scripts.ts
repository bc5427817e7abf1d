/**
 * The scripts of a report page, put together from compiled modules without a bundler.
 *
 * Modules in bench/report/browser import each other and bench/report/page/axis.ts only; here their import lines go, `export`
 * goes, and they stand one after the other in one module. Names at their top level are unique (a test looks).
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { packageRoot } from '../../cli/package-info.ts';
import { fileFailure } from '../../cli/tool-failure.ts';

const COMMON = ['browser/element.js', 'browser/theme.js', 'browser/copy.js', 'browser/print.js'] as const;
const REPLAY = [
  'page/axis.js',
  'browser/frames.js',
  'browser/colours.js',
  'browser/tracks.js',
  'browser/heat-track.js',
  'browser/snapshot.js',
  'browser/series-plot.js',
  'browser/player.js',
] as const;

/** Files of the package's dist/bench/report that the page's script consists of, in order. */
export function scriptFiles(hasReplay: boolean): readonly string[] {
  return hasReplay ? [...COMMON, ...REPLAY, 'browser/main.js'] : [...COMMON, 'browser/plain.js'];
}

/** The text of the page's module. @throws ToolFailure when the installation is damaged. */
export function pageScript(hasReplay: boolean): string {
  const folder = path.join(packageRoot(), 'dist', 'bench', 'report');
  return scriptFiles(hasReplay)
    .map((file) => withoutModule(read(path.join(folder, file))))
    .join('');
}

/**
 * uPlot asks Intl for the browser's language as it loads. A browser started under the locale C or POSIX names one that Intl refuses
 * (`en-US@posix`), and the page would be without its charts.
 */
const SOUND_LANGUAGE =
  "try{new Intl.NumberFormat(navigator.language)}catch{Object.defineProperty(navigator,'language',{value:'en-US'})}\n";

/** uPlot's script, with what it needs to load everywhere, and its style sheet, as its package ships them. */
export function plotLibrary(): { readonly script: string; readonly style: string } {
  const require = createRequire(import.meta.url);
  const folder = path.dirname(require.resolve('uplot/package.json'));
  return {
    script: SOUND_LANGUAGE + read(path.join(folder, 'dist', 'uPlot.iife.min.js')),
    style: read(path.join(folder, 'dist', 'uPlot.min.css')),
  };
}

/** A compiled module without its imports, exports and comments at the top level. */
function withoutModule(text: string): string {
  return text
    .replace(/^import\s[^;]*;\n/gm, '')
    .replace(/^export \{[^}]*\};?\n/gm, '')
    .replace(/^export /gm, '')
    .replace(/^\/\*\*[\s\S]*?\*\/\n/gm, '');
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw fileFailure('read', file, error);
  }
}

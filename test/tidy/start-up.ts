/**
 * What loads when the program starts: nothing but this project's own small files.
 *
 * A package imported at the top of a command's file costs every call of `--help` its loading time, and nobody sees where
 * the time went; so the static imports reachable from the entry are followed here.
 */
import type { Finding } from './finding.ts';
import { resolveImport } from './imports.ts';
import { lineOf, type SourceText } from './source-text.ts';

const STATIC_IMPORT = /(?:^|[\n;])[ \t]*(?:import|export)\s+(?!type\s)(?:[^;'"()]*?\bfrom\s*)?(['"])/g;

/** Packages (not node: modules) that `entry` loads statically, each at the import that does it. */
export function checkStartUp(entry: string, sources: readonly SourceText[]): readonly Finding[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const reached = new Set([entry]);
  const findings: Finding[] = [];
  for (const path of reached) {
    const source = byPath.get(path);
    if (source === undefined) continue;
    for (const match of source.code.matchAll(STATIC_IMPORT)) {
      const start = match.index + match[0].length;
      const specifier = source.text.slice(start, source.code.indexOf(match[1]!, start));
      if (specifier.startsWith('.')) reached.add(resolveImport(path, specifier));
      else if (!specifier.startsWith('node:')) {
        const message = `${entry} loads package "${specifier}" at every start, import() it where it is used`;
        findings.push({ path, line: lineOf(source.text, start), message });
      }
    }
  }
  return findings;
}

/**
 * Two ways of writing that make V8 put what belongs to one run into the old generation, where it keeps the whole run from being collected young.
 *
 * V8 (Node 20) allocates the function of `object.property = () => …` in the old generation at once, and so the hidden class of the objects that a
 * generator function makes; both refer to the scope they were made in. A small run had 1 MB carried along until the next full collection, and a
 * third of the processor time went there. A function that has a name of its own first (`const done = …; object.property = done`), and a
 * generator at the top level or in a class, are made once or made young. Only core/ is looked at: what it makes is made again for every run.
 */
import type { Finding } from './finding.ts';
import { lineOf, type SourceText } from './source-text.ts';

const ASSIGNED_FUNCTION =
  /\.#?\w+\s*=\s*(?:async\s*)?(?:function\b|\w+\s*=>|\((?:[^()]|\([^()]*\))*\)\s*(?::\s*[^=;{}()]+)?=>)/g;
const INNER_GENERATOR = /\n[ \t]+(?:[^\n;]*[=(:,]\s*)?function\s*\*/g;

/** The places of a source in core/ where a run's function would be old from the start. */
export function checkOldGeneration(source: SourceText): readonly Finding[] {
  const { path, text, code } = source;
  if (!path.startsWith('core/')) return [];
  const assigned = [...code.matchAll(ASSIGNED_FUNCTION)].map(({ index }) => ({
    path,
    line: lineOf(text, index),
    message: 'a function written into a property is old from the start and keeps the run: name it first',
  }));
  const inner = [...code.matchAll(INNER_GENERATOR)].map(({ index }) => ({
    path,
    line: lineOf(text, index + 1),
    message:
      'the hidden class of an inner generator function is old and keeps the run: move it to the top level or a class',
  }));
  return [...assigned, ...inner];
}

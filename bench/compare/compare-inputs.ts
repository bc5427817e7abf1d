/**
 * Digest of what a comparison was made of: its workload, the prices of nodes, and the files of its policies.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { inputsDigest } from '../campaign/inputs-digest.ts';
import type { CompareOptions } from './run-compare.ts';

/** Equal for equal content, wherever the files lie. `cwd`: what policies are relative to. */
export function compareInputs({ workload, offers, policies }: CompareOptions, cwd: string): string {
  const { name: _name, source: _source, ...content } = workload;
  const texts = policies
    .filter(({ kind }) => kind !== 'named')
    .map(({ base }) => readFileSync(path.resolve(cwd, base), 'utf8'));
  return inputsDigest([asData(content), offers, texts]);
}

/** Typed arrays and maps as lists; the rest is plain data. */
function asData(content: Readonly<Record<string, unknown>>): unknown[] {
  return Object.entries(content).map(([field, value]) => {
    if (value instanceof Map) return [field, [...value].map(([key, each]) => [key, asList(each)])];
    return [field, asList(value)];
  });
}

function asList(value: unknown): unknown {
  return value instanceof Int32Array || value instanceof Float64Array ? Array.from(value) : value;
}

/**
 * `results/<run>/`: where one run's files land.
 *
 * The name is the command, what it ran, its seeds, and a counter: `trial-shop-s1..3-002`. No time is in it, so the same
 * runs in the same order give the same names. Always: a new folder a run, nothing of an older run is overwritten, also when
 * two runs start at once; made only after the command line and all files were found valid (a user error writes nothing).
 */
import { mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import { formatSeeds } from '../cli/seeds.ts';
import { errorCode, fileFailure, ToolFailure } from '../cli/tool-failure.ts';
import { type ClusterReplay, REPLAYS_SCHEMA } from '../replay/cluster-replay.ts';
import { createFolder, writeFileAtomic } from './atomic-file.ts';
import { type Histogram, hdrLog } from './histogram.ts';
import { type HostFacts, hostFacts } from './host-facts.ts';
import { type Metric, metricsCsv } from './metrics-csv.ts';
import { stableJson } from './stable-json.ts';

/** Runs of one name, at most. */
const RUN_NUMBER_MAX = 99_999;
const SUBJECT_LENGTH_MAX = 40;
const SEEDS_LENGTH_MAX = 24;

/** What names a run. */
export interface RunName {
  readonly command: string;
  /** What was run, a file or scenario name; '' when there is none. */
  readonly subject: string;
  readonly seeds: readonly number[];
}

/** Facts about a run that may differ when it is repeated. */
export interface RunFacts {
  readonly argv: readonly string[];
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly workers: number;
  readonly exitCode: number;
  /** False when interrupted or when a case broke: the results are partial. */
  readonly complete: boolean;
}

/** The name of a run without its counter: letters, digits, `.`, `-`, `_` only. */
export function runBaseName(name: RunName): string {
  const subject = slug(path.basename(name.subject).replace(/\.ya?ml$/, '')).slice(0, SUBJECT_LENGTH_MAX);
  const seeds = formatSeeds(name.seeds);
  const shown = seeds.length > SEEDS_LENGTH_MAX ? `${name.seeds.length}-seeds` : `s${seeds.replaceAll(',', '_')}`;
  return [slug(name.command), subject, name.seeds.length === 0 ? '' : shown].filter((part) => part !== '').join('-');
}

/** One run's folder. */
export class RunFolder {
  /** Path as shown to users: relative when the results folder is. */
  readonly path: string;

  private constructor(folder: string) {
    this.path = folder;
  }

  /** Makes a new folder below `results`. @throws ToolFailure naming the path. */
  static create(results: string, name: RunName): RunFolder {
    createFolder(results);
    const base = runBaseName(name);
    for (let number = nextNumber(results, base); number <= RUN_NUMBER_MAX; number++) {
      const folder = path.join(results, `${base}-${String(number).padStart(3, '0')}`);
      try {
        mkdirSync(folder);
        return new RunFolder(folder);
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw fileFailure('create', folder, error);
      }
    }
    throw new ToolFailure(results, `cannot create a run folder: ${results} holds ${RUN_NUMBER_MAX} runs of ${base}`);
  }

  /** Writes any file of the run; returns its path. @throws ToolFailure naming the path. */
  write(name: string, content: string | Uint8Array): string {
    const file = path.join(this.path, name);
    try {
      writeFileAtomic(file, content);
    } catch (error) {
      removeEmpty(this.path);
      throw error;
    }
    return file;
  }

  /** Writes result.json: the deterministic part, byte-identical when the run is repeated. */
  writeResult(result: unknown): string {
    return this.write('result.json', stableJson(result));
  }

  /** Writes run.json: facts about the host and this execution. */
  writeRun(facts: RunFacts): string {
    return this.write('run.json', stableJson(runRecord(facts, hostFacts())));
  }

  /** Writes replay.json, what the cluster replay of a report draws; deterministic as result.json. No file when there is none. */
  writeReplays(replays: readonly ClusterReplay[]): void {
    if (replays.length > 0) this.write('replay.json', stableJson({ schema: REPLAYS_SCHEMA, replays }));
  }

  /** Writes metrics.csv. */
  writeMetrics(metrics: readonly Metric[]): string {
    return this.write('metrics.csv', metricsCsv(metrics));
  }

  /** Writes latency.hlog, an HDR log; the histograms still belong to the caller. */
  writeHistograms(histograms: readonly Histogram[], durationSeconds: number): string {
    return this.write('latency.hlog', hdrLog(histograms, durationSeconds));
  }
}

/** A full disk leaves no folder without a file; one that holds something stays. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (errorCode(error) === '') throw error;
  }
}

function runRecord(facts: RunFacts, host: HostFacts): Record<string, unknown> {
  return {
    schema: 'seatrial/run/v1',
    argv: facts.argv,
    startedAt: facts.startedAt.toISOString(),
    finishedAt: facts.finishedAt.toISOString(),
    durationMs: facts.finishedAt.getTime() - facts.startedAt.getTime(),
    workers: facts.workers,
    exitCode: facts.exitCode,
    complete: facts.complete,
    host,
  };
}

/** The number after the largest in use; creation settles who gets it. */
function nextNumber(results: string, base: string): number {
  let last = 0;
  for (const entry of readNames(results)) {
    if (!entry.startsWith(`${base}-`)) continue;
    const digits = /^\d{3,5}$/.exec(entry.slice(base.length + 1))?.[0];
    if (digits !== undefined) last = Math.max(last, Number(digits));
  }
  return last + 1;
}

function readNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw fileFailure('read', folder, error);
  }
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9._]+/g, '-')
    .replace(/^[-.]+|-+$/g, '');
}

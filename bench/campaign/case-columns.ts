/**
 * Results of many cases as columns: what a worker sends back, and what the campaign keeps.
 *
 * Always: a row written and read again is equal; columns are typed arrays, so that sending costs a copy of bytes and not of
 * objects. About 400 bytes a case and its texts.
 */
import type { PendingPods } from '../../core/chaos/pending-pods.ts';
import { workCounters } from '../../core/chaos/run-plan.ts';
import { CASE_OUTCOMES, type CaseResult, NOBODY_PENDING } from './case-result.ts';

/** Numbers of a case, in the order of their columns. */
const NUMBERS = [
  'seed',
  'failedAtUs',
  'bootUs',
  'healUs',
  'convergedUs',
  'endUs',
  'boundUs',
  'events',
  'commits',
  'processes',
  'pods',
  'podsStarted',
  'startupP50Us',
  'startupP90Us',
  'startupP99Us',
  'startupMaxUs',
  'recoveries',
  'recoveryP50Us',
  'recoveryMaxUs',
  'hostMs',
] as const satisfies readonly (keyof CaseResult)[];

const DIGEST_BYTES = 32;

/** Names of the counters of work, in the order of their columns; the same on every thread of a build. */
const WORK_NAMES: readonly string[] = workCounters().map(({ name }) => name);

/** The texts of a case. */
interface CaseTexts {
  readonly predicate: string;
  readonly message: string;
  readonly neverEvaluated: readonly string[];
  readonly idleFaults: readonly string[];
  readonly pendingPods: PendingPods;
}

/** Columns as they travel between threads. */
export interface CaseColumnsData {
  readonly outcome: Uint8Array<ArrayBuffer>;
  readonly asExpected: Uint8Array<ArrayBuffer>;
  /** All numbers, a row of them a case. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** Work, a row of counters a case. */
  readonly work: Float64Array<ArrayBuffer>;
  /** 0 where a case has no digest: it was not run to its end, and has no work either. */
  readonly hasDigest: Uint8Array<ArrayBuffer>;
  readonly digests: Uint8Array<ArrayBuffer>;
  readonly texts: (CaseTexts | null)[];
}

/** A fixed number of cases. */
export class CaseColumns {
  readonly data: CaseColumnsData;

  /** `data`: columns that came from a worker. */
  constructor(count: number, data?: CaseColumnsData) {
    this.data = data ?? {
      outcome: new Uint8Array(count),
      asExpected: new Uint8Array(count),
      numbers: new Float64Array(count * NUMBERS.length),
      work: new Float64Array(count * WORK_NAMES.length),
      hasDigest: new Uint8Array(count),
      digests: new Uint8Array(count * DIGEST_BYTES),
      texts: new Array<CaseTexts | null>(count).fill(null),
    };
  }

  get count(): number {
    return this.data.outcome.length;
  }

  /** Writes row `index`. */
  set(index: number, row: CaseResult): void {
    const { data } = this;
    data.outcome[index] = CASE_OUTCOMES.indexOf(row.outcome);
    data.asExpected[index] = row.asExpected ? 1 : 0;
    NUMBERS.forEach((name, column) => {
      data.numbers[index * NUMBERS.length + column] = row[name];
    });
    WORK_NAMES.forEach((name, column) => {
      data.work[index * WORK_NAMES.length + column] = row.work[name] ?? 0;
    });
    data.hasDigest[index] = row.digest === '' ? 0 : 1;
    if (row.digest !== '') writeHex(data.digests, index * DIGEST_BYTES, row.digest);
    const { predicate, message, neverEvaluated, idleFaults, pendingPods } = row;
    const silent = predicate + message === '' && neverEvaluated.length + idleFaults.length + pendingPods.count === 0;
    data.texts[index] = silent ? null : { predicate, message, neverEvaluated, idleFaults, pendingPods };
  }

  /** Reads row `index`. */
  get(index: number): CaseResult {
    const { data } = this;
    const number = (name: (typeof NUMBERS)[number]): number =>
      data.numbers[index * NUMBERS.length + NUMBERS.indexOf(name)] ?? 0;
    const texts = data.texts[index];
    return {
      seed: number('seed'),
      outcome: CASE_OUTCOMES[data.outcome[index] ?? 0] ?? 'missing',
      asExpected: data.asExpected[index] === 1,
      predicate: texts?.predicate ?? '',
      message: texts?.message ?? '',
      failedAtUs: number('failedAtUs'),
      bootUs: number('bootUs'),
      healUs: number('healUs'),
      convergedUs: number('convergedUs'),
      endUs: number('endUs'),
      boundUs: number('boundUs'),
      events: number('events'),
      commits: number('commits'),
      processes: number('processes'),
      pods: number('pods'),
      podsStarted: number('podsStarted'),
      startupP50Us: number('startupP50Us'),
      startupP90Us: number('startupP90Us'),
      startupP99Us: number('startupP99Us'),
      startupMaxUs: number('startupMaxUs'),
      recoveries: number('recoveries'),
      recoveryP50Us: number('recoveryP50Us'),
      recoveryMaxUs: number('recoveryMaxUs'),
      work: data.hasDigest[index] === 1 ? this.#work(index) : {},
      neverEvaluated: texts?.neverEvaluated ?? [],
      idleFaults: texts?.idleFaults ?? [],
      pendingPods: texts?.pendingPods ?? NOBODY_PENDING,
      digest: data.hasDigest[index] === 1 ? hexOf(data.digests, index * DIGEST_BYTES) : '',
      hostMs: number('hostMs'),
    };
  }

  #work(index: number): Record<string, number> {
    const first = index * WORK_NAMES.length;
    return Object.fromEntries(WORK_NAMES.map((name, column) => [name, this.data.work[first + column] as number]));
  }

  /** Copies a worker's rows to the places `cases`. */
  take(cases: readonly number[], from: CaseColumns): void {
    cases.forEach((place, index) => {
      this.set(place, from.get(index));
    });
  }
}

function writeHex(bytes: Uint8Array, at: number, hex: string): void {
  if (hex.length !== DIGEST_BYTES * 2) throw new RangeError(`digest of ${hex.length} hex digits`);
  for (let i = 0; i < DIGEST_BYTES; i++) bytes[at + i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
}

function hexOf(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, DIGEST_BYTES).toString('hex');
}

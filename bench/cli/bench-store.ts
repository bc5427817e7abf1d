/**
 * The work of `seatrial bench store`: the store in process, and behind its gRPC interface beside a real etcd.
 *
 * Every number is host time of this machine. Client and servers share it, so the ratio between the two servers, measured in turns, tells more
 * than either number; without an etcd there is no ratio.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { KERNELS } from '../kernels/index.ts';
import { measureAll, measureKernel } from '../kernels/measure.ts';
import { concurrentPuts, fill, sequentialPut, watchFanOut } from '../kernels/store-load.ts';
import { KEYS_MEMORY } from '../kernels/store-memory-kernel.ts';
import { residentBytes, type StoreServer, startOwn, startReal } from '../kernels/store-servers.ts';
import { hostFacts } from '../report/host-facts.ts';
import { Table } from '../report/table.ts';
import type { BenchArgs } from './bench.ts';
import type { CommandRun } from './command.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { listOutput } from './output-args.ts';

const ROUNDS = 7;

/** Kernels of `bench core` that are shown here. */
const OF_THE_STORE = /^MVCC|^Raft|member|keys of/;

interface Load {
  readonly name: string;
  readonly unit: 'ms' | '1/s';
  /** Bound on own ÷ etcd. */
  readonly ratio: { readonly most: number } | { readonly least: number };
  readonly measure: (address: string) => Promise<number>;
}

const LOADS: readonly Load[] = [
  {
    name: 'sequential put, p50',
    unit: 'ms',
    ratio: { most: 1.2 },
    measure: (address) => sequentialPut(address, 400),
  },
  {
    name: 'puts, 64 outstanding',
    unit: '1/s',
    ratio: { least: 0.9 },
    measure: (address) => concurrentPuts(address, 4_000, 64),
  },
  {
    name: "10,000 watchers' last event",
    unit: 'ms',
    ratio: { most: 1.2 },
    measure: (address) => watchFanOut(address, 100, 100, 3),
  },
];

interface Row {
  readonly name: string;
  readonly unit: string;
  readonly own: number;
  readonly etcd: number | null;
  readonly target: string;
  readonly meets: boolean | null;
}

/** Measures and prints. */
export async function benchStore(args: BenchArgs, run: CommandRun): Promise<ExitCode> {
  const output = listOutput(args.output, 'bench store');
  const { grep = '' } = args;
  const wanted = (name: string): boolean => name.toLowerCase().includes(grep.toLowerCase());
  const interrupt = run.watchInterrupts();
  const progress = run.startProgress();
  const rows: Row[] = [];
  try {
    const kernels = KERNELS.filter(({ name }) => OF_THE_STORE.test(name) && wanted(name));
    for await (const { kernel, measured } of measureAll(kernels, measureKernel, progress, interrupt.signal)) {
      const { best, meets } = measured;
      const target = `${kernel.better === 'higher' ? '≥' : '≤'} ${kernel.target.toLocaleString('en')}`;
      const etcd = kernel.name === KEYS_MEMORY ? await etcdMemory((what) => progress.update(() => what)) : null;
      rows.push({ name: kernel.name, unit: kernel.unit, own: best, etcd, target, meets });
    }
    const loads = LOADS.filter(({ name }) => wanted(name));
    if (loads.length > 0 && !interrupt.signal.aborted) {
      rows.push(...(await compareServers(loads, (what) => progress.update(() => what), interrupt.signal)));
    }
  } finally {
    progress.finish();
    interrupt.release();
  }
  run.io.out(output === 'json' ? json(rows) : table(rows, output === 'markdown', run));
  return interrupt.exitCode ?? (args.strict && rows.some(({ meets }) => meets === false) ? EXIT.finding : EXIT.yes);
}

/** What a real etcd's resident set grows by with the keys of the memory kernel, MB; null where there is none. */
async function etcdMemory(say: (what: string) => void): Promise<number | null> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'seatrial-bench-'));
  const real = await startReal(folder);
  try {
    const before = real === null ? null : residentBytes(real);
    if (real === null || before === null) return null;
    say(`${KEYS_MEMORY}: ${real.name}`);
    await fill(real.address);
    return ((residentBytes(real) ?? Number.NaN) - before) / 1e6;
  } finally {
    await real?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The servers in turns; the median of the rounds counts. */
async function compareServers(
  loads: readonly Load[],
  say: (what: string) => void,
  signal: AbortSignal,
): Promise<Row[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'seatrial-bench-'));
  const servers: StoreServer[] = [];
  try {
    servers.push(await startOwn(folder));
    const real = await startReal(folder);
    if (real !== null) servers.push(real);
    const rows: Row[] = [];
    for (const load of loads) {
      const values = servers.map((): number[] => []);
      for (let round = 0; round < ROUNDS && !signal.aborted; round++) {
        for (const [i, server] of servers.entries()) {
          say(`${load.name}: ${server.name}, round ${round + 1}`);
          values[i]?.push(await load.measure(server.address));
        }
      }
      if (!signal.aborted) rows.push(rowOf(load, values.map(median), real?.name ?? null));
    }
    return rows;
  } finally {
    for (const server of servers) await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] as number;

function rowOf({ name, unit, ratio }: Load, [own = 0, etcd]: readonly number[], real: string | null): Row {
  const bound = 'most' in ratio ? `≤ ${ratio.most} ×` : `≥ ${ratio.least} ×`;
  const target = `${bound} ${real ?? 'etcd'}`;
  if (etcd === undefined) return { name, unit, own, etcd: null, target, meets: null };
  const meets = 'most' in ratio ? own <= ratio.most * etcd : own >= ratio.least * etcd;
  return { name, unit, own, etcd, target, meets };
}

function json(rows: readonly Row[]): string {
  return `${JSON.stringify({ schema: 'seatrial/bench-store/v1', kind: 'host', host: hostFacts(), rows }, null, 2)}\n`;
}

const show = (value: number): string => value.toLocaleString('en', { maximumSignificantDigits: 3 });

function table(rows: readonly Row[], markdown: boolean, run: CommandRun): string {
  const result = new Table([
    { title: 'what' },
    { title: 'seatrial', align: 'right' },
    { title: 'etcd', align: 'right' },
    { title: 'ratio', align: 'right' },
    { title: 'unit' },
    { title: 'target' },
    { title: 'meets' },
  ]);
  for (const { name, unit, own, etcd, target, meets } of rows) {
    const ratio = etcd === null ? '–' : (own / etcd).toFixed(2);
    const verdict = meets === null ? '–' : meets ? 'yes' : 'no';
    result.add([name, show(own), etcd === null ? '–' : show(etcd), ratio, unit, target, verdict]);
  }
  return markdown ? `${result.markdown()}\n` : `${result.text(run.colours)}\n`;
}

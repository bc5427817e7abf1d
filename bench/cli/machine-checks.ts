/**
 * The checks of `doctor`: what a run needs from this machine, and what it can use when it is there.
 *
 * Always: nothing is left behind; the results folder is probed at its nearest existing parent when it does not exist yet.
 */
import { spawnSync } from 'node:child_process';
import { lstatSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { errorCode } from './tool-failure.ts';

/** Outcome of one check. `missing` is an optional thing that is absent: no failure. */
export interface MachineCheck {
  readonly name: string;
  readonly state: 'ok' | 'failed' | 'missing';
  readonly required: boolean;
  /** What was found, and what to do about a failure. */
  readonly found: string;
}

const NODE_VERSION_MIN = [20, 19] as const;
const MEMORY_BYTES_MIN = 1024 ** 3;
const WORKER_TIMEOUT_MS = 5_000;
const PROGRAM_TIMEOUT_MS = 5_000;

/** Optional programs, how to ask their version, and what they are for. */
const PROGRAMS: readonly (readonly [name: string, args: readonly string[], purpose: string])[] = [
  ['kubectl', ['version', '--client'], 'dumps a cluster for `trial --cluster`, `compare --cluster` and `explain`'],
  ['etcd', ['--version'], 'differential test of the store'],
  ['helm', ['version', '--short'], 'renders charts for `trial -`'],
];

/** Runs every check; `results` is relative to `cwd`. Never throws. */
export async function examineMachine(results: string, cwd: string): Promise<readonly MachineCheck[]> {
  return [
    checkNode(process.versions.node),
    checkCores(os.availableParallelism()),
    checkMemory(os.totalmem(), os.freemem()),
    checkResults(path.resolve(cwd, results), results),
    await checkWorkerThreads(),
    ...PROGRAMS.map(([name, args, purpose]) => checkProgram(name, args, purpose)),
  ];
}

/** Node's version against the lowest supported one. */
export function checkNode(version: string): MachineCheck {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const fit = major > NODE_VERSION_MIN[0] || (major === NODE_VERSION_MIN[0] && minor >= NODE_VERSION_MIN[1]);
  const hint = fit ? '' : `; ${NODE_VERSION_MIN.join('.')} or newer is needed`;
  return required('node', fit, `${version}${hint}`);
}

/** Writes and removes a small file in the results folder, or in the nearest parent that exists. */
export function checkResults(folder: string, shown: string): MachineCheck {
  let probe = folder;
  // A link that leads nowhere is there, too: nothing can be created in its place.
  while (lstatSync(probe, { throwIfNoEntry: false }) === undefined && path.dirname(probe) !== probe)
    probe = path.dirname(probe);
  const where = probe === folder ? shown : `${shown} (will be created)`;
  let scratch = '';
  try {
    if (!statSync(probe).isDirectory()) return required('results folder', false, `${shown}: ${probe} is not a folder`);
    scratch = mkdtempSync(path.join(probe, '.seatrial-doctor-'));
    writeFileSync(path.join(scratch, 'probe'), 'probe');
    return required('results folder', true, `${where} is writable`);
  } catch (error) {
    return required('results folder', false, `${shown} is not writable (${errorCode(error)})`);
  } finally {
    if (scratch !== '') rmSync(scratch, { recursive: true, force: true });
  }
}

function checkCores(cores: number): MachineCheck {
  return required('cores', cores >= 1, `${cores}; campaigns use them all by default`);
}

function checkMemory(totalBytes: number, freeBytes: number): MachineCheck {
  const fit = totalBytes >= MEMORY_BYTES_MIN;
  const text = `${gibibytes(totalBytes)} GiB, ${gibibytes(freeBytes)} GiB free`;
  return required('memory', fit, fit ? text : `${text}; 1 GiB is needed`);
}

async function checkWorkerThreads(): Promise<MachineCheck> {
  const source = "require('node:worker_threads').parentPort.postMessage(6 * 7)";
  const outcome = await new Promise<string>((resolve) => {
    const worker = new Worker(source, { eval: true });
    const timer = setTimeout(() => resolve('no answer in 5 s'), WORKER_TIMEOUT_MS);
    worker.once('message', (answer) => resolve(answer === 42 ? '' : 'a wrong answer'));
    worker.once('error', (error) => resolve(error.message));
    worker.once('exit', () => {
      clearTimeout(timer);
      resolve('ended without an answer');
    });
  }).catch((error: unknown) => String(error));
  return required('worker threads', outcome === '', outcome === '' ? 'a thread answered' : outcome);
}

function checkProgram(name: string, args: readonly string[], purpose: string): MachineCheck {
  const run = spawnSync(name, [...args], { encoding: 'utf8', timeout: PROGRAM_TIMEOUT_MS });
  const works = run.error === undefined && run.status === 0;
  const version = works ? (`${run.stdout}${run.stderr}`.trim().split('\n')[0] ?? '') : 'not found';
  return { name, state: works ? 'ok' : 'missing', required: false, found: `${version} (${purpose})` };
}

function required(name: string, fit: boolean, found: string): MachineCheck {
  return { name, state: fit ? 'ok' : 'failed', required: true, found };
}

function gibibytes(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}

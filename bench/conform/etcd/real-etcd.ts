/**
 * A real etcd as a process of its own, on loopback, with a data folder that goes away with it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { EtcdClient } from '../../serve/etcd/client.ts';
import { RPC } from '../../serve/etcd/services.ts';

const START_MS = 20_000;
const STOP_MS = 5_000;

/** Path of the etcd to compare with: SEATRIAL_ETCD, else the first `etcd` on PATH; undefined when there is none. */
export function findEtcd(): string | undefined {
  const given = process.env['SEATRIAL_ETCD'];
  if (given !== undefined && given !== '') return given;
  return (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, 'etcd'))
    .find((file) => existsSync(file));
}

/** Whether the program says of itself that it is an etcd, within {@link STOP_MS}; it is asked for its version only. */
export function isEtcd(program: string): boolean {
  const asked = spawnSync(program, ['--version'], { encoding: 'utf8', timeout: STOP_MS, killSignal: 'SIGKILL' });
  return asked.status === 0 && /^etcd version/im.test(asked.stdout);
}

export class RealEtcd {
  readonly client: EtcdClient;
  readonly address: string;
  readonly version: string;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(client: EtcdClient, address: string, version: string, process: ChildProcess, folder: string) {
    this.client = client;
    this.address = address;
    this.version = version;
    this.#process = process;
    this.#folder = folder;
  }

  /**
   * Starts `program` and waits until it answers; its data folder lies below `parent`, empty, or made by `prepare`.
   * @throws Error with its log when it does not.
   */
  static async start(
    program: string,
    parent: string = os.tmpdir(),
    prepare: (dataDir: string) => Promise<void> = () => Promise.resolve(),
  ): Promise<RealEtcd> {
    const folder = mkdtempSync(path.join(parent, 'seatrial-etcd-'));
    await prepare(path.join(folder, 'data'));
    const [clientPort, peerPort] = [await freePort(), await freePort()];
    const client = `http://127.0.0.1:${clientPort}`;
    const peer = `http://127.0.0.1:${peerPort}`;
    const flags = [
      '--name',
      'default',
      '--data-dir',
      path.join(folder, 'data'),
      '--logger',
      'zap',
      '--log-level',
      'error',
    ];
    flags.push('--listen-client-urls', client, '--advertise-client-urls', client);
    flags.push(
      '--listen-peer-urls',
      peer,
      '--initial-advertise-peer-urls',
      peer,
      '--initial-cluster',
      `default=${peer}`,
    );
    const child = spawn(program, flags, { stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    child.stderr?.on('data', (text: Buffer) => {
      log = (log + text.toString()).slice(-2_000);
    });
    const address = `127.0.0.1:${clientPort}`;
    const etcd = new EtcdClient(address);
    try {
      const failed = new Promise<never>((_, reject) => {
        child.once('error', reject);
        child.once('exit', (code) => reject(new Error(`etcd ended with ${code}`)));
      });
      failed.catch(() => {});
      await Promise.race([etcd.ready(START_MS), failed]);
      const status = await Promise.race([whenLeading(etcd), failed]);
      return new RealEtcd(etcd, address, status, child, folder);
    } catch (error) {
      child.kill('SIGKILL');
      etcd.close();
      rmSync(folder, { recursive: true, force: true });
      throw new Error(`${program} does not start: ${error instanceof Error ? error.message : error}\n${log}`);
    }
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  /** Ends the process and removes its data. */
  async stop(): Promise<void> {
    this.client.close();
    const ended = new Promise<void>((resolve) => this.#process.once('exit', () => resolve()));
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_MS);
    if (this.#process.exitCode === null && this.#process.signalCode === null) await ended;
    clearTimeout(timer);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Waits until a leader serves; returns the version. */
async function whenLeading(client: EtcdClient): Promise<string> {
  for (;;) {
    const read = await client.call(RPC.range, { key: 'health' });
    const status = await client.call(RPC.status, {});
    if (read.ok && status.ok) return status.message['version'] as string;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A port of loopback that nobody listens on now. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

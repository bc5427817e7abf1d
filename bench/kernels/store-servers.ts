/**
 * The two servers that `bench store` compares, each in a process of its own with its data on the same file system.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { findEtcd, RealEtcd } from '../conform/etcd/real-etcd.ts';

const START_MS = 20_000;

/** A server that takes requests. */
export interface StoreServer {
  readonly name: string;
  readonly address: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** `seatrial serve etcd --data-dir` below `parent`. @throws Error with what it said when it does not start. */
export async function startOwn(parent: string): Promise<StoreServer> {
  const folder = mkdtempSync(path.join(parent, 'seatrial-store-'));
  const argv = [...process.execArgv, process.argv[1] as string, 'serve', 'etcd', '--listen', '127.0.0.1:0'];
  const child = spawn(process.execPath, [...argv, '--data-dir', folder], { stdio: ['ignore', 'pipe', 'pipe'] });
  const address = await announced(child);
  return {
    name: 'seatrial',
    address,
    pid: child.pid as number,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function announced(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(() => reject(new Error(`serve etcd does not start: ${said}`)), START_MS);
    const listen = (text: Buffer): void => {
      said += text.toString();
      const found = / on (\S+:\d+)\n/.exec(said);
      if (found === null) return;
      clearTimeout(timer);
      resolve(found[1] as string);
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('exit', (code) => reject(new Error(`serve etcd ended with ${code}: ${said}`)));
  });
}

/** A real etcd where one is installed, otherwise null. */
export async function startReal(parent: string): Promise<StoreServer | null> {
  const program = findEtcd();
  if (program === undefined) return null;
  const etcd = await RealEtcd.start(program, parent);
  return { name: `etcd ${etcd.version}`, address: etcd.address, pid: etcd.pid, stop: () => etcd.stop() };
}

/** Resident set of a server's process, bytes; null where the system does not say (no /proc). */
export function residentBytes({ pid }: StoreServer): number | null {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
  } catch {
    return null;
  }
}

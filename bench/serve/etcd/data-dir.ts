/**
 * A member's data folder: identity, snapshots and the write-ahead log in real files.
 *
 * Always: a request is durable (written and synced) before it is applied and answered, so a process that is killed at any moment loses nothing
 * it acknowledged; requests that wait together are synced together. A damaged file stops the start with its name and offset; nothing is ever
 * started empty over existing data. A cut-off last record is what a crash leaves and is removed.
 */
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Backup, Engine } from '../../../core/store/v3/engine.ts';
import type { WriteRequest } from '../../../core/store/v3/messages.ts';
import { fileFailure } from '../../cli/tool-failure.ts';
import { createFolder, writeFileAtomic } from '../../report/atomic-file.ts';
import { ImageError, readImage, writeImage } from './image-file.ts';
import { LogFile } from './log-file.ts';
import { encodeLogged, type LoggedRequest, readRecord } from './log-record.ts';
import type { ProposalLog } from './member.ts';

const IDENTITY = 'member.json';
const LOCK = 'lock';
const DIGEST_BYTES = 32;
/** The log is cut by a snapshot when it is this long, bytes, and longer than the content itself. */
const LOG_BYTES_MIN = 64 * 1024 * 1024;

/** Who the member is, kept beside its data. */
export interface Identity {
  readonly name: string;
  readonly clusterId: bigint;
  readonly memberId: bigint;
  /** Raised by one at each start. */
  readonly raftTerm: bigint;
}

/** A folder that cannot be used; `message` names file and offset. */
export class DataDirError extends Error {}

/** What a folder held. */
export interface Recovered {
  readonly identity: Identity;
  readonly backup: Backup | null;
  /** Requests after the backup, in order. */
  readonly requests: readonly LoggedRequest[];
  /** Index of the last request. */
  readonly lastIndex: number;
}

const fileName = (kind: 'snapshot' | 'wal', index: number): string =>
  `${kind}-${index.toString(16).padStart(16, '0')}${kind === 'snapshot' ? '.db' : '.log'}`;

function filesOf(folder: string, kind: 'snapshot' | 'wal'): { readonly file: string; readonly index: number }[] {
  const pattern = kind === 'snapshot' ? /^snapshot-([0-9a-f]{16})\.db$/ : /^wal-([0-9a-f]{16})\.log$/;
  return readdirSync(folder)
    .map((name) => ({ file: path.join(folder, name), found: pattern.exec(name) }))
    .filter(({ found }) => found !== null)
    .map(({ file, found }) => ({ file, index: Number.parseInt(found?.[1] as string, 16) }))
    .sort((a, b) => a.index - b.index);
}

/** A data folder that this process has to itself. */
export class DataDir implements ProposalLog {
  readonly #folder: string;
  #log: LogFile | null = null;
  #index = 0;
  #snapshotIndex = 0;
  #raftTerm = 0n;
  #pending: Buffer[] = [];
  #waiting: (() => void)[] = [];
  #syncing = false;
  #closed: (() => void) | null = null;
  #engine: Engine | null = null;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Opens `folder`, or makes it: a folder that holds anything else is refused. `forceNewCluster`: the member begins a cluster of its own.
   * @throws DataDirError naming file and offset of what is wrong.
   */
  static open(
    folder: string,
    name: string,
    forceNewCluster: boolean,
  ): { readonly dir: DataDir; readonly recovered: Recovered } {
    createFolder(folder);
    const dir = new DataDir(folder);
    lock(folder);
    try {
      const known = dir.#readIdentity();
      const recovered = known === null ? dir.#begin(name) : dir.#recover(known, forceNewCluster);
      return { dir, recovered };
    } catch (error) {
      rmSync(path.join(folder, LOCK), { force: true });
      throw error;
    }
  }

  /** Index of the last request logged. */
  get lastIndex(): number {
    return this.#index;
  }

  #readIdentity(): Identity | null {
    const file = path.join(this.#folder, IDENTITY);
    if (!existsSync(file)) {
      const others = readdirSync(this.#folder).filter((name) => name !== LOCK && !name.endsWith('.tmp'));
      // A first start that was killed leaves an empty log at most; nothing was acknowledged.
      const firstLog = fileName('wal', 1);
      if (others.every((name) => name === firstLog && statSync(path.join(this.#folder, name)).size === 0)) {
        rmSync(path.join(this.#folder, firstLog), { force: true });
        return null;
      }
      const hint = others.includes('member') ? ' (an etcd data folder: save a snapshot of it and --restore that)' : '';
      throw new DataDirError(
        `${this.#folder} holds ${others[0]} but no ${IDENTITY}: not a data folder of serve etcd${hint}`,
      );
    }
    try {
      const { name, clusterId, memberId, raftTerm } = JSON.parse(readFileSync(file, 'utf8'));
      return {
        name: String(name),
        clusterId: BigInt(clusterId),
        memberId: BigInt(memberId),
        raftTerm: BigInt(raftTerm),
      };
    } catch (error) {
      throw new DataDirError(`${file}, offset 0: not readable: ${error instanceof Error ? error.message : error}`);
    }
  }

  #writeIdentity(identity: Identity): Identity {
    const text = JSON.stringify(identity, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value), 2);
    writeFileAtomic(path.join(this.#folder, IDENTITY), `${text}\n`);
    this.#raftTerm = identity.raftTerm;
    return identity;
  }

  #begin(name: string): Recovered {
    this.#newLog(1);
    const [clusterId, memberId] = [randomBytes(8).readBigUInt64BE(), randomBytes(8).readBigUInt64BE()];
    // The identity comes last: a folder with one is complete.
    const identity = this.#writeIdentity({ name, clusterId, memberId, raftTerm: 2n });
    this.#syncFolder();
    return { identity, backup: null, requests: [], lastIndex: 0 };
  }

  #recover(known: Identity, forceNewCluster: boolean): Recovered {
    const snapshot = filesOf(this.#folder, 'snapshot').at(-1);
    const backup = snapshot === undefined ? null : readSnapshot(snapshot.file);
    this.#snapshotIndex = snapshot?.index ?? 0;
    const requests = this.#readLogs(this.#snapshotIndex);
    const clusterId = forceNewCluster ? randomBytes(8).readBigUInt64BE() : known.clusterId;
    const identity = this.#writeIdentity({ ...known, clusterId, raftTerm: known.raftTerm + 1n });
    return { identity, backup, requests, lastIndex: this.#index };
  }

  /** Reads what comes after `from` and leaves the last log open for more. */
  #readLogs(from: number): LoggedRequest[] {
    const logs = filesOf(this.#folder, 'wal');
    const needed = logs.filter((_, i) => (logs[i + 1]?.index ?? Number.POSITIVE_INFINITY) > from + 1);
    const requests: LoggedRequest[] = [];
    this.#index = from;
    if (needed.length === 0 || (needed[0]?.index ?? 0) > from + 1) {
      throw new DataDirError(
        `${this.#folder}: the log from index ${from + 1} on is missing (${fileName('wal', from + 1)})`,
      );
    }
    needed.forEach(({ file, index }, i) => {
      if (i > 0 && index !== this.#index + 1) {
        throw new DataDirError(
          `${file}, offset 0: begins at index ${index}, but the log before ends at ${this.#index}`,
        );
      }
      this.#readLog(file, from, i === needed.length - 1, requests);
    });
    return requests;
  }

  #readLog(file: string, from: number, isLast: boolean, requests: LoggedRequest[]): void {
    const content = readFileSync(file);
    let at = 0;
    let crc = 0;
    for (;;) {
      const found = readRecord(content, at, crc);
      if (found.kind === 'damaged') throw new DataDirError(`${file}, offset ${at}: ${found.reason}`);
      if (found.kind === 'torn' && !isLast) throw new DataDirError(`${file}, offset ${at}: the record is cut off`);
      if (found.kind !== 'record') break;
      for (const logged of found.logged) {
        if (logged.index <= from) continue;
        if (logged.index !== this.#index + 1) {
          throw new DataDirError(`${file}, offset ${at}: index ${logged.index} after ${this.#index}`);
        }
        requests.push(logged);
        this.#index = logged.index;
      }
      at = found.end;
      crc = found.crc;
    }
    if (isLast) this.#log = LogFile.open(file, at, crc);
  }

  #newLog(index: number): void {
    this.#log?.close();
    this.#log = LogFile.create(path.join(this.#folder, fileName('wal', index)));
    this.#syncFolder();
  }

  #syncFolder(): void {
    const fd = openSync(this.#folder, 'r');
    fsyncSync(fd);
    closeSync(fd);
  }

  append(request: WriteRequest, durable: () => void): void {
    this.#pending.push(encodeLogged({ index: ++this.#index, request }));
    this.#waiting.push(durable);
    if (!this.#syncing) this.#sync();
  }

  /** Writes and syncs all that waits; what comes meanwhile is the next batch. */
  #sync(): void {
    const log = this.#log as LogFile;
    const waiting = this.#waiting;
    log.write(this.#pending);
    this.#pending = [];
    this.#waiting = [];
    this.#syncing = true;
    log.sync(() => this.#synced(waiting));
  }

  #synced(waiting: readonly (() => void)[]): void {
    const engine = this.#engine;
    const logBytes = (this.#log as LogFile).sizeBytes;
    const isLong = logBytes >= LOG_BYTES_MIN && logBytes >= (engine?.mvcc.sizeBytes ?? 0);
    if (!isLong) {
      // The next batch goes to the disk while this one is applied.
      if (this.#pending.length > 0) this.#sync();
      else this.#syncing = false;
      for (const durable of waiting) durable();
    } else {
      for (const durable of waiting) durable();
      if (engine !== null) this.saveSnapshot(engine);
      if (this.#pending.length > 0) this.#sync();
      else this.#syncing = false;
    }
    if (!this.#syncing) this.#closed?.();
  }

  applied(engine: Engine): void {
    this.#engine = engine;
  }

  /** Writes the content with which a new folder begins, as what request 1 did. */
  saveFirstSnapshot(engine: Engine): void {
    this.#index = 1;
    this.saveSnapshot(engine);
  }

  /** Writes the content of an engine that has applied all but what waits for the disk, and begins a new log. */
  saveSnapshot(engine: Engine): void {
    const index = this.#index - this.#pending.length;
    if (index === this.#snapshotIndex) return;
    const position = { index, term: Number(this.#raftTerm) };
    writeSnapshot(path.join(this.#folder, fileName('snapshot', index)), writeImage(engine.backup(), position));
    this.#syncFolder();
    this.#snapshotIndex = index;
    this.#newLog(index + 1);
    for (const { file, index: from } of filesOf(this.#folder, 'wal')) if (from <= index) rmSync(file);
    for (const { file, index: at } of filesOf(this.#folder, 'snapshot')) if (at < index) rmSync(file);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#closed = null;
        this.#log?.close();
        this.#log = null;
        rmSync(path.join(this.#folder, LOCK), { force: true });
        resolve();
      };
      if (this.#syncing) this.#closed = end;
      else end();
    });
  }
}

/** Content and SHA-256, as `etcdctl snapshot save` leaves it. */
function writeSnapshot(file: string, content: Buffer): void {
  const digest = createHash('sha256').update(content).digest();
  writeFileAtomic(file, Buffer.concat([content, digest]));
}

/** The content of a snapshot file. @throws DataDirError naming file and offset. */
export function readSnapshot(file: string): Backup {
  const bytes = readBytes(file);
  if (bytes.length === 0) throw new DataDirError(`${file}: an empty file, no snapshot`);
  const content = bytes.subarray(0, Math.max(0, bytes.length - DIGEST_BYTES));
  const digest = createHash('sha256').update(content).digest();
  if (bytes.length <= DIGEST_BYTES || !digest.equals(bytes.subarray(content.length))) {
    throw new DataDirError(`${file}, offset ${content.length}: the checksum does not fit the content`);
  }
  try {
    return readImage(content).backup;
  } catch (error) {
    if (error instanceof ImageError) throw new DataDirError(`${file}, offset ${error.offset}: ${error.message}`);
    throw error;
  }
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new DataDirError(fileFailure('read', file, error).message, { cause: error });
  }
}

/** Takes the folder for this process; a lock whose process is gone does not count. */
function lock(folder: string): void {
  const file = path.join(folder, LOCK);
  if (existsSync(file)) {
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid !== process.pid && isAlive(pid)) {
      throw new DataDirError(`${folder} is in use by process ${pid} (${LOCK})`);
    }
  }
  writeFileAtomic(file, `${process.pid}\n`);
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

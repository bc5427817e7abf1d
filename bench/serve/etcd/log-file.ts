/**
 * The file that a member appends its log to.
 *
 * Always: what {@link LogFile.write} got before {@link LogFile.sync} is on the disk when that says so. Room is made ahead of the records, as
 * zeros, so that a sync writes data only and no change of the file's size; an orderly end takes the room away again.
 */
import { closeSync, fdatasync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { frameRecord } from './log-record.ts';

/** Room made at a time. */
const ROOM_BYTES = 256 * 1024;
const ZEROS = Buffer.alloc(ROOM_BYTES);

export class LogFile {
  readonly #fd: number;
  #crc: number;
  /** End of the last record. */
  #endBytes: number;
  /** End of the file. */
  #roomBytes: number;

  private constructor(fd: number, endBytes: number, crc: number) {
    this.#fd = fd;
    this.#endBytes = endBytes;
    this.#roomBytes = endBytes;
    this.#crc = crc;
  }

  /** An empty log. @throws when the file exists. */
  static create(file: string): LogFile {
    return new LogFile(openSync(file, 'wx'), 0, 0);
  }

  /** A log whose last record ends at `endBytes` and has the CRC `crc`; what follows it is removed. */
  static open(file: string, endBytes: number, crc: number): LogFile {
    const fd = openSync(file, 'r+');
    ftruncateSync(fd, endBytes);
    fsyncSync(fd);
    return new LogFile(fd, endBytes, crc);
  }

  /** Length of all records. */
  get sizeBytes(): number {
    return this.#endBytes;
  }

  /** Appends a record of these encoded requests. */
  write(logged: readonly Buffer[]): void {
    const { bytes, crc } = frameRecord(logged, this.#crc);
    this.#crc = crc;
    this.#writeAt(bytes, bytes.length, this.#endBytes);
    this.#endBytes += bytes.length;
    if (this.#endBytes <= this.#roomBytes) return;
    this.#roomBytes = (Math.floor(this.#endBytes / ROOM_BYTES) + 1) * ROOM_BYTES;
    this.#writeAt(ZEROS, this.#roomBytes - this.#endBytes, this.#endBytes);
  }

  #writeAt(bytes: Buffer, length: number, position: number): void {
    for (let at = 0; at < length; ) at += writeSync(this.#fd, bytes, at, length - at, position + at);
  }

  /** Calls `done` when all that was written is on the disk. A disk that fails ends the process, as etcd does. */
  sync(done: () => void): void {
    fdatasync(this.#fd, (error) => {
      if (error !== null) throw error;
      done();
    });
  }

  close(): void {
    ftruncateSync(this.#fd, this.#endBytes);
    closeSync(this.#fd);
  }
}

/**
 * A kernel process as the gate sees it: a request at a time, each answered within a named time.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ToolFailure } from '../cli/tool-failure.ts';
import type { KernelRequest } from './protocol.ts';

/** Longest an answer may take, ms. */
const ANSWER_MS_MAX = 120_000;

export interface KernelProcessOptions {
  /** The compiled gate-process.js of the build. */
  readonly program: string;
  /** Share of operations done too much: 0.05 = 5 %. */
  readonly plant?: number;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One process; close() ends it. */
export class KernelProcess {
  readonly #program: string;
  readonly #child: ChildProcessWithoutNullStreams;
  #waiting: Waiting | null = null;
  #errors = '';

  constructor({ program, plant = 0 }: KernelProcessOptions) {
    this.#program = program;
    const argv = [program, ...(plant === 0 ? [] : ['--plant', `${plant}`])];
    // In a group of its own: Ctrl-C is for the gate, which ends its processes; they end by themselves when it is gone.
    this.#child = spawn(process.execPath, argv, { stdio: 'pipe', detached: true });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#answered(line));
    this.#child.stderr.on('data', (text: Buffer) => {
      this.#errors = (this.#errors + text.toString()).slice(-2_000);
    });
    this.#child.stdin.on('error', () => {});
    this.#child.once('error', (error) => this.#failed(error.message));
    this.#child.once('exit', (code, signal) => this.#failed(`it ended with ${signal ?? code}: ${this.#errors.trim()}`));
  }

  /** Sends a request and waits for its answer. @throws ToolFailure when the process dies, refuses or is silent. */
  async ask<T>(request: KernelRequest): Promise<T> {
    const silence = setTimeout(() => this.#failed(`no answer within ${ANSWER_MS_MAX / 1000} s`), ANSWER_MS_MAX);
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#waiting = { resolve: resolve as (value: unknown) => void, reject };
        this.#child.stdin.write(`${JSON.stringify(request)}\n`);
      });
    } finally {
      clearTimeout(silence);
    }
  }

  /** Ends the process. */
  close(): void {
    this.#waiting = null;
    this.#child.removeAllListeners('exit');
    this.#child.kill();
  }

  #answered(line: string): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting === null) return;
    try {
      const value = JSON.parse(line) as { error?: string };
      if (value.error === undefined) waiting.resolve(value);
      else waiting.reject(this.#failure(value.error));
    } catch {
      waiting.reject(this.#failure(`it said ${JSON.stringify(line.slice(0, 100))}`));
    }
  }

  #failed(cause: string): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(this.#failure(cause));
  }

  #failure(cause: string): ToolFailure {
    return new ToolFailure(this.#program, `kernel process ${this.#program}: ${cause}`);
  }
}

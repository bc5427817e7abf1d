/**
 * One watch stream of one side: what was sent, what came.
 */
import type { ClientDuplexStream } from '@grpc/grpc-js';
import type { EtcdClient } from '../../serve/etcd/client.ts';
import { RPC } from '../../serve/etcd/services.ts';
import { decode, type Message } from '../../serve/protobuf/decode.ts';
import { encode } from '../../serve/protobuf/encode.ts';

/** Period at which a progress request is repeated, ms: it stays unanswered while a watcher is behind. */
const PROGRESS_RETRY_MS = 8;

export class WatchSession {
  /** All responses but answers to progress requests, in order. */
  readonly responses: Message[] = [];
  readonly #stream: ClientDuplexStream<Buffer, Buffer>;
  #progress: Message | null = null;
  #changed: () => void = () => {};
  failure = '';
  /** Set by the user of the stream: progress requests cannot be answered, a watch starts in the future. */
  isMute = false;

  constructor(client: EtcdClient) {
    this.#stream = client.open(RPC.watch);
    this.#stream.on('data', (bytes: Buffer) => {
      const response = decode(RPC.watch.response, bytes);
      const isProgress = response['watchId'] === -1n && response['created'] === false;
      if (isProgress) this.#progress = response;
      else this.responses.push(response);
      this.#changed();
    });
    this.#stream.on('error', (error: Error) => {
      this.failure = error.message;
      this.#changed();
    });
  }

  send(request: object): void {
    this.#stream.write(encode(RPC.watch.request, request));
  }

  /** Waits until `holds`, at most `timeoutMs`; says whether it does. */
  async until(holds: () => boolean, timeoutMs: number): Promise<boolean> {
    const end = performance.now() + timeoutMs;
    while (!holds() && this.failure === '') {
      const left = end - performance.now();
      if (left <= 0) return false;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#changed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return holds();
  }

  /** Asks for progress until the answer comes: everything before it has been sent. Null when it never does. */
  async settle(timeoutMs: number): Promise<Message | null> {
    this.#progress = null;
    for (let waited = 0; waited < timeoutMs && this.failure === ''; waited += PROGRESS_RETRY_MS) {
      this.send({ op: 'progress', progress: {} });
      if (await this.until(() => this.#progress !== null, PROGRESS_RETRY_MS)) break;
    }
    return this.#progress;
  }

  /** Closes the stream. */
  close(): void {
    this.#stream.cancel();
  }
}

/**
 * A connection to a real kube-apiserver on this machine: single requests, and watches that call back event by event.
 */
import https from 'node:https';

/** An object as the server sends it. */
export interface RealObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generateName?: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly ownerReferences?: readonly Readonly<Record<string, unknown>>[];
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly deletionGracePeriodSeconds?: number;
  };
  // What else a kind has is read by path, never by type.
  // biome-ignore lint/suspicious/noExplicitAny: objects of a real server, of any kind
  readonly [field: string]: any;
}

/** An answer: its code and body. */
export interface Answer {
  readonly status: number;
  readonly body: RealObject;
}

export interface Watcher {
  stop(): void;
}

export class Connection {
  readonly #port: number;
  readonly #token: string;
  readonly #agent = new https.Agent({ keepAlive: true, maxSockets: 128, rejectUnauthorized: false });

  constructor(port: number, token: string) {
    this.#port = port;
    this.#token = token;
  }

  /** Sends one request; `body` as JSON unless it is a text. Rejects only where no answer comes. */
  request(method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const text = body === undefined || body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body);
      const target = this.#target(method, path, contentType, Buffer.byteLength(text));
      const request = https.request(target, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const answer = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, body: parsed(answer) });
        });
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end(text);
    });
  }

  /** Watches a path from `resourceVersion`; `ended` is told once when the watch ends by itself, `gone` = that version is too old. */
  watch(
    path: string,
    resourceVersion: string,
    take: (type: string, object: RealObject) => void,
    ended: (gone: boolean) => void,
  ): Watcher {
    let open = true;
    const close = (gone: boolean): void => {
      if (open) ended(gone);
      open = false;
    };
    const end = (): void => close(false);
    const url = `${path}?watch=1&resourceVersion=${resourceVersion}&timeoutSeconds=3600`;
    const request = https.request(this.#target('GET', url, '', 0), (response) => {
      let rest = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          if (!open || line === '') continue;
          const { type, object } = JSON.parse(line) as { type: string; object: RealObject };
          if (type === 'ERROR') return close(true);
          take(type, object);
        }
      });
      response.on('end', end);
      response.on('error', end);
    });
    request.on('error', end);
    request.end();
    return {
      stop() {
        open = false;
        request.destroy();
      },
    };
  }

  close(): void {
    this.#agent.destroy();
  }

  #target(method: string, path: string, contentType: string, length: number): https.RequestOptions {
    const headers: Record<string, string> = { authorization: `Bearer ${this.#token}`, accept: 'application/json' };
    if (contentType !== '') headers['content-type'] = contentType;
    // Node sends no length with a DELETE by itself, and then its body is read as the next request.
    if (length > 0) headers['content-length'] = String(length);
    return { host: '127.0.0.1', port: this.#port, method, path, headers, agent: this.#agent };
  }
}

function parsed(text: string): RealObject {
  try {
    return JSON.parse(text) as RealObject;
  } catch {
    return { metadata: { name: '', uid: '', resourceVersion: '' }, message: text };
  }
}

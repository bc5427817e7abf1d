/**
 * Looks whether the ConfigMaps and Secrets of a pod exist: one GET each, all at once, served from the watch cache.
 *
 * Asked again after the volume manager's back-off (500 ms doubling to about 2 min) for volumes, and each 10 s for variables. A server that
 * cannot be reached counts as missing.
 */
import type { RequestListener } from '../client/call.ts';
import type { Pod } from '../types/pod.ts';
import { CONFIGMAPS, SECRETS } from '../types/resource-type.ts';
import type { StatusError } from '../types/status-error.ts';
import { type ApiResponse, type RequestOptions, VERB } from '../types/wire.ts';
import type { FleetState } from './fleet-state.ts';
import { PHASE } from './pod-table.ts';

const MOUNT_BACKOFF_US = 500_000;
const MOUNT_BACKOFF_US_MAX = 122_000_000;
const CONFIG_RETRY_US = 10_000_000;
const FROM_CACHE: RequestOptions = Object.freeze({ resourceVersion: '0' });
const TAG_BASE = 0x100000;
const SOURCES_MAX = 256;

/** The first source that is missing. */
export interface MissingSource {
  readonly volume: string;
  readonly message: string;
  readonly retryUs: number;
}

export class SourceReader implements RequestListener {
  readonly #state: FleetState;
  readonly #answered: (row: number, missing: MissingSource | null) => void;
  /** Lowest index of a missing source by row. */
  readonly #missing = new Map<number, { index: number; error: StatusError }>();

  constructor(state: FleetState, answered: (row: number, missing: MissingSource | null) => void) {
    this.#state = state;
    this.#answered = answered;
  }

  /** Asks for all sources of the pod in `row`; the answer comes to the callback. */
  read(row: number): void {
    const { pods } = this.#state;
    const sources = pods.script[row]?.sources ?? [];
    const client = this.#state.clientOf(pods.node[row] as number);
    const { namespace = '' } = (pods.pod[row] as Pod).metadata;
    const count = Math.min(sources.length, SOURCES_MAX);
    pods.awaited[row] = count;
    this.#missing.delete(row);
    for (let i = 0; i < count; i++) {
      const { kind, name } = sources[i] as (typeof sources)[number];
      const type = kind === 'secret' ? SECRETS : CONFIGMAPS;
      const request = client.request(VERB.get, type, namespace, name, '', null, null, '', FROM_CACHE);
      client.send(request, (row * TAG_BASE + (pods.generation[row] as number)) * SOURCES_MAX + i, this);
    }
  }

  onResponse(tag: number, _response: ApiResponse | null, error: StatusError | null): void {
    const { pods } = this.#state;
    const index = tag % SOURCES_MAX;
    const key = Math.floor(tag / SOURCES_MAX);
    const row = Math.floor(key / TAG_BASE);
    if (pods.generation[row] !== key % TAG_BASE || pods.phase[row] !== PHASE.sources) return;
    const known = this.#missing.get(row);
    if (error !== null && (known === undefined || index < known.index)) this.#missing.set(row, { index, error });
    pods.awaited[row] = (pods.awaited[row] as number) - 1;
    if ((pods.awaited[row] as number) > 0) return;
    const missing = this.#missing.get(row);
    this.#missing.delete(row);
    if (missing === undefined) {
      this.#answered(row, null);
      return;
    }
    const source = pods.script[row]?.sources[missing.index];
    const volume = source?.volume ?? '';
    const tries = Math.min(pods.tries[row] as number, 20);
    const retryUs = volume === '' ? CONFIG_RETRY_US : Math.min(MOUNT_BACKOFF_US * 2 ** tries, MOUNT_BACKOFF_US_MAX);
    const message = missing.error.isNotFound ? `${source?.kind} "${source?.name}" not found` : missing.error.message;
    this.#answered(row, { volume, message, retryUs });
  }
}

/**
 * Looks whether the ConfigMaps and Secrets of a pod exist and its claims are satisfied: one GET each, all at once, those of the
 * former served from the watch cache. A pod that has not everything waits.
 *
 * Asked again after the volume manager's back-off (500 ms doubling to about 2 min) for volumes, and each 10 s for variables and devices. A server that
 * cannot be reached counts as missing.
 */
import type { RequestListener } from '../client/call.ts';
import type { Pod } from '../types/pod.ts';
import { CONFIGMAPS, type ResourceType, SECRETS } from '../types/resource-type.ts';
import type { StatusError } from '../types/status-error.ts';
import { type ApiResponse, type RequestOptions, VERB } from '../types/wire.ts';
import type { FleetState } from './fleet-state.ts';
import { BUG_IGNORES_SOURCES } from './marks.ts';
import { claimRefusal, claimSources, type ObjectSource } from './object-sources.ts';
import type { PodLedger } from './pod-ledger.ts';
import { PHASE } from './pod-table.ts';
import type { PodWriter } from './pod-writer.ts';

const MOUNT_BACKOFF_US = 500_000;
const MOUNT_BACKOFF_US_MAX = 122_000_000;
const CONFIG_RETRY_US = 10_000_000;
const FROM_CACHE: RequestOptions = Object.freeze({ resourceVersion: '0' });
/** Claims are read from the store. */
const NEWEST: RequestOptions = Object.freeze({});
const TAG_BASE = 0x100000;
const SOURCES_MAX = 256;

/** The first source that is not to be had, and why. */
interface Missing {
  readonly index: number;
  readonly message: string;
}

/** Looks at the sources of pods, and holds pods back for which one is missing. */
export class SourceReader implements RequestListener {
  readonly #state: FleetState;
  readonly #ledger: PodLedger;
  readonly #writer: PodWriter;
  readonly #ready: (row: number) => void;
  /** What was asked for, by row: claims are no part of a pod's script. */
  readonly #asked = new Map<number, readonly ObjectSource[]>();
  readonly #missing = new Map<number, Missing>();

  /** `ready` is called with the row of a pod that has everything. */
  constructor(state: FleetState, ledger: PodLedger, writer: PodWriter, ready: (row: number) => void) {
    this.#state = state;
    this.#ledger = ledger;
    this.#writer = writer;
    this.#ready = ready;
  }

  /** Asks for all sources of the pod in `row`. */
  read(row: number): void {
    const { pods } = this.#state;
    pods.phase[row] = PHASE.sources;
    const sources = this.#sourcesOf(row);
    if (sources.length === 0) {
      this.#ready(row);
      return;
    }
    const client = this.#state.clientOf(pods.node[row] as number);
    const { namespace = '' } = (pods.pod[row] as Pod).metadata;
    const count = Math.min(sources.length, SOURCES_MAX);
    pods.awaited[row] = count;
    this.#missing.delete(row);
    this.#asked.set(row, sources);
    for (let i = 0; i < count; i++) {
      const { kind, name } = sources[i] as ObjectSource;
      const options = kind === 'ConfigMap' || kind === 'Secret' ? FROM_CACHE : NEWEST;
      const request = client.request(VERB.get, this.#typeOf(kind), namespace, name, options);
      client.send(request, (row * TAG_BASE + (pods.generation[row] as number)) * SOURCES_MAX + i, this);
    }
  }

  #sourcesOf(row: number): readonly ObjectSource[] {
    const { pods, options } = this.#state;
    const sources = pods.script[row]?.sources ?? [];
    if (options.claimTypes === undefined) return sources;
    const claims = claimSources(pods.pod[row] as Pod);
    return claims.length === 0 ? sources : [...sources, ...claims];
  }

  #typeOf(kind: ObjectSource['kind']): ResourceType {
    const { claimTypes } = this.#state.options;
    if (kind === 'PersistentVolumeClaim') return claimTypes?.volumes as ResourceType;
    if (kind === 'ResourceClaim') return claimTypes?.devices as ResourceType;
    return kind === 'Secret' ? SECRETS : CONFIGMAPS;
  }

  onResponse(tag: number, response: ApiResponse | null, error: StatusError | null): void {
    const { pods } = this.#state;
    const index = tag % SOURCES_MAX;
    const key = Math.floor(tag / SOURCES_MAX);
    const row = Math.floor(key / TAG_BASE);
    if (pods.generation[row] !== key % TAG_BASE || pods.phase[row] !== PHASE.sources) return;
    const source = this.#asked.get(row)?.[index] as ObjectSource;
    const known = this.#missing.get(row);
    if (known === undefined || index < known.index) {
      const message = refusalOf(source, pods.pod[row] as Pod, response, error);
      if (message !== '' && !this.#ignores(row)) this.#missing.set(row, { index, message });
    }
    pods.awaited[row] = (pods.awaited[row] as number) - 1;
    if ((pods.awaited[row] as number) > 0) return;
    const missing = this.#missing.get(row);
    this.#missing.delete(row);
    const asked = this.#asked.get(row) ?? [];
    this.#asked.delete(row);
    if (missing !== undefined) this.#hold(row, asked[missing.index] as ObjectSource, missing.message);
    else {
      pods.tries[row] = 0;
      this.#ready(row);
    }
  }

  #ignores(row: number): boolean {
    return this.#state.contextOf(this.#state.pods.node[row] as number).bug(BUG_IGNORES_SOURCES);
  }

  /** The pod waits, says why, and asks again. */
  #hold(row: number, { kind, volume }: ObjectSource, message: string): void {
    const { pods } = this.#state;
    const tries = Math.min(pods.tries[row] as number, 20);
    const first = pods.message[row] !== message;
    const creating = volume !== '' || kind === 'ResourceClaim';
    pods.phase[row] = creating ? PHASE.mountWait : PHASE.configWait;
    pods.explain(row, creating ? 'ContainerCreating' : 'CreateContainerConfigError', message);
    pods.tries[row] = (pods.tries[row] as number) + 1;
    const [reason, text] = eventOf(kind, volume, message);
    const node = pods.node[row] as number;
    this.#state.event(node, pods.pod[row] as Pod, 'Warning', reason, text);
    if (first) this.#writer.changed(row);
    const mountUs = Math.min(MOUNT_BACKOFF_US * 2 ** tries, MOUNT_BACKOFF_US_MAX);
    this.#ledger.arm(row, volume === '' ? CONFIG_RETRY_US : mountUs);
  }
}

function eventOf(kind: ObjectSource['kind'], volume: string, message: string): readonly [string, string] {
  if (kind === 'ResourceClaim') {
    const what = `Failed to prepare dynamic resources: prepare dynamic resources: ${message}`;
    return ['FailedPrepareDynamicResources', what];
  }
  if (volume === '') return ['Failed', `Error: ${message}`];
  return ['FailedMount', `MountVolume.SetUp failed for volume "${volume}" : ${message}`];
}

function refusalOf(source: ObjectSource, pod: Pod, response: ApiResponse | null, error: StatusError | null): string {
  if (error !== null)
    return error.isNotFound ? `${source.kind.toLowerCase()} "${source.name}" not found` : error.message;
  const object = response?.object ?? null;
  return object === null ? '' : claimRefusal(source, pod, object);
}

/**
 * The one table of proxy rules that all nodes share: each change of a Service or of its slices is a new version.
 *
 * A node's rules are (version, node filter), never a copy. Old entries are kept only as far as some node still has an older version.
 */
import type { Endpoint, EndpointSlice } from '../types/endpoint-slice.ts';
import type { ResourceKeys } from '../types/names.ts';
import type { Service } from '../types/service.ts';

/** What a service looked like from `version` on; `service` null = no such service. */
export interface ServiceRules {
  readonly version: number;
  readonly service: Service | null;
  readonly endpoints: readonly Endpoint[];
}

const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

class Entry {
  service: Service | null = null;
  readonly slices = new Map<number, EndpointSlice>();
  history: ServiceRules[] = [];
}

export class RuleTable {
  /** The newest version; 0 = nothing yet. */
  version = 0;
  readonly #keys: ResourceKeys;
  readonly #entries = new Map<number, Entry>();
  /** Which service a slice belongs to, by slice id. */
  readonly #serviceOfSlice = new Map<number, number>();

  constructor(serviceKeys: ResourceKeys) {
    this.#keys = serviceKeys;
  }

  /** A Service was made, changed, or deleted (null). */
  setService(id: number, service: Service | null): void {
    const entry = this.#entry(id);
    entry.service = service;
    this.#changed(entry);
  }

  /** A slice was made, changed, or deleted (null). */
  setSlice(id: number, slice: EndpointSlice | null): void {
    const before = this.#serviceOfSlice.get(id);
    const name = slice?.metadata.labels?.[SERVICE_NAME_LABEL];
    const after =
      slice === null || name === undefined ? undefined : this.#keys.intern(slice.metadata.namespace ?? '', name);
    if (before !== undefined && before !== after) {
      const entry = this.#entry(before);
      entry.slices.delete(id);
      this.#changed(entry);
      this.#serviceOfSlice.delete(id);
    }
    if (after === undefined || slice === null) return;
    this.#serviceOfSlice.set(id, after);
    const entry = this.#entry(after);
    entry.slices.set(id, slice);
    this.#changed(entry);
  }

  /** A slice as it was given last. */
  sliceOf(id: number): EndpointSlice | undefined {
    const service = this.#serviceOfSlice.get(id);
    return service === undefined ? undefined : this.#entries.get(service)?.slices.get(id);
  }

  /** Ids of all slices and services known, for comparing with a fresh list. */
  sliceIds(): number[] {
    return [...this.#serviceOfSlice.keys()];
  }

  serviceIds(): number[] {
    return [...this.#entries].filter(([, entry]) => entry.service !== null).map(([id]) => id);
  }

  /** The rules of a service as of `version`, null when there were none. */
  at(serviceId: number, version: number): ServiceRules | null {
    const history = this.#entries.get(serviceId)?.history ?? [];
    for (let i = history.length - 1; i >= 0; i--) {
      const rules = history[i] as ServiceRules;
      if (rules.version <= version) return rules;
    }
    return null;
  }

  /** Forgets what no node needs any more: entries replaced at or before `oldestVersion`. */
  prune(oldestVersion: number): void {
    for (const [id, entry] of this.#entries) {
      const { history } = entry;
      let keep = 0;
      while (keep + 1 < history.length && (history[keep + 1] as ServiceRules).version <= oldestVersion) keep++;
      if (keep > 0) entry.history = history.slice(keep);
      if (entry.service === null && entry.slices.size === 0 && entry.history.length === 1) this.#entries.delete(id);
    }
  }

  #entry(id: number): Entry {
    let entry = this.#entries.get(id);
    if (entry === undefined) {
      entry = new Entry();
      this.#entries.set(id, entry);
    }
    return entry;
  }

  #changed(entry: Entry): void {
    this.version++;
    const endpoints: Endpoint[] = [];
    for (const slice of entry.slices.values()) endpoints.push(...(slice.endpoints ?? []));
    entry.history.push({ version: this.version, service: entry.service, endpoints });
  }
}

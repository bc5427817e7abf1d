/**
 * Records one scenario on a running control plane: sends its requests, waits for its conditions, keeps every watch event.
 *
 * What is kept has the original names; `normalise.ts` turns it into the files of a recording.
 */
import type { Step, WaitCondition } from '../../bench/conform/controlplane/recording.ts';
import type { Connection, RealObject, Watcher } from './connection.ts';
import { KIND_PATHS, pathOf } from './kinds.ts';
import type { FakeKubelets } from './kubelets.ts';
import { holds } from './real-waits.ts';
import { type Component, LED, type Stack } from './stack.ts';

const WAIT_MAX_MS = 100_000;
const POLL_MS = 10;

/** A watch event as it came. */
export interface RawEvent {
  readonly type: string;
  readonly kind: string;
  readonly object: RealObject;
  readonly ms: number;
  /** Made from a list: the watch could not be resumed. */
  readonly relisted?: true;
}

/** Everything that was seen of a run. */
export interface RawRun {
  readonly steps: Step[];
  readonly events: RawEvent[];
  /** Objects that were posted, in order. */
  readonly manifests: object[];
  /** Wall time of the start, ms. */
  readonly startedAt: number;
  readonly final: Map<string, RealObject[]>;
}

export class Recorder {
  readonly connection: Connection;
  readonly #kubelets: FakeKubelets;
  readonly #stack: Stack;
  readonly #watchers: Watcher[] = [];
  readonly #live = new Map<string, Map<string, RealObject>>();
  readonly #before = new Set<string>();
  readonly #leases: readonly string[];
  #startedAt = 0;
  #lastChange = 0;
  #closed = false;
  readonly steps: (Step & Record<string, unknown>)[] = [];
  readonly events: RawEvent[] = [];
  readonly manifests: object[] = [];

  /** `leases`: the namespaces whose leases are kept. */
  constructor(stack: Stack, connection: Connection, kubelets: FakeKubelets, leases: readonly string[]) {
    this.#stack = stack;
    this.connection = connection;
    this.#kubelets = kubelets;
    this.#leases = leases;
  }

  /** Lists every kind and watches it from there. */
  async begin(): Promise<void> {
    for (const kind of Object.keys(KIND_PATHS)) {
      const version = await this.#list(kind);
      if (kind !== 'Lease') for (const { metadata } of this.objects(kind)) this.#before.add(metadata.uid);
      this.#follow(kind, version);
    }
    this.#startedAt = Date.now();
    this.#lastChange = this.#startedAt;
    this.#stack.onEnd = ({ component, instance, code, signal }) => {
      const how = code === null ? { signal } : { code };
      if (!this.#closed) this.steps.push({ ms: this.#now(), do: 'exit', ...named(component, instance), ...how });
    };
  }

  end(): RawRun {
    this.#closed = true;
    for (const watcher of this.#watchers) watcher.stop();
    const final = new Map<string, RealObject[]>();
    for (const kind of Object.keys(KIND_PATHS)) {
      if (kind === 'Lease') continue;
      const mine = this.objects(kind).filter(({ metadata }) => !this.#before.has(metadata.uid));
      if (mine.length > 0) final.set(kind, mine);
    }
    const { steps, events, manifests } = this;
    return { steps, events, manifests, startedAt: this.#startedAt, final };
  }

  /** The live objects of a kind in order of creation. */
  objects(kind: string): RealObject[] {
    return [...(this.#live.get(kind)?.values() ?? [])];
  }

  // ---- steps -----------------------------------------------------------------------------------------------------

  async request(
    method: string,
    path: string,
    body?: unknown,
    contentType?: string,
    note?: string,
  ): Promise<{ status: number; body: RealObject }> {
    const ms = this.#now();
    if (method === 'POST' && path.split('/').length <= 7) this.manifests.push(body as object);
    const answer = await this.connection.request(method, path, body, contentType);
    this.#lastChange = Date.now();
    const response = answer.status >= 400 ? { response: answer.body } : {};
    const type = contentType === undefined ? {} : { contentType };
    const said = note === undefined ? {} : { note };
    this.steps.push({ ms, do: 'request', method, path, ...type, body, ...said, status: answer.status, ...response });
    return answer;
  }

  async sleep(forMs: number): Promise<void> {
    this.steps.push({ ms: this.#now(), do: 'sleep', for: forMs });
    await pause(forMs);
  }

  /** Waits until all conditions hold at once. @throws after 100 s. */
  async wait(...until: WaitCondition[]): Promise<void> {
    const ms = this.#now();
    const deadline = Date.now() + WAIT_MAX_MS;
    for (;;) {
      const missing = until.find((condition) => !this.#holds(condition));
      if (missing === undefined) break;
      if (Date.now() > deadline) throw new Error(`never came true: ${JSON.stringify(missing)}`);
      await pause(POLL_MS);
    }
    this.steps.push({ ms, do: 'wait', until, took: this.#now() - ms });
  }

  /** Sends a signal to an instance of a component, or starts one. */
  process(component: Component, action: 'start' | NodeJS.Signals, instance = 'instance-1'): void {
    this.steps.push({ ms: this.#now(), do: 'process', action, ...named(component, instance) });
    if (action === 'start') this.#stack.launch(component, instance);
    else this.#stack.signal(component, action, instance);
  }

  async ready(): Promise<void> {
    await this.#stack.ready();
    this.steps.push({ ms: this.#now(), do: 'ready', component: 'kube-apiserver' });
  }

  #now(): number {
    return Date.now() - this.#startedAt;
  }

  #holds(condition: WaitCondition): boolean {
    if (condition.quiet !== undefined) return Date.now() - this.#lastChange >= condition.quiet;
    return holds((kind) => this.objects(kind), condition);
  }

  // ---- watches ---------------------------------------------------------------------------------------------------

  async #list(kind: string): Promise<string> {
    const { body } = await this.connection.request('GET', pathOf(kind, ''));
    const objects = new Map<string, RealObject>();
    for (const object of body['items'] as RealObject[]) objects.set(keyOf(object), object);
    this.#live.set(kind, objects);
    return body.metadata.resourceVersion;
  }

  #follow(kind: string, version: string): void {
    let last = version;
    const again = (gone: boolean): void => {
      if (this.#closed) return;
      setTimeout(() => void (gone ? this.#relist(kind) : this.#follow(kind, last)), 100);
    };
    const take = (type: string, object: RealObject): void => {
      last = object.metadata.resourceVersion;
      this.#take(type, kind, object);
    };
    this.#watchers.push(this.connection.watch(pathOf(kind, ''), version, take, again));
  }

  /** What a list shows that the lost watch did not: objects that changed or went meanwhile. */
  async #relist(kind: string): Promise<void> {
    const before = this.#live.get(kind) as Map<string, RealObject>;
    const version = await this.#list(kind).catch(() => null);
    if (version === null) {
      setTimeout(() => void this.#relist(kind), 100);
      return;
    }
    const now = this.#live.get(kind) as Map<string, RealObject>;
    for (const [key, object] of before) {
      const gone = { ...object, metadata: { ...object.metadata, resourceVersion: version } };
      if (!now.has(key)) this.#take('DELETED', kind, gone, true);
    }
    for (const [key, object] of [...now]) {
      const known = before.get(key);
      if (known?.metadata.resourceVersion === object.metadata.resourceVersion) continue;
      this.#take(known === undefined ? 'ADDED' : 'MODIFIED', kind, object, true);
    }
    this.#follow(kind, version);
  }

  #take(type: string, kind: string, object: RealObject, relisted = false): void {
    const objects = this.#live.get(kind) as Map<string, RealObject>;
    if (type === 'DELETED') objects.delete(keyOf(object));
    else objects.set(keyOf(object), object);
    if (kind !== 'Event' && kind !== 'Lease') this.#lastChange = Date.now();
    this.#kubelets.take(type, kind, object);
    if (this.#before.has(object.metadata.uid)) return;
    if (kind === 'Lease' && !this.#leases.includes(object.metadata.namespace ?? '')) return;
    this.events.push({ type, kind, object, ms: this.#now(), ...(relisted ? { relisted } : {}) });
  }
}

/** Instances are told apart where there may be several. */
function named(component: Component, instance: string): { component: string; instance?: string } {
  return LED.some((each) => each === component) ? { component, instance } : { component };
}

function keyOf({ metadata }: RealObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

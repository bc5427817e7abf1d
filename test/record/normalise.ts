/**
 * Turns a recorded run into the files of a recording: generated names, uids, addresses and times in their normal form.
 *
 * The forms are those of the shared recordings (their README, Normalisation).
 */
import type { RealObject } from './connection.ts';
import { eventFieldsOf } from './kinds.ts';
import type { RawEvent, RawRun } from './recorder.ts';

const WORD = /[a-z0-9]+(?:-[a-z0-9]+)*/g;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const ADDRESS = /\b10\.(?:9[68]|24[4-7]|250)\.\d+\.\d+(?:\/\d+)?\b/g;
const EVENT_NAME = /^(.*)\.[0-9a-f]{16}$/;

/** The files of a recording, as values. */
export interface RecordingFiles {
  readonly events: readonly object[];
  readonly steps: readonly unknown[];
  readonly originalNames: Readonly<Record<string, string>>;
  readonly final: Readonly<Record<string, unknown>>;
}

export function normalise(run: RawRun): RecordingFiles {
  const names = new Names(run.startedAt);
  const version = ({ object }: RawEvent): number => Number(object.metadata.resourceVersion);
  const uids = new Set(run.events.map(({ object }) => object.metadata.uid));
  const events = run.events
    .filter((event) => isOfScenario(event) && isOfRun(event, uids))
    .sort((left, right) => version(left) - version(right));
  for (const { type, kind, object } of events) {
    if (type === 'ADDED') names.learn(kind, object);
    if (kind === 'Lease' && object.metadata.namespace === 'kube-system') names.learnHolder(object);
  }
  const first = events.length === 0 ? 0 : version(events[0] as RawEvent);
  const written = events.map((event, index) => {
    const { type, kind, object, ms, relisted } = event;
    const { namespace, name, uid } = object.metadata;
    const f = names.value(eventFieldsOf(kind, names.withHolder(kind, object)));
    const place = namespace === undefined ? {} : { ns: namespace };
    const what = { type, kind, ...place, name: names.name(kind, name), uid: names.text(uid), f };
    return { seq: index + 1, rv: version(event) - first, ms, ...what, ...(relisted ? { relisted } : {}) };
  });
  const final = Object.fromEntries(
    [...run.final].map(([kind, objects]) => [kind, objects.filter(isKept).map((object) => names.object(kind, object))]),
  );
  return {
    events: written,
    steps: run.steps.map((step) => names.value(step)),
    originalNames: names.originals(),
    final,
  };
}

function isKept({ metadata }: RealObject): boolean {
  return metadata.namespace === undefined || !metadata.namespace.startsWith('kube-');
}

function isOfScenario({ kind, object }: RawEvent): boolean {
  return kind === 'Lease' || isKept(object);
}

/** A component may repeat what it said of an object of an earlier run. */
function isOfRun({ kind, object }: RawEvent, uids: ReadonlySet<string>): boolean {
  if (kind !== 'Event') return true;
  const { kind: about, uid } = object['involvedObject'];
  return about === 'Node' || uids.has(uid);
}

class Names {
  readonly #startedAt: number;
  readonly #normal = new Map<string, string>();
  readonly #events = new Map<string, string>();
  readonly #numbers = new Map<string, number>();
  readonly #holders = new Map<string, string>();

  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  learn(kind: string, { metadata }: RealObject): void {
    const { name, generateName, labels, ownerReferences } = metadata;
    const podHash = labels?.['pod-template-hash'];
    const owner = ownerReferences?.find((each) => each['controller'] === true);
    if (kind === 'Event') this.#learnEvent(name);
    else if (kind === 'Lease') return;
    else if (kind === 'ReplicaSet' && podHash !== undefined) this.#learnHash(name, podHash, 'hash');
    else if (kind === 'ControllerRevision') this.#learnHash(name, name.slice(name.lastIndexOf('-') + 1), 'rev');
    else if (kind === 'Job' && owner?.['kind'] === 'CronJob')
      this.#put(name, `${owner['name']}-run${this.#next(`run/${owner['name']}`)}`);
    else if (generateName !== undefined && name !== generateName && !/-\d+$/.test(name)) {
      const word = kind === 'EndpointSlice' ? 'slice' : 'pod';
      const prefix = this.#words(generateName.slice(0, -1));
      this.#put(name, `${prefix}-${word}${this.#next(`${kind}/${generateName}`)}`);
    }
  }

  /** Holders of a led component's lease get the numbers of their instances: they were started in that order. */
  learnHolder({ metadata, spec }: RealObject): void {
    const holder = spec.holderIdentity as string;
    const key = `${metadata.name}/${holder}`;
    if (holder !== '' && !this.#holders.has(key)) this.#holders.set(key, `instance-${this.#next(metadata.name)}`);
  }

  originals(): Record<string, string> {
    return Object.fromEntries([...this.#normal].map(([original, normal]) => [normal, original]));
  }

  withHolder(kind: string, object: RealObject): RealObject {
    const instance = this.#holders.get(`${object.metadata.name}/${object['spec']?.holderIdentity}`);
    if (kind !== 'Lease' || instance === undefined) return object;
    return { ...object, spec: { ...object['spec'], holderIdentity: instance } };
  }

  name(kind: string, name: string): string {
    return kind === 'Event' ? (this.#events.get(name) ?? name) : this.text(name);
  }

  text(text: string): string {
    if (TIME.test(text)) return this.#time(text);
    if (text.includes('-----BEGIN')) return '<pem>';
    if (/^eyJ[\w-]+\./.test(text)) return '<jwt>';
    const withUids = text.replace(UUID, (uid) => `uid-${this.#numbered('uid', uid)}`);
    const withIps = withUids.replace(ADDRESS, (ip) => `ip-${this.#numbered('ip', ip)}`);
    return this.#words(withIps);
  }

  value(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((each) => this.value(each));
    if (value === null || typeof value !== 'object') return value;
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
    return Object.fromEntries(entries.map(([key, inner]) => [this.text(key), this.value(inner)]));
  }

  object(kind: string, object: RealObject): unknown {
    const { resourceVersion, ...metadata } = object.metadata;
    const { managedFields, ...kept } = metadata as Record<string, unknown>;
    const named = { ...kept, name: this.name(kind, object.metadata.name) };
    return this.value({ kind, apiVersion: object.apiVersion, ...object, metadata: named });
  }

  #learnEvent(name: string): void {
    const [, object = name] = EVENT_NAME.exec(name) ?? [];
    this.#events.set(name, `${this.text(object)}.e${this.#next('event')}`);
  }

  #learnHash(name: string, hash: string, word: string): void {
    if (!this.#normal.has(hash)) this.#put(hash, `${word}${this.#next(word)}`);
    this.#put(name, name.replace(hash, this.#normal.get(hash) as string));
  }

  #put(original: string, normal: string): void {
    this.#normal.set(original, normal);
  }

  #next(counter: string): number {
    const number = (this.#numbers.get(counter) ?? 0) + 1;
    this.#numbers.set(counter, number);
    return number;
  }

  #numbered(word: string, text: string): number {
    const key = `${word}=${text}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#next(word);
      this.#numbers.set(key, number);
    }
    return number;
  }

  #time(text: string): string {
    const seconds = (Date.parse(text) - this.#startedAt) / 1000;
    const [shown] = text.includes('.') ? [seconds.toFixed(3)] : [String(Math.floor(seconds + 0.001))];
    return `t${(shown ?? '').startsWith('-') ? '' : '+'}${shown}s`;
  }

  #words(text: string): string {
    return text.replace(WORD, (word) => this.#word(word));
  }

  #word(word: string): string {
    const known = this.#normal.get(word);
    if (known !== undefined) return known;
    const volume = /^(kube-api-access)-[a-z0-9]{5}$/.exec(word);
    if (volume !== null) return `${volume[1]}-xxxxx`;
    const cut = word.lastIndexOf('-');
    if (cut < 0) return word;
    return `${this.#word(word.slice(0, cut))}-${this.#word(word.slice(cut + 1))}`;
  }
}

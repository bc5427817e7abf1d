/**
 * Generated names as the recordings write them: `hash1` for the first template hash, `web-hash1-pod1` for the first pod of a prefix.
 *
 * Learns from commits in order; translates both ways, uids of objects too.
 */
import type { Commit, World } from '../../../../core/chaos/world.ts';
import type { KubeObject, OwnerReference } from '../../../../core/types/object.ts';
import type { Recording } from './whole-recording.ts';

const WORD = /[a-z0-9]+(?:-[a-z0-9]+)*/g;

const isStatefulSet = ({ kind }: OwnerReference): boolean => kind === 'StatefulSet';

export class RecordedNames {
  /** uid of the recording → kind, namespace, name. */
  readonly #recordedUids = new Map<string, readonly [string, string, string]>();
  readonly #toNormal = new Map<string, string>();
  readonly #toOurs = new Map<string, string>();
  readonly #numbers = new Map<string, number>();
  /** Pod of the recording → its node there. */
  readonly #recordedNodes = new Map<string, string>();
  /** Pods of the recording that requests have named. */
  readonly #paired = new Set<string>();

  constructor(recording: Recording) {
    for (const { uid, kind, ns, name, f } of recording.events) {
      this.#recordedUids.set(uid, [kind, ns ?? '', name]);
      if (kind === 'Pod' && typeof f['nodeName'] === 'string') this.#recordedNodes.set(name, f['nodeName']);
    }
  }

  /** Notes the names of what a commit created. */
  learn({ object, previous, kind }: Commit): void {
    if (object === null || previous !== null || kind === 'Event') return;
    const { name, generateName, labels, ownerReferences } = object.metadata;
    const podHash = labels?.['pod-template-hash'];
    if (kind === 'ReplicaSet' && podHash !== undefined) this.#learnHash(name, podHash, 'hash');
    else if (kind === 'ControllerRevision') this.#learnHash(name, name.slice(name.lastIndexOf('-') + 1), 'rev');
    // A StatefulSet's pods carry a generateName, and a name of their own.
    else if (generateName !== undefined && ownerReferences?.some(isStatefulSet) !== true) {
      const prefix = this.text(generateName.slice(0, -1));
      this.#put(
        name,
        `${prefix}-${kind === 'EndpointSlice' ? 'slice' : 'pod'}${this.#next(`${kind}/${generateName}`)}`,
      );
    }
  }

  #learnHash(name: string, hash: string, word: string): void {
    if (!this.#toNormal.has(hash)) this.#put(hash, `${word}${this.#next(word)}`);
    this.#put(name, name.replace(hash, this.#toNormal.get(hash) as string));
  }

  #next(counter: string): number {
    const number = (this.#numbers.get(counter) ?? 0) + 1;
    this.#numbers.set(counter, number);
    return number;
  }

  #put(ours: string, normal: string): void {
    this.#toNormal.set(ours, normal);
    this.#toOurs.set(normal, ours);
  }

  /** Our name of what the recording calls `normal`. */
  original(normal: string): string {
    return this.#toOurs.get(normal) ?? normal;
  }

  /**
   * Pairs a numbered pod that a request is about to name with an equal one of ours on the same node: what a drain evicts is what runs there,
   * and which of several equal pods that is, is not stable. Once paired, always paired; without an equal pod there, the order of creation pairs.
   */
  pair(recorded: string, world: World): void {
    const node = this.#recordedNodes.get(recorded);
    if (node === undefined || this.#paired.has(recorded)) return;
    this.#paired.add(recorded);
    const former = this.original(recorded);
    const prefix = recorded.replace(/\d+$/, '');
    const placed = [...world.of('Pod').values()].filter(
      ({ spec }) => (spec as { nodeName?: string }).nodeName === node,
    );
    const names = placed.map(({ metadata }) => metadata.name);
    if (names.includes(former)) return;
    const ours = names.find((name) => {
      const normal = this.#toNormal.get(name);
      return normal?.replace(/\d+$/, '') === prefix && !this.#paired.has(normal);
    });
    if (ours === undefined) return;
    const swapped = this.#toNormal.get(ours) as string;
    this.#put(ours, recorded);
    this.#put(former, swapped);
  }

  /** `text` with every generated name in it in its normal form. */
  text(text: string): string {
    return text.replace(WORD, (word) => this.#normalWord(word));
  }

  #normalWord(word: string): string {
    const known = this.#toNormal.get(word);
    if (known !== undefined) return known;
    const cut = word.lastIndexOf('-');
    if (cut < 0) return word;
    // `web-<hash>-` as generateName, or a name that goes on after a generated one.
    return `${this.#normalWord(word.slice(0, cut))}-${this.#normalWord(word.slice(cut + 1))}`;
  }

  /** A request's body with our names and uids in place of the recorded ones. */
  toOurs(body: unknown, world: World): unknown {
    if (typeof body === 'string') return this.#uidOf(body, world) ?? this.original(body);
    if (Array.isArray(body)) return body.map((item) => this.toOurs(item, world));
    if (body === null || typeof body !== 'object') return body;
    return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, this.toOurs(value, world)]));
  }

  #uidOf(text: string, world: World): string | undefined {
    const found = this.#recordedUids.get(text);
    if (found === undefined) return undefined;
    const [kind, namespace, name] = found;
    const ours = this.original(name);
    for (const { metadata } of world.of(kind).values() as Iterable<KubeObject>) {
      if (metadata.name === ours && (metadata.namespace ?? '') === namespace) return metadata.uid;
    }
    return text;
  }
}

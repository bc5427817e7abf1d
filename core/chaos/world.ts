/**
 * Committed history as predicates see it: the store's content after each commit, decoded, by kind.
 *
 * Fed by the store's commit point and nothing else, so it cannot share a mistake with a cache of the system under test.
 * One Map write a commit.
 */
import type { Node } from '../types/node.ts';
import type { KubeObject } from '../types/object.ts';

/** One committed change. `object` is null for a deletion, `previous` null for a creation. */
export interface Commit {
  readonly timeUs: number;
  readonly revision: number;
  readonly keyId: number;
  readonly kind: string;
  readonly object: KubeObject | null;
  readonly previous: KubeObject | null;
}

const EMPTY: ReadonlyMap<number, KubeObject> = new Map();

/** What the store holds of a kind, and when a commit was last about one. */
interface OfKind {
  readonly objects: Map<number, KubeObject>;
  lastUs: number;
}

export class World {
  readonly #byKind = new Map<string, OfKind>();
  /** Store keys of Nodes, by name: a name keeps its key. */
  readonly #nodeKeys = new Map<string, number>();
  /** Commits so far, heartbeats and Event objects included. */
  commitCount = 0;
  /** Commits so far that are neither heartbeats (Lease, Node status) nor Event objects. */
  workCount = 0;
  /** When the last of those happened, µs. */
  lastWorkUs = 0;
  revision = 0;

  /** Kinds that have had objects, in the order of their coming. */
  get kinds(): string[] {
    return [...this.#byKind.keys()];
  }

  /** Objects of a kind by store key id. */
  of(kind: string): ReadonlyMap<number, KubeObject> {
    return this.#byKind.get(kind)?.objects ?? EMPTY;
  }

  /** When an object of that kind was last committed or removed, µs; 0 before. */
  lastUs(kind: string): number {
    return this.#byKind.get(kind)?.lastUs ?? 0;
  }

  /** The Node of that name as it is stored now. */
  nodeNamed(name: string): Node | undefined {
    const nodes = this.of('Node');
    const known = nodes.get(this.#nodeKeys.get(name) ?? -1);
    if (known !== undefined) return known as Node;
    for (const [key, { metadata }] of nodes) this.#nodeKeys.set(metadata.name, key);
    return nodes.get(this.#nodeKeys.get(name) ?? -1) as Node | undefined;
  }

  /** Takes a commit in; whether it is work, no heartbeat. */
  apply(commit: Commit): boolean {
    let ofKind = this.#byKind.get(commit.kind);
    if (ofKind === undefined) {
      ofKind = { objects: new Map(), lastUs: 0 };
      this.#byKind.set(commit.kind, ofKind);
    }
    ofKind.lastUs = commit.timeUs;
    if (commit.object === null) ofKind.objects.delete(commit.keyId);
    else ofKind.objects.set(commit.keyId, commit.object);
    this.commitCount++;
    this.revision = commit.revision;
    if (isHeartbeat(commit)) return false;
    this.workCount++;
    this.lastWorkUs = commit.timeUs;
    return true;
  }
}

/** Renewals, node status and Event objects go on for ever; they are no work. */
export function isHeartbeat(commit: Commit): boolean {
  if (commit.kind === 'Lease' || commit.kind === 'Event' || commit.kind === 'CompactRevision') return true;
  if (commit.kind !== 'Node' || commit.object === null || commit.previous === null) return false;
  return (
    commit.object.spec === commit.previous.spec && commit.object.metadata.labels === commit.previous.metadata.labels
  );
}

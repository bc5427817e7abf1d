/**
 * Predicates: what must hold. Ids are those of the catalogue (SC1, RS1, X2 …).
 *
 * *always* predicates are checked on every commit or component action they listen to; *liveness* predicates are asked after the heal point
 * and must hold within the bound and then for the whole stability window. Each counts its evaluations, so that a verdict can list
 * those that never saw anything to judge. A predicate imports base, types and sim only, never the component it judges.
 *
 * A small run has some ninety of them, so each must cost next to nothing where its subject does not appear: it names the kinds, and the parts of objects, whose
 * commits and points it reads ({@link Predicate.commitKinds}, {@link Predicate.commitParts}, the same of {@link listen}), begins to listen with the first object of its subject ({@link listenLater}), makes maps and texts when
 * something is to be put in or told, and puts a question that nothing can have changed off (`Settled`). What it shares with another one hangs on the run
 * (`observation.shared`), never on a table of the module.
 */
import type { Observer } from '../sim/observation.ts';
import { findPoint } from '../sim/registry.ts';
import type { Simulation } from '../sim/simulation.ts';
import type { KubeObject } from '../types/object.ts';
import type { ApiRequest } from '../types/wire.ts';
import type { Commit, World } from './world.ts';

/** A broken *always* predicate, or a liveness predicate that did not come true. */
export interface Violation {
  readonly predicate: string;
  readonly timeUs: number;
  readonly revision: number;
  readonly message: string;
}

/** What really is inside processes, whatever the API says. Plain functions: a predicate never imports the components they read. */
export interface GroundTruth {
  /** Nodes whose kubelet runs and is connected now. */
  connectedNodes(): readonly { readonly index: number; readonly name: string; readonly zone: string }[];
  /** Which endpoints the proxies prefer. */
  readonly proxyMode: 'default' | 'same-node' | 'same-zone';
  /** Endpoint addresses that the node's proxy sends to for a service, as programmed now. */
  rulesOf(node: number, namespace: string, service: string): readonly string[];
  /** How many requests of each class an API server may serve at one time. */
  readonly requestSeats: { readonly read: number; readonly write: number };
  /** How long the node lifecycle controller waits for a heartbeat, µs. */
  readonly nodeMonitorGraceUs: number;
  /** `recorded`: the fake kubelet of the reference recordings, which removes pods without a word on how they ended. */
  readonly kubelet: 'real' | 'recorded';
  /** Whether the cluster has a controller of that name. */
  runsController(name: string): boolean;
  /** What the cloud says of a node's instance; null where it knows none. */
  instanceState(node: string): 'running' | 'stopped' | 'removed' | null;
  /** The caches of all running processes. */
  caches(): Iterable<Cache>;
  /** The queues of all schedulers that schedule. */
  queues(): Iterable<Queue>;
}

/** One scheduler's queue. */
export interface Queue {
  readonly process: string;
  /** What is wrong with pods that wait: a text each. */
  readonly lost: readonly string[];
}

/** One informer's copy of all objects of a kind. */
export interface Cache {
  readonly process: string;
  readonly apiVersion: string;
  readonly kind: string;
  /** false before its first list. */
  readonly synced: boolean;
  readonly size: number;
  find(namespace: string, name: string): KubeObject | undefined;
}

/** What a predicate is given. */
export interface Judge {
  /** What several predicates of a run share lies in `sim.observation.shared`, never in a table of the module. */
  readonly sim: Simulation;
  readonly world: World;
  /** Absent where there is no cluster; predicates that need it are then never evaluated. */
  readonly truth?: GroundTruth | undefined;
  /** From when on faults that are over explain nothing any more, µs; infinity while one acts. */
  readonly calmSinceUs: number;
  /** The commit that is being told of is a fault's own write. */
  readonly isOfFault?: boolean;
  /** Records a violation at the present instant. */
  violate(predicate: Predicate, message: string): void;
}

/** An object that something is said of. */
export interface Subject {
  readonly kind: string;
  /** As {@link keyOf} has it. */
  readonly key: string;
}

export interface Predicate {
  readonly id: string;
  /** One sentence: what must hold. */
  readonly about: string;
  /** How often it was evaluated. */
  evaluations: number;
  /** Kinds whose commits it is called for; absent = all. */
  readonly commitKinds?: readonly string[];
  /** Parts of which one must have changed for it to be called (`changed-parts.ts`); absent = it is called whatever changed. */
  readonly commitParts?: number;
  /** Called for each commit of those kinds and parts, after the world has taken it in; `kind`: number of its kind ({@link Observer}). */
  onCommit?(commit: Commit, kind: number): void;
  /** Called once when the run is over, for what can be judged only then. */
  conclude?(): void;
  /** Liveness: null while it holds, else what is missing. */
  missing?(): string | null;
  /** Liveness: the object that its last lack was about; absent where it was about none. */
  subject?: Subject;
  /** Liveness: true if it must hold after every commit of the stability window, not only whenever somebody looks. */
  readonly staysSo?: true;
}

/** What a predicate says is missing (`text`) of an object, which becomes its subject. */
export function lacks(predicate: Predicate, kind: string, object: Parameters<typeof keyOf>[0], text: string): string {
  predicate.subject = { kind, key: keyOf(object) };
  return text;
}

/** Makes a predicate for one run; it may listen at declared points of `judge.sim`. */
export type PredicateFactory = (judge: Judge) => Predicate;

/** What predicates read of a write that the store took (point `api.write`). */
export interface CommittedWrite {
  readonly op: { readonly request: ApiRequest };
  /** null for a creation. */
  readonly before: KubeObject | null;
  /** null for a deletion. */
  readonly after: KubeObject | null;
}

/**
 * Listens at a declared point by name, to subjects of these kinds alone where they have kinds, and with one of these parts; where its component is
 * not part of the build there is nothing to hear.
 */
export function listen(judge: Judge, point: string, heard: Observer, kinds?: readonly string[], parts?: number): void {
  const id = findPoint(point);
  if (id !== undefined) judge.sim.observation.listen(id, heard, kinds, parts);
}

/** As {@link listen}, from the first call of what this returns on: nothing is heard in runs in which a predicate's subject never appears. */
export function listenLater(
  judge: Judge,
  point: string,
  heard: Observer,
  kinds?: readonly string[],
  parts?: number,
): () => void {
  let listens = false;
  return () => {
    if (!listens) listen(judge, point, heard, kinds, parts);
    listens = true;
  };
}

/** `ns/name`, or the name alone for cluster-scoped objects. */
export function keyOf(object: {
  readonly metadata: { readonly namespace?: string | undefined; readonly name: string };
}): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

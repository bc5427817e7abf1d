/**
 * Runs one script on two stores, step by step, and names the first answer, watch stream or hash that differs.
 *
 * Always: a step is sent to the second store's side at the same time and waited for on both; before a compaction all watch streams have
 * caught up, since what a watch gets of compacted history is a matter of time.
 */
import type { CallResult } from '../../serve/etcd/client.ts';
import { RPC } from '../../serve/etcd/services.ts';
import type { Message } from '../../serve/protobuf/decode.ts';
import { normalise, normaliseResult } from './normalise.ts';
import { revisionOf, type Side } from './side.ts';
import type { Step } from './step.ts';
import type { WatchSession } from './watch-session.ts';

/** Time for what must come, ms. */
const ANSWER_MS = 5_000;
/** Time for what may come from streams that cannot be asked, ms: longer than etcd's pass over watchers that are behind. */
const MUTE_MS = 150;
/** Time a live event may take, ms. */
const LIVE_MS = 15;
/** Time the removal of a compaction's history may take that nobody waits for, ms. */
const COMPACTION_MS = 25;
/** Most revisions whose hash is compared at the end of a script. */
const HASHES_MAX = 48;
/** Tries for answers that hold a time: the two stores' clocks may tick over between their answers. */
const CLOCK_TRIES = 4;

/** A refused create that every server answers at once, in order with other control messages. */
const PING = { op: 'create', create: { key: 'z', rangeEnd: 'a' } };
const PING_REASON = 'watcher range is empty';

/** Called for each step with its kind and outcome. */
export type Count = (kind: string, outcome: string) => void;

interface Pair {
  readonly real: Side;
  readonly own: Side;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One stream on both sides. */
interface StreamPair {
  readonly real: WatchSession;
  readonly own: WatchSession;
  pings: number;
  /** Watches whose catch-up may be cut into responses differently. */
  readonly loose: Set<bigint>;
}

export class ScriptRun {
  readonly #pair: Pair;
  readonly #count: Count;
  readonly #progressInOrder: boolean;
  readonly #streams = new Map<number, StreamPair>();
  readonly #closed: StreamPair[] = [];

  /** `progressInOrder`: the answer to a progress request says that everything before it was sent. */
  constructor(real: Side, own: Side, progressInOrder: boolean, count: Count) {
    this.#progressInOrder = progressInOrder;
    this.#pair = { real, own };
    this.#count = count;
  }

  /** The first difference, or null. */
  async run(steps: readonly Step[]): Promise<string | null> {
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i] as Step;
      const difference = await this.#step(step);
      if (difference !== null) return `step ${i + 1} (${show(step)}): ${difference}`;
    }
    return (await this.#compareStreams()) ?? (await this.#compareHashes()) ?? (await this.#cleanUp());
  }

  async #step(step: Step): Promise<string | null> {
    switch (step.kind) {
      case 'wait':
        await sleep(step.ms);
        this.#count('lease expiry', 'waited for');
        return null;
      case 'watch':
        return await this.#watch(step);
      case 'watch cancel':
        return await this.#cancel(step);
      case 'watch progress':
        this.#count(step.kind, 'sent');
        return await this.#settle(step.stream);
      case 'compact':
        return await this.#compact(step);
      default:
        return await this.#call(step);
    }
  }

  async #current(): Promise<number> {
    const result = await this.#pair.own.client.call(RPC.range, { key: 'a', countOnly: true });
    return result.ok ? ((result.message['header'] as Message)['revision'] as number) : 0;
  }

  async #call(step: Step): Promise<string | null> {
    const current = await this.#current();
    const isTimed = step.kind === 'lease ttl';
    for (let attempt = 1; ; attempt++) {
      const { real, own } = this.#pair;
      const results = await Promise.all([real.run(step, current), own.run(step, current)]);
      const difference = this.#compare(results);
      if (step.kind === 'lease grant') await this.#shareLease();
      if (difference !== null && isTimed && attempt < CLOCK_TRIES) continue;
      const [result] = results;
      this.#count(step.kind, result.ok ? 'ok' : result.text.replace(/[\d\s]*\d[\d\s]*/g, ' # '));
      return difference;
    }
  }

  /** A lease id is in the hash of the keys that carry it, so an id that etcd chose is granted here too, in place of our own. */
  async #shareLease(): Promise<void> {
    const { real, own } = this.#pair;
    const order = real.leases.length - 1;
    const [theirs, ours] = [real.leases[order] as bigint, own.leases[order] as bigint];
    const name = real.renamed.get(theirs);
    if (name === undefined || theirs === ours) return;
    const listed = await own.client.call(RPC.leaseTimeToLive, { id: ours });
    if (!listed.ok) return;
    await own.client.call(RPC.leaseRevoke, { id: ours });
    await own.client.call(RPC.leaseGrant, { id: theirs, ttl: listed.message['grantedTtl'] as number });
    own.leases[order] = theirs;
    own.renamed.delete(ours);
    own.renamed.set(theirs, name);
  }

  #compare([real, own]: readonly [CallResult, CallResult]): string | null {
    const first = normaliseResult(real, this.#pair.real.renamed);
    const second = normaliseResult(own, this.#pair.own.renamed);
    return first === second ? null : `etcd answers ${first}\n    seatrial answers ${second}`;
  }

  async #compact(step: Step & { kind: 'compact' }): Promise<string | null> {
    for (const number of this.#streams.keys()) {
      const difference = await this.#settle(number);
      if (difference !== null) return difference;
    }
    const difference = await this.#call(step);
    if (!step.physical) await sleep(COMPACTION_MS);
    return difference;
  }

  #stream(number: number): StreamPair {
    let stream = this.#streams.get(number);
    if (stream === undefined) {
      const { real, own } = this.#pair;
      stream = { real: real.stream(number), own: own.stream(number), pings: 0, loose: new Set() };
      this.#streams.set(number, stream);
    }
    return stream;
  }

  #send(number: number, request: object): void {
    const { real, own } = this.#stream(number);
    real.send(request);
    own.send(request);
  }

  async #watch(step: Step & { kind: 'watch' }): Promise<string | null> {
    const current = await this.#current();
    const start = revisionOf(step.watch.startRevision, current);
    const stream = this.#stream(step.stream);
    const before = created(stream.own).length;
    if (start > current) stream.own.isMute = true;
    this.#send(step.stream, this.#pair.own.watchCreate(step.watch, current));
    this.#count(step.kind, start === 0 ? 'from now' : start > current ? 'from a future revision' : 'from the past');
    const difference = await this.#ping(step.stream);
    if (difference !== null) return difference;
    const isPast = start !== 0 && start <= current;
    if (!isPast) return null;
    const response = created(stream.own)[before];
    if (step.settle || isMute(stream.own)) return await this.#settle(step.stream);
    if (response !== undefined) stream.loose.add(response['watchId'] as bigint);
    return null;
  }

  /** Cancels a watch that has caught up: one that is behind may or may not have been ended by a compaction just before. */
  async #cancel(step: Step & { kind: 'watch cancel' }): Promise<string | null> {
    const difference = await this.#settle(step.stream);
    if (difference !== null) return difference;
    this.#send(step.stream, { op: 'cancel', cancel: { watchId: step.watchId } });
    this.#count(step.kind, 'sent');
    return await this.#ping(step.stream);
  }

  /** Waits until both sides have dealt with everything sent on a stream so far. */
  async #ping(number: number): Promise<string | null> {
    const stream = this.#stream(number);
    const target = pingCount(stream.own.responses) + 1;
    const wanted = Math.max(target, ++stream.pings);
    this.#send(number, PING);
    const answered = (session: WatchSession): Promise<boolean> =>
      session.until(() => pingCount(session.responses) >= wanted, ANSWER_MS);
    const [real, own] = await Promise.all([answered(stream.real), answered(stream.own)]);
    stream.pings = wanted;
    if (real && own) return null;
    return `a watch request stays unanswered by ${real ? 'seatrial' : 'etcd'}: ${stream.real.failure || stream.own.failure}`;
  }

  /** Waits until both sides have sent everything they have for a stream. */
  async #settle(number: number): Promise<string | null> {
    const failed = await this.#ping(number);
    if (failed !== null) return failed;
    const stream = this.#stream(number);
    if (isMute(stream.own)) {
      // A watch with a future start is in step all the time; others may be behind.
      const compacted = stream.own.responses.some((response) => response['compactRevision'] !== 0);
      await sleep(compacted ? MUTE_MS : LIVE_MS);
      if (compacted) this.#retire(number, stream);
      return null;
    }
    if (liveWatches(stream.own) === 0) return null;
    if (!this.#progressInOrder) {
      await sleep(MUTE_MS);
      if (isMute(stream.own)) return await this.#settle(number);
    }
    const [real, own] = await Promise.all([stream.real.settle(ANSWER_MS), stream.own.settle(ANSWER_MS)]);
    // A watch that a compaction has just ended makes the stream mute.
    if (real === null && own === null && isMute(stream.own)) return await this.#settle(number);
    const first = real === null ? 'nothing' : normalise(real, NO_NAMES);
    const second = own === null ? 'nothing' : normalise(own, NO_NAMES);
    return first === second ? null : `progress on stream ${number}: etcd says ${first}, seatrial ${second}`;
  }

  /** A stream with a watch that a compaction ended never answers progress requests again: later steps get a new one. */
  #retire(number: number, stream: StreamPair): void {
    this.#closed.push(stream);
    this.#streams.delete(number);
    this.#pair.real.streams.delete(number);
    this.#pair.own.streams.delete(number);
  }

  async #compareStreams(): Promise<string | null> {
    for (const number of [...this.#streams.keys()]) {
      const difference = await this.#settle(number);
      if (difference !== null) return difference;
    }
    const all = [...this.#closed, ...this.#streams.values()];
    let difference: string | null = null;
    for (const stream of all) {
      difference ??= this.#compareStream(stream);
      stream.real.close();
      stream.own.close();
    }
    return difference;
  }

  #compareStream(stream: StreamPair): string | null {
    const real = byWatch(stream.real.responses, stream.loose, this.#pair.real.renamed);
    const own = byWatch(stream.own.responses, stream.loose, this.#pair.own.renamed);
    for (const watchId of new Set([...real.keys(), ...own.keys()])) {
      const first = real.get(watchId) ?? [];
      const second = own.get(watchId) ?? [];
      for (let i = 0; i < Math.max(first.length, second.length); i++) {
        if (first[i] === second[i]) continue;
        return `watch ${watchId}, response ${i + 1}: etcd sends ${first[i] ?? 'nothing'}\n    seatrial sends ${second[i] ?? 'nothing'}`;
      }
      for (const response of second)
        this.#count('watch response', response.includes('"events":[]') ? 'control' : 'events');
    }
    return null;
  }

  async #compareHashes(): Promise<string | null> {
    const current = await this.#current();
    for (let revision = current; revision > Math.max(0, current - HASHES_MAX); revision--) {
      const step: Step = { kind: 'hash', revision: { absolute: revision } };
      const difference = await this.#call(step);
      if (difference !== null) return `hash at ${revision} of ${current}: ${difference}`;
    }
    return null;
  }

  /** Leaves both stores without keys, leases and alarms, compacted: the next script begins from there. */
  async #cleanUp(): Promise<string | null> {
    const { real, own } = this.#pair;
    for (const alarm of [1, 2]) {
      const difference = await this.#call({ kind: 'alarm', action: 2, alarm });
      if (difference !== null) return difference;
    }
    const listed = await this.#call({ kind: 'lease list' });
    if (listed !== null) return listed;
    await Promise.all([revokeAll(real), revokeAll(own)]);
    const deleteRange = { key: '\0', rangeEnd: '\0', prevKv: false };
    const difference = await this.#call({ kind: 'delete', deleteRange });
    if (difference !== null) return difference;
    return await this.#call({ kind: 'compact', revision: { fromCurrent: 0 }, physical: true });
  }
}

const NO_NAMES: ReadonlyMap<bigint, string> = new Map();

async function revokeAll(side: Side): Promise<void> {
  const listed = await side.client.call(RPC.leaseLeases, {});
  if (!listed.ok) return;
  for (const { id } of listed.message['leases'] as { id: bigint }[]) await side.client.call(RPC.leaseRevoke, { id });
}

const created = (session: WatchSession): Message[] =>
  session.responses.filter((response) => response['created'] === true);

const pingCount = (responses: readonly Message[]): number =>
  responses.filter((response) => String(response['cancelReason']).includes(PING_REASON)).length;

/** Watches of a stream that were created and have not ended. */
function liveWatches(session: WatchSession): number {
  const live = new Set<bigint>();
  for (const response of session.responses) {
    const id = response['watchId'] as bigint;
    if (id === -1n) continue;
    if (response['created'] === true) live.add(id);
    if (response['canceled'] === true) live.delete(id);
  }
  return live.size;
}

/** Whether the stream cannot answer progress requests: a watch was ended by a compaction, or starts in the future. */
function isMute(session: WatchSession): boolean {
  return session.isMute || session.responses.some((response) => response['compactRevision'] !== 0);
}

/** Responses by watch; those of loose watches as a flat list of events. */
function byWatch(
  responses: readonly Message[],
  loose: ReadonlySet<bigint>,
  renamed: ReadonlyMap<bigint, string>,
): Map<bigint, string[]> {
  const result = new Map<bigint, string[]>();
  for (const response of responses) {
    const id = response['watchId'] as bigint;
    let list = result.get(id);
    if (list === undefined) {
      list = [];
      result.set(id, list);
    }
    const events = response['events'] as Message[];
    if (loose.has(id) && events.length > 0) list.push(...events.map((event) => normalise(event, renamed)));
    else list.push(normalise(response, renamed));
  }
  return result;
}

function show(step: Step): string {
  return JSON.stringify(step, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value));
}

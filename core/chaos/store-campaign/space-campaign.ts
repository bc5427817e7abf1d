/**
 * A group that runs out of space again and again, and somebody who compacts, defragments and takes the alarm back, while members crash, mostly
 * while they defragment, hang and lose their links.
 *
 * What must hold: no put is sent and acknowledged while the alarm for space is known to be active; members stay equal; comparing their
 * hashes finds no corruption where there is none; at the end there is room again. A run is a function of its seed.
 */
import { Sfc32, seedOf } from '../../base/random.ts';
import type { Payload } from '../../sim/process.ts';
import {
  OP_STORE_DEFRAGMENT,
  OP_STORE_REQUEST,
  OP_STORE_TXN,
  StoreAnswer,
  StoreErrorResponse,
  StoreRequest,
  StoreTxn,
  StoreTxnResponse,
} from '../../store/client-interface.ts';
import { ALARM_CORRUPT, ALARM_GET, ALARM_NONE, ALARM_NOSPACE, type WriteRequest } from '../../store/v3/messages.ts';
import { GroupJudge } from './group-judge.ts';
import { StoreGroup } from './store-group.ts';
import { disarm } from './v3-requests.ts';
import { TextValue } from './value-fixture.ts';

const MEMBERS = 3;
const KEYS = 8;
const QUOTA_BYTES = 60_000;
const STEP_MS = 10;
const FAULTS_MS = 12_000;
const HEAL_MS = 9_000;
/** Between two comparisons of hashes, and two rounds of making room. */
const COMPARE_US = 300_000;
const ROOM_MS = 1_000;

interface Asked {
  readonly kind: 'put' | 'list' | 'disarm';
  readonly member: number;
  readonly request: number;
  readonly sentUs: number;
  /** The alarm that was known to be active when it was sent, 0 for none. */
  readonly alarm: number;
}

class SpaceCampaign {
  readonly group: StoreGroup;
  readonly judge: GroupJudge;
  readonly #draws: Sfc32;
  #asked: Asked[] = [];
  /** The alarm for space that is active since somebody listed it, and nobody has asked to take back: a number of its own; 0 for none. */
  #knownAlarm = 0;
  #alarms = 0;
  /** What is listed counts only if it was asked for after the last request to take the alarm back was answered. */
  #disarmsOpen = 0;
  #disarmedUs = 0;
  #texts = 0;
  #ends: { readonly atMs: number; readonly id: number; readonly end: () => void }[] = [];

  constructor(seed: number, bugs: readonly string[]) {
    this.#draws = Sfc32.named(seedOf(seed), 'space', 'plan');
    const member = { quotaBytes: QUOTA_BYTES, compareHashesUs: COMPARE_US };
    this.group = new StoreGroup({ members: MEMBERS, seed, bugs, member });
    this.judge = new GroupJudge(this.group);
  }

  run(): void {
    const { group } = this;
    group.run(500);
    // Where a compaction leaves nothing but a deletion, etcd's hash of it and the hash of a member that has yet to compact differ by its own rules.
    group.put(1, '/always', 'here');
    for (let ms = 0; ms < FAULTS_MS; ms += STEP_MS) {
      this.#endFaults(ms);
      this.#put();
      if (this.#draws.below(10) === 0) this.#list();
      if (ms % ROOM_MS === 0 && this.#draws.below(2) === 0) this.#makeRoom(ms);
      if (this.#ends.length === 0 && this.#draws.below(100) === 0) this.#fault(ms);
      this.#takeAnswers();
      group.run(STEP_MS);
    }
    this.#endFaults(Number.POSITIVE_INFINITY);
    group.run(HEAL_MS);
    this.#takeAnswers();
    this.#atRest();
  }

  #any(): number {
    return 1 + this.#draws.below(MEMBERS);
  }

  #send(kind: Asked['kind'], member: number, op: number, payload: Payload): void {
    const request = this.group.client(member).ask(op, payload);
    this.#asked.push({ kind, member, request, sentUs: this.group.sim.now, alarm: this.#knownAlarm });
  }

  #put(): void {
    const keyId = this.group.keys.intern(`/k${this.#draws.below(KEYS)}`);
    const isDelete = this.#draws.below(8) === 0;
    const value = new TextValue(`v${++this.#texts}`.padEnd(100 + this.#draws.below(400), '.'));
    if (isDelete) this.group.client(this.#any()).ask(OP_STORE_TXN, new StoreTxn(keyId, -1, null));
    else this.#send('put', this.#any(), OP_STORE_TXN, new StoreTxn(keyId, -1, value));
  }

  #list(): void {
    const request: WriteRequest = { op: 'alarm', alarm: { action: ALARM_GET, alarm: ALARM_NONE, memberId: 0n } };
    this.#send('list', this.#any(), OP_STORE_REQUEST, new StoreRequest(request));
  }

  /** Compacts, defragments one member or all, and takes back every alarm for space. */
  #makeRoom(ms: number): void {
    const { group } = this;
    const compaction = StoreRequest.compaction(group.member(this.#any()).mvcc.revision, true);
    group.client(this.#any()).ask(OP_STORE_REQUEST, compaction);
    group.run(STEP_MS);
    const only = this.#draws.below(2) === 0 ? this.#any() : 0;
    for (let id = 1; id <= MEMBERS; id++) {
      if (only !== 0 && id !== only) continue;
      group.client(id).ask(OP_STORE_DEFRAGMENT, compaction);
      if (this.#draws.below(3) > 0 || this.#ends.length > 0 || !group.isUp(id)) continue;
      group.sim.run(group.sim.now + this.#draws.below(3_000));
      group.crash(id, 'kept');
      this.#ends.push({ atMs: ms + 100, id, end: () => group.restart(id) });
    }
    this.#knownAlarm = 0;
    for (let id = 1; id <= MEMBERS; id++) {
      this.#disarmsOpen++;
      this.#send('disarm', this.#any(), OP_STORE_REQUEST, new StoreRequest(disarm(id)));
    }
  }

  #takeAnswers(): void {
    const open: Asked[] = [];
    for (const asked of this.#asked) {
      const answer = this.group.client(asked.member).answers.get(asked.request);
      if (answer === undefined) open.push(asked);
      else this.#answered(asked, answer);
    }
    this.#asked = open;
  }

  #answered({ kind, sentUs, alarm: known }: Asked, answer: Payload): void {
    if (kind === 'put') {
      if (known > 0 && known === this.#knownAlarm && answer instanceof StoreTxnResponse) {
        this.judge.violate(`space: a put was acknowledged at ${answer.revision} while the alarm was active`);
      }
    } else if (kind === 'disarm') {
      // One that may still happen is never over.
      if (answer instanceof StoreErrorResponse && answer.outcomeUnknown) return;
      this.#disarmsOpen--;
      this.#disarmedUs = this.group.sim.now;
    } else if (answer instanceof StoreAnswer && answer.answer.op === 'alarm') {
      const isActive = answer.answer.alarm.alarms.some(({ alarm }) => alarm === ALARM_NOSPACE);
      if (isActive && this.#knownAlarm === 0 && this.#disarmsOpen === 0 && sentUs > this.#disarmedUs) {
        this.#knownAlarm = ++this.#alarms;
      }
    }
  }

  #fault(ms: number): void {
    const { group } = this;
    const id = this.#any();
    const atMs = ms + 100 + this.#draws.below(1_500);
    const add = (end: () => void): void => {
      this.#ends.push({ atMs, id, end });
    };
    const kind = this.#draws.below(3);
    if (kind === 0) {
      group.crash(id, 'lost');
      add(() => group.restart(id));
    } else if (kind === 1) {
      group.cut(id, 1);
      add(() => group.cut(id, -1));
    } else {
      const pid = group.pids[id - 1] as number;
      group.sim.pause(pid);
      add(() => group.sim.resume(pid));
    }
  }

  #endFaults(ms: number): void {
    const ended = this.#ends.filter(({ atMs }) => atMs <= ms);
    this.#ends = this.#ends.filter(({ atMs }) => atMs > ms);
    for (const { end } of ended) end();
  }

  /** At rest nobody is corrupt, and whoever makes room has room. */
  #atRest(): void {
    const { group } = this;
    this.judge.atRest();
    if (group.member(1).engine.alarms.list(ALARM_CORRUPT).length > 0) {
      this.judge.violate('corrupt: an alarm was raised in a group whose members are equal');
      return;
    }
    group.client(1).ask(OP_STORE_REQUEST, StoreRequest.compaction(group.member(1).mvcc.revision, true));
    group.run(200);
    for (let id = 1; id <= MEMBERS; id++) {
      group.client(id).ask(OP_STORE_DEFRAGMENT, StoreRequest.compaction(0));
      group.client(1).ask(OP_STORE_REQUEST, new StoreRequest(disarm(id)));
      group.run(200);
    }
    const request = group.put(1, '/k0', 'room');
    group.run(200);
    if (!(group.client(1).answers.get(request) instanceof StoreTxnResponse)) {
      this.judge.violate('room: nothing can be put after compaction, defragmentation and disarm');
    }
  }
}

/** What one run breaks; empty where everything holds. */
export function spaceCampaign(seed: number, bugs: readonly string[] = []): readonly string[] {
  const run = new SpaceCampaign(seed, bugs);
  run.run();
  return run.judge.violations;
}

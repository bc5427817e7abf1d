/**
 * Who looks after the group of store members, as a person does with etcdctl and on the members' machines: adds a learner, promotes it,
 * removes a member, restarts one after the other, defragments, takes alarms back.
 *
 * One thing at a time, in the order asked. What the group refuses for now (no leader, a learner that is not in step, too few healthy
 * members) is tried again each second for a minute; other refusals are final. Always: a removed member's process is stopped for good, and
 * its number is not used again.
 */
import type { Context } from '../sim/context.ts';
import { OP_CONN_CLOSED } from '../sim/ops.ts';
import type { Behaviour, Conn, Payload, Pid } from '../sim/process.ts';
import type { Wait } from '../sim/task.ts';
import { ERROR_LEARNER_NOT_READY, ERROR_NOT_LEADER, ERROR_UNHEALTHY, type StoreError } from '../store/errors.ts';
import { MEMBER_ADD_LEARNER, MEMBER_PROMOTE, MEMBER_REMOVE, MemberChange } from '../store/member-changes.ts';
import { putSnapshot, restoredGroup } from '../store/member-restore.ts';
import { OP_STORE_DEFRAGMENT, OP_STORE_MEMBER_CHANGE, OP_STORE_REQUEST, OP_STORE_RESPONSE } from '../store/ops.ts';
import { StoreRequest } from '../store/requests.ts';
import { StoreAnswer, StoreErrorResponse } from '../store/responses.ts';
import { ALARM_DEACTIVATE, ALARM_GET, ALARM_NONE, type AlarmMember, type AlarmRequest } from '../store/v3/messages.ts';
import type { Cluster } from './cluster.ts';

const RETRY_US = 1_000_000;
const PATIENCE_US = 60_000_000;
/** How soon a person looks whether a change has come about, µs. */
const POLL_US = 100_000;
/** A stopped member's machine is worked on for so long. */
const STOPPED_US = 2_000_000;

const NO_ANSWER = 'the store does not answer';
const FOR_NOW: readonly StoreError[] = [ERROR_NOT_LEADER, ERROR_LEARNER_NOT_READY, ERROR_UNHEALTHY];

/** What an operation gave up with. */
class Refused extends Error {}

/** The group as its leader knows it. */
interface Membership {
  readonly voters: readonly number[];
  readonly learners: readonly number[];
}

export class StoreAdmin implements Behaviour {
  readonly #cluster: Cluster;
  readonly #waiting: (() => void)[] = [];
  /** A process of its own from the first thing on that is asked of it. */
  #ctx!: Context;
  #isAdded = false;
  #isBusy = true;
  #leader: Pid = -1;
  #conn: Conn = -1;
  #refusal: StoreError | null = null;
  #answer: StoreAnswer | null = null;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  start(): void {
    this.#next();
  }

  receive(op: number, _from: Pid, _a: number, _b: number, payload: Payload | null, conn: Conn): void {
    if (op === OP_STORE_RESPONSE && payload instanceof StoreErrorResponse) this.#refusal = payload.error;
    else if (op === OP_STORE_RESPONSE && payload instanceof StoreAnswer) this.#answer = payload;
    else if (op === OP_CONN_CLOSED && conn === this.#conn) this.#conn = -1;
  }

  /** Takes a further member in as a learner and starts it: `etcd-N`, where N counts on from the last. */
  add(): void {
    this.#enqueue('add a store member', () => this.#add());
  }

  /** Makes a learner a voter; API servers use it from then on. */
  promote(instance: number): void {
    this.#enqueue(`promote etcd-${instance}`, () => this.#promote(instance));
  }

  /** Takes a member out of the group and stops its process for good. */
  remove(instance: number): void {
    this.#enqueue(`remove etcd-${instance}`, () => this.#remove(instance));
  }

  /** Restarts all members one after the other, the leader last; the next when the one before has caught up. */
  rollingRestart(): void {
    this.#enqueue('restart the store members in turn', () => this.#restartInTurn());
  }

  /**
   * After a majority was lost for good: a new group of one member begins with what it has, the others stay down. The revision is raised by
   * `bumpRevisions`, so that no client has seen a later one.
   */
  restore(instance: number, bumpRevisions: number): void {
    this.#enqueue(`restore the store from etcd-${instance}`, () => this.#restore(instance, bumpRevisions));
  }

  /** Defragments a member, or without a number all that run, one after the other. */
  defragment(instance?: number): void {
    const what = instance === undefined ? 'defragment the store members in turn' : `defragment etcd-${instance}`;
    this.#enqueue(what, () => this.#defragment(instance));
  }

  /** Takes back every alarm that is active. */
  disarm(): void {
    this.#enqueue('take back the alarms of the store', () => this.#disarm());
  }

  #enqueue(what: string, body: () => Generator<Wait, void, unknown>): void {
    this.#waiting.push(() => this.#ctx.startTask('store-admin', what, this.#record(what, body)));
    if (!this.#isAdded) {
      this.#isAdded = true;
      this.#cluster.sim.addProcess('store-admin', 'user', (ctx) => {
        this.#ctx = ctx;
        return this;
      });
    } else if (!this.#isBusy) this.#next();
  }

  #next(): void {
    const begin = this.#waiting.shift();
    this.#isBusy = begin !== undefined;
    begin?.();
  }

  *#record(what: string, body: () => Generator<Wait, void, unknown>): Generator<Wait, void, unknown> {
    const startUs = this.#ctx.now();
    let error: string | null = null;
    try {
      yield* body();
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown;
      error = thrown.message;
    }
    this.#cluster.user.results.push({ what, startUs, endUs: this.#ctx.now(), error });
    this.#next();
  }

  *#add(): Generator<Wait, void, unknown> {
    const instance = this.#cluster.instancesOf('etcd').length;
    yield* this.#change(MEMBER_ADD_LEARNER, instance, ({ voters, learners }) =>
      [...voters, ...learners].includes(instance + 1),
    );
    this.#cluster.addStoreMember();
  }

  *#promote(instance: number): Generator<Wait, void, unknown> {
    yield* this.#change(MEMBER_PROMOTE, instance, ({ voters }) => voters.includes(instance + 1));
    this.#cluster.serveFromStoreMember(instance);
  }

  *#remove(instance: number): Generator<Wait, void, unknown> {
    yield* this.#change(
      MEMBER_REMOVE,
      instance,
      ({ voters, learners }) => ![...voters, ...learners].includes(instance + 1),
    );
    this.#cluster.supervisor.takeDown(this.#pidOf(instance));
  }

  *#defragment(instance: number | undefined): Generator<Wait, void, unknown> {
    const running = this.#cluster.instancesOf('etcd').filter((pid) => this.#cluster.sim.isRunning(pid));
    const pids = instance === undefined ? running : [this.#pidOf(instance)];
    for (const pid of pids) yield* this.#call(pid, OP_STORE_DEFRAGMENT, null);
  }

  *#disarm(): Generator<Wait, void, unknown> {
    const active = yield* this.#alarms({ action: ALARM_GET, alarm: ALARM_NONE, memberId: 0n });
    for (const alarm of active) yield* this.#alarms({ action: ALARM_DEACTIVATE, ...alarm });
  }

  *#alarms(alarm: AlarmRequest): Generator<Wait, readonly AlarmMember[], unknown> {
    const leader = this.#cluster.storeLeader();
    if (leader === undefined) throw new Refused(NO_ANSWER);
    const { answer } = yield* this.#call(leader, OP_STORE_REQUEST, new StoreRequest({ op: 'alarm', alarm }));
    return answer.op === 'alarm' ? answer.alarm.alarms : [];
  }

  /** One request to one member, and its answer. */
  *#call(pid: Pid, op: number, payload: Payload | null): Generator<Wait, StoreAnswer, unknown> {
    const deadlineUs = this.#ctx.now() + PATIENCE_US;
    this.#answer = null;
    this.#refusal = null;
    const conn = this.#ctx.connect(pid);
    this.#ctx.sendOn(conn, op, 1, 0, payload);
    while (this.#answer === null) {
      if (this.#refusal !== null || this.#ctx.now() >= deadlineUs) throw this.#refused();
      yield* this.#ctx.sleep(POLL_US);
    }
    this.#ctx.close(conn);
    return this.#answer;
  }

  /** Asks the leader for a change until the group is as `isDone` wants it. */
  *#change(type: number, instance: number, isDone: (group: Membership) => boolean): Generator<Wait, void, unknown> {
    const deadlineUs = this.#ctx.now() + PATIENCE_US;
    for (let askedUs = Number.NEGATIVE_INFINITY; ; ) {
      const group = this.#membership();
      if (group !== null && isDone(group)) return;
      if (this.#refusal !== null && !FOR_NOW.includes(this.#refusal)) throw this.#refused();
      if (this.#ctx.now() >= deadlineUs) throw this.#refused();
      if (this.#ctx.now() - askedUs >= RETRY_US) {
        askedUs = this.#ctx.now();
        this.#ask(new MemberChange(type, instance + 1));
      }
      yield* this.#ctx.sleep(POLL_US);
    }
  }

  #refused(): Refused {
    const text = this.#refusal?.message ?? NO_ANSWER;
    this.#refusal = null;
    return new Refused(text);
  }

  #ask(change: MemberChange): void {
    const leader = this.#cluster.storeLeader();
    this.#refusal = null;
    if (leader === undefined) return;
    if (this.#conn < 0 || this.#leader !== leader) this.#conn = this.#ctx.connect(leader);
    this.#leader = leader;
    this.#ctx.sendOn(this.#conn, OP_STORE_MEMBER_CHANGE, 1, 0, change);
  }

  /** null while nobody leads. */
  #membership(): Membership | null {
    const leader = this.#cluster.storeLeader();
    const config = this.#memberAt(leader)?.raft.tracker.config;
    return config === undefined ? null : { voters: config.incoming, learners: config.learners };
  }

  #memberAt(pid: Pid | undefined) {
    return pid === undefined ? undefined : (this.#cluster.storeMembers.get(pid)?.group ?? undefined);
  }

  #pidOf(instance: number): Pid {
    return this.#cluster.instancesOf('etcd')[instance] as Pid;
  }

  *#restore(instance: number, bumpRevisions: number): Generator<Wait, void, unknown> {
    const { supervisor, sim, names } = this.#cluster;
    const pid = this.#pidOf(instance);
    const member = this.#memberAt(pid);
    if (member === undefined || !sim.isRunning(pid)) throw new Refused(`etcd-${instance} is down`);
    const snapshot = restoredGroup(member.snapshotNow(), instance + 1, names.keys, bumpRevisions);
    for (const each of this.#cluster.instancesOf('etcd')) supervisor.takeDown(each);
    putSnapshot(sim.diskOf(pid), snapshot);
    yield* this.#ctx.sleep(STOPPED_US);
    supervisor.letUp(pid);
  }

  *#restartInTurn(): Generator<Wait, void, unknown> {
    const leader = this.#cluster.storeLeader();
    const group = this.#membership();
    if (group === null || leader === undefined) throw new Refused(NO_ANSWER);
    const pids = [...group.voters, ...group.learners].sort((a, b) => a - b).map((id) => this.#pidOf(id - 1));
    for (const pid of [...pids.filter((each) => each !== leader), leader]) yield* this.#restart(pid);
  }

  /** As an orderly stop does, a leader hands its leadership over first. */
  *#restart(pid: Pid): Generator<Wait, void, unknown> {
    const { supervisor, sim } = this.#cluster;
    if (this.#cluster.storeLeader() === pid) {
      const heir = this.#membership()?.voters.find(
        (id) => this.#pidOf(id - 1) !== pid && sim.isRunning(this.#pidOf(id - 1)),
      );
      if (heir !== undefined) this.#memberAt(pid)?.transferLeader(heir);
      yield* this.#ctx.sleep(RETRY_US);
    }
    supervisor.takeDown(pid, { unsynced: 'kept' });
    yield* this.#ctx.sleep(STOPPED_US);
    supervisor.letUp(pid);
    const deadlineUs = this.#ctx.now() + PATIENCE_US;
    while (!this.#hasCaughtUp(pid)) {
      if (this.#ctx.now() >= deadlineUs) throw new Refused(`${sim.processes.names[pid]} does not catch up`);
      yield* this.#ctx.sleep(POLL_US);
    }
  }

  #hasCaughtUp(pid: Pid): boolean {
    const leader = this.#memberAt(this.#cluster.storeLeader());
    const member = this.#memberAt(pid);
    if (!this.#cluster.sim.isRunning(pid) || leader === undefined || member === undefined) return false;
    return member.appliedIndex >= leader.appliedIndex;
  }
}

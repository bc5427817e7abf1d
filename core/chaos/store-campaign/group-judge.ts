/**
 * What must hold for a group of store members whatever is done to it, watched while it runs: one leader a term, one history, equal states at
 * equal applied index, reads that see what was acknowledged before.
 */
import { StoreErrorResponse, type StoreEvent, type StoreTxnResponse } from '../../store/client-interface.ts';
import {
  POINT_STORE_ACK,
  POINT_STORE_APPLIED,
  POINT_STORE_APPLY,
  POINT_STORE_LEADER,
  POINT_STORE_READ,
} from '../../store/member-names.ts';
import type { TimedRead } from '../../store/member-reads.ts';
import type { StoreGroup } from './store-group.ts';
import { textOf } from './value-fixture.ts';

const VIOLATIONS_MAX = 10;

interface AppliedState {
  readonly appliedIndex: number;
  readonly stateHash: number;
}

export class GroupJudge {
  readonly violations: string[] = [];
  readonly #group: StoreGroup;
  readonly #hashes = new Map<number, number>();
  readonly #leaders = new Map<number, number>();
  /** By revision: what changed in it, in order, as the first member to apply it showed. */
  readonly #changes = new Map<number, { readonly pid: number; readonly texts: string[] }>();
  /** By member: where it is within a revision. */
  readonly #cursors = new Map<number, { readonly life: number; readonly revision: number; index: number }>();
  #ackedRevision = 0;
  readonly #acks: { readonly us: number; readonly revision: number }[] = [];

  constructor(group: StoreGroup) {
    this.#group = group;
    this.#listen();
  }

  /** Notes a violation; `text` begins with a word that says of what. */
  violate(text: string): void {
    if (this.violations.length < VIOLATIONS_MAX) this.violations.push(text);
  }

  #listen(): void {
    const { observation } = this.#group.sim;
    observation.listen(POINT_STORE_APPLIED, (pid, subject) => {
      const { appliedIndex, stateHash } = subject as AppliedState;
      const known = this.#hashes.get(appliedIndex);
      if (known === undefined) this.#hashes.set(appliedIndex, stateHash);
      else if (known !== stateHash) this.violate(`hash: etcd-${pid} differs at applied index ${appliedIndex}`);
    });
    observation.listen(POINT_STORE_LEADER, (pid, subject) => {
      const known = this.#leaders.get(subject as number);
      if (known !== undefined && known !== pid) this.violate(`leader: ${known} and ${pid} lead in term ${subject}`);
      this.#leaders.set(subject as number, pid);
    });
    observation.listen(POINT_STORE_APPLY, (pid, subject) => this.#changed(pid, subject as StoreEvent));
    observation.listen(POINT_STORE_ACK, (_pid, subject) => {
      if (subject instanceof StoreErrorResponse) return;
      this.#ackedRevision = Math.max(this.#ackedRevision, (subject as StoreTxnResponse).revision);
      this.#acks.push({ us: this.#group.sim.now, revision: this.#ackedRevision });
    });
    observation.listen(POINT_STORE_READ, (pid, subject) => {
      const { cameUs, revision } = subject as TimedRead;
      const acked = this.#acks.findLast(({ us }) => us < cameUs)?.revision ?? 0;
      if (revision < acked) this.violate(`read: etcd-${pid} serves revision ${revision}, ${acked} was acknowledged`);
    });
  }

  #changed(pid: number, { revision, keyId, value }: StoreEvent): void {
    const text = `${keyId}=${textOf(value)}`;
    const life = this.#group.sim.processes.incarnation[pid] as number;
    const before = this.#cursors.get(pid);
    const goesOn = before !== undefined && before.revision === revision && before.life === life;
    const index = goesOn ? before.index + 1 : 0;
    this.#cursors.set(pid, { life, revision, index });
    let known = this.#changes.get(revision);
    if (known === undefined) {
      known = { pid, texts: [] };
      this.#changes.set(revision, known);
    }
    if (known.texts[index] === text) return;
    if (known.pid === pid && index === known.texts.length) known.texts.push(text);
    else this.violate(`history: revision ${revision} is ${known.texts.join(' ')} and ${text}`);
  }

  /** At rest: members are equal, in what they say of their state and by the hash of their whole history (HashKV). */
  atRest(): void {
    const group = this.#group;
    const states = group.members.map((member, i) =>
      group.isUp(i + 1) ? `${member.appliedIndex}/${member.mvcc.revision}/${member.stateHash}` : 'down',
    );
    if (new Set(states).size !== 1) this.violate(`rest: members differ: ${states.join(' ')}`);
    const hashes = group.members.map(({ engine }) => JSON.stringify(engine.hashKv(0)));
    if (new Set(hashes).size !== 1) this.violate(`hash: histories differ: ${hashes.join(' ')}`);
  }
}

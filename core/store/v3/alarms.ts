/**
 * Alarms, after etcd 3.6's server/etcdserver/api/v3alarm and the appliers that act on them: NOSPACE stops what takes up space,
 * CORRUPT everything that goes through the log.
 */
import { ERROR_CORRUPT, ERROR_NO_SPACE, type StoreError } from '../errors.ts';
import {
  ALARM_ACTIVATE,
  ALARM_CORRUPT,
  ALARM_DEACTIVATE,
  ALARM_GET,
  ALARM_NONE,
  ALARM_NOSPACE,
  type AlarmMember,
  type AlarmRequest,
  type WriteRequest,
} from './messages.ts';
import { requestCost } from './quota.ts';

export class Alarms {
  readonly #active: AlarmMember[] = [];
  readonly #ignoresSpace: boolean;

  /** `ignoresSpace` is a bug switch: the alarm for space stops nothing. */
  constructor(ignoresSpace = false) {
    this.#ignoresSpace = ignoresSpace;
  }

  /** Alarms of one kind, or of all for ALARM_NONE, in order of activation. */
  list(alarm: number): readonly AlarmMember[] {
    return this.#active.filter((member) => alarm === ALARM_NONE || member.alarm === alarm);
  }

  /** Whether an alarm is active for a member. */
  isActive(alarm: number, memberId: bigint): boolean {
    return this.#active.some((member) => member.alarm === alarm && member.memberId === memberId);
  }

  #has(alarm: number): boolean {
    return this.#active.some((member) => member.alarm === alarm);
  }

  /** Applies a logged request; returns the alarms it names in the answer. */
  apply(request: AlarmRequest): readonly AlarmMember[] {
    const { action, alarm, memberId } = request;
    if (action === ALARM_GET) return this.list(alarm);
    if (alarm === ALARM_NONE && action === ALARM_ACTIVATE) return [];
    const at = this.#active.findIndex((member) => member.alarm === alarm && member.memberId === memberId);
    if (action === ALARM_ACTIVATE) {
      if (at < 0) this.#active.push({ memberId, alarm });
      return [{ memberId, alarm }];
    }
    if (action !== ALARM_DEACTIVATE || at < 0) return [];
    return this.#active.splice(at, 1);
  }

  /** Why a logged request must not be applied now, or null; `countsNested` as in {@link requestCost}. */
  refusal(request: WriteRequest, countsNested: boolean): StoreError | null {
    const isExempt = request.op === 'alarm' || request.op === 'leaseCheckpoint';
    return this.#active.length === 0 || isExempt ? null : this.refusalAt(requestCost(request, countsNested));
  }

  /** Why a write of keys that costs so much of the quota, bytes, must not be applied now, or null. */
  refusalAt(cost: number): StoreError | null {
    if (this.#active.length === 0) return null;
    if (this.#has(ALARM_CORRUPT)) return ERROR_CORRUPT;
    return cost > 0 && !this.#ignoresSpace && this.#has(ALARM_NOSPACE) ? ERROR_NO_SPACE : null;
  }

  image(): readonly AlarmMember[] {
    return this.#active.slice();
  }

  load(image: readonly AlarmMember[]): void {
    this.#active.splice(0, this.#active.length, ...image);
  }
}

/**
 * An engine whose changes go to watch streams of the v3 interface, one response a revision and watcher. Simulated members, whose watchers
 * share what they are sent, have watches of their own (core/store/member-watches.ts) beside a plain engine.
 */
import type { StoreError } from '../errors.ts';
import { Engine, type WriteAnswer } from './engine.ts';
import type { WriteRequest } from './messages.ts';
import { WatchableStore } from './watchable-store.ts';

export class WatchableEngine extends Engine {
  readonly watches: WatchableStore = new WatchableStore(this.kv);

  override apply(request: WriteRequest, nowUs: number): WriteAnswer | StoreError {
    const before = this.mvcc.history.count;
    const answer = super.apply(request, nowUs);
    this.watches.notify(before);
    return answer;
  }

  protected override replaced(): void {
    this.watches.restored();
  }
}

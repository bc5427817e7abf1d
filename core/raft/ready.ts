/**
 * What a member must do next: write, apply, send.
 *
 * Without asynchronous storage the order is fixed: make `entries`, `hardState` and `snapshot` durable (`mustSync`: with an
 * fsync), then send `messages`, apply `committedEntries`, then advance.
 */
import type { Entry } from './entry.ts';
import type { Message } from './message.ts';
import type { HardState, RaftSnapshot, ReadState, SoftState } from './snapshot.ts';

export interface Ready {
  /** null: as before. */
  readonly softState: SoftState | null;
  /** null: as before. */
  readonly hardState: HardState | null;
  readonly readStates: readonly ReadState[];
  readonly entries: readonly Entry[];
  readonly snapshot: RaftSnapshot | null;
  readonly committedEntries: readonly Entry[];
  readonly messages: readonly Message[];
  readonly mustSync: boolean;
}

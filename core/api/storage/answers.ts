/**
 * What an operation does with an answer of the store, or with the news that none will come.
 */
import type { Payload } from '../../sim/process.ts';
import {
  StoreErrorResponse,
  type StoreKeyValue,
  type StoreRangeResponse,
  type StoreTxnResponse,
} from '../../store/client-interface.ts';
import { StatusError } from '../../types/status-error.ts';
import { isMutating } from '../../types/wire.ts';
import { looked } from '../admission/lookup.ts';
import type { ApiCore } from '../core.ts';
import type { Operation } from '../operation.ts';
import {
  STEP_CREATE,
  STEP_DELETE,
  STEP_GET,
  STEP_LIST_PAGE,
  STEP_LOOKUP,
  STEP_NONE,
  STEP_REFETCH,
  STEP_UPDATE,
  STEP_WAIT_PROGRESS,
} from '../steps.ts';
import { created } from '../verbs/create.ts';
import { progressKnown } from '../verbs/fresh-reads.ts';
import { gotFromStore } from '../verbs/get.ts';
import { gotPage, pageRefused } from '../verbs/list-pages.ts';
import { storedOf } from './cache-feed.ts';
import { deletedOrNot, refetched, updatedOrNot } from './guaranteed-update.ts';
import type { StoredObject } from './stored-object.ts';

/** The version in a key-value state, null for an absent key. */
export function versionOf(keyValue: StoreKeyValue | null | undefined): StoredObject | null {
  return keyValue === null || keyValue === undefined ? null : storedOf(keyValue.value, keyValue.modRevision);
}

/** Goes on with `op` after the store's answer. */
export function storeAnswered(core: ApiCore, op: Operation, answer: Payload): void {
  if (op.done) return;
  const { step } = op;
  op.step = STEP_NONE;
  if (answer instanceof StoreErrorResponse) {
    if (step !== STEP_LIST_PAGE || !pageRefused(core, op, answer.error)) refused(core, op, answer);
    return;
  }
  switch (step) {
    case STEP_CREATE:
      return created(core, op, answer as StoreTxnResponse);
    case STEP_UPDATE:
      return updatedOrNot(core, op, answer as StoreTxnResponse);
    case STEP_DELETE:
      return deletedOrNot(core, op, answer as StoreTxnResponse);
    case STEP_REFETCH:
      return refetched(core, op, versionOf((answer as StoreRangeResponse).keyValues[0]));
    case STEP_GET:
      return gotFromStore(
        core,
        op,
        versionOf((answer as StoreRangeResponse).keyValues[0]),
        (answer as StoreRangeResponse).revision,
      );
    case STEP_LIST_PAGE:
      return gotPage(core, op, answer as StoreRangeResponse);
    case STEP_LOOKUP:
      return looked(core, op, versionOf((answer as StoreRangeResponse).keyValues[0]));
    case STEP_WAIT_PROGRESS:
      return progressKnown(core, op, (answer as StoreRangeResponse).revision);
    default:
  }
}

function refused(core: ApiCore, op: Operation, answer: StoreErrorResponse): void {
  core.fail(op, new StatusError(500, '', answer.error.message, null, answer.outcomeUnknown));
}

/** The connection to the store broke while `op` waited. What it wrote may have been stored. */
export function storeLost(core: ApiCore, op: Operation, sent: boolean): void {
  if (op.done) return;
  const unknown = sent && isMutating(op.request.verb);
  core.fail(op, new StatusError(500, '', 'etcdserver: request timed out', null, unknown));
}

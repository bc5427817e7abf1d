/**
 * The steps at which an operation may wait: what the answer it waits for will be used for.
 */

export const STEP_NONE = 0;
export const STEP_CREATE = 1;
export const STEP_UPDATE = 2;
export const STEP_DELETE = 3;
/** Read of the state to change, after the cached one did not do. */
export const STEP_REFETCH = 4;
export const STEP_GET = 5;
export const STEP_LIST_PAGE = 6;
/** Read of what admission misses in the cache. */
export const STEP_LOOKUP = 7;
/** Waits until the cache has reached `waitRevision`. */
export const STEP_WAIT_CACHE = 8;
/** Waits for a progress read of the store, then for the cache. */
export const STEP_WAIT_PROGRESS = 9;

export type Step = number;

/**
 * All planted bugs: what a campaign must find, or its predicates are not worth their name.
 *
 * A new switch gets its situation in the file of its component; a test holds this list to the declared switches and predicates.
 */
import { API_BUGS } from './api-bugs.ts';
import { CLAIM_BUGS } from './claim-bugs.ts';
import { CLIENT_BUGS } from './client-bugs.ts';
import { CONTROLLER_BUGS } from './controller-bugs.ts';
import { NODE_BUGS } from './node-bugs.ts';
import { SCHEDULER_BUGS } from './scheduler-bugs.ts';
import type { PlantedBug } from './situation.ts';
import { STORE_BUGS } from './store-bugs.ts';
import { WORKLOAD_BUGS } from './workload-bugs.ts';

export { type PlantedBug, withoutBug } from './situation.ts';

/** By component, the store first. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  ...STORE_BUGS,
  ...API_BUGS,
  ...CLIENT_BUGS,
  ...SCHEDULER_BUGS,
  ...CLAIM_BUGS,
  ...WORKLOAD_BUGS,
  ...CONTROLLER_BUGS,
  ...NODE_BUGS,
];

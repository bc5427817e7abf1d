/**
 * Every scenario that can be recorded.
 */
import type { Scenario } from '../play.ts';
import { CROSSED } from './crossed.ts';
import { DRAWN } from './drawn.ts';
import { ENDINGS } from './endings.ts';
import { CRON, JOBS } from './jobs.ts';
import { KNOWN } from './known.ts';
import { LEADERS } from './leaders.ts';
import { MIXED } from './mixed.ts';
import { NODES } from './nodes.ts';
import { OTHERS } from './others.ts';
import { QUEUES } from './queues.ts';
import { ROLLOUTS } from './rollouts.ts';
import { DAEMONS, STATEFUL } from './stateful.ts';

export const SCENARIOS: readonly Scenario[] = [
  ...KNOWN,
  ...ROLLOUTS,
  ...STATEFUL,
  ...DAEMONS,
  ...JOBS,
  ...NODES,
  ...OTHERS,
  ...QUEUES,
  ...ENDINGS,
  ...DRAWN,
  ...MIXED,
  ...CROSSED,
  ...CRON,
  ...LEADERS,
];

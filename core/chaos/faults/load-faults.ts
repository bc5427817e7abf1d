/**
 * Load from outside: clients that list all of a kind over and over, and a flood of Events.
 */
import type { Burst } from '../../cluster/others.ts';
import type { Pid } from '../../sim/process.ts';
import type { FaultEffect } from '../fault-effect.ts';

/** The servers are asked `perSecond` times a second, in turn: for all of `resource` (plural name), or to keep another Event. */
export function loadBurst(
  servers: readonly Pid[],
  load: 'lists' | 'events',
  resource: string,
  perSecond: number,
): FaultEffect {
  let burst: Burst | null = null;
  const what = load === 'lists' ? `lists of ${resource} asked for` : 'Events sent';
  return {
    begin({ names, user }) {
      const type = load === 'lists' ? names.types.all.find(({ plural }) => plural === resource) : null;
      if (type !== undefined) burst = user.others.burst(servers, type, perSecond);
    },
    end() {
      if (burst !== null) burst.isOver = true;
    },
    done: () => ({ count: burst?.sent ?? 0, what }),
  };
}

/**
 * Load from outside: clients that list all of a kind over and over, more and more that watch it, and a flood of Events.
 */
import type { Burst, Load } from '../../cluster/others.ts';
import type { Pid } from '../../sim/process.ts';
import type { FaultEffect } from '../fault-effect.ts';

const WHAT: Readonly<Record<Load['kind'], (resource: string) => string>> = {
  lists: (resource) => `lists of ${resource} asked for`,
  watches: (resource) => `watches of ${resource} begun`,
  events: () => 'Events sent',
};

/** The servers are asked `perSecond` times a second, in turn: for all of `resource` (plural name), once or to be watched too, or to keep another Event. */
export function loadBurst(
  servers: readonly Pid[],
  kind: Load['kind'],
  resource: string,
  perSecond: number,
): FaultEffect {
  let burst: Burst | null = null;
  return {
    begin({ names, user }) {
      const type = names.types.all.find(({ plural }) => plural === (kind === 'events' ? 'events' : resource));
      if (type !== undefined) burst = user.others.burst(servers, { kind, type }, perSecond);
    },
    end() {
      if (burst !== null) burst.isOver = true;
    },
    done: () => ({ count: burst?.sent ?? 0, what: WHAT[kind](resource) }),
  };
}

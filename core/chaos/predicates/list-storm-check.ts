/**
 * I3: lists are answered by the watch cache: an API server reads a kind as a whole from the store when it starts and after a gap, not for every client that
 * lists again.
 *
 * Where they do reach the store, a restart of the servers makes every client list at once and the store pays for each (kubernetes/kubernetes issues 65954
 * and 86483). Judged as a rate for a server and kind; pages of one list count once. Events are left out: they have no watch cache (kube-apiserver 1.34,
 * DefaultWatchCacheSizes), so each list of them is the store's.
 */
import type { Pid } from '../../sim/process.ts';
import { EVENTS } from '../../types/resource-type.ts';
import { type Judge, listen, type Predicate } from '../predicate.ts';

/** Whole lists of one kind that one server may read within a minute. */
const LISTS_MAX = 10;
const WINDOW_US = 60_000_000;
/** Where a list of a kind begins: `/registry/pods/`, `/registry/apps/deployments/demo/`. A later page begins behind a key. */
const FIRST_PAGE = /^\/registry\/.+\/$/;
const UNCACHED = `/registry/${EVENTS.plural}/`;

interface Window {
  sinceUs: number;
  lists: number;
  told: boolean;
}

export function listStorms(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'I3',
    about: `no API server reads all of a kind (Events apart) from the store more than ${LISTS_MAX} times a minute`,
    evaluations: 0,
  };
  const windows = new Map<Pid, Map<string, Window>>();
  listen(judge, 'informer.listed', () => {
    predicate.evaluations++;
  });
  listen(judge, 'api.store-list', (pid, subject) => {
    const start = subject as string;
    if (!FIRST_PAGE.test(start) || start.startsWith(UNCACHED)) return;
    const window = windowOf(windows, pid, start, judge.sim.now);
    window.lists++;
    if (window.lists <= LISTS_MAX || window.told) return;
    window.told = true;
    const server = judge.sim.processes.names[pid];
    judge.violate(predicate, `${server} read ${start} from the store ${window.lists} times within a minute`);
  });
  return predicate;
}

function windowOf(windows: Map<Pid, Map<string, Window>>, pid: Pid, start: string, nowUs: number): Window {
  let ofServer = windows.get(pid);
  if (ofServer === undefined) {
    ofServer = new Map();
    windows.set(pid, ofServer);
  }
  let window = ofServer.get(start);
  if (window === undefined || nowUs - window.sinceUs > WINDOW_US) {
    window = { sinceUs: nowUs, lists: 0, told: window?.told ?? false };
    ofServer.set(start, window);
  }
  return window;
}

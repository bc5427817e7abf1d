/**
 * Makes a long chain of causes readable: exchanges that come again and again are shown once, and of what lies far back only where each fault came in.
 */
import type { ChainLink } from './causal-chain.ts';

/** An exchange, shown once, that came again so often right after. */
export interface Again {
  /** Links of the exchange, of which this is the last. */
  readonly links: number;
  readonly times: number;
  /** When it came last, µs since the cluster was up. */
  readonly untilUs: number;
}

/** A link as it is shown. */
export interface ShownLink extends ChainLink {
  /** That the links up to this one came again; null as a rule. */
  readonly again: Again | null;
  /** Links left out before it. */
  readonly skipped: number;
}

/** Longest exchange that is looked for: two requests with their store accesses. */
const EXCHANGE_MAX = 8;
/** Links shown at the end of a chain, and beginnings of faults before them. */
const LINKS_MAX = 24;
const FAULTS_MAX = 8;

/** The links to show, the oldest first; each says how many were left out before it. */
export function foldChain(links: readonly ChainLink[]): ShownLink[] {
  const folded = foldExchanges(links);
  const first = Math.max(0, folded.length - LINKS_MAX);
  const seen = new Set<string>();
  const shown: ShownLink[] = [];
  let left = 0;
  folded.forEach((link, index) => {
    const isNews = seen.size < FAULTS_MAX && link.faults.some((id) => !seen.has(id));
    if (index < first && !isNews) left += 1 + (link.again === null ? 0 : link.again.links * link.again.times);
    else {
      shown.push({ ...link, skipped: left });
      left = 0;
    }
    for (const id of link.faults) seen.add(id);
  });
  return shown;
}

function foldExchanges(links: readonly ChainLink[]): Omit<ShownLink, 'skipped'>[] {
  const found: Omit<ShownLink, 'skipped'>[] = [];
  for (let at = 0; at < links.length; ) {
    const { length, times } = repetition(links, at);
    const last = at + length - 1;
    const untilUs = (links[at + length * times - 1] as ChainLink).timeUs;
    for (let i = at; i <= last; i++) {
      const again = times > 1 && i === last ? { links: length, times: times - 1, untilUs } : null;
      found.push({ ...(links[i] as ChainLink), again });
    }
    at += length * times;
  }
  return found;
}

/** The shortest exchange from `at` that is repeated at once, and how often it comes; a single link otherwise. */
function repetition(links: readonly ChainLink[], at: number): { length: number; times: number } {
  for (let length = 1; length <= EXCHANGE_MAX; length++) {
    let times = 1;
    while (comesAgain(links, at, at + times * length, length)) times++;
    if (times > 1) return { length, times };
  }
  return { length: 1, times: 1 };
}

function comesAgain(links: readonly ChainLink[], first: number, second: number, length: number): boolean {
  for (let i = 0; i < length; i++) {
    const [a, b] = [links[first + i], links[second + i]];
    if (a === undefined || b === undefined) return false;
    if (a.process !== b.process || a.from !== b.from || a.what !== b.what) return false;
    if (a.faults.join() !== b.faults.join()) return false;
  }
  return true;
}

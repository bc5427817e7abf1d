/**
 * How often failed daemon pods of one (set, node) are deleted: at once, then after 1 s doubling to 15 min; forgotten after twice the
 * longest back-off without a failure. Source: Kubernetes 1.34 daemon_controller.go (BackoffManager), client-go flowcontrol Backoff.
 */
const BACKOFF_US_INITIAL = 1_000_000;
const BACKOFF_US_MAX = 900_000_000;

interface Entry {
  backoffUs: number;
  lastUs: number;
}

export class FailedPodBackoff {
  readonly #bySet = new Map<string, Map<number, Entry>>();

  /** µs after which to look again before the next deletion: the whole back-off, as upstream. 0 = go ahead, which doubles the next one. */
  waitUs(setUid: string, node: number, nowUs: number): number {
    let nodes = this.#bySet.get(setUid);
    if (nodes === undefined) {
      nodes = new Map();
      this.#bySet.set(setUid, nodes);
    }
    const entry = nodes.get(node);
    if (entry === undefined || nowUs - entry.lastUs > 2 * BACKOFF_US_MAX) {
      nodes.set(node, { backoffUs: BACKOFF_US_INITIAL, lastUs: nowUs });
      return 0;
    }
    if (nowUs - entry.lastUs < entry.backoffUs) return entry.backoffUs;
    entry.backoffUs = Math.min(2 * entry.backoffUs, BACKOFF_US_MAX);
    entry.lastUs = nowUs;
    return 0;
  }
}

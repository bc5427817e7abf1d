/**
 * How many of a workload were ready over time, beside the floor: the line that the report draws.
 *
 * Always: small whatever happens; where there are more changes than points, each point is the fewest of its stretch of time.
 */

/** Points kept. */
export const POINTS_MAX = 96;
/** Changes held while a run lasts, at most; then every two become one. */
const CHANGES_MAX = 4096;

interface Point {
  timeUs: number;
  ready: number;
  floor: number;
}

/** Collects one line. Times are µs since the beginning of the fault. */
export class AvailabilityCurve {
  readonly #originUs: number;
  #points: Point[] = [];

  constructor(originUs: number) {
    this.#originUs = originUs;
  }

  /** From `nowUs` on so many are ready, with this floor. */
  set(nowUs: number, ready: number, floor: number): void {
    const timeUs = nowUs - this.#originUs;
    const last = this.#points.at(-1);
    if (last?.ready === ready && last.floor === floor) return;
    if (last?.timeUs === timeUs) Object.assign(last, { ready, floor });
    else this.#points.push({ timeUs, ready, floor });
    if (this.#points.length > CHANGES_MAX) this.#points = thinned(this.#points, CHANGES_MAX / 2);
  }

  /** Time, ready and floor in turn; the last point is the end. Empty when nothing ever changed. */
  finish(nowUs: number): number[] {
    const points = this.#points.length > POINTS_MAX - 1 ? thinned(this.#points, POINTS_MAX - 1) : this.#points;
    const last = points.at(-1);
    if (last === undefined || points.length < 2) return [];
    const end = { ...last, timeUs: Math.max(last.timeUs, nowUs - this.#originUs) };
    return [...points, end].flatMap(({ timeUs, ready, floor }) => [timeUs, ready, floor]);
  }
}

/** At most `count` points over equal stretches of time, each with the fewest ready of its stretch. */
function thinned(points: readonly Point[], count: number): Point[] {
  const first = points[0]?.timeUs ?? 0;
  const span = Math.max(1, ((points.at(-1)?.timeUs ?? 0) - first + 1) / count);
  const kept = new Map<number, Point>();
  for (const point of points) {
    const stretch = Math.floor((point.timeUs - first) / span);
    const old = kept.get(stretch);
    if (old === undefined) kept.set(stretch, { ...point });
    else if (point.ready - point.floor < old.ready - old.floor)
      Object.assign(old, { ready: point.ready, floor: point.floor });
  }
  // The line must end where it really ended.
  const end = points.at(-1);
  const thin = [...kept.values()];
  if (end !== undefined && thin.at(-1)?.ready !== end.ready) thin.push({ ...end });
  return thin;
}

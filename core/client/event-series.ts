/**
 * Decides what becomes of an event of the newer recorder: a new object, the series of an old one, or nothing.
 *
 * client-go's rules (1.34, tools/events/event_broadcaster.go): an event with the type, reason and references of one that is remembered, so about the same
 * version of the object, begins its series, whatever its note says; further ones count in memory alone. Every six minutes those that were silent for as
 * long are forgotten, and the count of a series is written a last time. Remembers 4,096 objects (client-go: all), the longest known is forgotten first.
 */
import type { Event } from '../types/event.ts';

/** How long a series may be silent, and how often that is looked at. */
export const SERIES_FINISH_US = 360_000_000;
const SERIES_OBJECTS_MAX = 4_096;

/** Events that count as one. */
export interface Series {
  /** As it was created. */
  readonly event: Event;
  count: number;
  lastWallUs: number;
}

export class EventSeriesCache {
  readonly #objects = new Map<string, Series[]>();

  /** Whether nothing is remembered. */
  get isEmpty(): boolean {
    return this.#objects.size === 0;
  }

  /** Takes in an event that was seen at that wall time. Returns its series: one of count 1 is to be created, one of count 2 to be told. */
  take(event: Event, wallUs: number): Series {
    const known = this.#seriesOf(event.involvedObject.uid ?? event.involvedObject.name ?? '');
    let series = known.find((each) => isSame(each.event, event));
    if (series === undefined) {
      series = { event, count: 0, lastWallUs: wallUs };
      known.push(series);
    }
    series.count++;
    series.lastWallUs = wallUs;
    return series;
  }

  #seriesOf(key: string): Series[] {
    let known = this.#objects.get(key);
    if (known !== undefined) return known;
    if (this.#objects.size >= SERIES_OBJECTS_MAX) this.#objects.delete(this.#objects.keys().next().value as string);
    known = [];
    this.#objects.set(key, known);
    return known;
  }

  /** Forgets what was silent for six minutes; returns those of it that are series. */
  finish(wallUs: number): readonly Series[] {
    const finished: Series[] = [];
    for (const [key, known] of this.#objects) {
      const silent = known.filter(({ lastWallUs }) => wallUs - lastWallUs > SERIES_FINISH_US);
      if (silent.length === 0) continue;
      for (const series of silent) if (series.count > 1) finished.push(series);
      if (silent.length === known.length) this.#objects.delete(key);
      else
        this.#objects.set(
          key,
          known.filter((series) => !silent.includes(series)),
        );
    }
    return finished;
  }
}

function isSame(left: Event, right: Event): boolean {
  return (
    left.reason === right.reason &&
    left.type === right.type &&
    left.action === right.action &&
    left.involvedObject.resourceVersion === right.involvedObject.resourceVersion &&
    left.related?.uid === right.related?.uid &&
    left.related?.resourceVersion === right.related?.resourceVersion
  );
}

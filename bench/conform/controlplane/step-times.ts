/**
 * When the requests of a repetition were carried out: it has the steps of the first run, in which each came some milliseconds later or earlier.
 *
 * A request that shows comes no later than the event that shows it, whatever its step says; others are as much earlier as the last one that showed.
 */
import { placeOf } from './declared-objects.ts';
import type { Step, TimelineEvent } from './recording.ts';

/** How far apart a step and its event may be in a repetition, ms. */
const APART_MS = 1_000;

/** The time of each step, ms; none is later than recorded. */
export function stepTimes(steps: readonly Step[], events: readonly TimelineEvent[]): readonly number[] {
  const shown = new Map<string, number[]>();
  for (const { type, kind, ns = '', name, ms } of events) {
    const key = `${type === 'ADDED'} ${kind}/${ns}/${name}`;
    const times = shown.get(key);
    if (times === undefined) shown.set(key, [ms]);
    else times.push(ms);
  }
  let early = 0;
  return steps.map((step) => {
    const place = step.do === 'request' && (step.status ?? 200) < 400 ? placeOf(step) : null;
    if (place === null) return step.ms;
    const isCreated = step.method === 'POST' && place.subresource === '';
    const times = shown.get(`${isCreated} ${place.kind}/${place.namespace}/${place.name}`) ?? [];
    const ms = nearest(times, step.ms + early);
    if (ms !== undefined) early = Math.min(0, ms - step.ms);
    return step.ms + early;
  });
}

/** The nearest of these times, if it is near enough. */
function nearest(times: readonly number[], wanted: number): number | undefined {
  let found: number | undefined;
  for (const ms of times) {
    if (Math.abs(ms - wanted) < Math.abs((found ?? wanted + APART_MS) - wanted)) found = ms;
  }
  return found;
}

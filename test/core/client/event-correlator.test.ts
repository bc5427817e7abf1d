/** What the correlator remembers, against a plain list in order of when objects were heard of. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventCorrelator } from '../../../core/client/event-correlator.ts';

/** Objects remembered (client-go's LRU cache). */
const OBJECTS_MAX = 4_096;

describe('event correlator', () => {
  it('forgets the object that was silent longest', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(7), { maxLength: 40 }), (spoken) => {
        const correlator = new EventCorrelator();
        const counts = new Map<string, number>();
        let names = 0;
        const hear = (key: string): void => {
          const known = counts.get(key) ?? 0;
          counts.delete(key);
          counts.set(key, known + 1);
          if (counts.size > OBJECTS_MAX) counts.delete(counts.keys().next().value as string);
          const correlation = correlator.correlate(key, 'Normal', 'Made', 'm', 0, () => `n${names++}`);
          expect(correlation?.count ?? counts.get(key)).toBe(counts.get(key));
        };
        // All places but a few are taken by others; then some are spoken of among fresh ones.
        for (let i = 0; i < OBJECTS_MAX - 4; i++) hear(`other-${i}`);
        spoken.forEach((which, i) => {
          hear(which < 4 ? `own-${which}` : which < 6 ? `other-${which}` : `fresh-${i}`);
        });
        for (let i = 0; i < 12; i++) hear(`other-${i}`);
      }),
      { seed: 7, numRuns: 5 },
    );
  });
});

/** Hash and size of a renewed lease, derived from the version before, are those of a full look at it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LeaseContents } from '../../../core/api/lease-contents.ts';
import { StoredObject } from '../../../core/api/storage/stored-object.ts';
import { hashJson } from '../../../core/base/content-hash.ts';
import type { Lease } from '../../../core/types/lease.ts';
import { objectHash } from '../../../core/types/object-hash.ts';
import { freshMeta } from '../../../core/types/version-meta.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', '"', 'é') });
const times = fc.constantFrom('2025-01-01T00:00:07.000001Z', '2025-01-01T00:00:08.000001Z', 'odd"');

test('a chain of renewals keeps exact hash and size', () => {
  const lease = fc.record({
    name: text,
    labels: fc.option(fc.dictionary(text, text), { nil: undefined }),
    holderIdentity: fc.option(text, { nil: undefined }),
    leaseDurationSeconds: fc.option(fc.nat(), { nil: undefined }),
    first: fc.option(times, { nil: undefined }),
    plain: fc.boolean(),
    renewals: fc.array(fc.record({ time: times, foreign: fc.boolean(), lost: fc.boolean() }), { maxLength: 6 }),
  });
  fc.assert(
    fc.property(lease, ({ name, labels, holderIdentity, leaseDurationSeconds, first, plain, renewals }) => {
      const contents = new LeaseContents();
      let revision = 1;
      const meta = { name, labels, resourceVersion: undefined };
      const spec = { holderIdentity, leaseDurationSeconds, renewTime: first };
      let current = new StoredObject({
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: plain ? meta : freshMeta(meta),
        spec,
      });
      current.committed(++revision);
      for (const { time, foreign, lost } of renewals) {
        const old = current.object as Lease;
        const next = { ...old, metadata: freshMeta(old.metadata), spec: { ...old.spec, renewTime: time } } as Lease;
        const draft = foreign ? new StoredObject(next) : contents.renewed(3, current, next);
        const full = new StoredObject({ ...next, metadata: freshMeta(next.metadata) });
        expect([draft.hash, draft.sizeBytes]).toEqual([full.hash, full.sizeBytes]);
        if (lost) continue;
        draft.committed(++revision);
        expect(objectHash(draft.object)).toBe(hashJson(draft.object));
        current = draft;
      }
    }),
    { seed: 5, numRuns: 300 },
  );
});

/** What the store is told of an object is what a plain computation over the encoding says. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StoredObject } from '../../../core/api/storage/stored-object.ts';
import { CREATED_STATUS } from '../../../core/api/subresources/success.ts';
import { hashJson } from '../../../core/base/content-hash.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { objectHash } from '../../../core/types/object-hash.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', '"', '\n', 'é', '😀') });
const json = fc.oneof(
  text,
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.dictionary(text, fc.integer()),
  fc.array(text),
);

test('size, hash before and hash after the commit are those of the encoding', () => {
  const shape = fc.record({
    name: text,
    labels: fc.option(fc.dictionary(text, text), { nil: undefined }),
    generation: fc.option(fc.nat(), { nil: undefined }),
    spec: fc.option(fc.dictionary(text, json), { nil: undefined }),
    data: fc.option(fc.dictionary(text, text), { nil: undefined }),
    revision: fc.integer({ min: 1, max: 2 ** 40 }),
  });
  fc.assert(
    fc.property(shape, ({ name, labels, generation, spec, data, revision }) => {
      const object = {
        apiVersion: 'v1',
        kind: 'Thing',
        metadata: { name, resourceVersion: undefined, generation, labels },
        spec,
        data,
      } as KubeObject;
      const stored = new StoredObject(object);
      expect(stored.hash).toBe(hashJson(object));
      expect(stored.sizeBytes).toBe(stored.bytes().length);
      const encoded = stored.bytes();
      stored.committed(revision);
      expect(object.metadata.resourceVersion).toBe(String(revision));
      expect(objectHash(object)).toBe(hashJson(object));
      expect(stored.bytes()).toEqual(encoded);
      const adopted = StoredObject.adopt(JSON.parse(JSON.stringify(object)) as KubeObject, revision);
      expect([adopted.hash, adopted.sizeBytes, adopted.revision]).toEqual([stored.hash, stored.sizeBytes, revision]);
    }),
    { seed: 11, numRuns: 300 },
  );
});

test('an object is committed once', () => {
  const stored = new StoredObject({ apiVersion: 'v1', kind: 'Thing', metadata: { name: 'a' } });
  stored.committed(5);
  expect(() => stored.committed(6)).toThrow('committed once');
});

test('the answer that all bindings share keeps the hash of what it says', () => {
  expect(objectHash(CREATED_STATUS)).toBe(hashJson(CREATED_STATUS));
  const said = { apiVersion: 'v1', kind: 'Status', metadata: { name: '' }, status: 'Success', code: 201 };
  expect(JSON.parse(JSON.stringify(CREATED_STATUS))).toEqual(said);
  expect(objectHash(CREATED_STATUS)).toBe(hashJson(said));
});

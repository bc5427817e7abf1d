import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashJson } from '../../../core/base/content-hash.ts';
import { canonicalBytes, canonicalJson, jsonSizeBytes } from '../../../core/types/canonical-json.ts';
import type { KubeObject, ObjectMeta } from '../../../core/types/object.ts';
import {
  bodySumOf,
  lastSizeBytes,
  noteChangedSpec,
  objectHash,
  storedMetadataSum,
  sumsAfter,
} from '../../../core/types/object-hash.ts';
import { contentNameHash, fnv32a, podTemplateHash, safeEncode } from '../../../core/types/pod-template-hash.ts';
import { PODS } from '../../../core/types/resource-type.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import { versionMeta } from '../../../core/types/version-meta.ts';
import { ADDED, ApiRequest, ApiResponse, NO_OPTIONS, VERB, WatchEvent, WatchEvents } from '../../../core/types/wire.ts';

const pod = (image: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'demo', resourceVersion: '7' },
  spec: { containers: [{ name: 'a', image }] },
});

describe('canonical JSON', () => {
  it('sorts keys and leaves undefined out', () => {
    expect(canonicalJson({ b: [1, undefined, 'x'], a: undefined, Z: null })).toBe('{"Z":null,"b":[1,null,"x"]}');
  });

  it('has the size it says, escapes and surrogates included', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '"', '\\', '\n', '\u0001', '\u001f', 'é', '€', '😀', '\ud800', '\udc00'),
    });
    fc.assert(
      fc.property(
        fc.dictionary(text, fc.oneof(text, fc.double(), fc.integer(), fc.boolean(), fc.array(text))),
        (value) => {
          expect(jsonSizeBytes(value)).toBe(canonicalBytes(value).length);
        },
      ),
      { seed: 6, numRuns: 1000 },
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(jsonSizeBytes(value)).toBe(canonicalBytes(value).length);
        expect(jsonSizeBytes(value)).toBe(canonicalBytes(value).length);
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});

describe('hashes', () => {
  it('an object hashes as its data does, shared parts or not', () => {
    const a = pod('x');
    expect(objectHash(a)).toBe(hashJson(a));
    expect(objectHash(a)).toBe(objectHash({ ...a }));
    expect(objectHash(pod('x'))).toBe(objectHash(a));
    expect(objectHash(pod('y'))).not.toBe(objectHash(a));
  });

  it('the version after another has the sums and the size of its own content', () => {
    const part = fc.dictionary(fc.constantFrom('taints', 'podCIDR', 'x'), fc.jsonValue(), { minKeys: 1 });
    const labels = fc.dictionary(fc.constantFrom('a', 'b'), fc.string());
    let followed = 0;
    fc.assert(
      fc.property(part, part, part, labels, fc.boolean(), fc.boolean(), (spec, other, status, label, moves, grows) => {
        const metadata = (map: Record<string, string>, resourceVersion?: string) => {
          const meta = versionMeta(
            'n',
            undefined,
            undefined,
            'u',
            1,
            '2025-01-01T00:00:00Z',
            undefined,
            undefined,
            map,
            undefined,
            undefined,
            undefined,
          );
          return Object.assign(meta, { resourceVersion });
        };
        const node = (meta: ObjectMeta, body: object, state: object): KubeObject => ({
          apiVersion: 'v1',
          kind: 'Node',
          metadata: meta,
          spec: body,
          status: state,
        });
        const sumsOf = (object: KubeObject) => {
          const bodySum = bodySumOf(object);
          return { bodySum, sizeBytes: lastSizeBytes() };
        };
        const first = node(metadata({}), spec, status);
        const before = { object: first, ...sumsOf(first) };
        Object.assign(first.metadata, { resourceVersion: '12345' });
        const next = node(metadata(label), moves ? other : spec, grows ? { ...status, more: 1 } : status);
        const after = sumsAfter(next, before);
        if (grows) expect(after).toBeNull();
        else {
          followed++;
          const { bodySum, sizeBytes } = after as NonNullable<typeof after>;
          const again = JSON.parse(JSON.stringify(next)) as KubeObject;
          expect({ bodySum, sizeBytes }).toEqual(sumsOf(again));
          const { resourceVersion: _, ...draft } = again.metadata;
          expect(storedMetadataSum(next.metadata)).toBe(storedMetadataSum(draft));
          expect(storedMetadataSum(first.metadata)).toBe(storedMetadataSum({ ...first.metadata }));
          expect(sizeBytes).toBe(canonicalBytes(next).length);
        }
      }),
      { seed: 8, numRuns: 300 },
    );
    expect(followed).toBeGreaterThan(50);
  });

  it('a part that differs in one field from another has its own hash and size', () => {
    const record = fc.dictionary(fc.constantFrom('nodeName', 'restartPolicy', 'x'), fc.jsonValue());
    fc.assert(
      fc.property(record, fc.array(fc.string(), { minLength: 1, maxLength: 3 }), (base, names) => {
        for (const nodeName of names) {
          const spec = { ...base, nodeName };
          noteChangedSpec(spec, base, 'nodeName');
          for (const each of [spec, base]) {
            const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: each };
            expect(objectHash(object)).toBe(hashJson(object));
            expect(lastSizeBytes()).toBe(canonicalBytes(object).length);
          }
        }
      }),
      { seed: 9, numRuns: 300 },
    );
  });

  it('a message notices any field', () => {
    const request = (name: string, object: KubeObject | null, patch: unknown, user: string): number =>
      new ApiRequest(1, VERB.patch, PODS, 'demo', name, '', object, patch, 'merge', NO_OPTIONS, user).contentHash();
    const base = request('p', pod('x'), { a: 1 }, 'u');
    expect(request('p', pod('x'), { a: 1 }, 'u')).toBe(base);
    expect(request('q', pod('x'), { a: 1 }, 'u')).not.toBe(base);
    expect(request('p', pod('y'), { a: 1 }, 'u')).not.toBe(base);
    expect(request('p', null, { a: 1 }, 'u')).not.toBe(base);
    expect(request('p', pod('x'), { a: 2 }, 'u')).not.toBe(base);
    expect(request('p', pod('x'), { a: 1 }, 'v')).not.toBe(base);
    const list = (image: string, id: number): number => ApiResponse.ofList(1, [pod(image)], [id], '9').contentHash();
    expect(new Set([list('x', 0), list('y', 0), list('x', 1), list('x', 0)]).size).toBe(3);
    const failure = ApiResponse.ofError(1, StatusError.notFound(PODS, 'p'));
    expect(failure.contentHash()).not.toBe(ApiResponse.ofError(1, StatusError.notFound(PODS, 'q')).contentHash());
    const events = (revision: number): number =>
      new WatchEvents([new WatchEvent(ADDED, 0, revision, pod('x'), null)]).contentHash();
    expect(events(1)).not.toBe(events(2));
    expect(WatchEvent.failure(StatusError.tooOldResourceVersion(1, 5)).error?.message).toBe(
      'too old resource version: 1 (5)',
    );
    expect(WatchEvent.bookmark(PODS, 5).contentHash()).not.toBe(WatchEvent.bookmark(PODS, 5, true).contentHash());
  });

  it('template hashes are FNV-1a over canonical JSON in the safe alphabet', () => {
    expect(fnv32a('')).toBe(0x811c9dc5);
    expect(fnv32a('foobar')).toBe(0xbf9cf968);
    expect(fnv32a('€😀')).toBe(fnv32aBytes(new TextEncoder().encode('€😀')));
    expect(safeEncode('0123456789')).toHaveLength(10);
    const template = { spec: { containers: [{ name: 'a', image: 'x' }] } };
    expect(podTemplateHash(template)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]+$/);
    expect(podTemplateHash({ spec: { containers: [{ image: 'x', name: 'a' }] } })).toBe(podTemplateHash(template));
    expect(podTemplateHash(template, 1)).not.toBe(podTemplateHash(template));
    expect(contentNameHash({ a: 1 })).not.toBe(contentNameHash({ a: 2 }));
  });
});

function fnv32aBytes(bytes: Uint8Array): number {
  let h = 0x811c9dc5;
  for (const byte of bytes) h = Math.imul(h ^ byte, 0x01000193);
  return h >>> 0;
}

describe('status errors', () => {
  it('are worded as the real server words them', () => {
    const named = { group: 'apps', kind: 'Deployment', plural: 'deployments', qualifiedName: 'deployments.apps' };
    expect(String(StatusError.notFound(named, 'web'))).toBe('deployments.apps "web" not found');
    expect(StatusError.notFound(named, 'web').toStatus()).toMatchObject({
      code: 404,
      reason: 'NotFound',
      status: 'Failure',
    });
    expect(StatusError.conflict(PODS, 'c').message).toBe(
      'Operation cannot be fulfilled on pods "c": the object has been modified; please apply your changes to the latest version ' +
        'and try again',
    );
    const terminating = StatusError.namespaceTerminating(PODS, 'late', 'demo');
    expect(terminating.message).toBe(
      'pods "late" is forbidden: unable to create new content in namespace demo because it is being terminated',
    );
    expect(terminating.isNamespaceTerminating).toBe(true);
    expect(StatusError.timeout('x', true).outcomeUnknown).toBe(true);
    expect(StatusError.tooManyRequests('slow', 10).retryAfterSeconds).toBe(10);
    expect(StatusError.tooLargeResourceVersion(9, 5)).toMatchObject({ code: 504, retryAfterSeconds: 1 });
    expect(StatusError.notFound(PODS, 'p')).not.toBeInstanceOf(Error);
  });
});

describe('objects before their commit', () => {
  it('are measured again once the resourceVersion is set', () => {
    const labels = { a: 'x'.repeat(300) };
    const metadata: { name: string; labels: typeof labels; resourceVersion?: string } = { name: 'p', labels };
    const object = { apiVersion: 'v1', kind: 'Pod', metadata, spec: {} };
    const before = [objectHash(object), jsonSizeBytes(object)];
    metadata.resourceVersion = '12';
    expect(objectHash(object)).toBe(hashJson(object));
    expect(jsonSizeBytes(object)).toBe(canonicalBytes(object).length);
    expect(objectHash(object)).not.toBe(before[0]);
  });
});

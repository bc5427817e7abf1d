/** A renewal of a Lease takes a short way: it must lead where the long one leads. */
import { describe, expect, test } from 'vitest';
import { POINT_CACHE_FEED } from '../../../core/api/declarations.ts';
import { renewalOf } from '../../../core/api/registry/lease-renewal.ts';
import { hashJson } from '../../../core/base/content-hash.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { objectHash } from '../../../core/types/object-hash.ts';
import { LEASES } from '../../../core/types/resource-type.ts';
import { VERB } from '../../../core/types/wire.ts';
import { bootstrapped } from './objects.ts';

const RENEWED = '2025-01-01T00:00:02.000000Z';

function lease(spec: object): KubeObject {
  const metadata = { name: 'it', namespace: 'default', labels: { app: 'web' } };
  return { apiVersion: LEASES.apiVersion, kind: LEASES.kind, metadata, spec } as KubeObject;
}

const FIRST = {
  holderIdentity: 'a',
  leaseDurationSeconds: 15,
  renewTime: '2025-01-01T00:00:00.000000Z',
  leaseTransitions: 0,
};

const CHANGES: readonly (readonly [string, object])[] = [
  ['a renewal', { ...FIRST, renewTime: RENEWED }],
  ['the same time', FIRST],
  ['no time', { ...FIRST, renewTime: undefined }],
  ['a time that is no text', { ...FIRST, renewTime: 7 }],
  ['another holder', { ...FIRST, holderIdentity: 'b', renewTime: RENEWED }],
  ['one field less', { holderIdentity: 'a', renewTime: RENEWED }],
  ['one field more', { ...FIRST, renewTime: RENEWED, preferredHolder: 'b' }],
  ['an impossible duration', { ...FIRST, renewTime: RENEWED, leaseDurationSeconds: -1 }],
];

/** Two updates of a fresh lease; with `copied` the metadata are equal, but not the stored ones. */
function outcome(spec: object, copied: boolean): unknown {
  const h = bootstrapped();
  let stored = h.create(LEASES, lease(FIRST));
  const told: unknown[] = [];
  for (const update of [spec, { ...spec, renewTime: '2025-01-01T00:00:04.000000Z' }]) {
    const metadata = copied ? { ...stored.metadata } : stored.metadata;
    const object = { apiVersion: LEASES.apiVersion, kind: LEASES.kind, metadata, spec: update } as KubeObject;
    const answer = h.call(VERB.update, LEASES, { name: 'it', object });
    told.push(answer.code, answer.error?.message);
    stored = h.get(LEASES, 'it').object as KubeObject;
    told.push(stored, objectHash(stored));
    expect(objectHash(stored)).toBe(hashJson(stored));
  }
  return JSON.parse(JSON.stringify(told));
}

test('nothing but a plain renewal takes the short way', () => {
  const stored = lease(FIRST);
  const short = (given: object, existing: KubeObject = stored) =>
    renewalOf({ ...existing, ...given }, existing) !== null;
  expect(CHANGES.filter(([, spec]) => short({ spec })).map(([name]) => name)).toEqual(['a renewal']);
  const spec = { ...FIRST, renewTime: RENEWED };
  expect(short({ spec, metadata: { ...stored.metadata } })).toBe(false);
  expect(short({ spec, status: {} })).toBe(false);
  expect(short({ spec: undefined })).toBe(false);
  expect(short({ spec }, { ...stored, spec: undefined })).toBe(false);
  const ending = { ...stored, metadata: { ...stored.metadata, deletionTimestamp: RENEWED } };
  expect(short({ spec }, ending)).toBe(false);
});

test('a renewal of a version that only a lagging cache still shows is a conflict', () => {
  const h = bootstrapped({ servers: 2 });
  const stored = h.create(LEASES, lease(FIRST));
  h.run(100_000);
  h.sim.observation.setInterceptor(POINT_CACHE_FEED, (pid) => (pid === h.servers[1] ? 1_000_000 : 0));
  const renew = (renewTime: string, server: number) =>
    h.call(VERB.update, LEASES, { name: 'it', object: { ...stored, spec: { ...FIRST, renewTime } }, server }).code;
  expect([renew(RENEWED, 0), renew('2025-01-01T00:00:04.000000Z', 1)]).toEqual([200, 409]);
  expect(h.get(LEASES, 'it').object?.spec).toMatchObject({ renewTime: RENEWED });
});

describe('an update of a Lease', () => {
  test.each(CHANGES)('%s', (_name, spec) => {
    expect(outcome(spec, false)).toEqual(outcome(spec, true));
  });
});

test('who is no component cannot renew a Lease until no time', () => {
  const h = bootstrapped();
  const stored = h.create(LEASES, lease(FIRST));
  const object = { ...stored, spec: { ...FIRST, renewTime: 'tomorrow' } } as KubeObject;
  const update = (user: string) => h.call(VERB.update, LEASES, { name: 'it', object, user });
  const { code, error } = update('somebody');
  expect([code, error?.message]).toEqual([
    400,
    'Lease in version "v1" cannot be handled as a Lease: parsing time "tomorrow" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "tomorrow" as "2006"',
  ]);
});

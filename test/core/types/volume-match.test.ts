/** Which volume satisfies a claim. Expected: Kubernetes 1.34.1, component-helpers storage/volume FindMatchingVolume (gate VolumeAttributesClass is on). */
import { expect, test } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../core/types/storage.ts';
import { matchingVolume } from '../../../core/types/volume-match.ts';

const query = { reachable: () => true, taken: new Set<PersistentVolume>(), reservedOnly: false };

test.each([
  ['neither names a class of attributes', undefined, undefined, true],
  ['an empty name is none', '', undefined, true],
  ['both name one', 'fast', 'fast', true],
  ['the claim names one', 'fast', undefined, false],
  ['the volume names one', undefined, 'fast', false],
  ['they name different ones', 'fast', 'slow', false],
])('%s', (_what, ofClaim, ofVolume, found) => {
  const claim = {
    metadata: { name: 'c' },
    spec: { storageClassName: 's', volumeAttributesClassName: ofClaim },
  } as PersistentVolumeClaim;
  const volume = {
    metadata: { name: 'v' },
    spec: { storageClassName: 's', volumeAttributesClassName: ofVolume },
    status: { phase: 'Available' },
  } as PersistentVolume;
  expect(matchingVolume(claim, [volume], query) === volume).toBe(found);
  const reserved = { ...volume, spec: { ...volume.spec, claimRef: { name: 'c' } } } as PersistentVolume;
  expect(matchingVolume(claim, [reserved], query) === reserved).toBe(found);
});

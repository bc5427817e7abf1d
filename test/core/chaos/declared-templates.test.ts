/** SS4, DS1 and RS4: what controllers call the newest revision is what is declared, and pods without an owner are taken in. */
import { describe, expect, test } from 'vitest';
import type { PredicateFactory } from '../../../core/chaos/predicate.ts';
import { daemonPods } from '../../../core/chaos/predicates/daemon-pods-check.ts';
import { selectorsMatch } from '../../../core/chaos/predicates/selector-match-check.ts';
import { statefulIdentities } from '../../../core/chaos/predicates/stateful-identity-check.ts';
import { World } from '../../../core/chaos/world.ts';
import { Simulation } from '../../../core/sim/simulation.ts';
import type { KubeObject } from '../../../core/types/object.ts';

/** What the predicate misses in a world of these objects. */
function missing(make: PredicateFactory, objects: readonly object[]): string | null {
  const judge = { sim: new Simulation({ seed: 1 }), world: new World(), calmSinceUs: 0, violate() {} };
  const predicate = make(judge);
  objects.forEach((object, index) => {
    const { kind } = object as KubeObject;
    judge.world.apply({
      timeUs: 0,
      revision: index,
      keyId: index,
      kind,
      object: object as KubeObject,
      previous: null,
    });
  });
  return predicate.missing?.() ?? null;
}

const template = (labels = {}, annotations = {}): object => ({
  metadata: { labels: { app: 'web', ...labels }, annotations },
  spec: { containers: [{ name: 'app', image: 'app:v1' }] },
});
const owners = (kind: string): object[] => [{ kind, name: 'web', uid: 'web', controller: true }];
const set = (kind: string, more = {}): object => ({
  kind,
  metadata: { name: 'web', namespace: 'demo', uid: 'web' },
  spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, template: template(), ...more },
  status: { currentRevision: 'web-2', updateRevision: 'web-2' },
});
const revision = (kind: string, name: string, number: number, held: object): object => ({
  kind: 'ControllerRevision',
  metadata: { name, namespace: 'demo', labels: { 'controller-revision-hash': name }, ownerReferences: owners(kind) },
  data: { spec: { template: { $patch: 'replace', ...held } } },
  revision: number,
});
const pod = (name: string, kind: string, more = {}): object => ({
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'demo',
    labels: { app: 'web', 'controller-revision-hash': 'web-2', ...more },
    ...(kind === '' ? {} : { ownerReferences: owners(kind) }),
  },
  spec: { nodeName: 'node-0' },
});
const NODE = { kind: 'Node', metadata: { name: 'node-0' } };

describe.each([
  ['StatefulSet', statefulIdentities, 'web-0'],
  ['DaemonSet', daemonPods, 'web-x'],
] as const)('of a %s', (kind, make, name) => {
  const judged = (newest: object, hash = 'web-2'): string | null =>
    missing(make, [
      NODE,
      set(kind),
      revision(kind, 'web-1', 1, template({ tier: 'old' })),
      revision(kind, 'web-2', 2, newest),
      pod(name, kind, { 'controller-revision-hash': hash }),
    ]);

  test('the newest revision is its template', () => {
    expect(judged(template())).toBe(null);
    expect(judged(template({ tier: 'front' }))).toBe(`${kind} demo/web: its newest revision web-2 has other labels`);
    expect(judged(template({}, { restarted: 'yes' }))).toContain('has other annotations');
    expect(judged({ ...template(), spec: { containers: [] } })).toContain('has other spec');
  });

  test('its pods are at the newest revision', () => {
    expect(judged(template(), 'web-1')).not.toBe(null);
  });
});

describe('RS4', () => {
  test.each([
    ['DaemonSet', 'by-hand', 'DaemonSet demo/web: pod by-hand matches and has no controller'],
    ['StatefulSet', 'web-3', 'StatefulSet demo/web: pod web-3 matches and has no controller'],
    ['StatefulSet', 'by-hand', null],
    ['StatefulSet', 'web-x', null],
  ])('a %s and the pod %s of nobody', (kind, name, lack) => {
    expect(missing(selectorsMatch, [set(kind), pod(name, '')])).toBe(lack);
  });

  test('a pod that does not match any more is let go', () => {
    const objects = [set('DaemonSet'), pod('web-x', 'DaemonSet', { app: 'other' })];
    expect(missing(selectorsMatch, objects)).toBe('DaemonSet demo/web: it keeps pod web-x, which does not match');
  });
});

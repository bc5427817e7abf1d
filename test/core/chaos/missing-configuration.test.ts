/** The excuse of a pod whose ConfigMap or Secret does not exist: behind a volume as well as behind a variable, and by name. */
import { describe, expect, test } from 'vitest';
import { runPlan } from '../../../core/chaos/run-plan.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { smallPlan } from '../../support/small-plan.ts';

const LABELS = { app: 'p' };
const deployment = (container: object, more: object = {}): KubeObject =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'p', namespace: 'demo' },
    spec: {
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS },
        spec: { containers: [{ name: 'c', image: 'x:1', ...container }], ...more },
      },
    },
  }) as KubeObject;
const mounted = (source: object) => deployment({}, { volumes: [{ name: 'v', ...source }] });
const KEY = { env: [{ name: 'K', valueFrom: { secretKeyRef: { name: 'key', key: 'k' } } }] };
const SECRET = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key', namespace: 'demo' } } as KubeObject;
const ELSEWHERE = { ...SECRET, metadata: { name: 'key', namespace: 'default' } } as KubeObject;

/** How a run with these objects ends: the excuse that would apply, and its words. */
function endOf(...objects: readonly KubeObject[]): string {
  const plan = smallPlan({ objects });
  const { outcome } = runPlan(
    { ...plan, predicates: ['X1', 'K3'], phases: { ...plan.phases, boundUs: 60_000_000 } },
    1,
  );
  return outcome.kind === 'fail' ? `${outcome.excuse}: ${outcome.message}` : outcome.kind;
}

describe('missing-configuration', () => {
  test.each([
    ['a volume of a Secret', mounted({ secret: { secretName: 'key' } }), 'Secret key'],
    ['a projected ConfigMap', mounted({ projected: { sources: [{ configMap: { name: 'map' } }] } }), 'ConfigMap map'],
    ['a variable', deployment(KEY), 'Secret key'],
  ])('names what %s lacks', (_, object, source) => {
    const words = new RegExp(`^missing-configuration: .*pod demo/p-\\S+ waits for ${source}, which is not there`);
    expect(endOf(object, ELSEWHERE)).toMatch(words);
  });

  test('is none where it is there', () => {
    expect(endOf(mounted({ secret: { secretName: 'key' } }), SECRET)).toBe('pass');
  });
});

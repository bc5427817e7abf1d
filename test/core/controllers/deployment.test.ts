/** The Deployment and ReplicaSet controllers against the real API server and store. */
import { describe, expect, test } from 'vitest';
import type { Deployment } from '../../../core/types/deployment.ts';
import type { ReplicaSet } from '../../../core/types/replica-set.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { DEPLOYMENTS, PODS, REPLICASETS } from '../../../core/types/resource-type.ts';
import { ControllerHarness } from '../../support/controller-harness.ts';

function web(replicas: number, spec: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image: 'app:v1' }] } },
      ...spec,
    },
  };
}

describe('deployment', () => {
  test('a new Deployment gets a ReplicaSet and its pods, and becomes available', () => {
    const harness = new ControllerHarness({ nodes: 3 });
    harness.create(DEPLOYMENTS, web(3));
    harness.until(() => harness.find<Deployment>(DEPLOYMENTS, 'web')?.status?.availableReplicas === 3);
    harness.run(1_000_000);
    const [replicaSet] = harness.objects<ReplicaSet>(REPLICASETS);
    expect(replicaSet?.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]+$/);
    expect(replicaSet?.status).toEqual({
      replicas: 3,
      fullyLabeledReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      observedGeneration: 1,
    });
    expect(harness.objects<Pod>(PODS)).toHaveLength(3);
  });
});

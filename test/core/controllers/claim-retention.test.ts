/**
 * What becomes of the claims of a StatefulSet: pure owners by policy, and a whole cluster that scales and deletes sets under each of the four policies.
 */
import { describe, expect, test } from 'vitest';
import type { Operation } from '../../../core/chaos/plan.ts';
import { runPlan } from '../../../core/chaos/run-plan.ts';
import { ownersToSet } from '../../../core/controllers/statefulset/claim-owners.ts';
import type { KubeObject, OwnerReference } from '../../../core/types/object.ts';
import type { Pod } from '../../../core/types/pod.ts';
import type { StatefulSet } from '../../../core/types/stateful-set.ts';
import { smallPlan } from '../../support/small-plan.ts';

const S = 1_000_000;
const POLICIES = ['Retain/Retain', 'Delete/Retain', 'Retain/Delete', 'Delete/Delete'] as const;
type Policy = (typeof POLICIES)[number];

function database(policy: Policy, replicas: number): StatefulSet {
  const [whenDeleted, whenScaled] = policy.split('/');
  const labels = { app: 'db' };
  const containers = [{ name: 'app', image: 'db:v1', resources: { requests: { cpu: '100m', memory: '64Mi' } } }];
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'demo', uid: 'set' },
    spec: {
      replicas,
      serviceName: 'db',
      podManagementPolicy: 'Parallel',
      persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled },
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers } },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    },
  } as unknown as StatefulSet;
}

const pod = (ordinal: number): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `db-${ordinal}`, namespace: 'demo', uid: `pod-${ordinal}` },
  }) as unknown as Pod;

function owner(of: 'set' | 'pod', change: Partial<OwnerReference> = {}): OwnerReference {
  const it = of === 'set' ? { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 'set' } : POD;
  return { ...it, controller: true, blockOwnerDeletion: true, ...change };
}
const POD = { apiVersion: 'v1', kind: 'Pod', name: 'db-2', uid: 'pod-2' };

function claimOf(ownerReferences?: readonly OwnerReference[]): KubeObject {
  const metadata = { name: 'data-db-2', namespace: 'demo', ...(ownerReferences && { ownerReferences }) };
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata };
}

describe('owners of a claim', () => {
  test.each([
    ['Retain/Retain', null, null],
    ['Delete/Retain', 'set', 'set'],
    ['Retain/Delete', null, 'pod'],
    ['Delete/Delete', 'set', 'pod'],
  ] as const)('%s: %s while its pod is wanted, %s when that is scaled away', (policy, wanted, away) => {
    for (const [replicas, who] of [
      [3, wanted],
      [2, away],
    ] as const) {
      const set = database(policy, replicas);
      const right = who === null ? [] : [owner(who)];
      expect(ownersToSet(claimOf(right), set, pod(2))).toBeNull();
      for (const wrong of ['set', 'pod'] as const)
        if (wrong !== who) expect(ownersToSet(claimOf([owner(wrong)]), set, pod(2))).toEqual(right);
      if (who !== null) expect(ownersToSet(claimOf(), set, pod(2))).toEqual(right);
    }
  });

  test('somebody else’s controller keeps the claim, and ours let go; plain owners stay beside ours', () => {
    const set = database('Delete/Delete', 3);
    const other = { ...POD, kind: 'ConfigMap', name: 'other', uid: 'other' };
    expect(ownersToSet(claimOf([{ ...other, controller: true }]), set, pod(2))).toBeNull();
    expect(ownersToSet(claimOf([{ ...other, controller: true }, owner('set')]), set, pod(2))).toEqual([
      { ...other, controller: true },
    ]);
    expect(ownersToSet(claimOf([other]), set, pod(2))).toEqual([other, owner('set')]);
  });

  test('owners of the same names that went before are not touched; one that does not control is made to', () => {
    const set = database('Delete/Delete', 3);
    expect(ownersToSet(claimOf([owner('set', { uid: 'earlier' })]), set, pod(2))).toBeNull();
    expect(ownersToSet(claimOf([owner('pod', { uid: 'earlier' })]), set, pod(2))).toBeNull();
    expect(ownersToSet(claimOf([owner('set', { controller: false })]), set, pod(2))).toEqual([owner('set')]);
  });
});

describe('in a cluster', () => {
  const DB = 'StatefulSet/demo/db';

  /** Names of the claims at the end. */
  function claimsAfter(policy: Policy, operations: readonly Operation[]): string[] {
    const plan = smallPlan({ operations, objects: [database(policy, 3)] });
    let claims: string[] = [];
    const result = runPlan({ ...plan, workload: plan.workload.slice(1) }, 1, {
      end: (_cluster, { world }) => {
        claims = [...world.of('PersistentVolumeClaim').values()].map(({ metadata }) => metadata.name).sort();
      },
    });
    expect(result.outcome).toEqual({ kind: 'pass' });
    expect(result.neverEvaluated).not.toContain('SS3');
    return claims;
  }

  test.each(POLICIES)('%s: what is left after scaling down to one, and after the set was deleted', (policy) => {
    const scaled: Operation = { kind: 'scale', atUs: 20 * S, workload: DB, replicas: 1 };
    const kept = ['data-db-0', 'data-db-1', 'data-db-2'];
    const left = policy.endsWith('/Delete') ? ['data-db-0'] : kept;
    expect(claimsAfter(policy, [scaled])).toEqual(left);
    const deleted: Operation = { kind: 'delete', atUs: 40 * S, workload: DB };
    expect(claimsAfter(policy, [scaled, deleted])).toEqual(policy.startsWith('Delete/') ? [] : left);
  });

  test('claims that went are made anew when the set grows again, before and after their pods are gone', () => {
    const scale = (atS: number, replicas: number): Operation => ({
      kind: 'scale',
      atUs: atS * S,
      workload: DB,
      replicas,
    });
    expect(claimsAfter('Delete/Delete', [scale(20, 1), scale(20.5, 3), scale(35, 0), scale(50, 2)])).toEqual([
      'data-db-0',
      'data-db-1',
    ]);
  });
});

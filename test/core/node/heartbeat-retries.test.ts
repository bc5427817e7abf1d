/**
 * How often a kubelet tries to renew its lease and to report its status.
 *
 * Source: Kubernetes 1.34.1, component-helpers lease/controller.go (retryUpdateLease: 5 tries, backoffEnsureLease: 200 ms doubling to 7 s),
 * kubelet_node_status.go (nodeStatusUpdateRetry 5).
 */
import { expect, test } from 'vitest';
import { POINT_REQUEST } from '../../../core/api/declarations.ts';
import type { Lease } from '../../../core/types/lease.ts';
import type { Node } from '../../../core/types/node.ts';
import { LEASES, NODES } from '../../../core/types/resource-type.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import { type ApiRequest, VERB } from '../../../core/types/wire.ts';
import { NodeLab } from '../../support/node-lab.ts';

interface Asked {
  readonly atS: number;
  readonly what: string;
}

const WORDS: ReadonlyMap<number, string> = new Map([
  [VERB.get, 'get'],
  [VERB.update, 'update'],
  [VERB.patch, 'patch'],
]);

/** Notes what the kubelet asks for about `kind` from now on, and refuses what `isRefused` says, by its number from 0. */
function watchRequests(lab: NodeLab, kind: string, isRefused: (n: number) => boolean): Asked[] {
  const asked: Asked[] = [];
  lab.sim.observation.setInterceptor(POINT_REQUEST, (_pid, subject) => {
    const { user, type, verb } = subject as ApiRequest;
    const what = WORDS.get(verb);
    if (!user.startsWith('system:node:') || type?.kind !== kind || what === undefined) return undefined;
    const n = asked.length;
    asked.push({ atS: lab.sim.now / 1_000_000, what });
    return isRefused(n) ? new StatusError(500, 'InternalError', 'refused') : undefined;
  });
  return asked;
}

test('an update of a lease that fails is tried four times more at once; then the lease is read until that succeeds', () => {
  const lab = new NodeLab({ seed: 51, fleet: { cohorts: false } });
  lab.run(25);
  const asked = watchRequests(lab, 'Lease', (n) => n < 8);
  lab.run(14);
  expect(asked.slice(0, 10).map(({ what }) => what)).toEqual([
    ...['update', 'update', 'update', 'update', 'update'],
    ...['get', 'get', 'get', 'get'],
    'update',
  ]);
  const first = asked[0]?.atS ?? 0;
  expect((asked[5]?.atS ?? 0) - first).toBeLessThan(0.1);
  const waits = [6, 7, 8].map((n) => Math.round(((asked[n]?.atS ?? 0) - (asked[n - 1]?.atS ?? 0)) * 10) / 10);
  expect(waits).toEqual([0.2, 0.4, 0.8]);
});

test('tries that go on failing after the lease was read wait for the next tick', () => {
  const lab = new NodeLab({ seed: 52, fleet: { cohorts: false } });
  lab.run(25);
  const asked = watchRequests(lab, 'Lease', (n) => n !== 5 && n < 11);
  lab.run(22);
  const words = asked.map(({ what }) => what);
  expect(words.slice(0, 12)).toEqual([...Array(5).fill('update'), 'get', ...Array(5).fill('update'), 'update']);
  const [tick, next] = [asked[0]?.atS ?? 0, asked[11]?.atS ?? 0];
  expect(next - tick).toBeGreaterThan(9.9);
});

test('a lease is renewed within seconds of the end of an outage', () => {
  const lab = new NodeLab({ seed: 53, fleet: { cohorts: false } });
  lab.run(25);
  const server = lab.servers[0] as number;
  lab.sim.crash(server);
  lab.run(35);
  lab.sim.restart(server);
  const back = lab.sim.now;
  lab.run(9);
  const lease = lab.find<Lease>(LEASES, 'n0');
  const renewedUs = Date.parse(lease?.spec?.renewTime ?? '') * 1000;
  const nowUs = lab.sim.contextOf(lab.fleet.ownPid).wallUs();
  expect(nowUs - renewedUs).toBeLessThan(lab.sim.now - back);
});

test('a report of the status that is refused is repeated at once, from the newest Node', () => {
  const lab = new NodeLab({ seed: 54, fleet: { cohorts: false } });
  lab.run(25);
  const asked = watchRequests(lab, 'Node', (n) => n === 0);
  lab.does(function* (client) {
    const conditions = [{ type: 'Ready', status: 'Unknown' }];
    yield* client.patch(NODES, '', 'n0', { status: { conditions } }, 'strategic', 'status');
  });
  lab.run(12);
  expect(asked.slice(0, 3).map(({ what }) => what)).toEqual(['patch', 'get', 'patch']);
  expect((asked[2]?.atS ?? 99) - (asked[0]?.atS ?? 0)).toBeLessThan(0.1);
  const ready = lab.find<Node>(NODES, 'n0')?.status?.conditions?.find(({ type }) => type === 'Ready');
  expect(ready?.status).toBe('True');
});

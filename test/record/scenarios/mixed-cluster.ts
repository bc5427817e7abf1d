/**
 * Drawn changes of nodes, finalizers and namespaces.
 */
import { type Change, held, livePod, pick, propagation } from './mixed-draw.ts';

export const NODES = 4;
const TAINTS: readonly (readonly object[] | null)[] = [
  null,
  [{ key: 'k', value: 'v', effect: 'NoExecute' }],
  [{ key: 'k', value: 'v', effect: 'NoSchedule' }],
  [{ key: 'k', effect: 'PreferNoSchedule' }],
];
const KINDS = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job'] as const;

const cordon: Change = (s, draw) =>
  s.merge('Node', `node-${draw(NODES)}`, { spec: { unschedulable: pick(draw, [true, true, null]) } });
const taint: Change = (s, draw) => s.merge('Node', `node-${draw(NODES)}`, { spec: { taints: pick(draw, TAINTS) } });

export const CLUSTER_CHANGES: readonly Change[] = [
  cordon,
  cordon,
  taint,
  taint,
  (s, draw) =>
    s.merge('Node', `node-${draw(NODES)}`, {
      metadata: { labels: { 'topology.kubernetes.io/zone': pick(draw, ['a', 'b', 'c']) } },
    }),
  (s, draw) => s.delete('Node', `node-${draw(NODES)}`),
  (s, draw) => s.node(`node-${draw(NODES + 1)}`, { labels: { 'topology.kubernetes.io/zone': pick(draw, ['a', 'b']) } }),
  async (s, draw) => {
    const name = `node-${draw(NODES)}`;
    if (s.object('Node', name) === undefined) return;
    await s.stopKubelet(name);
    await s.nodeIs(name, 'Unknown');
    await s.quiet(3000);
    await s.startKubelet(name);
  },
  (s, draw) => s.evict(livePod(s, draw)),
  // What a finalizer holds back stays until it is taken off.
  async (s, draw) => {
    const kind = pick(draw, KINDS);
    const name = kind === 'Job' ? 'work' : `app${draw(2)}`;
    await held(kind, name, true)(s, draw);
    await s.delete(kind, name, propagation(draw));
    await s.quiet(1500);
    await held(kind, name, false)(s, draw);
  },
  async (s, draw) => {
    if (draw(3) === 0) await s.delete('Namespace', 'demo');
  },
];
